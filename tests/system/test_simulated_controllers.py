"""A gateway's collector reads the simulated controllers of all makers alike; their codecs share nothing."""

import asyncio
from itertools import count

import pytest

from contract import AccessPoint, Radio
from edge_agent.collectors.base import Round
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.opening import V2cAgent
from edge_agent.snmp.v2c import Target
from edge_agent.tables import MappedAp, RoomMap, spelling
from firmware_sim import Scenario, World, load_scenario, serve
from firmware_sim.faults import Faults, SnmpFaults
from tests.firmware_sim.conftest import CASES, LESSON, at
from tests.firmware_sim.test_makers import SCHOOL, made_by

MAKERS = ("huawei", "h3c", "ruijie")
NOW = 1_790_000_000_000


@pytest.fixture(scope="module")
def week() -> Scenario:
    return load_scenario(str(CASES / "week" / "scenario.toml"))


def read(maker: str, week: Scenario, *, faults: SnmpFaults | None = None, rounds: int = 2) -> Round:
    """The last round of a collector over one school's controller."""
    scenario = made_by(maker, week)
    aps = World(scenario).campus(SCHOOL).layout.access_points
    rooms = RoomMap(lines={spelling(ap.serial): MappedAp(ap=ap.serial, room=ap.room.code) for ap in aps})

    async def story() -> Round:
        given = Faults({SCHOOL: faults} if faults else {})
        async with serve(scenario, faults=given, clock=at(LESSON)) as addresses:
            endpoint = addresses[SCHOOL].controller
            settings = SnmpWlanSettings(
                id="ac1", host=endpoint.host, port=endpoint.port, community="env:X", timeout_s=2
            )
            target = Target(
                host=endpoint.host, port=endpoint.port, community=week.community, timeout_s=2, retries=2
            )
            agent = V2cAgent(target, most=settings.max_repetitions)
            wlan = SnmpWlan(settings, rooms=rooms, open_source=agent.open, recall=lambda _: None)
            clock = count(NOW).__next__
            return [await wlan.collect(clock) for _ in range(rounds)][-1]

    return asyncio.run(story())


def aps(result: Round) -> dict[str, tuple[str, str, int | None, str | None]]:
    return {
        ap.ap: (ap.room, ap.state, ap.clients, ap.name)
        for ap in result.readings
        if isinstance(ap, AccessPoint)
    }


def radios(result: Round) -> dict[tuple[str, str | None], tuple[bool | None, int | None]]:
    return {
        (radio.ap, radio.band): (radio.up, radio.channel)
        for radio in result.readings
        if isinstance(radio, Radio)
    }


@pytest.mark.parametrize("maker", MAKERS)
def test_every_access_point_is_read_with_its_room_state_and_clients(maker: str, week: Scenario) -> None:
    """Also the one that has failed: Huawei keeps its row, H3C has none, Ruijie says offline."""
    world = World(week).campus(SCHOOL)
    expected = {}
    for ap in world.layout.access_points:
        state = world.ap_state(ap, int(LESSON))
        told = state.up or maker != "h3c"
        clients = state.clients if state.up else None
        expected[ap.serial] = (ap.room.code, "up" if state.up else "down", clients, ap.name if told else None)
    assert aps(read(maker, week)) == expected


@pytest.mark.parametrize("maker", MAKERS)
def test_every_working_radio_is_read_with_its_band_and_channel(maker: str, week: Scenario) -> None:
    world = World(week).campus(SCHOOL)
    expected = {
        (ap.serial, radio.band): (True, radio.channel)
        for ap in world.layout.access_points
        for radio in world.radios(ap, int(LESSON))
        if radio.up
    }
    found = {key: told for key, told in radios(read(maker, week)).items() if told[0]}
    assert found == expected


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(
    "faults",
    [SnmpFaults(too_big_above=7), SnmpFaults(duplicate=True), SnmpFaults(delay_ms=20)],
    ids=["too big", "said twice", "late"],
)
def test_a_controller_with_quirks_is_read_whole(maker: str, faults: SnmpFaults, week: Scenario) -> None:
    assert aps(read(maker, week, faults=faults)) == aps(read(maker, week))


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(
    ("faults", "statuses"),
    [
        (SnmpFaults(end_after=5), {"partial"}),
        (SnmpFaults(gen_err_row=3), {"partial"}),
        (SnmpFaults(loop_row=4), {"decode"}),
    ],
    ids=["ends early", "one row fails", "loops"],
)
def test_what_a_faulty_controller_does_not_tell_is_unknown_not_down(
    maker: str, faults: SnmpFaults, statuses: set[str], week: Scenario
) -> None:
    result = read(maker, week, faults=faults, rounds=3)
    whole = aps(read(maker, week))
    found = aps(result)
    wrong = {ap for ap, told in found.items() if told[1] == "down" and whole[ap][1] != "down"}
    assert ({run.status for run in result.runs}, wrong, found.keys()) == (statuses, set(), whole.keys())
