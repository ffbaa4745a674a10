"""Each day's last verdicts out of the store: found by the moment of that evaluation, so that a year is cheap.

A day is one of the calendar's zone. An evaluation that stands for another date than its own (`--as-of`) is a
trial and no history.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from contract import Value
from registry.calendar import Calendar
from registry.vocabulary import OVERALL
from rules.shortfalls.fold import DayFinding, EvaluationDay, ShortfallKey
from rules.stored.rounds import HEARTBEAT, Round, read_rounds_of
from rules.stored.tables import DISTRICT_INDICATOR, VERDICT
from rules.words import stored
from store import Condition, Query, Row, Select, Store

_DAY_MS = 86_400_000
# Earlier than the first evaluation of this program.
_EARLIEST_MS = 1_577_836_800_000
# The cheapest way to the moment of an evaluation.
(_ONE_A_DISTRICT,) = HEARTBEAT
_FIELDS = ("verdict", "reason", "reason_json", "value", "threshold", "gap")


@dataclass(frozen=True, slots=True)
class _Last:
    """The last evaluation of every district on one day."""

    day: date
    rounds: tuple[tuple[str, Round], ...]


def days_of(
    store: Store,
    calendar: Calendar,
    *,
    since: date | None = None,
    until: date,
    known: Collection[ShortfallKey] | None = None,
) -> Iterator[EvaluationDay]:
    """The evaluation days from `since` (or the first) to `until`, both included, oldest first.

    known: of all others only those that fail on one of these days are told, which is what a register needs.
    A finding that says what the one before it said is the same object. Raises store.Unavailable.
    """
    lasts = [_last(store, calendar, day) for day in _days_evaluated(store, calendar, since, until)]
    series = None if known is None else _failing(store, lasts) | set(known)
    findings = _Findings()
    for last in lasts:
        rows = [row for district, one in last.rounds for row in _evaluation(store, district, one, series)]
        if last.rounds:
            yield EvaluationDay(day=last.day, findings=tuple(map(findings.of, rows)))


def _days_evaluated(store: Store, calendar: Calendar, since: date | None, until: date) -> list[date]:
    first_ms = _EARLIEST_MS if since is None else calendar.end_of(since - timedelta(days=1))
    rows = store.query(
        Query(
            measurement=DISTRICT_INDICATOR,
            select=(Select("as_of", "count", "n"),),
            where=(_ONE_A_DISTRICT,),
            since=first_ms,
            until=calendar.end_of(until),
            window_ms=_DAY_MS,
        )
    )
    # A window is a day of UTC, which is part of two days elsewhere.
    days = {calendar.day_of(moment) for row in rows for moment in _ends(row.time or 0)}
    return sorted(day for day in days if day <= until and (since is None or since <= day))


def _ends(begin_ms: int) -> tuple[int, int]:
    return begin_ms, begin_ms + _DAY_MS - 1


def _last(store: Store, calendar: Calendar, day: date) -> _Last:
    begin, end = calendar.end_of(day - timedelta(days=1)), calendar.end_of(day)
    its_own = Condition("as_of", "=", day.isoformat())
    rounds = read_rounds_of(store, since=begin, until=end, newest=1, where=(its_own,))
    return _Last(day, tuple(rounds.each_last()))


def _failing(store: Store, lasts: Collection[_Last]) -> set[ShortfallKey]:
    """What failed at some moment of these days, whatever was said of it at their end."""
    rounds = [found for last in lasts for _, found in last.rounds]
    if not rounds:
        return set()
    rows = store.query(
        Query(
            measurement=VERDICT,
            select=(Select("verdict"),),
            group_by=VERDICT.tag_names,
            where=(Condition("verdict", "=", "fail"), Condition("indicator", "!=", OVERALL)),
            since=min(found.whole_ms for found in rounds),
            until=max(found.moment for found in rounds) + 1,
            newest=1,
        )
    )
    return set(map(_key, rows))


def _evaluation(
    store: Store, district: str, last: Round, series: Collection[ShortfallKey] | None
) -> list[Row]:
    """Each answer as it was stored last, of those that stood in the evaluation."""
    rows = store.query(
        Query(
            measurement=VERDICT,
            select=tuple(Select(name) for name in _FIELDS),
            group_by=VERDICT.tag_names,
            where=(Condition("district", "=", district),),
            series=None if series is None else tuple(key for key in series if key[0] == district),
            since=last.whole_ms,
            until=last.moment + 1,
            newest=1,
        )
    )
    return [row for row in rows if row.tags["indicator"] != OVERALL]


def _key(row: Row) -> ShortfallKey:
    tags = row.tags
    return tags["district"], tags["school"], tags["stage"], tags["indicator"]


class _Findings:
    """Most answers of a day are those of the day before: they are understood once."""

    def __init__(self) -> None:
        self._last: dict[ShortfallKey, tuple[dict[str, Value | None], DayFinding]] = {}

    def of(self, row: Row) -> DayFinding:
        key = _key(row)
        last = self._last.get(key)
        if last is None or last[0] != row.values:
            last = self._last[key] = row.values, _finding(key, row)
        return last[1]


def _finding(key: ShortfallKey, row: Row) -> DayFinding:
    values = row.values
    gap = values["gap"]
    answer = str(values["verdict"])
    return DayFinding(
        key=key,
        verdict="pass" if answer == "pass" else "fail" if answer == "fail" else "undetermined",
        reason=stored(_text(row, "reason_json"), _text(row, "reason")),
        value=_text(row, "value"),
        threshold=_text(row, "threshold"),
        gap=None if gap is None else int(gap),
    )


def _text(row: Row, name: str) -> str | None:
    value = row.values[name]
    return None if value is None else str(value)
