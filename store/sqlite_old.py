"""What a file has from before there were classes, period by period: to be looked at, and deleted."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

from contract import Kept, Measurement
from store.base import Part
from store.periods import class_of, period_of, span_of
from store.query import Query, Row
from store.sqlite_catalogue import BEFORE, Catalogue, kept_classes, read_catalogue, set_state
from store.sqlite_file import SqliteFile

# Series of which the points of a month go in one transaction, so that others may write in between.
_SERIES_AT_ONCE = 200


def old_table(measurement: Measurement) -> Measurement:
    """The table of what was set aside of a measurement."""
    return replace(measurement, name=f"{BEFORE}{measurement.name}")


def old_name(period: str) -> str:
    """How the list calls a period of what was set aside."""
    return f"before-{period}"


def gone_before_ms(catalogue: Catalogue, kept: Kept) -> int:
    """The end of the last period of a class that expired of what was set aside; 0 where none did."""
    periods = (name.removeprefix(old_name("")) for name in catalogue.files if name.startswith(old_name("")))
    return max(
        (
            span_of(period)[1]
            for period in periods
            if catalogue.files[old_name(period)] == "expired" and class_of(period) == kept
        ),
        default=0,
    )


def old_months(main: SqliteFile, catalogue: Catalogue, kept: Kept, before_ms: int) -> list[Part]:
    """The periods of a class that lie wholly before a moment and have points, oldest first."""
    spans: set[str] = set()
    for name in kept_classes(catalogue, kept):
        first, last = _ends(main, f"{BEFORE}{name}")
        moment = first
        while first is not None and moment is not None and moment <= last:
            period = period_of(kept, moment)
            spans.add(period)
            moment = span_of(period)[1]
    return [
        OldPart(kept, *span_of(period), old_name(period), main, tuple(kept_classes(catalogue, kept)))
        for period in sorted(spans)
        if span_of(period)[1] <= before_ms
    ]


@dataclass(frozen=True)
class OldPart(Part):
    """A period of the tables that were set aside."""

    main: SqliteFile
    measurements: tuple[str, ...]

    def query(self, query: Query) -> list[Row]:
        since = max(self.begin_ms, query.since or self.begin_ms)
        until = self.end_ms if query.until is None else min(self.end_ms, query.until)
        table = old_table(query.measurement)
        return self.main.query(replace(query, measurement=table, since=since, until=until))

    def drop(self, settle: Callable[[], None]) -> None:
        if read_catalogue(self.main).files.get(self.name) != "expired":
            settle()
            self.main.change(set_state(self.name, "expired"))
            # What came between is settled as well; whoever wrote across the change comes again.
            settle()
        for name in self.measurements:
            self._delete(f"{BEFORE}{name}")

    def _delete(self, table: str) -> None:
        numbers = [row[0] for row in self.main.ask(f'SELECT id FROM "{table}_series"')]
        for start in range(0, len(numbers), _SERIES_AT_ONCE):
            some = numbers[start : start + _SERIES_AT_ONCE]

            def change(connection: sqlite3.Connection, some: list[int] = some) -> None:
                connection.executemany(
                    f'DELETE FROM "{table}" WHERE series = ? AND time >= ? AND time < ?',
                    [(number, self.begin_ms, self.end_ms) for number in some],
                )

            self.main.change(change)


def _ends(main: SqliteFile, table: str) -> tuple[int | None, int]:
    """The oldest and the newest moment of a table, found series by series."""
    edges = ", ".join(
        f'{which}((SELECT {which}(time) FROM "{table}" p WHERE p.series = s.id))' for which in ("min", "max")
    )
    rows = main.ask(f'SELECT {edges} FROM "{table}_series" s')
    first, last = rows[0] if rows else (None, None)
    return first, last or 0
