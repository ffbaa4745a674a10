"""Faults by command, while a district runs: what real collectors make of each, over real sockets."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract import AccessPoint, Reading, RoomDevice
from edge_agent.collectors.base import Closing, Collector, Round
from edge_agent.gateway_settings import EdgeSettings
from firmware_sim import Faults, Scenario, load_scenario, run
from firmware_sim.files import environment, read_addresses
from firmware_sim.rooms.district import Pace
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.steering import Fault, write_fault
from tests.firmware_sim.conftest import CASES, LESSON
from tests.servers import Server

ROOMS = load_scenario(str(CASES / "rooms" / "scenario.toml"))
SCHOOL = ROOMS.schools[0].code
NIGHT_AGAIN = LESSON + 12 * 3600
Told = Callable[[Round], object]


def scenario() -> Scenario:
    """The school of the rooms: its class PCs are asked in one room, and report themselves in the other."""
    school = ROOMS.schools[0]
    groups = tuple(
        group.model_copy(
            update={"plug_on_w": 30.0, "beacon": group.first == 104, "projector_class": 1, "aps": 1}
        )
        for group in school.room_groups
    )
    return ROOMS.model_copy(update={"schools": (school.model_copy(update={"room_groups": groups}),)})


class Site:
    """A running district, its gateway's collectors, and the time that both have."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, LESSON
        self.faults, self.rooms = Faults(), RoomFaults()
        self.notes: dict[str, str] = {}
        self.collectors: Mapping[str, Collector] = {}

    def clock(self) -> float:
        return self.now

    async def take(self, name: str, fault: str) -> None:
        """Give a device a fault by command, and wait until it has it."""
        before = self._faults_of(name)
        write_fault(self.folder, Fault(SCHOOL, name, fault))
        for _ in range(500):
            if self._faults_of(name) != before:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{name} did not take {fault}")

    def _faults_of(self, name: str) -> object:
        kinds: dict[str, Callable[[], object]] = {
            "AC": lambda: self.faults.controller(SCHOOL),
            "SW": lambda: self.rooms.switch,
            "PJ": lambda: self.faults.projector(SCHOOL, name),
            "TP": lambda: self.rooms.plug(name),
        }
        return kinds.get(name[:2], lambda: self.rooms.computer(name))()

    async def round(self, collector: str) -> Round:
        """One round; the clock goes on a minute, so that nothing is said twice."""
        result = await self.collectors[collector].collect(lambda: round(self.now * 1000))
        self.notes |= result.notes
        return result

    async def until(self, collector: str, told: Told, wanted: object, *, rounds: int = 80) -> object:
        """What rounds tell at last: as wanted, or the last that they told."""
        found: object = None
        for _ in range(rounds):
            found = told(await self.round(collector))
            if found == wanted:
                break
            await asyncio.sleep(0.1)
        return found


@asynccontextmanager
async def district(folder: Path, broker: Server) -> AsyncIterator[Site]:
    told, site = scenario(), Site(folder)
    up, stop = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(
        run(
            told,
            folder,
            stop,
            clock=site.clock,
            ready=lambda _addresses: up.set(),
            plug_broker=("127.0.0.1", broker.port),
            pace=Pace(report_s=0.2, tell_s=0.2, steer_s=0.05),
            faults=site.faults,
            room_faults={SCHOOL: site.rooms},
        )
    )
    await asyncio.wait({running, asyncio.create_task(up.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    site.collectors = collectors(told, folder, site.notes)
    try:
        yield site
    finally:
        for collector in site.collectors.values():
            if isinstance(collector, Closing):
                await collector.close()
        stop.set()
        await running


def collectors(told: Scenario, folder: Path, notes: dict[str, str]) -> dict[str, Collector]:
    at = read_addresses(folder / "addresses.csv", told)[SCHOOL]
    rooms = tomllib.loads((folder / SCHOOL / "rooms.toml").read_text(encoding="utf-8"))
    (plugs,) = rooms["mqtt_power"]
    (beacons,) = rooms["beacon"]
    (asked,) = rooms["presence"]
    quick = {"timeout_s": 0.5, "retries": 0}
    settings = EdgeSettings.model_validate(
        {
            "district": told.district,
            "school": SCHOOL,
            "gateway": "gw-1",
            "broker": {"url": "mqtt://127.0.0.1:1"},
            "snmp_wlan": [
                {
                    "id": "ac1",
                    "host": at.controller.host,
                    "port": at.controller.port,
                    "community": "env:CAMPUS_SIM_COMMUNITY",
                    "rooms": "aps.csv",
                    "timeout_s": 0.5,
                }
            ],
            "pjlink": [{"id": "projectors", "projectors": "projectors.csv", "reply_timeout_s": 1.5}],
            **rooms,
            "presence": [asked | {"switches": [one | quick for one in asked["switches"]]}],
            "mqtt_power": [plugs | {"first_wait_s": 1, "stale_s": 1}],
            "beacon": [beacons | {"stale_s": 1}],
        },
        context={"folder": folder / SCHOOL},
    )
    return {one.id: one for one in (build(notes.get) for build in settings.prepare())}


def status(target: int = -1) -> Told:
    return lambda result: result.runs[target].status


def device(name: str) -> Told:
    def told(result: Round) -> object:
        return next(
            (
                (one.power, one.evidence)
                for one in result.readings
                if isinstance(one, RoomDevice) and one.device == name
            ),
            None,
        )

    return told


def aps(result: Round) -> list[tuple[str, str]]:
    """State and room of every access point, by its serial number."""
    found = sorted((one.ap, one.state, one.room) for one in result.readings if isinstance(one, AccessPoint))
    return [(state, room) for _, state, room in found]


def whole(result: Round) -> tuple[object, object]:
    return status()(result), aps(result)


def broken(result: Round) -> tuple[object, int]:
    """How it ended, and how many access points are called down: what is not told is not known."""
    return status()(result), sum(state == "down" for state, _ in aps(result))


def clients(result: Round) -> int:
    """Access points of which the number of clients is not known."""
    return sum(isinstance(one, AccessPoint) and one.clients is None for one in result.readings)


WELL = [("up", "101"), ("up", "102"), ("up", "103"), ("up", "104")]
# Of the first room's access point nothing is heard any more; a new one is there, whose room nobody knows.
SWAPPED = [("down", "101"), ("up", "102"), ("up", "103"), ("up", "104"), ("up", "")]
FAULTS: list[tuple[str, str, str, Told, object]] = [
    ("AC", "mute", "ac1", status(), "timeout"),
    ("AC", "denies", "ac1", status(), "timeout"),
    ("AC", "slow", "ac1", whole, ("ok", WELL)),
    ("AC", "drops", "ac1", whole, ("ok", WELL)),
    ("AC", "duplicates", "ac1", whole, ("ok", WELL)),
    ("AC", "too-big", "ac1", whole, ("ok", WELL)),
    ("AC", "partial", "ac1", broken, ("partial", 0)),
    ("AC", "gen-err", "ac1", broken, ("partial", 0)),
    ("AC", "loops", "ac1", broken, ("decode", 0)),
    ("AC", "invalid", "ac1", clients, 1),
    ("AC", "swapped", "ac1", aps, SWAPPED),
    ("SW", "mute", "rooms", status(0), "timeout"),
    ("SW", "denies", "rooms", status(0), "timeout"),
    ("SW", "partial", "rooms", status(0), "partial"),
    ("PJ-103", "mute", "projectors", status(0), "timeout"),
    ("PJ-103", "refuse", "projectors", status(0), "refused"),
    ("PJ-103", "half", "projectors", status(0), "timeout"),
    ("PJ-103", "reset", "projectors", status(0), "timeout"),
    ("PJ-103", "err3", "projectors", device("PJ-103"), (None, None)),
    ("PJ-103", "slow", "projectors", device("PJ-103"), ("on", "display")),
    ("PJ-103", "erra", "projectors", status(0), "auth"),
    ("PN-101", "firewalled", "rooms", device("PN-101"), ("on", "neighbour")),
    ("PN-101", "moved", "rooms", device("PN-101"), ("on", "network")),
    ("PC-103", "unplugged", "rooms", device("PC-103"), ("off", "silence")),
    ("PC-104", "unplugged", "beacons", device("PC-104"), None),
    ("PC-104", "wrong-token", "beacons", lambda result: "签名不对" in (result.runs[0].reason or ""), True),
    ("TP-101", "silent", "plugs", device("TP-101"), (None, None)),
    ("TP-102", "nonsense", "plugs", status(), "partial"),
    ("TP-103", "lies", "plugs", device("TP-103"), ("off", "watts")),
]
# A device that lies: it says that it is on though nothing shows anything. What else is in the room denies it.
LIES = [("PJ-103", "projectors", "TP-103"), ("PN-101", "rooms", "TP-101")]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(ROOMS).items():
        monkeypatch.setenv(name, value)


def test_each_fault_is_seen_for_what_it_is_and_is_over_when_it_is_mended(
    tmp_path: Path, broker: Server
) -> None:
    async def story() -> list[tuple[object, ...]]:
        wrong: list[tuple[object, ...]] = []
        async with district(tmp_path, broker) as site:
            for collector in site.collectors:
                await site.until(collector, _well(collector), True)
            for name, fault, collector, told, wanted in FAULTS:
                await site.take(name, fault)
                found = await site.until(collector, told, wanted)
                await site.take(name, "none")
                # Who was turned away does not knock again for a quarter of an hour.
                site.now += 16 * 60 if fault == "erra" else 0
                mended = await site.until(collector, _well(collector), True)
                if (found, mended) != (wanted, True):
                    wrong.append((name, fault, found, wanted, mended))
        return wrong

    assert asyncio.run(story()) == []


def test_a_device_that_lies_is_denied_by_what_else_is_in_its_room(tmp_path: Path, broker: Server) -> None:
    async def story() -> list[tuple[object, object]]:
        found: list[tuple[object, object]] = []
        async with district(tmp_path, broker) as site:
            site.now = NIGHT_AGAIN
            for name, collector, plug in LIES:
                await site.take(name, "lies")
                said = await site.until(collector, lambda result, name=name: device(name)(result)[0], "on")  # type: ignore[index,misc]
                drawn = await site.until("plugs", device(plug), ("off", "watts"))
                found.append((said, drawn))
        return found

    assert asyncio.run(story()) == [("on", ("off", "watts"))] * len(LIES)


def _well(collector: str) -> Told:
    """Whether a round is whole, and every device of the lesson is known to be on."""

    def told(result: Round) -> bool:
        return all(run.status == "ok" for run in result.runs) and all(map(_is_well, result.readings))

    return told


def _is_well(reading: Reading) -> bool:
    if isinstance(reading, RoomDevice):
        return reading.power == "on"
    return not isinstance(reading, AccessPoint) or (reading.state == "up" and reading.clients is not None)
