"""What is measured of one store: a day written, counted, a term judged from the day book and looked at."""

import datetime as dt
import gc
import multiprocessing
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from campus.bench.ingest import cpu_seconds
from campus.bench.term.figures import Figures, cost
from campus.bench.term.moving import spread
from campus.bench.term.pages import page_times
from campus.bench.term.raw import Day
from campus.bench.term.storing import store_all
from contract import MEASUREMENTS, STATUS
from firmware_sim import Scenario
from registry import Registry, read_registry
from rules.answers.inquiry import inquire
from rules.daybook.book import open_book
from rules.facts.days import DayMemory
from rules.standards.reading import standard_for
from rules.standards.standard import Standard
from rules.watch.settings import RulesSettings
from rules.watch.watching import Watcher
from runtime.memory import look_seldom
from store import Query, Select, Store, open_store

STANDARD = "binhai-2021"
# 39 weeks, as Tianjin plans a school year.
_YEAR_DAYS = 195
# A district's day is looked back on an hour after its lessons.
_AFTER_LESSONS = dt.timedelta(hours=1)
# So many days are judged, so that the pages have a history, and what it costs to keep it can be seen.
_JUDGED_DAYS = 10
_SCANNED = ("access_point", "radio", "room_device", "collector_run")
_MIB = 1 << 20
_SAY_EVERY = 20
# A server rests that used so much of a core at most, in so many looks one after the other.
_AT_REST, _AT_REST_LOOKS, _REST_LOOK_S, _LONGEST_REST_S = 0.05, 10, 0.5, 180.0

Say = Callable[[str], None]
_Step = tuple[str, Callable[[], None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is measured: a district, its registry, the day that is read minute by minute, and its term."""

    scenario: Scenario
    folder: Path
    days: tuple[dt.date, ...]
    day: Day
    requests: int

    @property
    def registry(self) -> Path:
        return self.folder / "registry"


class OneStore:
    """Everything that is measured of one store, step by step."""

    def __init__(
        self,
        name: str,
        url: str,
        subject: Subject,
        sizes: Callable[[], Mapping[str, int]],
        figures: Figures,
        say: Say,
    ) -> None:
        self.grown: Callable[[str], None] = lambda _: None
        self.server: int | None = None
        self._name, self._url, self._subject, self._sizes = name, url, subject, sizes
        self._figures, self._say = figures, say
        self._registry = read_registry(subject.registry)
        self._standard = standard_for(STANDARD, as_of=subject.days[-1])
        self._rows = 0

    def measure(self) -> None:
        with open_store(self._url) as store:
            store.prepare()
            self.grown("nothing")
            steps: list[_Step] = [
                ("writing the day", lambda: self._write(store)),
                ("counting it", lambda: self._count(store)),
                ("the term's day book", lambda: self._spread(store)),
                ("judging", lambda: self._judge(store)),
            ]
            in_time = all(self._begin(step) for step in steps)
        rest: list[_Step] = [
            ("the cold start", self._start_cold),
            ("the pages", self._ask_pages),
            ("the disk", self._weigh),
        ]
        if in_time:
            all(self._begin(step) for step in rest)

    def _begin(self, step: "_Step") -> bool:
        """Whether there was time for it."""
        what, work = step
        if self._figures.over:
            self._say(f"{self._name}: no time is left for {what} and what follows")
            return False
        work()
        return True

    def _tell(self, measure: str, figure: str) -> None:
        self._figures.note(measure, self._name, figure)
        self._say(f"{self._name}: {measure}: {figure}")

    def _write(self, store: Store) -> None:
        self._rows, took = _write(store, self._subject.day, len(self._subject.scenario.schools), self._say)
        self._tell("rows of the day written", f"{self._rows:,} in {took:.1f} s")
        self.grown("readings")

    def _count(self, store: Store) -> None:
        if self.server is not None:
            self._tell("server at rest after that", f"{_seconds_to_rest(self.server):.0f} s")
        day = self._subject.days[-1]
        scan = cost(lambda: _scan(store, self._registry, day), server=self.server)
        fold = cost(lambda: _fold(store, self._registry, self._standard, day), server=self.server)
        for what, found in (("bare scan of the day's rows", scan), ("day folded and written", fold)):
            self._tell(what, f"{found}; {self._rows / found.wall_s:,.0f} rows a second")
        self._tell(
            "fold to bare scan",
            f"{fold.wall_s / scan.wall_s:.1f} times by the clock, {fold.cpu_s / scan.cpu_s:.1f} by CPU",
        )

    def _spread(self, store: Store) -> None:
        subject, began = self._subject, time.perf_counter()
        points = spread(
            store, self._registry, self._standard, subject.days[-1], subject.days[:-1], say=self._say
        )
        took = time.perf_counter() - began
        self._tell(
            f"day book of {len(subject.days) - 1} more days written", f"{points:,} points in {took:.0f} s"
        )
        self.grown("days")

    def _judge(self, store: Store) -> None:
        """The last days of the term judged as they ended, by the service itself."""
        subject = self._subject
        settings = RulesSettings.model_validate(
            {"registry": subject.registry, "store": self._url, "standard": STANDARD}
        )
        moments = [_over(subject, day) for day in subject.days[-_JUDGED_DAYS:]]
        now = [moments[0]]
        watcher = Watcher(settings, lambda: now[0])
        began = time.perf_counter()
        for moment in moments:
            now[0] = moment
            if not watcher.evaluate_once(store):
                raise RuntimeError(watcher.health().reason)
        took = time.perf_counter() - began
        self._tell(f"{len(moments)} days judged and kept", f"{took / len(moments):.2f} s a day")
        self.grown("records")

    def _start_cold(self) -> None:
        """A program that has just begun, in a process of its own: from the registry to all verdicts."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        subject = self._subject
        process = context.Process(
            target=_evaluate_twice,
            args=(self._url, subject.registry, _over(subject, subject.days[-1]), theirs),
        )
        process.start()
        theirs.close()
        first, again, peak_mib = ours.recv()
        process.join()
        self._tell("cold start to the first verdicts", f"{first}")
        self._tell("one evaluation after that", f"{again}")
        self._tell("peak memory of it", f"{peak_mib:,.0f} MiB")

    def _ask_pages(self) -> None:
        gc.collect()
        subject = self._subject
        schools = [school.code for school in subject.scenario.schools]
        now = _over(subject, subject.days[-1]) + 60
        for page, first, median, slowest in page_times(
            self._url, subject.registry, now=now, schools=schools, requests=subject.requests
        ):
            self._tell(
                f"page `{page}`, ms", f"{median:.0f}; slowest 1 % {slowest:.0f}; first answer {first:.0f}"
            )

    def _weigh(self) -> None:
        """Of each class the days that it holds something of, and what a year of that would be."""
        schools, days = len(self._subject.scenario.schools), len(self._subject.days)
        for kept, size in sorted(self._sizes().items()):
            if not size:  # a server may have it in its log still, among what other classes left there
                continue
            held = {"readings": 1, "days": days}.get(kept, min(_JUDGED_DAYS, days))
            year = size / held * _YEAR_DAYS / schools
            self._tell(
                f"disk, `{kept}`",
                f"{size / _MIB:,.1f} MiB for {held} days, {year / _MIB:,.2f} MiB a school and school year",
            )


def _write(store: Store, day: Day, schools: int, say: Say) -> tuple[int, float]:
    """Rows, and the seconds that the store took: making them is not its work."""
    rows, took = 0, 0.0
    for number, points in enumerate(day.points(), 1):
        began = time.perf_counter()
        store_all(store, points)
        took += time.perf_counter() - began
        rows += len(points)
        if number % _SAY_EVERY == 0:
            say(f"  {number} of {schools} schools written, {took:.0f} s")
    return rows, took


def _seconds_to_rest(server: int) -> float:
    """A day that came in a minute is still put in order by the server; one that comes as it goes is not."""
    began, at_rest = time.monotonic(), 0
    while at_rest < _AT_REST_LOOKS and time.monotonic() - began < _LONGEST_REST_S:
        before = cpu_seconds(server)
        time.sleep(_REST_LOOK_S)
        at_rest = at_rest + 1 if cpu_seconds(server) - before < _REST_LOOK_S * _AT_REST else 0
    return time.monotonic() - began


def _scan(store: Store, registry: Registry, day: dt.date) -> None:
    """One number asked of every row of the day, table by table, and nothing else."""
    since, until = registry.calendar.end_of(day - dt.timedelta(days=1)), registry.calendar.end_of(day)
    for measurement, column in (*((MEASUREMENTS[name], "seq") for name in _SCANNED), (STATUS, "produced")):
        select = (Select(column, "count", "n"), Select(column, "max", "most"))
        store.query(Query(measurement=measurement, select=select, since=since, until=until))


def _fold(store: Store, registry: Registry, standard: Standard, day: dt.date) -> None:
    until = registry.calendar.end_of(day)
    book = open_book(store, registry, standard, [day], until_ms=until, now_ms=until)
    if len(book[day]) != len(registry.schools):
        raise RuntimeError(f"{len(book[day])} of {len(registry.schools)} schools were counted")


def _over(subject: Subject, day: dt.date) -> float:
    """When a day is looked back on, seconds UTC."""
    calendar = read_registry(subject.registry).calendar
    hours = calendar.school_hours(day)
    if hours is None:
        raise RuntimeError(f"{day} is no school day")
    return hours.end_ms / 1000 + _AFTER_LESSONS.total_seconds()


def _evaluate_twice(url: str, registry_folder: Path, now: float, out: Connection) -> None:
    look_seldom()
    memory = DayMemory()

    def first() -> None:
        registry = read_registry(registry_folder)
        inquire(registry, STANDARD, now_ms=round(now * 1000)).evaluation(store, memory)

    with open_store(url) as store:
        costs = cost(first)
        inquiry = inquire(read_registry(registry_folder), STANDARD, now_ms=round(now * 1000))
        again = cost(lambda: inquiry.evaluation(store, memory))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.send((costs, again, peak_mib))
