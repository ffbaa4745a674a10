"""BER: what is written is minimal and signed, and no datagram does more than be refused."""

from hypothesis import example, given
from hypothesis import strategies as st

from firmware_sim import Scenario, World, ber
from firmware_sim.controllers import controller_of
from firmware_sim.faults import SnmpFaults
from firmware_sim.snmp_agent import Agent
from tests.firmware_sim.conftest import LESSON, at
from tests.firmware_sim.far_side import get_request


@given(st.integers(-(2**31), 2**31 - 1))
@example(-128)
@example(128)
def test_an_integer_takes_the_fewest_octets_that_keep_its_sign(value: int) -> None:
    written = ber.integer(value)
    fewest = next(size for size in range(1, 6) if -(2 ** (8 * size - 1)) <= value < 2 ** (8 * size - 1))
    assert written == bytes((2, fewest)) + value.to_bytes(fewest, signed=True)


def test_unsigned_numbers_keep_their_range() -> None:
    found = [ber.gauge32(2**32 - 1), ber.gauge32(2**40), ber.counter64(2**64 + 5), ber.timeticks(42_949_673)]
    assert [one.hex() for one in found] == ["420500ffffffff", "420500ffffffff", "460105", "430104"]


@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20),
    st.integers(-(2**31), 2**31 - 1),
)
def test_a_response_names_what_the_request_named(arcs: list[int], request_id: int) -> None:
    oid = (1, 3, *arcs)
    request = ber.Request(community=b"c", pdu=ber.GET, request_id=request_id, first=0, second=0, oids=(oid,))
    reply = ber.write_response(request, [ber.varbind(oid, ber.NULL)])
    read = ber.read_request(reply)
    assert read == ber.Request(
        community=b"c", pdu=ber.RESPONSE, request_id=request_id, first=0, second=0, oids=(oid,)
    )


@given(data=st.data())
def test_broken_requests_are_answered_or_ignored_but_never_stop_the_agent(
    week: Scenario, data: st.DataObject
) -> None:
    mib = controller_of(World(week).campus("2112000005"), network="127.1.1.0/24")
    agent = Agent(
        mib,
        community=week.community,
        school="2112000005",
        seed=week.seed,
        clock=at(LESSON),
        faults=SnmpFaults,
    )
    datagram = bytearray(get_request(1))
    for place, octet in data.draw(
        st.lists(st.tuples(st.integers(0, len(datagram) - 1), st.integers(0, 255)), max_size=4)
    ):
        datagram[place] = octet
    cut = data.draw(st.integers(0, len(datagram)))
    answer = agent.answer(bytes(datagram[:cut]), SnmpFaults())
    assert answer is None or len(answer) <= 1472
