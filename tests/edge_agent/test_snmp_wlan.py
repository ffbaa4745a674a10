"""Access-point controllers: against net-snmp's own agent, and against agents that misbehave."""

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract import AccessPoint, CollectorRun, Radio
from edge_agent.collectors.base import Recall, Round
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.opening import V2cAgent
from edge_agent.snmp.v2c import Target
from edge_agent.tables import MappedAp, RoomMap, spelling
from tests.edge_agent.controllers import (
    AP,
    DESCRIPTION,
    HW,
    JOINED,
    OBJECT_ID,
    RADIO,
    RADIO_ROW,
    TOTAL,
    Faulty,
    Value,
    controller,
    mac,
    serving,
    snmpd,
)
from tests.servers import Server, running

NOW = 1_790_000_000_000
COUNT = 30


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    changes = {
        f"{AP}.6.{mac(1)}": 4,  # lost by the controller
        f"{AP}.6.{mac(2)}": 99,  # a number that the MIB does not name
        f"{AP}.43.{mac(0)}": 255,
        f"{RADIO}.24.{mac(0)}.0": 0,
        f"{RADIO}.25.{mac(0)}.0": 255,
        f"{RADIO}.6.{mac(1)}.0": 2,
        f"{RADIO}.6.{mac(1)}.1": 2,
        f"{RADIO}.5.{mac(0)}.1": 2,
        f"{RADIO}.7.{mac(0)}.1": 149,
    }
    with running(snmpd(tmp_path_factory.mktemp("snmpd"), controller(COUNT, changes=changes))) as server:
        yield server


def room_map(**rooms: str) -> RoomMap:
    return RoomMap(lines={spelling(ap): MappedAp(ap=ap, room=room) for ap, room in rooms.items()})


def collector(
    port: int, rooms: RoomMap | None = None, *, community: str = "campus", **changes: object
) -> SnmpWlan:
    settings = SnmpWlanSettings.model_validate(
        {"id": "ac1", "host": "127.0.0.1", "port": port, "community": "env:X", "timeout_s": 0.2, "retries": 1}
        | changes
    )
    return with_settings(settings, rooms, community)


def with_settings(
    settings: SnmpWlanSettings,
    rooms: RoomMap | None = None,
    community: str = "campus",
    recall: Recall = lambda _: None,
) -> SnmpWlan:
    target = Target(
        host=settings.host,
        port=settings.port,
        community=community,
        timeout_s=settings.timeout_s,
        retries=settings.retries,
    )
    agent = V2cAgent(target, most=settings.max_repetitions)
    return SnmpWlan(settings, rooms=rooms or RoomMap(), open_source=agent.open, recall=recall)


def collect(wlan: SnmpWlan, times: int = 1) -> Round:
    clock = count(NOW).__next__

    async def rounds() -> Round:
        for _ in range(times - 1):
            await wlan.collect(clock)
        return await wlan.collect(clock)

    return asyncio.run(rounds())


def collect_from(
    agent: Faulty, wlan_of: dict[str, object] | None = None, rooms: RoomMap | None = None
) -> Round:
    clock = count(NOW).__next__

    async def one() -> Round:
        async with serving(agent):
            return await collector(agent.port, rooms, **(wlan_of or {})).collect(clock)

    return asyncio.run(one())


def run_of(result: Round) -> CollectorRun:
    (run,) = result.runs
    return run


def aps(result: Round) -> dict[str, AccessPoint]:
    return {reading.ap: reading for reading in result.readings if isinstance(reading, AccessPoint)}


def radios(result: Round) -> dict[tuple[str, str], Radio]:
    return {(reading.ap, reading.radio): reading for reading in result.readings if isinstance(reading, Radio)}


NOT_TOLD: dict[str, dict[str, Value | None]] = {
    "state 没有一行读得懂：设备不给出，或不许读": {f"{AP}.6.{mac(ap)}": None for ap in range(3)},
    "state 没有一行读得懂": {f"{AP}.6.{mac(ap)}": b"normal" for ap in range(3)},
    "clients 没有一行读得懂": {f"{AP}.44.{mac(ap)}": b"12" for ap in range(3)},
    "up 没有一行读得懂": {f"{RADIO}.6.{mac(ap)}.{radio}": 9 for ap in range(3) for radio in (0, 1)},
    "band 没有一行读得懂": {f"{RADIO}.5.{mac(ap)}.{radio}": 9 for ap in range(3) for radio in (0, 1)},
}


@pytest.mark.parametrize("told", NOT_TOLD)
def test_a_column_of_which_nothing_is_understood_is_told(told: str) -> None:
    run = run_of(collect_from(Faulty(controller(3, changes=NOT_TOLD[told]))))
    assert (run.status, run.reason) == ("partial", told)


@pytest.mark.parametrize(
    ("lines", "room", "told"),
    [
        ({"SER0": "101", "教室0": "102"}, "", True),
        ({"506f77ea0000": "101", "SER0": "102"}, "", True),
        ({"SER0": "101", "教室0": "101"}, "101", False),
    ],
)
def test_an_access_point_with_two_lines_in_the_map_is_one(
    lines: dict[str, str], room: str, told: bool
) -> None:
    result = collect_from(Faulty(controller(2)), rooms=room_map(**lines))
    assert (2, room, told) == (
        len(aps(result)),  # no ghost of the second line
        aps(result)["SER0"].room,
        "SER0" in (run_of(result).reason or ""),
    )


def test_a_name_that_two_access_points_share_moves_neither() -> None:
    same: dict[str, Value | None] = {f"{AP}.4.{mac(ap)}": b"AP" for ap in range(2)}
    agent = Faulty(controller(2, changes=same))
    result = collect_from(agent, rooms=room_map(SER0="101", AP="102"))
    assert {"SER0": "101", "SER1": "102"} == {name: ap.room for name, ap in aps(result).items()}


def verdict(result: Round) -> tuple[str, int, int | None]:
    run = run_of(result)
    return run.status, run.rows, run.expected


def test_a_whole_controller_is_read_from_a_real_agent(agent: Server) -> None:
    result = collect(collector(agent.port, room_map(SER0="101")))
    actual = (
        verdict(result),
        len(aps(result)),
        len(radios(result)),
        aps(result)["SER0"].model_dump(exclude={"time"}),
    )
    assert actual == (
        ("ok", COUNT, COUNT),
        COUNT,
        2 * COUNT,
        {
            "kind": "access_point",
            "ap": "SER0",
            "room": "101",
            "state": "up",
            "name": "教室0",
            "model": "AP4050DN",
            "firmware": "V200R019",
            "clients": 12,
            "ssids": None,
            "serves_campus": None,
            "uptime_s": 86_400,
            "cpu_pct": 7,
            "memory_pct": 43,
            "temperature_c": None,
        },
    )


def test_a_radio_is_read_with_its_band_and_channel(agent: Server) -> None:
    radio = radios(collect(collector(agent.port)))["SER0", "1"]
    assert radio.model_dump(exclude={"time", "kind", "room"}) == {
        "ap": "SER0",
        "radio": "1",
        "up": True,
        "band": "5",
        "channel": 149,
        "width_mhz": 20,
        "tx_power_dbm": 20,
        "utilisation_pct": 33,
        "noise_dbm": -95,
        "clients": 6,
    }


def test_markers_for_not_known_become_none_and_never_zero(agent: Server) -> None:
    radio = radios(collect(collector(agent.port)))["SER0", "0"]
    assert (radio.noise_dbm, radio.utilisation_pct) == (None, None)


def test_a_lost_access_point_is_down_and_one_in_an_unnamed_state_is_unknown(agent: Server) -> None:
    found = aps(collect(collector(agent.port)))
    assert (found["SER1"].state, found["SER2"].state) == ("down", "unknown")


def test_what_a_dead_device_last_showed_is_not_an_observation(agent: Server) -> None:
    result = collect(collector(agent.port))
    dead, radio = aps(result)["SER1"], radios(result)["SER1", "0"]
    assert (dead.clients, dead.cpu_pct, radio.up, radio.noise_dbm) == (None, None, False, None)


@pytest.mark.parametrize("known_as", ["SER5", "50-6F-77-EA-00-05", "506f-77ea-0005", "教室5"])
def test_the_room_map_knows_an_access_point_by_serial_mac_or_name(agent: Server, known_as: str) -> None:
    found = aps(collect(collector(agent.port, room_map(**{known_as: "205"}))))
    assert found["SER5"].room == "205"


HUAWEI_AC = (1, 3, 6, 1, 4, 1, 2011, 2, 240, 6)


def test_a_device_is_known_by_what_it_answers_whatever_it_calls_itself(agent: Server) -> None:
    # net-snmp calls itself 1.3.6.1.4.1.8072.…
    assert verdict(collect(collector(agent.port))) == ("ok", COUNT, COUNT)


def test_a_device_that_no_profile_knows_is_named_and_its_access_points_are_unknown() -> None:
    printer = Faulty({OBJECT_ID: (1, 3, 6, 1, 4, 1, 1602, 4, 7), DESCRIPTION: b"Laser 8420 of li@school.cn"})
    result = collect_from(printer, rooms=room_map(SER0="101"))
    actual = (run_of(result).status, run_of(result).reason, aps(result)["SER0"].state)
    reason = "没有适用于此设备的型号表：1.3.6.1.4.1.1602.4.7 Laser 8420 of"
    assert actual == ("unsupported", reason, "unknown")


def test_a_profile_that_does_not_fit_names_the_device() -> None:
    switch = Faulty({OBJECT_ID: (1, 3, 6, 1, 4, 1, 25506, 1, 1), DESCRIPTION: b"H3C S5130"})
    result = collect_from(switch, {"profile": "huawei"})
    actual = (run_of(result).status, "1.3.6.1.4.1.25506.1.1 H3C S5130" in str(run_of(result).reason))
    assert actual == ("unsupported", True)


def test_a_controller_without_count_is_known_by_its_sysobjectid() -> None:
    objects = controller(3, changes={TOTAL: None, JOINED: None, OBJECT_ID: HUAWEI_AC})
    assert verdict(collect_from(Faulty(objects))) == ("partial", 3, None)


def test_a_wrong_community_reads_as_no_answer_and_makes_known_access_points_unknown(agent: Server) -> None:
    wlan = collector(agent.port, room_map(SER0="101"), community="wrong")
    result = collect(wlan)
    actual = (
        run_of(result).status,
        run_of(result).reason,
        [(ap.ap, ap.room, ap.state) for ap in aps(result).values()],
    )
    assert actual == ("timeout", "没有答复：设备关机、不通，或团体名不对", [("SER0", "101", "unknown")])


def test_a_controller_that_falls_silent_makes_all_it_once_showed_unknown(tmp_path: Path) -> None:
    server = snmpd(tmp_path, controller(4)).start()
    wlan = collector(server.port)
    try:
        before = collect(wlan)
    finally:
        server.stop()
    after = collect(wlan)
    actual = [sorted((ap.ap, ap.state) for ap in aps(result).values()) for result in (before, after)]
    assert actual == [[(f"SER{n}", state) for n in range(4)] for state in ("up", "unknown")]


def test_what_a_controller_showed_is_known_after_a_restart(agent: Server) -> None:
    first = collect(collector(agent.port))
    settings = SnmpWlanSettings(
        id="ac1", host="127.0.0.1", port=agent.port, community="env:X", timeout_s=0.2, retries=0
    )
    again = with_settings(settings, community="wrong", recall=first.notes.get)
    assert {ap.state for ap in aps(collect(again)).values()} == {"unknown"}
    assert len(aps(collect(again))) == COUNT


def test_a_truncated_table_is_partial_and_proves_no_absence() -> None:
    # The columns before the state are whole, so its name is known; no state is.
    agent = Faulty(controller(40), end_after=f"{AP}.6.{mac(24)}")
    result = collect_from(agent, rooms=room_map(SER39="139", GONE="140"))
    actual = (verdict(result), aps(result)["SER39"].state, aps(result)["GONE"].state)
    assert actual == (("partial", 40, 40), "unknown", "unknown")


def test_a_generic_error_in_the_middle_of_a_table_is_partial() -> None:
    agent = Faulty(controller(40), error_at=f"{AP}.6.{mac(30)}")
    result = collect_from(agent)
    states = Counter(ap.state for ap in aps(result).values())
    assert (verdict(result), states) == (("partial", 40, 40), {"up": 30, "unknown": 10})


def test_a_controller_that_manages_few_rows_at_once_is_read_whole() -> None:
    agent = Faulty(controller(40), too_big_above=5)
    result = collect_from(agent)
    assert (verdict(result), len(radios(result))) == (("ok", 40, 40), 80)


def test_radios_that_are_missing_make_the_round_partial() -> None:
    lost = {f"{RADIO}.{column}.{mac(n)}.{r}": None for column in RADIO_ROW for n in range(11) for r in (0, 1)}
    result = collect_from(Faulty(controller(40, changes=lost)))
    actual = (verdict(result), len(aps(result)), len(radios(result)))
    assert actual == (("partial", 40, 40), 40, 2 * (40 - 11))


def test_an_agent_that_repeats_itself_is_garbled_and_nothing_of_it_is_kept() -> None:
    agent = Faulty(controller(40), repeating=True)
    result = collect_from(agent, rooms=room_map(SER1="101"))
    assert (run_of(result).status, [ap.state for ap in aps(result).values()]) == ("decode", ["unknown"])


@pytest.mark.parametrize("answer", ["3082", "3003616263", "00", "3080", "30848000000000", "ff" * 1400])
def test_an_agent_that_sends_damaged_bytes_is_decode_and_nothing_more(answer: str) -> None:
    result = collect_from(Faulty(controller(4), garbage=bytes.fromhex(answer)), rooms=room_map(SER1="101"))
    actual = (run_of(result).status, {ap.ap: ap.state for ap in aps(result).values()})
    assert actual == ("decode", {"SER1": "unknown"})


def test_an_agent_that_answers_other_questions_is_decode() -> None:
    result = collect_from(Faulty(controller(4), other_number=True))
    assert run_of(result).status == "decode"


def test_a_table_without_end_is_decode() -> None:
    result = collect_from(Faulty(controller(4), endless=f"{AP}.6"))
    assert run_of(result).status == "decode"


@pytest.mark.parametrize(
    "agent",
    [
        Faulty(controller(4), endless=f"{AP}.6"),
        Faulty(controller(4), endless=f"{RADIO}.7"),
        Faulty(
            {
                oid: b"x" * 1400 if isinstance(value, bytes) else value
                for oid, value in controller(900).items()
            }
        ),
    ],
    ids=["access points without end", "radios without end", "long names"],
)
def test_an_agent_gone_wild_takes_little_memory(agent: Faulty) -> None:
    tracemalloc.start()
    try:
        collect_from(agent)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 24 * 1024**2


def test_an_agent_that_answers_few_objects_at_a_time_is_read_whole() -> None:
    result = collect_from(Faulty(controller(12), most=3))
    assert (verdict(result), len(radios(result))) == (("ok", 12, 12), 24)


def test_lost_packets_are_asked_for_again() -> None:
    agent = Faulty(controller(40), mute=lambda request: request % 5 == 0)
    result = collect_from(agent)
    assert (verdict(result), run_of(result).retries > 0) == (("ok", 40, 40), True)


def test_a_controller_that_dies_during_the_walk_leaves_what_was_read() -> None:
    # Two requests for the scalars, three for some rows of the table, then silence.
    agent = Faulty(controller(40), mute=lambda request: request > 5)
    result = collect_from(agent, {"timeout_s": 0.05, "retries": 0}, room_map(SER0="101", SER39="139"))
    found = aps(result)
    assert (verdict(result)[0], found["SER0"].state, found["SER39"].state) == ("partial", "up", "unknown")


def test_a_column_the_controller_does_not_have_is_not_asked_for_again() -> None:
    agent = Faulty({oid: value for oid, value in controller(4).items() if f"{AP}.43." not in oid})
    clock = count(NOW).__next__

    async def rounds() -> None:
        async with serving(agent):
            wlan = collector(agent.port)
            for _ in range(2):
                await wlan.collect(clock)

    asyncio.run(rounds())
    assert agent.asked.count(f"{AP}.43") == 1


def test_without_a_count_the_round_is_partial() -> None:
    agent = Faulty(controller(4, changes={TOTAL: None, JOINED: None}))
    result = collect_from(agent)
    assert (verdict(result), len(aps(result))) == (("partial", 4, None), 4)


def test_a_device_with_neither_count_nor_rows_is_no_controller() -> None:
    assert verdict(collect_from(Faulty({"1.3.6.1.2.1.1.1.0": b"printer"}))) == ("unsupported", 0, None)


@pytest.mark.parametrize(("walks", "state"), [(1, "unknown"), (2, "down"), (3, "down")])
def test_a_mapped_access_point_is_down_when_two_complete_walks_lack_it(
    agent: Server, walks: int, state: str
) -> None:
    result = collect(collector(agent.port, room_map(GONE="301")), times=walks)
    found = aps(result)["GONE"]
    assert (run_of(result).status, found.state, found.room) == ("ok", state, "301")


def test_an_access_point_that_was_exchanged_gives_its_room_to_its_successor() -> None:
    rooms = room_map(教室0="101")
    old, new = Faulty(controller(1)), controller(1)
    moved = {oid.replace(mac(0), mac(7)): value for oid, value in new.items()}
    moved[f"{AP}.2.{mac(7)}"] = b"NEW"

    async def rounds() -> list[tuple[str, str, str]]:
        clock = count(NOW).__next__
        async with serving(old):
            wlan = collector(old.port, rooms)
            await wlan.collect(clock)
            old.objects.clear()
            old.objects.update(moved)
            old.__post_init__()
            await wlan.collect(clock)
            result = await wlan.collect(clock)
        return [(ap.ap, ap.room, ap.state) for ap in aps(result).values()]

    assert asyncio.run(rounds()) == [("NEW", "101", "up")]


def networks(names: dict[int, bytes]) -> dict[str, Value | None]:
    """HUAWEI-WLAN-VAP-MIB: a network of the first radio of each of these access points."""
    return {f"{HW}.17.1.1.1.6.{mac(number)}.0.1": name for number, name in names.items()}


@pytest.mark.parametrize(
    ("ssids", "expected"),
    # The third has no network at all in a table that is read to its end.
    [
        ((), [None, None, None]),
        (("Campus",), [True, False, False]),
        (("Guest", "Campus"), [True, True, False]),
    ],
)
def test_whether_an_access_point_serves_the_campus_network_is_told_where_it_is_known(
    ssids: tuple[str, ...], expected: list[bool | None]
) -> None:
    agent = Faulty(controller(3, changes=networks({0: b"Campus", 1: b"Guest"})))

    async def story() -> Round:
        async with serving(agent):
            return await collector(agent.port, ssids=ssids).collect(count(NOW).__next__)

    result = asyncio.run(story())
    found = {one.ap: one.serves_campus for one in result.readings if isinstance(one, AccessPoint)}
    named = "不提供校园网络" in (result.runs[0].reason or "")
    assert ([found[f"SER{number}"] for number in range(3)], named) == (expected, False in expected)
