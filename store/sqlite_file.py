"""One SQLite file of points in WAL mode, so that rules and board read while ingest writes.

Each measurement has two tables: `<name>_series` (one row per combination of tags) and `<name>`, whose
primary key (series, time) is the point's identity.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from contract import Column, Measurement, Point, Value
from runtime.errors import os_reason, sqlite_reason
from runtime.language import Text
from runtime.open_database import OpenDatabase
from store.base import StoreError, Unavailable
from store.query import Query, Row
from store.quick_lines import Fits
from store.sql import compile_sql
from store.tally_sql import SqlTally

log = logging.getLogger("store.sqlite")

_SQL_TYPES = {"integer": "INTEGER", "float": "REAL", "boolean": "INTEGER", "text": "TEXT"}
_BUSY_TIMEOUT_S = 30.0
_INTEGER_RANGE = range(-(2**63), 2**63)
# A row a minute of ten thousand devices changes ten thousand pages: they stay in memory (KiB), and go from
# the log to their places (pages) when the log has more than a minute of them, not after each commit.
_OF_THE_WRITER = ("cache_size = -65536", "wal_autocheckpoint = 16384")
# What this version makes of a file; one of a later version may mean something else.
LAYOUT = 2


class _Opened:
    """A connection, which file it is to, and what is known of that file."""

    def __init__(self, path: Path) -> None:
        self.file = OpenDatabase(path)
        self.connection = sqlite3.connect(
            path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        refuse_newer(path, self.connection)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.file.problem()  # takes up what opening has made
        self.series: dict[str, dict[tuple[str, ...], int]] = {}  # by table, then by tags
        self.known: set[str] = set()
        self.whole: set[str] = set()
        self._version = self._data_version()

    def forget(self) -> None:
        """What was read of the file may be so no more."""
        self.series.clear()
        self.known.clear()
        self.whole.clear()

    def let_go(self) -> None:
        """Close what is no longer there, so that the next one finds nothing of it."""
        self.connection.close()
        self.file.clear()

    def notice_others(self) -> None:
        """Another process may have written, or put a backup's content into the very same file."""
        version = self._data_version()
        if version != self._version:
            self._version = version
            self.forget()

    def _data_version(self) -> int:
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        return int(version)


class SqliteFile:
    """Points in one file. A commit is durable when it returns (synchronous=FULL), and in the file that its
    path names: where that was removed or replaced it is Unavailable, and the next one opens anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._readers: list[_Opened] = []
        self._writer: _Opened | None = None
        self._write_lock = threading.RLock()

    def write(self, points: Sequence[Point]) -> None:
        """Store points that fit their tables. Raises Unavailable."""

        def insert(opened: _Opened) -> None:
            for measurement, group in groupby(points, key=lambda point: point.measurement):
                self._insert(opened, measurement, list(group))

        self._commit(insert)

    def change(self, what: Callable[[sqlite3.Connection], None]) -> None:
        """Change something else of the file, all or nothing."""
        self._commit(lambda opened: what(opened.connection))

    def query(self, query: Query) -> list[Row]:
        """Rows of a measurement; none where the file has no such table."""
        with unavailable(self.path):
            opened = self._for_reading()
            if not has_points(opened.connection, query.measurement.name):
                return []
            sql, parameters = compile_sql(query, absent=self._absent(opened, query.measurement))
            booleans = _booleans(query)
            return [_row(query, booleans, cells) for cells in opened.connection.execute(sql, parameters)]

    def tally(self, asked: SqlTally, measurement: Measurement, group_by: tuple[str, ...]) -> None:
        """Add what the file has of a table to a tally; nothing where it has no such table."""
        with unavailable(self.path):
            opened, name = self._for_reading(), measurement.name
            if not has_points(opened.connection, name):
                return
            tags = ", ".join(f'"{tag}"' for tag in group_by)

            def series() -> dict[int, tuple[str, ...]]:
                found = opened.connection.execute(f'SELECT id, {tags} FROM "{name}_series"')
                return {number: tuple(values) for number, *values in found}

            def ask(sql: str, parameters: Sequence[Value]) -> list[Any]:
                return opened.connection.execute(sql, parameters).fetchall()

            with _one_look(opened.connection):
                asked.add(ask, name, series, absent=self._absent(opened, measurement))

    def has(self, measurement: str) -> bool:
        with unavailable(self.path):
            return has_points(self._for_reading().connection, measurement)

    def ask(self, sql: str, *parameters: Value) -> list[tuple[Any, ...]]:
        """Rows of a table that is not of points; none where there is no such table. Never makes the file."""
        with unavailable(self.path):
            try:
                return self._for_reading().connection.execute(sql, parameters).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def remove(self, settle: Callable[[], None]) -> None:
        """Delete the file with its log and index; nothing is written to it while `settle` looks at it."""
        with unavailable(self.path), self._write_lock:
            opened = self._for_writing()
            opened.connection.execute("BEGIN IMMEDIATE")
            try:
                settle()
                for path in files_of(self.path):
                    path.unlink(missing_ok=True)
            finally:
                if opened.connection.in_transaction:
                    opened.connection.execute("ROLLBACK")
                self.close()

    def close(self) -> None:
        with self._write_lock:
            for opened in (*self._readers, *([self._writer] if self._writer else [])):
                opened.connection.close()
            self._readers.clear()
            self._writer = None
            self._local = threading.local()

    def _absent(self, opened: _Opened, measurement: Measurement) -> tuple[str, ...]:
        """Fields that a file of an older version does not have; once it has them all nothing is asked."""
        if measurement.name in opened.whole:
            return ()
        absent = tuple(column.name for column in _new_columns(opened.connection, measurement))
        if not absent:
            opened.whole.add(measurement.name)
        return absent

    def _for_reading(self) -> _Opened:
        """This thread's own connection, to the file that is there now."""
        opened: _Opened | None = getattr(self._local, "opened", None)
        if opened is not None and (problem := opened.file.problem()):
            log.warning("%s; reading the one that is there now", problem)
            self._readers.remove(opened)
            opened.let_go()
            opened = None
        if opened is None:
            opened = self._local.opened = _Opened(self.path)
            self._readers.append(opened)
        return opened

    def _for_writing(self) -> _Opened:
        """The one connection that all writing threads share in turn."""
        if self._writer is None:
            self._writer = _Opened(self.path)
            for setting in _OF_THE_WRITER:
                self._writer.connection.execute(f"PRAGMA {setting}")
        return self._writer

    def _check(self, opened: _Opened) -> None:
        """Raises Unavailable where what was written went, or would go, to no file any more."""
        if problem := opened.file.problem():
            self._writer = None
            opened.let_go()
            log.error("%s; it is opened anew", problem)
            raise Unavailable(problem)

    def _commit(self, work: Callable[[_Opened], None]) -> None:
        with unavailable(self.path), self._write_lock:
            opened = self._for_writing()
            self._check(opened)
            connection = opened.connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                opened.notice_others()
                work(opened)
                connection.execute("COMMIT")
            except BaseException:
                # A series created in this transaction is gone with it.
                opened.forget()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._check(opened)

    def check(self) -> None:
        """Raises Unavailable where the file that is written to is no longer the one that its path names."""
        with self._write_lock:
            if self._writer is not None:
                self._check(self._writer)

    def _insert(self, opened: _Opened, measurement: Measurement, points: list[Point]) -> None:
        connection, name = opened.connection, measurement.name
        if name not in opened.known:
            for statement in schema(measurement):
                connection.execute(statement)
            _add_new_columns(connection, measurement)
            opened.known.add(name)
        series_of = opened.series.setdefault(name, {})
        if unknown := dict.fromkeys(point.tags for point in points if point.tags not in series_of):
            series_of |= _series(connection, measurement, list(unknown))
        rows = [(series_of[tags], time, *fields) for _, tags, time, fields in points]
        connection.executemany(_upsert(measurement), rows)


def files_of(path: Path) -> list[Path]:
    """A database with its log and index, which stay behind where whoever deletes them is killed meanwhile."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def schema(measurement: Measurement) -> list[str]:
    """The statements that create a measurement's two tables."""
    name = measurement.name
    tags = ", ".join(f'"{tag}" TEXT NOT NULL' for tag in measurement.tag_names)
    unique = ", ".join(f'"{tag}"' for tag in measurement.tag_names)
    fields = ", ".join(_field_sql(column) for column in measurement.fields)
    return [
        f'CREATE TABLE IF NOT EXISTS "{name}_series" (id INTEGER PRIMARY KEY, {tags}, UNIQUE ({unique}))',
        f'CREATE TABLE IF NOT EXISTS "{name}" (series INTEGER NOT NULL, time INTEGER NOT NULL, {fields}, '
        "PRIMARY KEY (series, time)) WITHOUT ROWID",
    ]


@contextmanager
def _one_look(connection: sqlite3.Connection) -> Iterator[None]:
    """What several statements read is the file as it was at the first of them."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _booleans(query: Query) -> tuple[tuple[str, bool], ...]:
    """The names of the selected values, and which of them SQLite keeps as 0 and 1."""
    return tuple(
        (item.name, item.aggregate != "count" and query.measurement.column(item.field).type == "boolean")
        for item in query.select
    )


def _row(query: Query, booleans: tuple[tuple[str, bool], ...], cells: tuple[Value | None, ...]) -> Row:
    width = len(query.group_by)
    values: dict[str, Value | None] = {}
    for (name, boolean), cell in zip(booleans, cells[width + 1 :], strict=True):
        values[name] = bool(cell) if boolean and cell is not None else cell
    tags = {name: str(cell) for name, cell in zip(query.group_by, cells[:width], strict=True)}
    time = cells[width]
    return Row(tags, int(time) if time is not None else None, values)


def misfit(point: Point) -> str | None:
    """Why a point does not fit its table, or None. Mirrors what InfluxDB refuses."""
    measurement = point.measurement
    quick = _fits_of.get(measurement.name)
    if quick is None or quick[0] is not measurement:
        quick = _fits_of[measurement.name] = measurement, Fits(measurement)
    fits = quick[1][tuple(map(type, point.fields))]
    if fits and fits(point.fields) and len(point.tags) == len(measurement.tags):
        return None
    return plain_misfit(point)


_fits_of: dict[str, tuple[Measurement, Fits]] = {}


def plain_misfit(point: Point) -> str | None:
    """As `misfit`, each field looked at by itself."""
    fields = point.measurement.fields
    if len(point.tags) != len(point.measurement.tags) or len(point.fields) != len(fields):
        return "wrong number of tags or fields"
    known = False
    for column, value in zip(fields, point.fields, strict=True):
        if value is None:
            continue
        known = True
        if not _fits(column, value):
            return f"field {column.name} is {column.type}, got {value!r}"
    return None if known else "no field has a value"


def _fits(column: Column, value: Value) -> bool:
    if column.type == "boolean":
        return isinstance(value, bool)
    if column.type == "text":
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if column.type == "integer":
        return isinstance(value, int) and value in _INTEGER_RANGE
    return value - value == 0  # neither NaN nor infinite


def _series(
    connection: sqlite3.Connection, measurement: Measurement, wanted: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], int]:
    """The series with these tags; those that are not there are made, all with one statement."""
    table, names = f'"{measurement.name}_series"', [f'"{tag}"' for tag in measurement.tag_names]
    (last,) = connection.execute(f"SELECT max(id) FROM {table}").fetchone()
    found: dict[tuple[str, ...], int] = {}
    if last is not None:
        find = f"SELECT id FROM {table} WHERE {' AND '.join(f'{name} = ?' for name in names)}"
        for tags in wanted:
            if row := connection.execute(find, tags).fetchone():
                found[tags] = int(row[0])
    made = {
        tags: number
        for number, tags in enumerate((tags for tags in wanted if tags not in found), (last or 0) + 1)
    }
    marks = ", ".join("?" for _ in names)
    connection.executemany(
        f"INSERT INTO {table} (id, {', '.join(names)}) VALUES (?, {marks})",
        [(number, *tags) for tags, number in made.items()],
    )
    return found | made


def _upsert(measurement: Measurement) -> str:
    names = measurement.field_names
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" for _ in names)
    # As in InfluxDB, a second write of the same point overlays the first field by field.
    update = ", ".join(f'"{name}" = coalesce(excluded."{name}", "{name}")' for name in names)
    return (
        f'INSERT INTO "{measurement.name}" (series, time, {columns}) VALUES (?, ?, {marks}) '
        f"ON CONFLICT (series, time) DO UPDATE SET {update}"
    )


def _field_sql(column: Column) -> str:
    return f'"{column.name}" {_SQL_TYPES[column.type]}'


def has_points(connection: sqlite3.Connection, name: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN (?, ?)", (name, f"{name}_series")
    )
    return int(found.fetchone()[0]) == 2


def refuse_newer(path: Path, connection: sqlite3.Connection) -> None:
    """Raises StoreError where a later version has made the file."""
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if int(layout) > LAYOUT:
        connection.close()
        raise StoreError(
            Text(
                f"{path} 由更新的版本写成（格式 {layout}，本版本只认识 {LAYOUT}）：请使用更新的版本",
                f"{path} was made by a newer version (layout {layout}, known here {LAYOUT}): use that one",
            )
        )


def _add_new_columns(connection: sqlite3.Connection, measurement: Measurement) -> None:
    for column in _new_columns(connection, measurement):
        connection.execute(f'ALTER TABLE "{measurement.name}" ADD COLUMN {_field_sql(column)}')


def _new_columns(connection: sqlite3.Connection, measurement: Measurement) -> list[Column]:
    """A newer version may know more fields than the file was made with."""
    present = {row[1] for row in connection.execute(f'PRAGMA table_info("{measurement.name}")')}
    return [column for column in measurement.fields if column.name not in present]


@contextmanager
def unavailable(path: Path) -> Iterator[None]:
    """What can go wrong with a file and pass (a full disk, a lock) as Unavailable, the rest as StoreError."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{path}: {os_reason(error)}") from error
    except sqlite3.OperationalError as error:
        raise Unavailable(f"{path}: {sqlite_reason(error)}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {sqlite_reason(error)}") from error
