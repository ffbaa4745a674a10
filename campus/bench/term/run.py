"""`campus bench district`: a district's day counted, its term judged and looked at, on each kind of store."""

import datetime as dt
import gc
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from campus.bench.term.moving import spread
from campus.bench.term.pages import page_times
from campus.bench.term.raw import Day, district_of, school_days
from campus.servers import influxd, running
from contract import MEASUREMENTS, STATUS
from firmware_sim import Scenario, write_registry
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
from store.periods import class_of, is_period

STANDARD = "binhai-2021"
# 39 weeks, as Tianjin plans a school year.
_YEAR_DAYS = 195
# A district's day is looked back on an hour after its lessons.
_AFTER_LESSONS = dt.timedelta(hours=1)
# So many days are judged, so that the pages have a history, and what it costs to keep it can be seen.
_JUDGED_DAYS = 10
_SCANNED = ("access_point", "radio", "room_device", "collector_run")
_MIB = 1 << 20
# What InfluxDB has in its log only is larger than on disk; how long it waits with nothing coming in.
_TO_DISK = "INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION"
_SETTLE_S = 60.0

Say = Callable[[str], None]


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


def measure(*, schools: int, days: int, interval_s: int, requests: int, say: Say) -> None:
    """Print everything, first on SQLite, then on InfluxDB where influxd is installed."""
    # Told to end, it ends its server and takes its files along, as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="campus-bench-") as name:
        folder, scenario = Path(name), district_of(schools)
        write_registry(scenario, folder / "registry")
        term = tuple(school_days(scenario, days))
        day = Day(scenario, term[-1], interval_s=interval_s)
        subject = Subject(scenario=scenario, folder=folder, days=term, day=day, requests=requests)
        say(
            f"{schools} schools, each 12 access points with two radios and 12 displays, every {interval_s} s "
            f"in school hours: {day.rows:,} rows a day; a term of {days} school days"
        )
        path = folder / "sqlite" / "readings.sqlite"
        path.parent.mkdir()
        _one_store("SQLite", f"sqlite:///{path}", subject, lambda: _sqlite_bytes(path), say)
        if shutil.which("influxd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            say("InfluxDB: influxd is not installed, left out")
            return
        server = influxd(folder / "influx")
        server.environment[_TO_DISK] = "2s"
        with running(server):
            address = f"influxdb://127.0.0.1:{server.port}/campus"
            sizes = _Growth(folder / "influx")
            _one_store("InfluxDB 1.x", address, subject, sizes.bytes, say, grown=sizes.grown)


def _one_store(
    name: str,
    url: str,
    subject: Subject,
    sizes: Callable[[], Mapping[str, int]],
    say: Say,
    *,
    grown: Callable[[str], None] = lambda _: None,
) -> None:
    registry = read_registry(subject.registry)
    standard = standard_for(STANDARD, as_of=subject.days[-1])
    with open_store(url) as store:
        store.prepare()
        grown("nothing")
        rows, took = _write(store, subject.day)
        say(f"{name}: {rows:,} rows of the day written in {took:.1f} s, {rows / took:,.0f} rows/s")
        grown("readings")
        scanned, scan_s = _scan(store, registry, subject.days[-1])
        fold_s = _fold(store, registry, standard, subject.days[-1])
        say(
            f"{name}: day folded in {fold_s:.1f} s, {rows / fold_s:,.0f} rows/s; "
            f"a bare scan of the same rows {scan_s:.1f} s, {scanned / scan_s:,.0f} rows/s: "
            f"{fold_s / scan_s:.1f} times"
        )
        began = time.perf_counter()
        points = spread(store, registry, standard, subject.days[-1], subject.days[:-1])
        say(
            f"{name}: the day book of the other {len(subject.days) - 1} days is that day's, moved: "
            f"{points:,} points in {time.perf_counter() - began:.1f} s"
        )
        grown("days")
        _judge_last_days(name, url, store, subject, say)
        grown("records")
    _cold(name, url, subject, say)
    _pages(name, url, subject, say)
    _sizes(name, sizes(), subject, say)


def _write(store: Store, day: Day) -> tuple[int, float]:
    """Rows, and the seconds that the store took: making them is not its work."""
    rows, took = 0, 0.0
    for points in day.points():
        began = time.perf_counter()
        if rejected := store.write(points):
            raise RuntimeError(rejected[0].reason)
        took += time.perf_counter() - began
        rows += len(points)
    return rows, took


def _scan(store: Store, registry: Registry, day: dt.date) -> tuple[int, float]:
    """One number asked of every row of the day, table by table, and nothing else."""
    since, until = registry.calendar.end_of(day - dt.timedelta(days=1)), registry.calendar.end_of(day)
    rows, began = 0, time.perf_counter()
    for measurement, column in (*((MEASUREMENTS[name], "seq") for name in _SCANNED), (STATUS, "produced")):
        select = (Select(column, "count", "n"), Select(column, "max", "most"))
        found = store.query(Query(measurement=measurement, select=select, since=since, until=until))
        rows += sum(int(row.values["n"] or 0) for row in found)
    return rows, time.perf_counter() - began


def _fold(store: Store, registry: Registry, standard: Standard, day: dt.date) -> float:
    until = registry.calendar.end_of(day)
    began = time.perf_counter()
    book = open_book(store, registry, standard, [day], until_ms=until, now_ms=until)
    took = time.perf_counter() - began
    if len(book[day]) != len(registry.schools):
        raise RuntimeError(f"{len(book[day])} of {len(registry.schools)} schools were counted")
    return took


def _judge_last_days(name: str, url: str, store: Store, subject: Subject, say: Say) -> None:
    """The last days of the term judged as they ended, by the service itself."""
    settings = RulesSettings.model_validate(
        {"registry": subject.registry, "store": url, "standard": STANDARD}
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
    each = took / len(moments)
    say(f"{name}: the last {len(moments)} days judged and kept: {took:.1f} s, {each:.2f} s a day")


def _over(subject: Subject, day: dt.date) -> float:
    """When a day is looked back on, seconds UTC."""
    calendar = read_registry(subject.registry).calendar
    hours = calendar.school_hours(day)
    if hours is None:
        raise RuntimeError(f"{day} is no school day")
    return hours.end_ms / 1000 + _AFTER_LESSONS.total_seconds()


def _cold(name: str, url: str, subject: Subject, say: Say) -> None:
    """A program that has just begun, a process of its own: from the registry to all verdicts, and again."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_evaluate_twice, args=(url, subject.registry, _over(subject, subject.days[-1]), theirs)
    )
    process.start()
    theirs.close()
    first_s, again_s, peak_mib = ours.recv()
    process.join()
    say(
        f"{name}: cold start to the first verdicts {first_s:.2f} s, one evaluation after that "
        f"{again_s:.2f} s, peak memory {peak_mib:,.0f} MiB"
    )


def _evaluate_twice(url: str, registry_folder: Path, now: float, out: Connection) -> None:
    look_seldom()
    began = time.perf_counter()
    registry, memory = read_registry(registry_folder), DayMemory()
    inquiry = inquire(registry, STANDARD, now_ms=round(now * 1000))
    with open_store(url) as store:
        inquiry.evaluation(store, memory)
        first = time.perf_counter()
        inquiry.evaluation(store, memory)
        again = time.perf_counter()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.send((first - began, again - first, peak_mib))


def _pages(name: str, url: str, subject: Subject, say: Say) -> None:
    gc.collect()
    schools = [school.code for school in subject.scenario.schools]
    now = _over(subject, subject.days[-1]) + 60
    say(f"{name}: pages of the board, ms: first answer, median, slowest 1 % of {subject.requests}")
    for page, first, median, slowest in page_times(
        url, subject.registry, now=now, schools=schools, requests=subject.requests
    ):
        say(f"  {page:<12} {first:8.0f} {median:8.1f} {slowest:8.1f}")


def _sizes(name: str, found: Mapping[str, int], subject: Subject, say: Say) -> None:
    """Of each class the days that it holds something of, and what a year of that would be."""
    schools, parts = len(subject.scenario.schools), []
    for kept, size in sorted(found.items()):
        days = {"readings": 1, "days": len(subject.days)}.get(kept, min(_JUDGED_DAYS, len(subject.days)))
        year = size / days * _YEAR_DAYS / schools
        parts.append(f"{kept} {size / _MIB:,.1f} MiB for {days} days, {year / _MIB:,.2f} MiB a school-year")
    say(f"{name}: on disk: {'; '.join(parts)}")
    say(f"  (a school-year is {_YEAR_DAYS} days, worked out from the days given)")


def _sqlite_bytes(path: Path) -> dict[str, int]:
    """By class of retention; what is never dropped is one class."""
    found: dict[str, int] = {}
    for file in path.parent.glob(f"{path.name}*"):
        period = file.name.removeprefix(f"{path.name}.")
        kept = class_of(period) if is_period(period) else "records"
        found[kept] = found.get(kept, 0) + file.stat().st_size
    return found


class _Growth:
    """An InfluxDB's folder, step by step: what it grew by is the class that was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = self._size()
        self._by_class: dict[str, int] = {}

    def grown(self, kept: str) -> None:
        deadline = time.monotonic() + _SETTLE_S
        while time.monotonic() < deadline and self._size("wal") > _MIB:
            time.sleep(0.5)
        size = self._size()
        # Before anything is stored the server has laid files out.
        if kept == "nothing":
            self._before = size
            return
        self._by_class[kept] = max(0, size - self._before)
        self._before = size

    def bytes(self) -> Mapping[str, int]:
        return self._by_class

    def _size(self, part: str = "") -> int:
        return sum(file.stat().st_size for file in (self._folder / part).rglob("*") if file.is_file())
