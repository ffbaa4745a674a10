"""The gateway program: collectors, spool and uplink, each in a task of its own."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contract import CollectorState, utc_text
from edge_agent.changes import Changes
from edge_agent.collectors.base import Clock, Closing, Collector, Round
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.identity.files import enrolled_in
from edge_agent.kinds import Build
from edge_agent.machine import hardware
from edge_agent.metrics import Metrics
from edge_agent.nobody import about_nobody
from edge_agent.one_round import Outcome, until_confirmed
from edge_agent.publisher import Publisher
from edge_agent.room_map import room_map
from edge_agent.scheduler import repeat
from edge_agent.spool import Spool
from edge_agent.spool_file import Owner
from edge_agent.tasks import end
from runtime import Health, serve_health
from runtime.version import installed_version

if TYPE_CHECKING:
    from edge_agent.identity.identity import Identity
    from edge_agent.wanted.desk import Desk

log = logging.getLogger(__name__)

# A collector that has finished no round for this many intervals hangs.
HANGING_AFTER = 5
# The uplink may be in the middle of connecting to a broker that is away.
GOODBYE_S = 4.0


def wall_clock() -> int:
    """The gateway's time: the one place where it is read."""
    return time.time_ns() // 1_000_000


class Gateway:
    """One gateway, ready to run: everything that can be wrong in its configuration has been read."""

    def __init__(
        self,
        settings: EdgeSettings,
        *,
        clock: Clock = wall_clock,
        more: Sequence[Build] = (),
        desk: "Desk | None" = None,
    ) -> None:
        """Opens the spool, but no socket. `more` collectors stand beside those of the settings.

        desk: where the bureau's settings arrive.

        Raises ConfigError.
        """
        self._settings = settings
        self._clock = clock
        self._desk = desk
        self._metrics = Metrics()
        self._said = Changes(log)
        self._states: dict[str, CollectorState] = {}
        self._spool_trouble: str | None = None
        self._given_up = 0
        self._lost = 0
        self._finished: set[str] = set()
        self._once_within_s: float | None = None
        self._outcome = Outcome()
        self._desk_work: asyncio.Task[None] | None = None
        builders, teller = [*settings.prepare(), *more], room_map(settings)
        self._identity = _identity(settings)
        self._publisher = Publisher(
            address=settings.address,
            broker=settings.broker,
            settings=settings.publish,
            metrics=self._metrics,
            clock=clock,
            collectors=lambda: tuple(self._states.values()),
            version=program_version(),
            identity=self._identity,
            desk=desk,
        )
        self._spool = Spool(
            settings.spool,
            owner=Owner(settings.address, hardware()),
            max_bytes=settings.spool_max_bytes,
            max_age_ms=round(settings.spool_max_age_days * 86_400_000),
            batch_max_readings=settings.publish.batch_max_readings,
        )
        self._collectors = [build(self._spool.recall) for build in builders]
        # It asks nobody: there is nothing of it that could hang, be late or fail.
        self._teller = teller(self._spool.recall)
        self._last_round = {collector.id: time.monotonic() for collector in self._collectors}
        self._count()

    @property
    def intervals(self) -> dict[str, float]:
        """How often each collector has a round."""
        return {collector.id: collector.interval_s for collector in self._collectors}

    def settings_changed(self) -> None:
        """There is something new to tell about the settings that run."""
        self._publisher.status_changed()

    async def run(self, stop: asyncio.Event) -> None:
        """Collect and publish until `stop`; then finish the rounds in hand, and say goodbye."""
        try:
            with serve_health(self._settings.health, self._metrics, self._health) as port:
                if port:
                    log.info("health and metrics on %s:%d", self._settings.health.host, port)
                await self._work(stop)
        finally:
            self._spool.close()

    async def run_once(self, stop: asyncio.Event, *, within_s: float) -> Outcome:
        """One round of every collector; ends when all that waits is confirmed, or after `within_s`."""
        self._once_within_s = within_s
        before = self._given_up
        await self.run(stop)
        return replace(self._outcome, lost=self._lost + self._given_up - before)

    async def _work(self, stop: asyncio.Event) -> None:
        collected = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            uplink = tasks.create_task(self._publisher.run(self._spool, collected), name="publisher")
            tasks.create_task(self._collect(stop, collected, uplink), name="collectors")
            if self._desk:
                self._desk_work = tasks.create_task(self._desk.work(), name="wanted settings")
            if self._identity:
                tasks.create_task(self._keep_renewed(self._identity, stop), name="certificate")

    async def _keep_renewed(self, identity: "Identity", stop: asyncio.Event) -> None:
        from edge_agent.identity.renewing import keep_renewed

        await keep_renewed(
            identity,
            self._settings.address,
            clock=self._clock,
            renewed=self._publisher.use_identity,
            failed=self._publisher.renewal_failed,
            stop=stop,
        )

    async def _collect(
        self, stop: asyncio.Event, collected: asyncio.Event, uplink: asyncio.Task[None]
    ) -> None:
        """All collectors; the uplink ends after the last of them, with their readings in its account."""
        async with asyncio.TaskGroup() as tasks:
            for collector in (*self._collectors, self._teller):
                tasks.create_task(
                    repeat(
                        collector,
                        clock=self._clock,
                        commit=self._commit,
                        metrics=self._metrics,
                        stop=stop,
                        once=self._once_within_s is not None,
                    ),
                    name=f"collector {collector.id}",
                )
        for collector in self._collectors:
            if isinstance(collector, Closing):
                await collector.close()
        if self._once_within_s is not None:
            await self._see_confirmed(stop, self._once_within_s)
            stop.set()
        if self._desk_work:
            await end(self._desk_work)
        collected.set()
        await asyncio.wait({uplink}, timeout=GOODBYE_S)
        uplink.cancel()

    async def _see_confirmed(self, stop: asyncio.Event, within_s: float) -> None:
        await until_confirmed(lambda: self._spool.waiting, stop, within_s=within_s)
        self._count()
        self._outcome = Outcome(
            collectors=tuple(self._states.values()),
            unread=tuple(
                collector.id for collector in self._collectors if collector.id not in self._finished
            ),
            waiting=self._spool.waiting,
            why=self._publisher.refused or self._spool_trouble,
        )

    def _commit(self, collector: Collector, result: Round) -> None:
        """Put a round into the spool. What it cannot take is lost, and that is said and counted."""
        result = about_nobody(result)
        readings, now_ms = [*result.readings, *result.runs], self._clock()
        sure = self._publisher.clock_confirmed(now_ms)
        try:
            self._spool.append(readings, now_ms=now_ms, notes=result.notes, sure=sure)
        except (sqlite3.Error, OSError) as error:
            self._metrics.lost.inc(len(readings))
            self._lost += len(readings)
            self._spool_trouble = str(error)
            self._said.trouble("spool", f"cannot take readings: {error}")
        else:
            self._metrics.readings.labels(collector.id).inc(len(readings))
            self._spool_trouble = None
            self._said.well("spool")
        self._last_round[collector.id] = time.monotonic()
        if not result.more:
            self._finished.add(collector.id)
        self._note_runs(collector, result)
        self._count()
        self._publisher.wake()

    def _note_runs(self, collector: Collector, result: Round) -> None:
        for run in result.runs:
            self._metrics.runs.labels(collector.id, run.status).inc()
            subject = f"{collector.id} {run.target}"
            if run.status == "ok":
                self._said.well(subject)
            else:
                self._said.trouble(subject, f"{run.status}: {result.reason_of(run)}")
        if not result.runs:
            return  # a part of what is told in several rounds
        before = self._states.get(collector.id)
        if self._desk:
            self._desk.note_round(collector.id, result.status)
        self._states[collector.id] = CollectorState(
            id=collector.id, status=result.status, last_run=utc_text(self._clock())
        )
        if before is None or before.status != result.status:
            self._publisher.status_changed()

    def _count(self) -> None:
        account = self._spool.account()
        given_up = account.dropped + (account.untaken or 0)
        if given_up > self._given_up:
            self._publisher.status_changed()
        self._given_up = given_up
        self._metrics.pending.set(self._spool.waiting)
        self._metrics.dropped.set(account.dropped)

    def _health(self) -> Health:
        """A restart cures no uplink that is away; it may cure a spool or a collector that hangs.

        A broker that refuses is cured by neither, but somebody must look.
        """
        if self._spool_trouble is not None:
            return Health(ok=False, reason=f"spool: {self._spool_trouble}")
        if self._publisher.refused is not None:
            return Health(ok=False, reason=self._publisher.refused)
        for collector in self._collectors:
            silent_s = time.monotonic() - self._last_round[collector.id]
            if silent_s > HANGING_AFTER * collector.interval_s + 60:
                return Health(ok=False, reason=f"collector {collector.id}: no round for {silent_s:.0f} s")
        silence = self._publisher.silence
        return Health(ok=True, reason=f"ok, but {silence}" if silence else "ok")


async def run(settings: EdgeSettings, *, stop: asyncio.Event, clock: Clock = wall_clock) -> None:
    """Be a gateway until `stop`. Raises ConfigError before any socket opens."""
    await Gateway(settings, clock=clock).run(stop)


def _identity(settings: EdgeSettings) -> "Identity | None":
    """Who we are, where the gateway is enrolled. Raises ConfigError."""
    folder = enrolled_in(settings.identity)
    if folder is None:
        return None
    # Only an enrolled gateway needs the library that signs.
    from edge_agent.identity.identity import load_identity

    return load_identity(folder, settings.address)


def program_version() -> str:
    """As the gateway tells it in its status."""
    return installed_version() or "not installed"
