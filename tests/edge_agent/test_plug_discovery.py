"""Plugs found through the school's broker: by their makers' messages, placed by their names."""

import asyncio
import json
from pathlib import Path

import pytest

from contract import Address
from edge_agent.discovery.layout import Layout, lay_out
from edge_agent.discovery.looking import Look
from edge_agent.discovery.matching import ListedRoom
from edge_agent.discovery.plugs import Ears, PlugBroker, PlugsSeen, SeenPlug, look_for_plugs
from edge_agent.discovery.writing import write_folder
from edge_agent.plugs.dialects import PlugDialect
from edge_agent.plugs.plug_list import read_plugs
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.plug_serving import serve_plugs
from tests.edge_agent.plugs import EQUIPMENT, LIFE, SHELLY2, TASMOTA
from tests.firmware_sim.conftest import LESSON
from tests.servers import Server, free_port

ROOMS = [ListedRoom(room="R1", name="七年级(1)班"), ListedRoom(room="101"), ListedRoom(room="102")]
CONFIG = {
    "ip": "10.8.0.31",
    "dn": "初一1班插座",
    "fn": ["插座", None],
    "mac": "7022BB0000A1",
    "t": "tasmota_A1",
}
PLUG = {"friendly_name": "101/插座", "definition": {"exposes": [{"type": "numeric", "property": "power"}]}}
LAMP = {"friendly_name": "台灯", "definition": {"exposes": [{"type": "light"}]}}
COORDINATOR = {"friendly_name": "Coordinator", "definition": None}


def heard(*messages: tuple[str, object]) -> list[SeenPlug]:
    ears = Ears()
    for topic, payload in messages:
        ears.hear(topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    return list(ears.plugs())


def test_every_makers_plug_is_known_by_what_it_says() -> None:
    found = heard(
        ("tasmota/discovery/7022BB0000A1/config", CONFIG),
        ("tele/tasmota_A1/SENSOR", TASMOTA),
        ("shellies/shellyplug-s-1/online", b"true"),
        ("shellies/shellyplug-s-1/relay/0/power", b"12.5"),
        ("shellyplusplugs-a/events/rpc", SHELLY2),
        ("zigbee2mqtt/bridge/devices", [COORDINATOR, PLUG, LAMP]),
        ("zigbee2mqtt/台灯", {"state": "ON", "brightness": 3}),
    )
    assert [(one.kind, one.topic, one.names[0], one.meters) for one in found] == [
        ("shelly1", "shellyplug-s-1", "shellyplug-s-1", True),
        ("shelly2", "shellyplusplugs-a", "shellyplusplugs-a", True),
        ("tasmota", "tasmota_A1", "初一1班插座", True),
        ("zigbee2mqtt", "101/插座", "101 插座", True),
    ]


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("school/floor1/101/events/rpc", SHELLY2, ("school/floor1/101", 0, True)),
        ("school/101/status/switch:1", {"id": 1, "apower": 3}, ("school/101", 1, True)),
        ("school/floor1/101/online", b"true", ("school/floor1/101", 0, False)),
        ("campus-school/101/rpc", {"result": {"id": 0, "apower": 3}}, ("school/101", 0, True)),
    ],
)
def test_a_shelly_is_heard_whatever_prefix_it_has(
    topic: str, payload: object, expected: tuple[str, int, bool]
) -> None:
    (found,) = heard((topic, payload))
    assert ("shelly2", *expected) == (found.kind, found.topic, found.channel, found.meters)


def test_a_device_of_the_bridge_that_told_no_power_is_left_open_unless_its_list_says_what_it_is() -> None:
    there = ("zigbee2mqtt/台灯/availability", {"state": "online"})
    assert [(one.topic, one.meters) for one in heard(there)] == [("台灯", False)]
    assert heard(there, ("zigbee2mqtt/bridge/devices", [LAMP])) == []
    assert heard(("zigbee2mqtt/bridge/devices", [LAMP]), there) == []


def test_who_told_no_power_is_asked_once() -> None:
    ears = Ears()
    asked: set[tuple[PlugDialect, str, int]] = set()
    ears.hear("tele/sonoff/LWT", b"Online")
    assert [one.topic for one in ears.silent(asked)] == ["sonoff"]
    assert ears.silent(asked) == []


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("zigbee2mqtt/bridge/devices", b"[" * 100_000),
        (
            "zigbee2mqtt/bridge/devices",
            b'[1, {"friendly_name": 5}, {"friendly_name": "x", "definition": [1]}]',
        ),
        ("tasmota/discovery/x/config", b'{"t": ["a"], "dn": 1}'),
        ("tele/a/SENSOR", b"\xff" * 20_000),
        ("tele/a/SENSOR", b'{"ENERGY": {"Power": "lots"}}'),
        ("x/online", b"perhaps"),
        ("shellies/a/relay/99999/power", b"1"),
        ("zigbee2mqtt/lamp", b'{"power": null}'),
        ("zigbee2mqtt/availability", b"online"),
        ("zigbee2mqtt/bridge/state", b"online"),
        ("home/kitchen/light", b"on"),
        ("home/status/light", b"on"),
        ("homeassistant/x/online", b"true"),
        ("events/rpc", b"{}"),
    ],
)
def test_noise_is_no_plug(topic: str, payload: bytes) -> None:
    assert heard((topic, payload)) == []


def laid_out(*plugs: SeenPlug) -> Layout:
    seen = PlugsSeen(broker=PlugBroker(url="mqtt://127.0.0.1:1", username="u"), plugs=plugs)
    return lay_out([], ROOMS, Look(), None, seen)


def plug(*names: str, meters: bool = True, channel: int = 0) -> SeenPlug:
    return SeenPlug(kind="tasmota", topic="t1", names=(*names, "t1"), meters=meters, channel=channel)


@pytest.mark.parametrize(
    ("seen", "room", "likely"),
    [
        (plug("初一1班插座"), "R1", ()),
        (plug("101-plug"), "101", ()),
        (plug("初一1班插座", "101插座"), "", ("R1", "101")),
        (plug("101插座", meters=False), "", ("101",)),
        (plug(), "", ()),
    ],
)
def test_a_plug_is_placed_where_its_names_say_one_room(
    seen: SeenPlug, room: str, likely: tuple[str, ...]
) -> None:
    layout = laid_out(seen)
    assert [line[3] for line in layout.plugs] == ([room] if room else [])
    assert [row.likely for row in layout.open] == ([] if room else [likely])


def test_what_is_written_is_read_by_the_gateway(tmp_path: Path) -> None:
    layout = laid_out(plug("101插座"), plug("102插座", channel=1))
    (tmp_path / "rooms.csv").write_text("房间\n101\n", encoding="utf-8")
    write_folder(
        tmp_path / "gw",
        address=Address("120116", "2112000001", "gw1"),
        broker="mqtt://127.0.0.1:1",
        layout=layout,
        look=Look(),
        rooms=tmp_path / "rooms.csv",
    )
    found = read_plugs(tmp_path / "gw" / "plugs.csv")
    assert [(one.device, one.topic, one.channel, one.room) for one in found] == [
        ("t1", "t1", 0, "101"),
        ("t1:1", "t1", 1, "102"),
    ]
    assert 'username = "u"' in (tmp_path / "gw" / "edge.toml").read_text(encoding="utf-8")


def test_simulated_plugs_of_every_kind_are_found_at_a_real_broker(tmp_path: Path, broker: Server) -> None:
    where = PlugBroker(url=f"mqtt://127.0.0.1:{broker.port}", wait_s=2)

    async def run() -> PlugsSeen:
        faults = RoomFaults()
        async with serve_plugs(
            EQUIPMENT, LIFE, faults, host="127.0.0.1", port=broker.port, clock=lambda: LESSON, every_s=0.2
        ):
            return await asyncio.to_thread(look_for_plugs, where)

    seen = asyncio.run(run())
    found = {(one.kind, one.topic) for one in seen.plugs if one.meters}
    assert {(one.kind, one.topic) for one in EQUIPMENT.plugs} <= found
    assert seen.trouble is None


def test_a_broker_that_is_away_is_told() -> None:
    seen = look_for_plugs(PlugBroker(url=f"mqtt://127.0.0.1:{free_port()}", wait_s=0.2))
    assert seen.trouble is not None
    assert [row.table for row in lay_out([], ROOMS, Look(), None, seen).open] == ["plugs.csv"]
