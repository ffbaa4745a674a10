"""Access-point controllers, against net-snmp's own agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.settings import SnmpWlanSettings
from tests.edge_agent.controllers import (
    AP,
    RADIO,
    controller,
    mac,
    snmpd,
)
from tests.edge_agent.wlan import aps, collect, collector, radios, room_map, run_of, verdict, with_settings
from tests.servers import Server, running

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


def test_a_device_is_known_by_what_it_answers_whatever_it_calls_itself(agent: Server) -> None:
    # net-snmp calls itself 1.3.6.1.4.1.8072.…
    assert verdict(collect(collector(agent.port))) == ("ok", COUNT, COUNT)


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


@pytest.mark.parametrize(("walks", "state"), [(1, "unknown"), (2, "down"), (3, "down")])
def test_a_mapped_access_point_is_down_when_two_complete_walks_lack_it(
    agent: Server, walks: int, state: str
) -> None:
    result = collect(collector(agent.port, room_map(GONE="301")), times=walks)
    found = aps(result)["GONE"]
    assert (run_of(result).status, found.state, found.room) == ("ok", state, "301")
