"""A whole district's devices, gateways and ingest at one moment of the past, in one process.

All take the same shifted clock. Gateways run some at a time; each asks its devices until the store has what
a verdict needs, and then says goodbye.
"""

import asyncio
import datetime as dt
import os
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from campus.demo.baseline_progress import read_asked
from campus.demo.clock import ShiftedClock
from campus.demo.past import BEFORE_NOW_S, PastOrder, PastProgress, arriving
from campus.demo.running import Place, own_broker
from campus.servers import free_port
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from firmware_sim import (
    Scenario,
    SchoolEndpoints,
    World,
    environment,
    serve,
    write_devices,
    write_registry,
)
from firmware_sim.files import COMMUNITY_VARIABLE
from firmware_sim.history import Span
from firmware_sim.ledger import write_ledger
from firmware_sim.timetable import Timetable
from firmware_sim.world import DAY_S
from ingest.main import run as run_ingest
from ingest.settings import IngestSettings
from rules.watch.settings import RulesSettings
from runtime.language import Text
from store import open_store

# So many gateways at a time, at this interval, keep two cores busy and hardly any round waiting for its turn.
_AT_ONCE = 50
_POLL_S = 3.0
# A controller tells of dozens of access points, and has been asked on all days before: once is enough.
_CONTROLLER_POLL_S = 300.0
_LOOK_S = 0.5
_TELL_S = 5.0
_CONTROLLER = "ac1"
# The past: two school weeks, every device looked at once a day: enough for wireless, not for lessons.
_WEEKS, _LOOK_EVERY_S, _FIRST_LOOK_S = 2, DAY_S, 10 * 3600
_THIS_MORNING_S, _NOON = 1800, dt.time(12)

Addresses = Mapping[str, SchoolEndpoints]


class _Arrived:
    """How far the past is, as its own process tells."""

    def __init__(self) -> None:
        self._progress: PastProgress | None = None
        self.ended = threading.Event()
        self.failed = False

    def hear(self, progress: PastProgress) -> None:
        self._progress = progress
        if progress.done:
            self.ended.set()

    def broke_off(self) -> None:
        self.failed = True
        self.ended.set()

    def line(self) -> Text:
        share = self._progress.share if self._progress else 0.0
        return Text(f"暑假前两周：{share:.0%}", f"two weeks before the summer: {share:.0%}")


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """What runs, where, and when it is enough: `polls` answers of every device, `seconds` at most."""

    scenario: Scenario
    place: Place
    clock: ShiftedClock
    polls: int
    seconds: float
    rules: RulesSettings
    tell: Callable[[str], None]
    stop: asyncio.Event
    _arrived: _Arrived = field(default_factory=_Arrived)

    async def run(self) -> None:
        """From devices to store, once; ends early when `stop` is set or time is up."""
        os.environ.update(environment(self.scenario))
        began_ms = self.clock.ms()
        with open_store(self.place.store) as store:
            store.prepare()
        # The broker's client in ingest takes no file number beyond 1023, so it opens before the devices do.
        with own_broker() as broker:
            async with self._ingest(broker) as ingest, self._devices() as addresses:
                # One after the other: gateways that wait for their turn lose their connections.
                async with arriving(self._past(broker), self._arrived.hear, self._arrived.broke_off):
                    await self._until_past()
                await self._ask_all(addresses, broker, ingest, began_ms)

    def _past(self, broker: int) -> PastOrder:
        """The last weeks before the summer, and this morning: every device looked at once a day."""
        now, calendar = self.clock(), self.scenario.calendar
        timetable = Timetable(calendar, seed=0, share=0)
        before = max(term.last for term in calendar.term if timetable.moment(term.last, _NOON) < now)
        last = timetable.span(None, before)[1]
        begin = last - (_WEEKS * 7 - 2) * DAY_S + _FIRST_LOOK_S
        spans = (
            Span(begin=begin, end=last, interval_s=_LOOK_EVERY_S, walks="once"),
            Span(begin=now - _THIS_MORNING_S, end=now - BEFORE_NOW_S, interval_s=_LOOK_EVERY_S, walks="none"),
        )
        return PastOrder(
            scenario=self.scenario,
            spans=spans,
            folder=self.place.folder,
            broker=broker,
            rules=self.rules,
            judged=False,  # the standard was not in force yet
        )

    async def _until_past(self) -> None:
        told = time.monotonic()
        while not (self.stop.is_set() or self._arrived.ended.is_set()):
            await _either(self.stop, within_s=_LOOK_S)
            if time.monotonic() - told >= _TELL_S:
                told = time.monotonic()
                self.tell(str(self._arrived.line()))
        self.tell(str(self._arrived.line()))

    @asynccontextmanager
    async def _ingest(self, broker: int) -> AsyncIterator[asyncio.Task[None]]:
        stop, health = threading.Event(), free_port()
        settings = IngestSettings.model_validate(
            {
                "health": {"port": health},
                "store": self.place.store,
                "quarantine": self.place.quarantine,
                "broker": {"url": f"mqtt://127.0.0.1:{broker}", "protocol": "3.1.1"},
            }
        )
        service = asyncio.to_thread(run_ingest, settings, stop, clock=self.clock)
        task = asyncio.create_task(service, name="ingest")
        try:
            while not (task.done() or self.stop.is_set() or await asyncio.to_thread(_is_well, health)):
                await _either(self.stop, within_s=_LOOK_S)
            yield task
        finally:
            stop.set()
            await task

    @asynccontextmanager
    async def _devices(self) -> AsyncIterator[Addresses]:
        world = World(self.scenario)
        write_registry(self.scenario, self.place.registry)
        async with serve(self.scenario, clock=self.clock, world=world) as addresses:
            write_devices(self.scenario, self.place.folder, addresses, world=world)
            for school in addresses:
                write_ledger(world.campus(school), self.place.folder / school / "ledger")
                # A whole district's files take a while; a signal is heard in between.
                await asyncio.sleep(0)
            schools, count = len(addresses), sum(len(places.projectors) for places in addresses.values())
            self.tell(
                str(
                    Text(
                        f"{schools} 所学校、{count} 台投影机在听",
                        f"{schools} schools, {count} projectors listen",
                    )
                )
            )
            yield addresses

    async def _ask_all(
        self, addresses: Addresses, broker: int, ingest: asyncio.Task[None], began_ms: int
    ) -> None:
        slots, stops = asyncio.Semaphore(_AT_ONCE), {school: asyncio.Event() for school in addresses}

        async def gateway(school: str) -> None:
            async with slots:
                if not stops[school].is_set():
                    settings = self._gateway(school, addresses[school], broker)
                    await Gateway(settings, clock=self.clock.ms).run(stops[school])

        async with asyncio.TaskGroup() as tasks:
            for school in addresses:
                tasks.create_task(gateway(school), name=f"gateway {school}")
            try:
                await self._until_asked(addresses, stops, ingest, began_ms)
            finally:
                for stop in stops.values():
                    stop.set()

    async def _until_asked(
        self,
        addresses: Addresses,
        stops: Mapping[str, asyncio.Event],
        ingest: asyncio.Task[None],
        since_ms: int,
    ) -> None:
        began, told = time.monotonic(), 0.0
        with open_store(self.place.store) as store:
            while not (self.stop.is_set() or ingest.done()) and time.monotonic() - began < self.seconds:
                asked = await asyncio.to_thread(read_asked, store, since_ms)
                done = [
                    school
                    for school, places in addresses.items()
                    if asked.enough(school, len(places.projectors), self.polls, _CONTROLLER)
                ]
                for school in done:
                    stops[school].set()
                whole = len(done) == len(addresses)
                if whole or time.monotonic() - told >= _TELL_S:
                    told = time.monotonic()
                    share = f"{len(done)}/{len(addresses)}"
                    told_text = Text(f"{share} 所学校已问完", f"{share} schools asked")
                    self.tell(f"{told_text} · {asked.line()}")
                if whole:
                    return
                await _either(self.stop, within_s=_LOOK_S)

    def _gateway(self, school: str, endpoints: SchoolEndpoints, broker: int) -> EdgeSettings:
        """One school's gateway, as its edge.toml would have it."""
        return EdgeSettings.model_validate(
            {
                "district": self.scenario.district,
                "school": school,
                "gateway": "gw-1",
                "broker": {"url": f"mqtt://127.0.0.1:{broker}", "protocol": "3.1.1"},
                "snmp_wlan": [
                    {
                        "id": _CONTROLLER,
                        "host": endpoints.controller.host,
                        "port": endpoints.controller.port,
                        "community": f"env:{COMMUNITY_VARIABLE}",
                        "rooms": "aps.csv",
                        "interval_s": _CONTROLLER_POLL_S,
                    }
                ],
                "pjlink": [{"id": "projectors", "projectors": "projectors.csv", "interval_s": _POLL_S}],
                "ledger": [{"id": "ledger", "folder": "ledger", "interval_s": _POLL_S}],
            },
            context={"folder": self.place.folder / school},
        )


def _is_well(port: int) -> bool:
    """Whether ingest has its connections: later there may be no file number left that its client can use."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except OSError:
        return False


async def _either(stop: asyncio.Event, *, within_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), within_s)
    except TimeoutError:
        return
