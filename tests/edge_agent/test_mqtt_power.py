"""Simulated plugs at a real broker, and the gateway that listens."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from contract import RoomDevice
from edge_agent.collectors.base import Round
from edge_agent.collectors.mqtt_power import MqttPower
from edge_agent.plugs.plug_list import ListedPlug, read_plugs
from edge_agent.settings import MqttPowerSettings
from firmware_sim.rooms.faults import PlugFault, PlugFaults, RoomFaults
from firmware_sim.rooms.plug_serving import serve_plugs, write_plugs
from tests.edge_agent.plugs import DEVICES, EQUIPMENT, LIFE
from tests.firmware_sim.conftest import LESSON, NIGHT
from tests.servers import Server, free_port

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
