"""The demonstration's past: sent and judged day by day in a process of its own, while the present runs."""

import asyncio
import datetime as dt
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from campus.term.sending import Stopped, sender
from campus.term.span import span_of
from campus.term.telling import SchoolDay, school_days, tell
from firmware_sim import Scenario
from firmware_sim.files import read_addresses
from firmware_sim.history import Span
from rules.watch.settings import RulesSettings
from rules.watch.watching import Watcher
from runtime import BrokerSettings
from runtime.language import Text
from store import Store, open_store

# Three answers in a lesson of 45 minutes, as many as say whether a display was used.
INTERVAL_S = 900
# The gateways of now begin a little later, so that the two do not meet.
BEFORE_NOW_S = 60
_TELL_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class PastProgress:
    """How far the past has arrived. until: the moment up to which it was sent; judged: of so many days."""

    begin: float
    end: float
    until: float
    judged: int
    days: int
    stored: int = 0
    done: bool = False

    @property
    def share(self) -> float:
        return (self.until - self.begin) / (self.end - self.begin)

    def told(self) -> Text:
        """For the terminal and the board."""
        percent, day = f"{self.share:.0%}", dt.datetime.fromtimestamp(self.until, dt.UTC).date()
        judged = f"{self.judged}/{self.days}"
        return Text(
            f"正在送入过去的学期：{percent}（至 {day}，已评估 {judged} 个上课日）",
            f"the past term is coming in: {percent} (up to {day}; {judged} school days judged)",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """What the other process needs to know; spans in their order. judged: every school day."""

    scenario: Scenario
    spans: tuple[Span, ...]
    folder: Path
    broker: int
    rules: RulesSettings
    judged: bool = True


def order_of(scenario: Scenario, *, now: float, folder: Path, broker: int, rules: RulesSettings) -> PastOrder:
    """The term so far, up to a minute ago."""
    _, span = span_of(scenario, None, None, now=now - BEFORE_NOW_S, interval_s=INTERVAL_S)
    return PastOrder(scenario=scenario, spans=(span,), folder=folder, broker=broker, rules=rules)


@asynccontextmanager
async def arriving(
    order: PastOrder, progress: Callable[[PastProgress], None], failed: Callable[[], None]
) -> AsyncIterator[None]:
    """Let the past arrive beside the block; `progress` hears how far it is, `failed` that it broke off."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(order, theirs), name="past", daemon=True)
    process.start()
    theirs.close()

    def listen() -> None:
        done = False
        with suppress(EOFError, OSError):
            while not done:
                told: PastProgress = ours.recv()
                done = told.done
                progress(told)
        if not done:
            failed()

    listener = threading.Thread(target=listen, name="past listener", daemon=True)
    listener.start()
    try:
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.join)
        ours.close()


def _run(order: PastOrder, out: Connection) -> None:
    """The other process: everything through the broker, and every school day judged when it was over."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    teller = _Teller(order, out)
    broker = BrokerSettings(url=f"mqtt://127.0.0.1:{order.broker}", protocol="3.1.1")
    addresses = read_addresses(order.folder / "addresses.csv", order.scenario)
    with suppress(Stopped), sender(broker, order.scenario.district, stop) as send:
        with open_store(order.rules.store) as store:
            judge = Judge(order.rules)

            def day_over(day: SchoolDay) -> None:
                judge.look_back(store, day)
                teller.judged()

            for span in order.spans:
                tell(
                    order.scenario,
                    span,
                    send,
                    addresses=addresses,
                    day_over=day_over if order.judged else None,
                    told=lambda moment: teller.sent(moment, send.stored),
                )
        teller.done(send.stored)


class Judge:
    """The rules' own service, put back to the end of a school day: what it stores bears that time."""

    def __init__(self, settings: RulesSettings) -> None:
        self._now = 0.0
        self._settings = settings
        self._watcher: Watcher | None = None

    def look_back(self, store: Store, day: SchoolDay) -> None:
        self._now = day.over
        if self._watcher is None:
            self._watcher = Watcher(self._settings, lambda: self._now)
        while not self._watcher.evaluate_once(store):
            time.sleep(1)  # the store is away, and it has been said


class _Teller:
    """Tells the parent how far it is, a few times a second."""

    def __init__(self, order: PastOrder, out: Connection) -> None:
        days = sum(1 for span in order.spans for _ in school_days(order.scenario, span))
        begin, end = order.spans[0].begin, order.spans[-1].end
        self._progress = PastProgress(begin=begin, end=end, until=begin, judged=0, days=days)
        self._out = out
        self._last = 0.0

    def sent(self, moment: float, stored: int) -> None:
        self._progress = replace(self._progress, until=moment, stored=stored)
        if time.monotonic() - self._last >= _TELL_S:
            self._send()

    def judged(self) -> None:
        self._progress = replace(self._progress, judged=self._progress.judged + 1)

    def done(self, stored: int) -> None:
        self._progress = replace(self._progress, until=self._progress.end, stored=stored, done=True)
        self._send()

    def _send(self) -> None:
        self._last = time.monotonic()
        self._out.send(self._progress)
