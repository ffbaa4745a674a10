"""What plugs say: their makers' documented messages, read or refused."""

import json
import random
from pathlib import Path

import pytest

from edge_agent.plugs.dialects import PlugDialect, Said, Unreadable, read_message
from edge_agent.plugs.plug_list import read_plugs
from runtime import ConfigError
from tests.edge_agent.plugs import SHELLY2, TASMOTA


@pytest.mark.parametrize(
    ("kind", "topic", "payload", "expected"),
    [
        (
            "tasmota",
            "tele/t/SENSOR",
            json.dumps(TASMOTA),
            Said(watts=263.0, energy_wh=6294.0, meter="2026-02-15T17:00:00", stamp="2026-09-02T08:20:37"),
        ),
        (
            "tasmota",
            "stat/t/STATUS10",
            json.dumps({"StatusSNS": TASMOTA}),
            Said(watts=263.0, energy_wh=6294.0, meter="2026-02-15T17:00:00", stamp="2026-09-02T08:20:37"),
        ),
        # Three phases.
        (
            "tasmota",
            "tele/t/SENSOR",
            '{"Time":"x","ENERGY":{"Total":[1.5,0.5],"Power":[20,30.5]}}',
            Said(watts=50.5, energy_wh=2000.0, stamp="x"),
        ),
        ("tasmota", "tele/t/STATE", '{"Time":"x","POWER":"OFF"}', Said(relay=False, stamp="x")),
        ("tasmota", "stat/t/POWER", "ON", Said(relay=True)),
        ("tasmota", "tele/t/LWT", "Offline", Said(online=False)),
        ("shelly1", "shellies/s/relay/0/power", "61.42", Said(watts=61.42)),
        ("shelly1", "shellies/s/relay/0/energy", "60000", Said(energy_wh=1000.0)),
        ("shelly1", "shellies/s/relay/0", "overpower", Said(relay=False)),
        ("shelly1", "shellies/s/online", "true", Said(online=True)),
        ("shelly2", "s/events/rpc", json.dumps(SHELLY2), Said(watts=2.7, energy_wh=7258.589)),
        (
            "shelly2",
            "s/events/rpc",
            '{"method":"NotifyStatus","params":{"ts":1,"switch:1":{"apower":9}}}',
            Said(),
        ),
        (
            "shelly2",
            "campus-s/rpc",
            '{"id":1,"result":{"id":0,"output":true,"apower":0.0,"aenergy":{"total":5}}}',
            Said(watts=0.0, energy_wh=5.0, relay=True),
        ),
        (
            "shelly2",
            "s/status/switch:0",
            '{"id":0,"output":false,"apower":0}',
            Said(watts=0.0, relay=False),
        ),
        (
            "zigbee2mqtt",
            "zigbee2mqtt/一号/插座",
            '{"state":"ON","power":85,"energy":12.3,"linkquality":120}',
            Said(watts=85.0, energy_wh=12300.0, relay=True),
        ),
        ("zigbee2mqtt", "zigbee2mqtt/a/availability", "offline", Said(online=False)),
        ("zigbee2mqtt", "zigbee2mqtt/a/availability", '{"state":"online"}', Said(online=True)),
        ("zigbee2mqtt", "zigbee2mqtt/a", '{"power":null,"linkquality":3}', Said()),
        # Half of it is broken: the other half counts, and that is told.
        ("tasmota", "tele/t/SENSOR", '{"ENERGY":{"Total":NaN,"Power":12}}', Said(watts=12.0, odd=True)),
        ("tasmota", "tele/t/SENSOR", '{"ENERGY":{"Total":-1,"Power":"12.5"}}', Said(watts=12.5, odd=True)),
        ("tasmota", "tele/t/SENSOR", '{"ENERGY":{"Total":1,"Power":null}}', Said(energy_wh=1000.0, odd=True)),
        (
            "shelly2",
            "s/status/switch:0",
            '{"id":0,"output":true,"apower":null,"aenergy":{"total":5}}',
            Said(energy_wh=5.0, relay=True, odd=True),
        ),
        ("zigbee2mqtt", "zigbee2mqtt/a", '{"power":"85","energy":"x"}', Said(watts=85.0, odd=True)),
    ],
)
def test_each_makers_message_is_read(kind: PlugDialect, topic: str, payload: str, expected: Said) -> None:
    assert read_message(kind, topic, payload.encode(), 0) == expected


@pytest.mark.parametrize(
    ("kind", "topic", "payload"),
    [
        ("tasmota", "tele/t/SENSOR", b"{"),
        ("tasmota", "tele/t/SENSOR", b"[" * 9000),
        ("tasmota", "tele/t/SENSOR", b'{"ENERGY":{"Power":NaN}}'),
        ("tasmota", "tele/t/SENSOR", b'{"ENERGY":{"Power":true}}'),
        ("tasmota", "tele/t/SENSOR", b'{"ENERGY":{"Power":[1,2,3,4]}}'),
        ("tasmota", "tele/t/SENSOR", b'{"ENERGY":{"Total":-3}}'),
        ("tasmota", "tele/t/SENSOR", b"{" + b" " * 20_000 + b"}"),
        ("tasmota", "tele/t/SENSOR", b'{"ENERGY":{"Power":1' + b"0" * 400 + b"}}"),
        ("shelly1", "shellies/s/relay/0/power", b"1e999"),
        ("shelly1", "shellies/s/relay/0/power", b"1_2"),
        ("shelly1", "shellies/s/relay/0", b"maybe"),
        ("shelly2", "s/events/rpc", b"null"),
        ("zigbee2mqtt", "zigbee2mqtt/a", b'{"power": "\xff"}'),
        ("zigbee2mqtt", "zigbee2mqtt/a", b'{"power": 999999}'),
        ("zigbee2mqtt", "zigbee2mqtt/a", b'{"power": 3, "power": 85}'),
        ("tasmota", "tele/t/SENSOR", b'{"ENERGY":{"Power":1},"ENERGY":{"Power":2}}'),
    ],
)
def test_what_makes_no_sense_is_refused(kind: PlugDialect, topic: str, payload: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(kind, topic, payload, 0)


PLAIN: list[tuple[PlugDialect, str, bytes]] = [
    ("tasmota", "tele/t/SENSOR", json.dumps(TASMOTA).encode()),
    ("tasmota", "tele/t/LWT", b"Online"),
    ("shelly1", "shellies/s/relay/0/power", b"61.42"),
    ("shelly2", "s/events/rpc", json.dumps(SHELLY2).encode()),
    ("zigbee2mqtt", "zigbee2mqtt/a", b'{"state":"ON","power":85,"energy":12.3,"last_seen":"x"}'),
]


@pytest.mark.parametrize(("kind", "topic", "payload"), PLAIN)
def test_whatever_the_damage_a_message_is_read_or_refused(
    kind: PlugDialect, topic: str, payload: bytes
) -> None:
    chance = random.Random(5)  # noqa: S311 - damage that is the same every time
    pieces = (b"1e999", b"NaN", b"null", b"[]", b"{}", b"-", b"\xff", b'"', b"true", b"9" * 400)
    refused = 0
    for _ in range(400):
        damaged = bytearray(payload)
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(damaged) + 1)
            damaged[at : at + chance.randrange(12)] = chance.choice(pieces)
        try:
            said = read_message(kind, topic, bytes(damaged), 0)
        except Unreadable:
            refused += 1
        else:
            assert said.watts is None or 0 <= said.watts <= 100_000
            assert said.energy_wh is None or 0 <= said.energy_wh <= 1e12
    assert 0 < refused <= 400


def test_a_stamp_is_not_kept_longer_than_a_stamp_is() -> None:
    said = read_message("tasmota", "tele/t/SENSOR", json.dumps(TASMOTA | {"Time": "x" * 9000}).encode(), 0)
    assert len(said.stamp or "") == 40


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        # Two channels have a list of two; one number is that of both, and no plug's alone.
        (
            "tasmota",
            '{"POWER1":"OFF","POWER2":"ON","ENERGY":{"Total":[1.5,0.5],"Power":[20,30.5]}}',
            Said(watts=30.5, energy_wh=500.0, relay=True),
        ),
        ("tasmota", '{"ENERGY":{"Total":1.5,"Power":[20,30.5]}}', Said(watts=30.5)),
        ("tasmota", '{"POWER1":"OFF"}', Said()),
        ("tasmota", '{"POWER":"OFF"}', Said()),
        ("zigbee2mqtt", '{"power_l1":3,"power_l2":85,"state_l2":"ON"}', Said(watts=85.0, relay=True)),
        ("zigbee2mqtt", '{"power":88,"energy":4,"state_l1":"ON"}', Said()),
    ],
)
def test_of_a_double_socket_each_channel_is_read_by_itself(
    kind: PlugDialect, payload: str, expected: Said
) -> None:
    topic = "tele/t/SENSOR" if kind == "tasmota" else "zigbee2mqtt/a"
    assert expected == read_message(kind, topic, payload.encode(), 2)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("tasmota/+,tasmota,101,", "不含"),
        ("a,sonoff,101,", "可写 tasmota"),
        ("a,tasmota,101,many", "不是 0 至 20000"),
        ("a,tasmota,101,\na,tasmota,102,", "出现两次"),
    ],
)
def test_a_wrong_line_of_the_list_is_named(tmp_path: Path, row: str, problem: str) -> None:
    (tmp_path / "plugs.csv").write_text(f"topic,kind,room,on_w\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        read_plugs(tmp_path / "plugs.csv")
