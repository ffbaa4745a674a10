"""The embedded store: one SQLite file for what is kept for ever, and beside it one a class and period.

`store.sqlite` holds the records, and a list of the others: `store.sqlite.readings-2026-11` and so on, each
deleted as a whole when its time is over. A file that stood alone before there were classes goes on holding
what it has, in tables that are called `before_…`: up to that moment points go there, later ones elsewhere.
"""

import glob
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contract import Kept, Measurement, Point, kept_of
from runtime.language import Text
from store.base import JustExpired, Part, Rejected, Store, Unavailable
from store.merging import Ask, ask_all
from store.periods import IN_ORDER, class_of, expires, is_period, period_of, span_of
from store.query import Query, Row
from store.sqlite_catalogue import BEFORE, Catalogue, begin_classes, forget, read_catalogue, set_state
from store.sqlite_file import SqliteFile, files_of, misfit, unavailable
from store.sqlite_old import gone_before_ms, old_months, old_name, old_table
from store.tally import Tallied, Tally
from store.tally_sql import SqlTally

log = logging.getLogger("store.sqlite")

# Of what expires: what was singled out to stay, and what a measurement keeps otherwise.
SAVED = "kept"
_HOUR_MS = 3_600_000
_Place = tuple[str, str]  # name of a file beside the first ("" for that), and of the table in it


class SqliteStore(Store):
    """Points in a SQLite file and those beside it. A write is durable when it returns, and in the files that
    their paths name: where one was removed or replaced, the write is Unavailable and the next one opens anew.
    """

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._main = SqliteFile(path)
        self._files: dict[str, SqliteFile] = {}
        self._lock = threading.RLock()  # who writes or drops, one at a time; readers wait for nobody
        self._names = threading.Lock()

    def prepare(self) -> None:
        with unavailable(self.path), self._lock:
            self._make_main()

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        return self._write(points, kept_of)

    def keep(self, points: Sequence[Point]) -> list[Rejected]:
        return self._write(points, lambda _: "records")

    def query(self, query: Query) -> list[Row]:
        places = self._places(query.measurement, query.since, query.until)

        def ask(file: SqliteFile, table: Measurement) -> Ask:
            gone_ms = self._gone_before_ms(table)
            return lambda asked: file.query(
                replace(asked, measurement=table, since=max(asked.since or 0, gone_ms) or asked.since)
            )

        return ask_all([ask(*place) for place in places], query) if places else []

    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        found: list[Tallied] = []
        for tally in tallies:
            asked = SqlTally(tally)
            for file, table in self._places(tally.measurement, tally.cuts[0], tally.cuts[-1]):
                file.tally(asked, table, tally.group_by)
            found.append(asked.answer())
        return found

    def parts(self, kept: Kept, before_ms: int) -> list[Part]:
        """The files of a class that end before a moment, and the periods of what is older than classes."""
        self._must_be_there()
        catalogue = read_catalogue(self._main)
        self._finish(catalogue)
        ended = [
            FilePart(kept, *span_of(name), name, self)
            for name in sorted(self._present(catalogue))
            if is_period(name) and class_of(name) == kept and span_of(name)[1] <= before_ms
        ]
        return [*ended, *old_months(self._main, catalogue, kept, before_ms)]

    def has_dropped(self, kept: Kept, name: str, end_ms: int) -> bool:
        return read_catalogue(self._main).files.get(name) == "expired"

    def mark_dropped(self, kept: Kept, name: str, end_ms: int) -> bool:
        self._main.change(set_state(name, "expired"))
        return True

    def missing(self) -> list[Path]:
        files = read_catalogue(self._main).files.items()
        return [
            self._beside(name)
            for name, state in files
            if state == "there" and not self._beside(name).exists()
        ]

    def give_up(self, path: Path) -> None:
        """Go on without a file that is gone."""
        self._main.change(forget(path.name.removeprefix(f"{self.path.name}.")))

    def files(self) -> list[Path]:
        if not self.path.exists():
            return []
        names = sorted(self._present(read_catalogue(self._main)))
        return [self.path, *(path for name in names if (path := self._beside(name)).exists())]

    def remove(self, name: str, settle: Callable[[], None]) -> None:
        """Delete a file; whoever writes waits until it is settled and gone."""

        def settled() -> None:
            settle()
            self._main.change(set_state(name, "expired"))

        with self._lock:
            self._file(name).remove(settled)
            with self._names:
                self._files.pop(name, None)

    def ask_file(self, name: str, query: Query) -> list[Row]:
        """The rows of one of the files."""
        return self._file(name).query(query)

    def close(self) -> None:
        with self._lock:
            with self._names:
                files, self._files = [self._main, *self._files.values()], {}
            for file in files:
                file.close()

    def _write(self, points: Sequence[Point], kept: Callable[[Point], Kept]) -> list[Rejected]:
        rejected: list[Rejected] = []
        with unavailable(self.path), self._lock:
            self._main.check()
            catalogue = self._ready({point.measurement for point in points})
            self._commit(_divided(points, kept, catalogue, rejected), catalogue)
            self._main.check()
        return rejected

    def _ready(self, measurements: set[Measurement]) -> Catalogue:
        """Make the first file where there is none, and begin the classes of what was never written."""
        if not self.path.exists():
            self._make_main()
        catalogue = read_catalogue(self._main)
        new = [
            found for found in measurements if expires(found.kept) and found.name not in catalogue.before_ms
        ]
        for measurement in sorted(new, key=lambda found: found.name):
            self._main.change(begin_classes(measurement))
        return read_catalogue(self._main) if new else catalogue

    def _make_main(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._main.change(lambda connection: None)

    def _commit(self, places: Mapping[_Place, list[Point]], catalogue: Catalogue) -> None:
        by_file: dict[str, list[Point]] = defaultdict(list)
        for (name, table), points in places.items():
            by_file[name] += [_renamed(point, table) for point in points]
        for name, points in sorted(by_file.items()):
            points.sort(key=lambda point: point.measurement.name)
            if name and name in catalogue.files and not self._beside(name).exists():
                log.error("%s is gone; it begins anew with what comes now", self._beside(name))
            self._file(name).write(points)
            if name and catalogue.files.get(name) != "there":
                self._main.change(set_state(name, "there"))
        # Another program may have dropped a part since we looked, and need not have seen what we wrote.
        files = read_catalogue(self._main).files
        for part in {part for place, points in places.items() for part in _parts_of(place, points)}:
            if files.get(part) == "expired":
                raise JustExpired(self.path)

    def _gone_before_ms(self, table: Measurement) -> int:
        """Up to when a table of what was set aside has expired: some of it may not be deleted yet."""
        if not table.name.startswith(BEFORE) or table.kept not in IN_ORDER:
            return 0
        return gone_before_ms(read_catalogue(self._main), table.kept)

    def _must_be_there(self) -> None:
        """Opening would make the file: a mistyped address must not look like an empty store."""
        if not self.path.exists():
            raise _no_such_file(self.path)

    def _places(
        self, measurement: Measurement, since: int | None, until: int | None
    ) -> list[tuple[SqliteFile, Measurement]]:
        """Where rows can be: in the first file, set aside in it, or in one beside it; and in which table."""
        self._must_be_there()
        tables = [measurement]
        if expires(measurement.kept):
            tables.append(old_table(measurement))
        places = [(self._main, table) for table in tables if self._main.has(table.name)]
        if not expires(measurement.kept):
            return places
        for name in sorted(self._present(read_catalogue(self._main))):
            if _concerns(name, measurement, since, until):
                if not self._beside(name).exists():
                    raise _missing(self._beside(name))
                if self._file(name).has(measurement.name):
                    places.append((self._file(name), measurement))
        return places

    def _present(self, catalogue: Catalogue) -> set[str]:
        """Names of the files beside the first: those on its list, and those that are there all the same."""
        prefix = f"{self.path.name}."
        there = {
            path.name.removeprefix(prefix)
            for path in self.path.parent.glob(f"{glob.escape(prefix)}*")
            if is_period(path.name.removeprefix(prefix)) or path.name == f"{prefix}{SAVED}"
        }
        listed = {name for name, state in catalogue.files.items() if is_period(name) or name == SAVED}
        return {name for name in there | listed if catalogue.files.get(name) != "expired"}

    def _finish(self, catalogue: Catalogue) -> None:
        """Delete files whose end was noted by a program that came no further."""
        for name, state in catalogue.files.items():
            if state != "expired":
                continue
            if self._beside(name).exists():
                self.remove(name, lambda: None)
            for left in files_of(self._beside(name)):
                with unavailable(left):
                    left.unlink(missing_ok=True)

    def _file(self, name: str) -> SqliteFile:
        if not name:
            return self._main
        with self._names:
            return self._files.setdefault(name, SqliteFile(self._beside(name)))

    def _beside(self, name: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{name}")


@dataclass(frozen=True)
class FilePart(Part):
    """One file of a class."""

    store: SqliteStore

    def query(self, query: Query) -> list[Row]:
        return self.store.ask_file(self.name, query)

    def drop(self, settle: Callable[[], None]) -> None:
        self.store.remove(self.name, settle)


def _divided(
    points: Sequence[Point], kept: Callable[[Point], Kept], catalogue: Catalogue, rejected: list[Rejected]
) -> Mapping[_Place, list[Point]]:
    """The points by where they go; what fits no table or comes too late is added to `rejected`."""
    places: dict[_Place, list[Point]] = defaultdict(list)
    # Most points of an hour go the same way as the one before them.
    known: dict[tuple[str, int], list[Point]] = {}
    for point in points:
        if reason := misfit(point):
            rejected.append(Rejected(point, reason))
            continue
        measurement, hour = point.measurement, point.time // _HOUR_MS
        place = known.get((measurement.name, hour))
        if place is None:
            before_ms = catalogue.before_ms.get(measurement.name, 0)
            name, table = _place(point, kept(point), before_ms)
            if part := _too_old(catalogue, name, table, point):
                rejected.append(Rejected(point, f"older than what is kept: {part} has expired", part))
                continue
            place = places[name, table]
            if not measurement.otherwise and hour != before_ms // _HOUR_MS:
                known[measurement.name, hour] = place
        place.append(point)
    return places


def _place(point: Point, kept: Kept, before_ms: int) -> _Place:
    measurement = point.measurement
    if not expires(measurement.kept):
        return "", measurement.name
    if not expires(kept):
        return SAVED, measurement.name
    if point.time < before_ms:
        return "", f"{BEFORE}{measurement.name}"
    return period_of(measurement.kept, point.time), measurement.name


def _too_old(catalogue: Catalogue, name: str, table: str, point: Point) -> str | None:
    """The part that a point comes too late for, or None."""
    listed = old_name(period_of(point.measurement.kept, point.time)) if table.startswith(BEFORE) else name
    return listed if catalogue.files.get(listed) == "expired" else None


def _parts_of(place: _Place, points: Sequence[Point]) -> set[str]:
    """How the list calls the parts that points of a place belong to."""
    name, table = place
    if not table.startswith(BEFORE):
        return {name}
    return {old_name(period_of(point.measurement.kept, point.time)) for point in points}


def _renamed(point: Point, table: str) -> Point:
    if point.measurement.name == table:
        return point
    return point._replace(measurement=replace(point.measurement, name=table))


def _concerns(name: str, measurement: Measurement, since: int | None, until: int | None) -> bool:
    """Whether a file can have rows of a time."""
    if name == SAVED:
        return True
    begin, end = span_of(name)
    return (
        class_of(name) == measurement.kept
        and (since is None or since < end)
        and (until is None or until > begin)
    )


def _no_such_file(path: Path) -> Unavailable:
    """Three slashes where four were meant are a relative path: the commonest slip."""
    if path.is_absolute():
        return Unavailable(Text(f"{path}: 没有此文件", f"{path}: there is no such file"))
    return Unavailable(
        Text(
            f"{path}: 没有此文件（在 {Path.cwd()} 下；绝对路径写四个斜杠：sqlite:////{path}）",
            f"{path}: there is no such file (in {Path.cwd()}; an absolute path has four slashes: "
            f"sqlite:////{path})",
        )
    )


def _missing(path: Path) -> Unavailable:
    return Unavailable(
        Text(
            f"{path} 不见了：数据库缺少这一部分。请放回文件；确实没有时：campus store expire --gone",
            f"{path} is gone, and with it a part of the store: put it back; where there is none any more: "
            "campus store expire --gone",
        )
    )
