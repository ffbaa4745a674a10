"""Each day's last evaluation, day by day: days that are over are asked for once."""

from collections.abc import Iterator
from datetime import date, timedelta

from contract import Measurement
from registry.calendar import Calendar
from rules.stored.rounds import read_rounds_of
from store import Condition, Query, Row, Select, Store

# Late evaluations of a day come soon or never.
_STILL_MOVING = timedelta(days=1)


class DailyRows:
    """Rows of one measurement as they stood at the end of each day; not to be used by two threads at once."""

    def __init__(
        self,
        store: Store,
        measurement: Measurement,
        fields: tuple[str, ...],
        where: tuple[Condition, ...] = (),
    ) -> None:
        self._store = store
        self._measurement = measurement
        # An answer without any of the figures is an answer as well, and must not let an older one through.
        self._select = tuple(Select(name) for name in dict.fromkeys(("as_of", *fields)))
        self._where = where
        self._over: dict[date, list[Row]] = {}

    def read(self, calendar: Calendar, first: date, last: date) -> Iterator[tuple[date, list[Row]]]:
        """The days from `first` to `last` that had an evaluation, oldest first; raises store.Unavailable."""
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            rows = self._over.get(day)
            if rows is None:
                rows = self._ask(calendar, day)
                if day < last - _STILL_MOVING:
                    self._over[day] = rows
            if rows:
                yield day, rows

    def _ask(self, calendar: Calendar, day: date) -> list[Row]:
        # An evaluation that stands for another day than its own is a trial and no history.
        its_own = Condition("as_of", "=", day.isoformat())
        rows = self._store.query(
            Query(
                measurement=self._measurement,
                select=self._select,
                group_by=self._measurement.tag_names,
                where=(*self._where, its_own),
                since=calendar.end_of(day - timedelta(days=1)),
                until=calendar.end_of(day),
                newest=1,
            )
        )
        last = read_rounds_of(
            self._store,
            since=calendar.end_of(day - timedelta(days=1)),
            until=calendar.end_of(day),
            newest=1,
            where=(its_own,),
        )
        return last.now(rows)
