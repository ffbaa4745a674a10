"""Which evaluations there were, and until which of them a stored answer stood.

At every evaluation each district leaves one row, its heartbeat: the district's figure of wireless. Beside it
only what has changed is stored, and now and then everything, so that an answer stands until it is stored
again, or until everything is stored without it. Versions before stored everything each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from rules.stored.tables import DISTRICT_INDICATOR
from store import Condition, Query, Row, Select, Store

WHOLE = "whole_ms"
HEARTBEAT_TAGS = ("school", "wireless")  # stage and indicator
HEARTBEAT: tuple[Condition, ...] = (Condition("indicator", "=", "wireless"),)


class Round(NamedTuple):
    """One evaluation of a district; what was stored from `whole_ms` on and not since stands in it."""

    moment: int
    whole_ms: int


class Rounds:
    """The evaluations of a span of time, by district."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """rows: heartbeats, with their district."""
        found: dict[str, list[Round]] = defaultdict(list)
        for row in rows:
            moment = row.time or 0
            whole = row.values[WHOLE]
            found[row.tags["district"]].append(Round(moment, moment if whole is None else int(whole)))
        self._of: Mapping[str, list[Round]] = {district: sorted(rounds) for district, rounds in found.items()}

    @property
    def since_ms(self) -> int | None:
        """From when on rows must be read for all that stands in any of them; None without any."""
        return min((found.whole_ms for rounds in self._of.values() for found in rounds), default=None)

    def last(self, district: str) -> Round | None:
        rounds = self._of.get(district)
        return rounds[-1] if rounds else None

    def each_last(self) -> list[tuple[str, Round]]:
        """The last evaluation of every district."""
        return [(district, rounds[-1]) for district, rounds in sorted(self._of.items())]

    def stood(self, row: Row, *, until: int | None = None) -> Row:
        """The row at the moment of the last evaluation in which it stood, if no newer one of its series is.

        until: no later evaluation than this moment counts.
        """
        time = row.time or 0
        for found in reversed(self._of.get(row.tags["district"], ())):
            if found.whole_ms <= time <= found.moment and (until is None or found.moment <= until):
                return row if found.moment == time else Row(row.tags, found.moment, row.values)
        return row

    def now(self, rows: Iterable[Row]) -> list[Row]:
        """Of the newest rows of every series those that stand in their district's last evaluation, at it.

        A district of which no evaluation is known here has its own newest row for one.
        """
        known = list(rows)
        newest: dict[str, int] = defaultdict(int)
        for row in known:
            newest[row.tags["district"]] = max(newest[row.tags["district"]], row.time or 0)
        found = []
        for row in known:
            moment = newest[row.tags["district"]]
            last = self.last(row.tags["district"]) or Round(moment, moment)
            if last.whole_ms <= (row.time or 0):
                # Another evaluation may be under way: what it has stored already is newer than its heartbeat.
                found.append(Row(row.tags, max(last.moment, row.time or 0), row.values))
        return found


def read_rounds_of(
    store: Store,
    *,
    since: int | None = None,
    until: int | None = None,
    newest: int | None = None,
    where: tuple[Condition, ...] = (),
) -> Rounds:
    """The evaluations of a span, or the newest of each district; raises store.Unavailable."""
    # `passing` is asked for because it is always there.
    query = Query(
        measurement=DISTRICT_INDICATOR,
        select=(Select("passing"), Select(WHOLE)),
        group_by=("district",),
        where=(*HEARTBEAT, *where),
        since=since,
        until=until,
        newest=newest,
    )
    return Rounds(store.query(query))


def newest_standing(store: Store, query: Query, rounds: Rounds) -> list[Row]:
    """The newest row of every series in the query's span, as if every evaluation had stored everything.

    rounds: those of that span. The query may ask for tags only, not for what a field is: else an answer would
    stand where it had changed already.
    """
    begin = query.since or 0
    first = begin if rounds.since_ms is None else min(begin, rounds.since_ms)
    rows = (rounds.stood(row) for row in store.query(replace(query, since=first, newest=1)))
    return [row for row in rows if (row.time or 0) >= begin]
