"""The embedded store: one SQLite file in WAL mode, so that rules and board read while ingest writes.

Each measurement has two tables: `<name>_series` (one row per combination of tags) and `<name>`, whose
primary key (series, time) is the point's identity.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from contract import Column, Measurement, Point, Value
from runtime.errors import os_reason, sqlite_reason
from runtime.language import Text
from store.base import Rejected, Store, StoreError, Unavailable
from store.query import Query, Row
from store.sql import compile_sql

_SQL_TYPES = {"integer": "INTEGER", "float": "REAL", "boolean": "INTEGER", "text": "TEXT"}
_BUSY_TIMEOUT_S = 30.0
_INTEGER_RANGE = range(-(2**63), 2**63)


class SqliteStore(Store):
    """Points in a SQLite file. A write is durable when it returns (synchronous=FULL)."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._write_lock = threading.Lock()
        self._series: dict[tuple[str, tuple[str, ...]], int] = {}
        self._known: set[str] = set()
        self._whole: set[str] = set()

    def prepare(self) -> None:
        with _unavailable(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection()

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        rejected: list[Rejected] = []
        fit: list[Point] = []
        for point in points:
            reason = _misfit(point)
            if reason:
                rejected.append(Rejected(point, reason))
            else:
                fit.append(point)
        with _unavailable(self.path), self._write_lock:
            connection = self._connection()
            try:
                connection.execute("BEGIN IMMEDIATE")
                fit.sort(key=lambda point: point.measurement.name)
                for measurement, group in groupby(fit, key=lambda point: point.measurement):
                    self._insert(connection, measurement, list(group))
                connection.execute("COMMIT")
            except BaseException:
                # A series created in this transaction is gone with it.
                self._series.clear()
                self._known.clear()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        return rejected

    def query(self, query: Query) -> list[Row]:
        # Opening would make the file: a mistyped address must not look like an empty store.
        if not self.path.exists():
            raise Unavailable(Text(f"{self.path}: 没有此文件", f"{self.path}: there is no such file"))
        with _unavailable(self.path):
            connection = self._connection()
            if not _has_table(connection, query.measurement.name):
                return []
            sql, parameters = compile_sql(query, absent=self._absent(connection, query.measurement))
            booleans = _booleans(query)
            return [_row(query, booleans, cells) for cells in connection.execute(sql, parameters)]

    def close(self) -> None:
        with self._write_lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def _absent(self, connection: sqlite3.Connection, measurement: Measurement) -> tuple[str, ...]:
        """Fields that a file of an older version does not have; once it has them all nothing is asked."""
        if measurement.name in self._whole:
            return ()
        absent = tuple(column.name for column in _new_columns(connection, measurement))
        if not absent:
            self._whole.add(measurement.name)
        return absent

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _insert(self, connection: sqlite3.Connection, measurement: Measurement, points: list[Point]) -> None:
        name = measurement.name
        if name not in self._known:
            for statement in schema(measurement):
                connection.execute(statement)
            _add_new_columns(connection, measurement)
            self._known.add(name)
        rows = []
        for point in points:
            key = (name, point.tags)
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = _series_id(connection, measurement, point.tags)
            rows.append((series, point.time, *point.fields))
        connection.executemany(_upsert(measurement), rows)


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


def _misfit(point: Point) -> str | None:
    """Why a point does not fit its table, or None. Mirrors what InfluxDB refuses."""
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


def _series_id(connection: sqlite3.Connection, measurement: Measurement, tags: tuple[str, ...]) -> int:
    table = f'"{measurement.name}_series"'
    names = ", ".join(f'"{tag}"' for tag in measurement.tag_names)
    marks = ", ".join("?" for _ in tags)
    connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tags)
    match = " AND ".join(f'"{tag}" = ?' for tag in measurement.tag_names)
    row = connection.execute(f"SELECT id FROM {table} WHERE {match}", tags).fetchone()
    return int(row[0])


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


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def _add_new_columns(connection: sqlite3.Connection, measurement: Measurement) -> None:
    for column in _new_columns(connection, measurement):
        connection.execute(f'ALTER TABLE "{measurement.name}" ADD COLUMN {_field_sql(column)}')


def _new_columns(connection: sqlite3.Connection, measurement: Measurement) -> list[Column]:
    """A newer version may know more fields than the file was made with."""
    present = {row[1] for row in connection.execute(f'PRAGMA table_info("{measurement.name}")')}
    return [column for column in measurement.fields if column.name not in present]


@contextmanager
def _unavailable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{path}: {os_reason(error)}") from error
    except sqlite3.OperationalError as error:
        raise Unavailable(f"{path}: {sqlite_reason(error)}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {sqlite_reason(error)}") from error
