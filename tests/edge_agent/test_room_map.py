"""A gateway tells its room map: every line of every list, when it is another one, and once a day."""

import asyncio
from pathlib import Path

import pytest

from contract import MappedDevice, RoomMap
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.room_map import RoomMapTeller, hash_of, map_lines
from runtime import load

NOW = 1_790_000_000_000
HOUR_MS = 3_600_000
CONFIG = """
district = "120116"
school = "2112000001"
gateway = "gw1"
[broker]
url = "mqtt://127.0.0.1:1"
[[snmp_wlan]]
id = "ac1"
host = "127.0.0.1"
community = "env:AC"
rooms = "aps.csv"
[[pjlink]]
id = "projectors"
projectors = "projectors.csv"
[[presence]]
id = "presence"
devices = "devices.csv"
[[mqtt_power]]
id = "plugs"
plugs = "plugs.csv"
url = "mqtt://127.0.0.1:1"
"""
LISTS = {
    "aps.csv": "ap,room\n70-22-bb-00-00-01,R101\n七(1)班AP,R102\n",
    "projectors.csv": "host,room,device\n127.0.3.1,R101,\n127.0.3.2,R102,ZC-1\n",
    "devices.csv": "type,room,mac\n交互大屏,R103,70:22:bb:00:00:02\n",
    "plugs.csv": "topic,kind,room\nplug1,tasmota,R103\n",
}
LINES = (
    ("127.0.3.1", "projector", "R101", "projectors"),
    ("70:22:bb:00:00:01", "access_point", "R101", "ac1"),
    ("70:22:bb:00:00:02", "panel", "R103", "presence"),
    ("ZC-1", "projector", "R102", "projectors"),
    ("plug1", "plug", "R103", "plugs"),
    ("七(1)班AP", "access_point", "R102", "ac1"),
)


def test_every_list_is_in_the_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AC", "word")
    (tmp_path / "edge.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in LISTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert map_lines(load(EdgeSettings, tmp_path / "edge.toml")) == LINES


class Notes(dict[str, str]):
    """What a spool remembers of rounds."""

    def told(self, lines: tuple[tuple[str, str, str, str], ...], now_ms: int) -> list[str]:
        result = asyncio.run(RoomMapTeller(lines, recall=self.get).collect(lambda: now_ms))
        self.update(result.notes)
        assert result.runs == ()
        return [
            f"{reading.device} {reading.room}" if isinstance(reading, MappedDevice) else f"{reading.lines}"
            for reading in result.readings
            if isinstance(reading, MappedDevice | RoomMap)
        ]


def test_the_map_is_told_whole_once_a_day_and_when_it_is_another() -> None:
    notes = Notes()
    first = notes.told(LINES[:2], NOW)
    assert first == ["127.0.3.1 R101", "70:22:bb:00:00:01 R101", "2"]
    assert notes.told(LINES[:2], NOW + HOUR_MS) == []
    assert notes.told(LINES[:1], NOW + 2 * HOUR_MS) == ["127.0.3.1 R101", "1"]
    assert notes.told(LINES[:1], NOW + 26 * HOUR_MS) == ["127.0.3.1 R101", "1"]


def test_a_clock_that_was_set_back_silences_no_map() -> None:
    notes = Notes()
    notes.told(LINES, NOW)
    assert notes.told(LINES, NOW - HOUR_MS)[-1] == "6"


def test_an_empty_map_is_told_too() -> None:
    assert Notes().told((), NOW) == ["0"]


def test_the_hash_knows_no_order_and_every_word() -> None:
    assert hash_of(LINES) == hash_of(LINES[::-1]) != hash_of(LINES[1:])
