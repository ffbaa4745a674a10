"""The controller as net-snmp's own tools see it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from firmware_sim import Endpoint, Scenario, serve
from firmware_sim.faults import Faults, SnmpFaults
from tests.firmware_sim.conftest import LESSON, at
from tests.firmware_sim.far_side import (
    AP_TABLE,
    RADIO_TABLE,
    SYSTEM,
    WLAN,
    column,
    datagrams,
    get_request,
    net_snmp,
    request_number,
    walk,
)

SCHOOL = "0112000004"
T = TypeVar("T")
APS = 13  # ten classrooms with one each, a hall with three


def ask(
    scenario: Scenario,
    question: Callable[[Endpoint], Awaitable[T]],
    faults: SnmpFaults | None = None,
    school: str = SCHOOL,
) -> T:
    """Start the district in the middle of a lesson and ask one school's controller."""

    async def answer() -> T:
        given = Faults({school: faults} if faults else {})
        async with serve(scenario, faults=given, clock=at(LESSON)) as addresses:
            return await question(addresses[school].controller)

    return asyncio.run(answer())


def test_walking_step_by_step_and_in_bulk_finds_the_same_objects_in_the_same_order(week: Scenario) -> None:
    async def both(controller: Endpoint) -> tuple[dict[str, str], dict[str, str]]:
        steps = await walk(controller, "1.3.6.1", tool="snmpwalk")
        return steps, await walk(controller, "1.3.6.1", tool="snmpbulkwalk")

    steps, bulk = ask(week, both)
    objects = 7 + 4 + APS * 15 + 2 * APS * (17 + 2 * 2)
    assert (list(steps.items()), len(steps)) == (list(bulk.items()), objects)


@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        (f"{SYSTEM}.2", "OID"),
        (f"{SYSTEM}.3", "Timeticks"),
        (f"{SYSTEM}.7", "INTEGER"),
        (f"{WLAN}.12.1.2.1", "INTEGER"),
        (f"{AP_TABLE}.2", "Hex-STRING"),
        (f"{AP_TABLE}.6", "INTEGER"),
        (f"{AP_TABLE}.13", "IpAddress"),
        (f"{AP_TABLE}.21", "Gauge32"),
        (f"{AP_TABLE}.44", "INTEGER"),
        (f"{RADIO_TABLE}.7", "Gauge32"),
        (f"{RADIO_TABLE}.24", "INTEGER"),
        (f"{RADIO_TABLE}.25", "Gauge32"),
        (f"{RADIO_TABLE}.31", "Counter64"),
    ],
)
def test_every_value_has_the_type_its_mib_gives_it(week: Scenario, oid: str, expected: str) -> None:
    rows = ask(week, lambda controller: walk(controller, oid))
    assert {value.partition(":")[0] for value in rows.values()} == {expected}


def test_the_controller_says_that_it_is_an_ac6605(week: Scenario) -> None:
    rows = ask(week, lambda controller: walk(controller, f"{SYSTEM}.2"))
    assert rows == {f"{SYSTEM}.2.0": "OID: .1.3.6.1.4.1.2011.2.240.6"}


def test_index_columns_cannot_be_walked(week: Scenario) -> None:
    async def index_columns(controller: Endpoint) -> list[dict[str, str]]:
        return [await walk(controller, f"{table}.1") for table in (AP_TABLE, RADIO_TABLE)]

    assert ask(week, index_columns) == [{}, {}]


def test_a_wrong_community_gets_no_answer(week: Scenario) -> None:
    async def stranger(controller: Endpoint) -> tuple[int, str]:
        return await net_snmp("snmpget", controller, f"{SYSTEM}.5.0", community="public")

    code, said = ask(week, stranger)
    assert (code, "No Response" in said or "Timeout" in said) == (1, True)


def test_what_is_missing_is_named_by_kind(week: Scenario) -> None:
    async def missing(controller: Endpoint) -> list[str]:
        asked = (
            f"{AP_TABLE}.6.1.2.3.4.5.6",
            f"{AP_TABLE}.1.1.2.3.4.5.6",
            f"{SYSTEM}.5.1",
            "1.3.6.1.4.1.9.1.0",
        )
        _, said = await net_snmp("snmpget", controller, *asked)
        return [line.partition(" = ")[2].partition(" at")[0].partition(" (")[0] for line in said.splitlines()]

    assert ask(week, missing) == [
        "No Such Instance currently exists",
        "No Such Object available on this agent",
        "No Such Instance currently exists",
        "No Such Object available on this agent",
    ]


def test_beyond_the_last_object_the_view_ends(week: Scenario) -> None:
    _, said = ask(week, lambda controller: net_snmp("snmpbulkget", controller, "2.1", options="-On -Cr3"))
    assert said.count("No more variables left in this MIB View") == 1


def test_nothing_can_be_written(week: Scenario) -> None:
    async def write(controller: Endpoint) -> str:
        return (await net_snmp("snmpset", controller, f"{SYSTEM}.5.0", "s", "mine"))[1]

    assert "notWritable" in ask(week, write)


def test_a_failed_access_point_keeps_its_row_and_its_radios_say_invalid(week: Scenario) -> None:
    async def look(controller: Endpoint) -> tuple[list[str], ...]:
        states = await column(controller, AP_TABLE, 6)
        down = states.index("4")
        radios = [await column(controller, RADIO_TABLE, number) for number in (6, 7, 10, 24, 40, 45)]
        return states, *([values[2 * down] for values in radios],)

    states, radio = ask(week, look)
    assert (len(states), radio) == (APS, ["2", "0", "255", "0", "0", "255"])


def test_the_scalars_count_what_the_table_shows(week: Scenario) -> None:
    async def count(controller: Endpoint) -> tuple[list[str], list[str]]:
        states = await column(controller, AP_TABLE, 6)
        clients = await column(controller, AP_TABLE, 44)
        rows = [str(states.count("8")), str(sum(map(int, clients))), str(states.count("8")), str(len(states))]
        scalars = await walk(controller, f"{WLAN}.12")
        return [value.partition(": ")[2] for value in scalars.values()], rows

    scalars, rows = ask(week, count)
    assert scalars == rows


def test_radio_clients_add_up_to_the_access_points_clients(week: Scenario) -> None:
    async def look(controller: Endpoint) -> tuple[list[int], list[int]]:
        aps = [int(value) for value in await column(controller, AP_TABLE, 44)]
        return aps, [int(value) for value in await column(controller, RADIO_TABLE, 40)]

    aps, radios = ask(week, look)
    assert [radios[2 * row] + radios[2 * row + 1] for row in range(len(aps))] == aps


def test_names_come_as_the_bytes_that_were_typed_in_at_most_31(week: Scenario) -> None:
    async def names(controller: Endpoint) -> list[bytes]:
        return [bytes.fromhex(value) for value in await column(controller, AP_TABLE, 4)]

    found = ask(week, names, school="2112000005")
    assert sorted(name.decode("gbk") for name in found) == [
        "多功能学术交流与艺术展演教-AP01",
        "多功能学术交流与艺术展演教-AP02",
    ]


def test_a_muted_controller_says_nothing(week: Scenario) -> None:
    async def knock(controller: Endpoint) -> int:
        return (await net_snmp("snmpget", controller, f"{SYSTEM}.5.0", options="-On -t 0.5"))[0]

    assert ask(week, knock, SnmpFaults(mute=True)) == 1


def test_the_same_requests_are_dropped_in_every_run(week: Scenario) -> None:
    async def knock(controller: Endpoint) -> list[int]:
        transport, far = await datagrams(controller)
        for number in range(1, 41):
            transport.sendto(get_request(number))
        answered = []
        # Answers come in order; the one to request 40 is not dropped with this seed.
        while not answered or answered[-1] != 40:
            answered.append(request_number(await far.received.get()))
        transport.close()
        return answered

    first, second = (ask(week, knock, SnmpFaults(drop=0.4)) for _ in range(2))
    assert (first == second, 10 < len(first) < 40) == (True, True)


def test_a_delayed_answer_comes_after_a_later_one(week: Scenario) -> None:
    async def overtaken() -> list[int]:
        faults = Faults({SCHOOL: SnmpFaults(delay_ms=300)})
        async with serve(week, faults=faults, clock=at(LESSON)) as addresses:
            transport, far = await datagrams(addresses[SCHOOL].controller)
            transport.sendto(get_request(1))
            # The change must not overtake the first request.
            await asyncio.sleep(0.1)
            faults.set_controller(SCHOOL, SnmpFaults())
            transport.sendto(get_request(2))
            order = [request_number(await far.received.get()) for _ in range(2)]
            transport.close()
            return order

    assert asyncio.run(overtaken()) == [2, 1]


def test_a_duplicated_answer_comes_twice(week: Scenario) -> None:
    async def knock(controller: Endpoint) -> bool:
        transport, far = await datagrams(controller)
        transport.sendto(get_request(1))
        first, second = await far.received.get(), await far.received.get()
        transport.close()
        return first == second

    assert ask(week, knock, SnmpFaults(duplicate=True))


def test_a_truncated_table_ends_early_while_the_scalar_still_counts_all(week: Scenario) -> None:
    async def look(controller: Endpoint) -> tuple[int, int, list[str]]:
        total = await walk(controller, f"{WLAN}.12.1.5.7")
        aps, radios = await column(controller, AP_TABLE, 6), await column(controller, RADIO_TABLE, 6)
        return len(aps), len(radios), list(total.values())

    assert ask(week, look, SnmpFaults(end_after=5)) == (5, 5, [f"INTEGER: {APS}"])


def test_an_answer_of_too_many_objects_is_too_big(week: Scenario) -> None:
    async def bulk(controller: Endpoint) -> list[bool]:
        said = [
            await net_snmp("snmpbulkget", controller, f"{AP_TABLE}.6", options=f"-On -Cr{repetitions}")
            for repetitions in (8, 9)
        ]
        return ["tooBig" in text for _, text in said]

    assert ask(week, bulk, SnmpFaults(too_big_above=8)) == [False, True]


def test_a_row_that_fails_fails_every_answer_that_holds_it(week: Scenario) -> None:
    async def bulk(controller: Endpoint) -> list[bool]:
        said = [
            await net_snmp("snmpbulkget", controller, f"{AP_TABLE}.6", options=f"-On -Cr{repetitions}")
            for repetitions in (4, 5)
        ]
        return ["genError" in text for _, text in said]

    assert ask(week, bulk, SnmpFaults(gen_err_row=4)) == [False, True]


def test_a_looping_table_does_not_increase(week: Scenario) -> None:
    async def look(controller: Endpoint) -> str:
        return (await net_snmp("snmpwalk", controller, f"{AP_TABLE}.6"))[1]

    assert "OID not increasing" in ask(week, look, SnmpFaults(loop_row=6))
