"""The newest row of every series, asked for cheaply: far back once, afterwards only what is new."""

from collections.abc import Sequence

from contract import Measurement
from rules.stored.rounds import HEARTBEAT, WHOLE, Rounds
from rules.stored.tables import DISTRICT_INDICATOR
from store import Condition, Query, Row, Select, Store

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# Gateways send history again after an outage; rows that come this late are still noticed.
_OVERLAP = 10 * MINUTE


class Newest:
    """Remembers the newest row of each series.

    `lookbacks` are tried in turn, shortest first, until one finds something: a store with years of
    history is not read through for the last evaluation. `key` names the tags that make one line on the
    page; the other tags in `tags` are only shown. Rows older than the longest lookback are forgotten.
    """

    def __init__(
        self,
        measurement: Measurement,
        *,
        tags: tuple[str, ...],
        key: tuple[str, ...],
        lookbacks: Sequence[int],
        fields: tuple[str, ...] = (),
        where: tuple[Condition, ...] = (),
    ) -> None:
        self._measurement = measurement
        self._select = tuple(Select(name) for name in fields or measurement.field_names)
        self._tags = tags
        self._key = key
        self._where = where
        self._lookbacks = tuple(lookbacks)
        self._rows: dict[tuple[str, ...], Row] = {}

    def read(self, store: Store, *, now_ms: int, since_ms: int | None = None) -> list[Row]:
        """The newest rows known, in order of their key; raises store.Unavailable.

        since_ms: how far back to look at first, where that is known.
        """
        if self._rows:
            newest = max(row.time or 0 for row in self._rows.values())
            self._take(self._ask(store, since=min(newest, now_ms) - _OVERLAP))
        elif since_ms is not None:
            self._take(self._ask(store, since=since_ms))
        else:
            for lookback in self._lookbacks:
                self._take(self._ask(store, since=now_ms - lookback))
                if self._rows:
                    break
        oldest = now_ms - self._lookbacks[-1]
        self._rows = {key: row for key, row in self._rows.items() if (row.time or 0) >= oldest}
        return [self._rows[key] for key in sorted(self._rows)]

    def _ask(self, store: Store, *, since: int) -> list[Row]:
        return store.query(
            Query(
                measurement=self._measurement,
                select=self._select,
                group_by=self._tags,
                where=self._where,
                since=max(0, since),
                newest=1,
            )
        )

    def _take(self, rows: list[Row]) -> None:
        for row in rows:
            key = tuple(row.tags[name] for name in self._key)
            known = self._rows.get(key)
            if known is None or (known.time or 0) <= (row.time or 0):
                self._rows[key] = row


class LastRounds:
    """The last evaluation of every district."""

    def __init__(self) -> None:
        self._newest = Newest(
            DISTRICT_INDICATOR,
            tags=("district",),
            key=("district",),
            lookbacks=(HOUR, DAY, 400 * DAY),
            fields=("passing", WHOLE),
            where=HEARTBEAT,
        )

    def read(self, store: Store, *, now_ms: int) -> Rounds:
        """Raises store.Unavailable."""
        return Rounds(self._newest.read(store, now_ms=now_ms))


class Standing:
    """The answers of one table that stand in the last evaluation; only what changes is stored anew."""

    def __init__(self, measurement: Measurement) -> None:
        tags = measurement.tag_names
        self._newest = Newest(measurement, tags=tags, key=tags, lookbacks=(HOUR, DAY, 400 * DAY))

    def read(self, store: Store, rounds: Rounds, *, now_ms: int) -> list[Row]:
        """At the moment of that evaluation, in order of their tags; raises store.Unavailable."""
        return rounds.now(self._newest.read(store, now_ms=now_ms, since_ms=rounds.since_ms))


def of_last_evaluation(rows: list[Row]) -> list[Row]:
    """Rows that belong to their district's last evaluation: a school that closed is not judged any more."""
    last: dict[str, int] = {}
    for row in rows:
        district = row.tags["district"]
        last[district] = max(last.get(district, 0), row.time or 0)
    return [row for row in rows if row.time == last[row.tags["district"]]]
