"""Plugs: their makers' documented messages, meters that reset and wrap, thresholds, and simulated ones."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from contract import RoomDevice
from edge_agent.collectors.base import Round
from edge_agent.collectors.mqtt_power import Heard, MqttPower, take
from edge_agent.plugs.dialects import PlugDialect, Said, Unreadable, read_message
from edge_agent.plugs.energy import Meter, growth
from edge_agent.plugs.plug_list import ListedPlug, read_plugs
from edge_agent.plugs.threshold import Learner
from edge_agent.settings import MqttPowerSettings
from firmware_sim import World, load_scenario
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import PlugFault, PlugFaults, RoomFaults
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.plug_serving import serve_plugs, write_plugs
from runtime import ConfigError
from tests.firmware_sim.conftest import CASES, LESSON, NIGHT
from tests.servers import Server, free_port

SCENARIO = load_scenario(str(CASES / "rooms" / "scenario.toml"))
CAMPUS = World(SCENARIO).campus(SCENARIO.schools[0].code)
EQUIPMENT, LIFE = Equipment(CAMPUS.school), RoomLife(CAMPUS, seed=SCENARIO.seed)
DEVICES = [plug.device for plug in EQUIPMENT.plugs]

# As the makers document them: tasmota.github.io MQTT and Power Monitoring, shelly-api-docs Gen1 and Gen2,
# zigbee2mqtt.io "MQTT Topics and Messages".
TASMOTA = {
    "Time": "2026-09-02T08:20:37",
    "ENERGY": {
        "TotalStartTime": "2026-02-15T17:00:00",
        "Total": 6.294,
        "Yesterday": 2.5,
        "Today": 0.4,
        "Period": 21,
        "Power": 263,
        "ApparentPower": 280,
        "ReactivePower": 90,
        "Factor": 0.94,
        "Voltage": 227,
        "Current": 1.16,
    },
}
SHELLY2 = {
    "src": "shellyplusplugs-a",
    "dst": "shellyplusplugs-a/events",
    "method": "NotifyStatus",
    "params": {"ts": 1707326960.5, "switch:0": {"id": 0, "apower": 2.7, "aenergy": {"total": 7258.589}}},
}


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


def meter(wh: float, minutes: int = 0, life: str | None = None) -> Meter:
    return Meter(wh=wh, at_ms=minutes * 60_000, life=life)


@pytest.mark.parametrize(
    ("before", "now", "wraps", "used", "said"),
    [
        (None, meter(500), None, None, None),
        (meter(500), meter(503.5, 1), None, 3.5, None),
        (meter(500), meter(500, 1), None, 0.0, None),
        (meter(500), meter(4, 1), None, 4, "归零"),
        (meter(500, life="a"), meter(501, 1, life="b"), None, 501, "归零"),
        (meter(500, life="a"), meter(501, 1), None, 1.0, None),
        (meter(90_000, life="a"), meter(80_000, 1, life="b"), None, None, "倒退"),
        (meter(500), meter(99_999, 1), None, None, "不可能"),
        (meter(2**32 / 60 - 10), meter(5, 1), 2**32 / 60, 15.0, None),
        # What the plug counted while the gateway was away belongs to it, too.
        (meter(500), meter(5500, 60 * 24), None, 5000.0, None),
    ],
)
def test_energy_is_what_the_meter_grew_by(
    before: Meter | None, now: Meter, wraps: float | None, used: float | None, said: str | None
) -> None:
    found = growth(before, now, most_w=2500, wraps_wh=wraps)
    assert (found.used_wh, said is None if found.said is None else said and said in found.said.zh) == (
        used,
        True,
    )


def learnt(*heaps: tuple[float, int]) -> float | None:
    learner = Learner()
    for watts, times in heaps:
        for number in range(times):
            learner.see(watts * (1 + (number % 5) / 50))
    return Learner(learner.counts).threshold_w


def test_a_threshold_stands_between_sleep_and_work() -> None:
    assert 5 < (learnt((3, 400), (60, 200)) or 0) < 55
    # A PC and a projector at one plug: either is work.
    assert 5 < (learnt((3, 400), (60, 200), (330, 200)) or 0) < 55


@pytest.mark.parametrize(
    "heaps",
    [
        [],
        [(3, 1000)],
        [(60, 1000)],  # never seen asleep
        [(3, 1000), (60, 5)],
        [(3, 10), (60, 1000)],
        [(3, 500), (6, 500)],  # too near
        [(90, 500), (400, 500)],  # a plug that never sleeps
    ],
)
def test_a_threshold_is_not_guessed(heaps: list[tuple[float, int]]) -> None:
    assert learnt(*heaps) is None


def test_a_retained_message_is_no_sample_and_no_sign_of_life() -> None:
    heard = Heard()
    take(heard, Said(watts=50.0, energy_wh=9.0, relay=True, stamp="a"), now_s=5, now_ms=5, retained=True)
    assert (heard.watts, heard.energy_wh, heard.ever, heard.relay) == (None, None, False, True)


@pytest.mark.parametrize(
    ("stamp", "energy_wh", "watts"),
    [
        ("2026-09-02T08:20:00", 9.0, 50.0),  # made before the last, and its meter says so
        ("2026-09-02T08:20:00", None, 50.0),
        ("2026-09-02T08:20:00", 11.0, 7.0),  # the clock was set back: the meter went on
        ("2026-09-02T07:20:00", 9.0, 7.0),  # by more than any message is under way
        ("1970-01-01T00:00:10", 0.0, 7.0),  # begun anew, without a clock yet
        ("2026-09-02T08:21:30", 9.0, 7.0),
        ("soon", 9.0, 7.0),
    ],
)
def test_a_message_that_was_overtaken_says_how_things_were(
    stamp: str, energy_wh: float | None, watts: float
) -> None:
    heard = Heard()
    last = Said(watts=50.0, energy_wh=10.0, relay=True, stamp="2026-09-02T08:21:00")
    take(heard, last, now_s=5, now_ms=5, retained=False)
    overtaken = Said(watts=7.0, energy_wh=energy_wh, relay=False, stamp=stamp)
    take(heard, overtaken, now_s=6, now_ms=6, retained=False)
    assert (watts, watts == 50.0) == (heard.watts, heard.relay)


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


def test_the_same_message_twice_teaches_once_and_keeps_nothing_fresh() -> None:
    heard = Heard()
    for now in (5, 900):
        take(heard, Said(watts=50.0, energy_wh=9.0, stamp="a"), now_s=now, now_ms=now, retained=False)
    assert (sum(heard.learner.counts), heard.watts_at) == (1, 5)


def test_who_tells_changes_only_tells_with_anything_that_its_power_is_the_same() -> None:
    partial, whole = Heard(), Heard()
    for heard, overlay in ((partial, True), (whole, False)):
        take(heard, Said(watts=50.0), now_s=5, now_ms=5, retained=False, overlay=overlay)
        take(heard, Said(relay=True), now_s=60, now_ms=60, retained=False, overlay=overlay)
    assert (partial.watts_at, whole.watts_at) == (60, 5)


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


Story = Callable[["Site"], Awaitable[Any]]


class Site:
    """A school's plugs at a broker, and the gateway that listens."""

    def __init__(self, folder: Path, port: int, now: float) -> None:
        self.folder, self.port, self.now = folder, port, now
        self.faults = RoomFaults()
        self.notes: dict[str, str] = {}
        self.collector = self.gateway()

    def gateway(self, **changes: object) -> MqttPower:
        write_plugs(EQUIPMENT, self.folder)
        settings = MqttPowerSettings.model_validate(
            {"id": "p", "url": f"mqtt://127.0.0.1:{self.port}", "plugs": "plugs.csv", "first_wait_s": 0.3}
            | changes,
            context={"folder": self.folder},
        )
        plugs = [ListedPlug(**{**_fields(one), "on_w": 15.0}) for one in read_plugs(settings.plugs)]
        return MqttPower(settings, plugs=plugs, password=None, recall=self.notes.get)

    async def round(self) -> Round:
        result = await self.collector.collect(lambda: int(self.now * 1000))
        self.notes |= result.notes
        return result

    async def until(self, enough: Callable[[Round], bool]) -> Round:
        """Rounds until one is as wanted; the last one at any rate."""
        result = await self.round()
        for _ in range(60):
            if enough(result):
                break
            await asyncio.sleep(0.05)
            result = await self.round()
        return result


def _fields(plug: ListedPlug) -> dict[str, Any]:
    return {name: getattr(plug, name) for name in ListedPlug.__dataclass_fields__}


def powers(result: Round) -> dict[str, str | None]:
    return {one.device: one.power for one in result.readings if isinstance(one, RoomDevice)}


def visit(folder: Path, broker: Server, story: Story, *, at: float = LESSON) -> Any:
    async def run() -> Any:
        found = Site(folder, broker.port, at)
        where = {"host": "127.0.0.1", "port": broker.port, "clock": lambda: found.now, "every_s": 0.05}
        async with serve_plugs(EQUIPMENT, LIFE, found.faults, **where):  # type: ignore[arg-type]
            return await story(found)

    return asyncio.run(run())


def all_are(power: str | None) -> Callable[[Round], bool]:
    return lambda result: set(powers(result).values()) == {power}


def test_every_kind_of_plug_is_on_in_a_lesson_and_off_at_night(tmp_path: Path, broker: Server) -> None:
    async def story(found: Site) -> tuple[Round, Round]:
        lit = await found.until(all_are("on"))
        found.now = NIGHT
        return lit, await found.until(all_are("off"))

    lit, dark = visit(tmp_path, broker, story)
    assert (powers(lit), powers(dark)) == (dict.fromkeys(DEVICES, "on"), dict.fromkeys(DEVICES, "off"))
    assert (lit.runs[0].status, lit.runs[0].rows) == ("ok", 4)
    assert {one.evidence for one in lit.readings} == {"watts"}


def test_what_the_meters_grew_by_is_what_the_rooms_used(tmp_path: Path, broker: Server) -> None:
    async def story(found: Site) -> tuple[dict[str, float], dict[str, float]]:
        await found.until(all_are("on"))
        begin = found.now
        found.now += 600
        used: dict[str, float] = dict.fromkeys(DEVICES, 0.0)

        def enough(result: Round) -> bool:
            for one in result.readings:
                used[one.device] += one.used_wh or 0.0
            return all(value > 1 for value in used.values())

        await found.until(enough)
        rooms = {plug.device: plug.room for plug in EQUIPMENT.plugs}
        return used, {name: LIFE.energy_wh(room, found.now, since=begin) for name, room in rooms.items()}

    used, true = visit(tmp_path, broker, story)
    # zigbee2mqtt and Tasmota tell hundredths and thousandths of a kWh.
    assert {name: abs(used[name] - true[name]) <= 10.1 for name in DEVICES} == dict.fromkeys(DEVICES, True)


@pytest.mark.parametrize(
    ("fault", "power", "status", "word"),
    [
        ("silent", None, "partial", "离线"),
        ("stale", None, "partial", "从未收到"),
        ("nonsense", None, "partial", "读不懂"),
        ("duplicates", "on", "ok", None),
        ("flood", "on", "ok", None),
        ("lies", "off", "ok", None),
    ],
)
def test_a_plug_that_misbehaves(
    tmp_path: Path, broker: Server, fault: PlugFault, power: str | None, status: str, word: str | None
) -> None:
    device = "TP-101"

    async def story(found: Site) -> Round:
        if fault in {"silent", "lies"}:
            await found.until(all_are("on"))
        found.faults.set_plug(device, PlugFaults(fault=fault))
        await asyncio.sleep(0.2)
        if fault not in {"silent", "lies"}:
            found.collector = found.gateway()
        others = {name: "on" for name in DEVICES if name != device}
        return await found.until(
            lambda result: (
                powers(result) == {**others, device: power}
                and result.runs[0].status == status
                and (word is None or word in (result.runs[0].reason or ""))
            )
        )

    result = visit(tmp_path, broker, story)
    others = {name: "on" for name in DEVICES if name != device}
    assert (powers(result), result.runs[0].status) == ({**others, device: power}, status)
    assert word is None or word in (result.runs[0].reason or "")


def test_without_its_broker_every_plug_is_unknown_and_the_run_says_why(tmp_path: Path) -> None:
    async def story() -> Round:
        return await Site(tmp_path, free_port(), LESSON).round()

    result = asyncio.run(story())
    assert (powers(result), result.runs[0].status, result.runs[0].reason) == (
        dict.fromkeys(DEVICES),
        "timeout",
        "插座的消息代理不通",
    )
