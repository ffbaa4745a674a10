"""Rounds at their time: a collector never waits for the uplink, and never piles up on itself."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import replace

from contract import CollectorRun
from contract.readings import EARLIEST_MS
from edge_agent.changes import Changes
from edge_agent.collectors.base import Clock, Collector, Round, shorten
from edge_agent.metrics import Metrics
from edge_agent.tasks import end

log = logging.getLogger(__name__)

# The first rounds of a gateway are spread over this time, so that its devices are not asked all at once.
FIRST_ROUND_S = 2.0
JITTER = 0.05
# How long a round in progress may go on when the program is to end.
GRACE_S = 3.0


async def repeat(
    collector: Collector,
    *,
    clock: Clock,
    commit: Callable[[Collector, Round], None],
    metrics: Metrics,
    stop: asyncio.Event,
    once: bool = False,
) -> None:
    """Run `collector` every interval until `stop`, or `once`.

    A round in progress is finished or, if slow, given up.
    """
    interval, said = collector.interval_s, Changes(log)
    due = time.monotonic() + random.uniform(0, min(FIRST_ROUND_S, interval))  # noqa: S311 - spread, no secret
    while not await _stopped_before(stop, due):
        if clock() < EARLIEST_MS:
            said.trouble(collector.id, "the clock is not set (before 2020): waiting for it")
        else:
            said.well(collector.id, "the clock is set")
            more = True
            while more:
                task = asyncio.create_task(_round(collector, clock), name=f"round of {collector.id}")
                result = await _finish(task, stop)
                if result is not None:
                    commit(collector, dated(result, collector))
                more = result is not None and result.more
                # What a large round gave is not held until the next.
                del task, result
        if once:
            return
        due, missed = next_due(due, interval, time.monotonic())
        if missed:
            metrics.skipped.labels(collector.id).inc(missed)
            log.warning("%s: a round took longer than its interval, %d left out", collector.id, missed)
        due += interval * random.uniform(-JITTER, JITTER)  # noqa: S311 - spread, no secret


def dated(result: Round, collector: Collector) -> Round:
    """The round with what its collector is to read, and how often: so that a missing round is missed."""
    due = {"reads": collector.reads, "interval_s": max(1, round(collector.interval_s))}
    return replace(result, runs=tuple(run.model_copy(update=due) for run in result.runs))


def next_due(due: float, interval: float, now: float) -> tuple[float, int]:
    """When the next round begins, and how many rounds the last one has made impossible."""
    missed = max(0, int((now - due) // interval))
    return due + (missed + 1) * interval, missed


async def _round(collector: Collector, clock: Clock) -> Round:
    started = clock()
    try:
        return await collector.collect(clock)
    except Exception as error:  # a mistake in one collector must not silence the others, nor itself
        log.exception("%s: unexpected error", collector.id)
        run = CollectorRun(
            time=clock(),
            collector=collector.id,
            target=collector.id,
            status="decode",
            duration_ms=max(0, clock() - started),
            reason=shorten(f"unexpected {type(error).__name__}: {error}"),
        )
        return Round(runs=(run,))


async def _finish(task: asyncio.Task[Round], stop: asyncio.Event) -> Round | None:
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait({task}, timeout=GRACE_S)
        return task.result() if task.done() else None
    finally:
        await end(task, stopping)


async def _stopped_before(stop: asyncio.Event, due: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, due - time.monotonic())):
            await stop.wait()
    return stop.is_set()
