"""Expiry in an InfluxDB: a class is deleted table by table and month by month, with the rights of writing.

What is to outlive its class stands in a table of its own (`kept_…`), for a span is deleted whole. Up to when
a class was dropped the store itself says: readings that come later are refused, and not counted twice.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from contract import MEASUREMENTS, STATE_TABLES, Kept, Measurement, Point, kept_of
from contract.daybook import DAY_FACTS
from contract.expiry import HORIZON
from store.base import Part, Rejected
from store.influx_http import NotForUs
from store.periods import IN_ORDER, expires, period_of, span_of
from store.query import Query, Row, Select

_SAVED = "kept_"
_DAY_MS = 86_400_000
_FRESH_S = 60.0


class Database(Protocol):
    """What is asked of the store here."""

    @property
    def horizon(self) -> "Horizon": ...
    def rows(self, query: Query) -> list[Row]: ...
    def write(self, points: Sequence[Point]) -> list[Rejected]: ...
    def influxql(self, statement: str) -> Iterator[dict[str, Any]]: ...
    def delete(self, measurement: str, begin_ms: int, end_ms: int) -> None: ...


def saved(point: Point) -> Point:
    """A point in the table of what outlives its class."""
    if not expires(point.measurement.kept):
        return point
    return point._replace(measurement=_table_of_saved(point.measurement))


def restored(rejected: Rejected) -> Rejected:
    """A refusal of the point as it was handed in."""
    measurement = rejected.point.measurement
    if not measurement.name.startswith(_SAVED):
        return rejected
    name = measurement.name.removeprefix(_SAVED)
    return replace(rejected, point=rejected.point._replace(measurement=MEASUREMENTS.get(name, measurement)))


def as_saved(query: Query) -> Query:
    """The same question to what outlives its class."""
    return replace(query, measurement=_table_of_saved(query.measurement))


def may_be_saved(query: Query) -> bool:
    """Whether any of it may stand elsewhere: nothing is dropped in its first day."""
    recent = query.since is not None and query.since > time.time() * 1000 - _DAY_MS
    return expires(query.measurement.kept) and not recent


def _table_of_saved(measurement: Measurement) -> Measurement:
    return replace(measurement, name=f"{_SAVED}{measurement.name}", kept="records")


class Horizon:
    """Up to when each class was dropped; what is older is refused.

    Another program may drop while we write. So for what is old the store is asked before it is written and
    once more after it: where the class was dropped in between, nobody knows whether that saw it.
    """

    def __init__(self, store: Database) -> None:
        self._store = store
        self._before_ms: dict[str, int] = {}
        self._read_at: float | None = None

    def in_time(self, points: Sequence[Point]) -> tuple[Sequence[Point], list[Rejected]]:
        """The points that may be stored, and those that come too late. Raises Unavailable."""
        if not _may_be_late(points):
            return points, []
        self._look_anew()
        latest = max(self._before_ms.values(), default=0)
        if not latest or all(point.time >= latest for point in points):
            return points, []
        fit, late = [], []
        for point in points:
            if point.time >= self._before_ms.get(point.measurement.kept, 0):
                fit.append(point)
            elif kept_of(point) != point.measurement.kept:
                # What a measurement keeps otherwise stands where it was put when the rest was dropped.
                fit.append(saved(point))
            else:
                period = period_of(point.measurement.kept, point.time)
                late.append(Rejected(point, f"older than what is kept: {period} has expired", period))
        return fit, late

    def has_moved_over(self, points: Sequence[Point]) -> bool:
        """Whether any of these was in time when it was looked up, and is so no more. Raises Unavailable."""
        if not _may_be_late(points):
            return False
        self._look_anew()
        return any(point.time < self._before_ms.get(point.measurement.kept, 0) for point in points)

    def since(self, query: Query) -> Query:
        """The query without what was dropped: until the last of it is deleted, some of it is still there."""
        kept = query.measurement.kept
        if kept not in IN_ORDER:
            return query
        self._refresh()
        before_ms = self._before_ms.get(kept, 0)
        return query if (query.since or 0) >= before_ms else replace(query, since=before_ms)

    def has_dropped(self, kept: Kept, end_ms: int) -> bool:
        if self._before_ms.get(kept, 0) < end_ms:  # once dropped, for ever
            self._read_at = None
            self._refresh()
        return self._before_ms.get(kept, 0) >= end_ms

    def move(self, kept: Kept, before_ms: int) -> None:
        """Refuse what is older from now on, whoever writes it."""
        if before_ms > self._before_ms.get(kept, 0):
            self._store.write([Point(HORIZON, (kept,), before_ms, (before_ms,))])
            self._before_ms[kept] = before_ms

    def _look_anew(self) -> None:
        self._read_at = None
        # Whoever may only write takes late readings in; they are dropped with the next part.
        with suppress(NotForUs):
            self._refresh()

    def _refresh(self) -> None:
        """Raises StoreError: what was dropped must not look as if it were there still, or lost."""
        now = time.monotonic()
        if self._read_at is not None and now - self._read_at < _FRESH_S:
            return
        query = Query(measurement=HORIZON, select=(Select("before_ms"),), group_by=("kept",), newest=1)
        for row in self._store.rows(query):
            self._before_ms[row.tags["kept"]] = int(row.values["before_ms"] or 0)
        self._read_at = now


def _may_be_late(points: Sequence[Point]) -> bool:
    """Nothing is dropped in its first day."""
    yesterday_ms = time.time() * 1000 - _DAY_MS
    return any(point.time < yesterday_ms and expires(point.measurement.kept) for point in points)


@dataclass(frozen=True)
class InfluxPart(Part):
    """A month (a year) of all tables of a class."""

    store: Database
    tables: tuple[str, ...]

    def query(self, query: Query) -> list[Row]:
        since = max(self.begin_ms, query.since or self.begin_ms)
        until = self.end_ms if query.until is None else min(self.end_ms, query.until)
        return self.store.rows(replace(query, since=since, until=until))

    def drop(self, settle: Callable[[], None]) -> None:
        # Nothing is taken down before it is sure that it may be deleted: a moment without points.
        self.store.delete(self.tables[0], 0, 1)
        settle()
        self.store.horizon.move(self.kept, self.end_ms)
        # What came between is settled as well. Whoever wrote across the move comes again, and finds it there;
        # what a program adds that may not read is deleted, and settled, with the next part.
        settle()
        for table in self.tables:
            self.store.delete(table, self.begin_ms, self.end_ms)


def parts_of(store: Database, kept: Kept, before_ms: int) -> Iterator[Part]:
    """The periods of a class from its oldest point on, as far as they are over."""
    oldest: dict[str, int] = {}
    for table in _tables(kept):
        for series in store.influxql(f'SELECT * FROM "{table}" ORDER BY time ASC LIMIT 1'):
            oldest[table] = int(series["values"][0][0])
    moment = min(oldest.values(), default=before_ms)
    while moment < before_ms:
        begin, end = span_of(period_of(kept, moment))
        if end > before_ms:
            return
        yield InfluxPart(kept, begin, end, period_of(kept, moment), store, tuple(sorted(oldest)))
        moment = end


def _tables(kept: Kept) -> list[str]:
    known = [table.name for table in (*MEASUREMENTS.values(), *DAY_FACTS.values()) if table.kept == kept]
    return [*known, *(STATE_TABLES if kept == "states" else ())]
