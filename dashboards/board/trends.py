"""How indicators and rates went, day by day, with the standard's line and where they stood last quarter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dashboards.board.daily import DailyRows
from dashboards.board.names import Names
from dashboards.board.rows import text_of
from dashboards.board.use import PER_PUPIL, percent
from rules.stored.tables import DISTRICT_INDICATOR, UTILISATION, VERDICT
from store import Condition, Row, Store

Show = Literal["rate", "mean", "cv"]
SHOWS: tuple[Show, ...] = ("rate", "mean", "cv")
SPANS = (30, 92, 366)
# Of a district: the figure of the chart, the same as text, and the limit beside it.
_DISTRICT_FIELDS: dict[Show, tuple[str, str, str | None]] = {
    "rate": ("rate_number", "rate", None),
    "mean": ("mean_number", "mean", None),
    "cv": ("cv_number", "cv", "cv_limit_number"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """One figure over the days. now, before: as text, the newest and the last of the quarter before."""

    stage: str
    points: tuple[tuple[date, float], ...]
    now: str | None
    before: str | None
    limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One indicator (or rate of use) with a line a stage."""

    code: str
    lines: tuple[TrendLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPage:
    """The figures of a span; `school` None: the district's."""

    school: str | None
    name: str
    show: Show
    first: date
    last: date
    quarter_began: date
    trends: tuple[Trend, ...]


class TrendSource:
    """Reads the history of a district, or of one school; not to be used by two threads at once."""

    def __init__(self, store: Store, school: str | None = None) -> None:
        self._school = school
        here = (Condition("school", "=", school),) if school else ()
        figures = ("value_number", "value", "threshold_number")
        fields = [name for each in _DISTRICT_FIELDS.values() for name in each if name]
        counts = ("passing", "failing")
        self._districts = DailyRows(store, DISTRICT_INDICATOR, (*fields, *counts))
        self._verdicts = DailyRows(store, VERDICT, figures, here)
        self._rates = DailyRows(store, UTILISATION, ("value_number", "value"), here)

    def read(
        self, names: Names, order: Sequence[str], *, show: Show, days: int, now_ms: int
    ) -> TrendPage | None:
        """The indicators in this order. None where the board knows no registry: days are its calendar's."""
        if names.registry is None:
            return None
        last = names.today(now_ms)
        first, began = last - timedelta(days=days - 1), quarter_began(last)
        # As far back as the quarter before, for its last figure.
        since = min(first, quarter_began(began - timedelta(days=1)))
        calendar = names.registry.calendar
        if self._school is None:
            read = list(self._districts.read(calendar, since, last))
            trends = _district(read, show, first, began)
        else:
            verdicts = list(self._verdicts.read(calendar, since, last))
            rates = list(self._rates.read(calendar, since, last))
            trends = [*_school(verdicts, first, began), *_uses(rates, first, began)]
        return TrendPage(
            school=self._school,
            name=names.school(self._school).name if self._school else "",
            show=show,
            first=first,
            last=last,
            quarter_began=began,
            trends=tuple(sorted(trends, key=lambda trend: _place(trend.code, order))),
        )


def quarter_began(day: date) -> date:
    """The first day of the quarter of the year."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _place(code: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(code) if code in order else len(order)), code


# A figure of one day: (day, number for the chart, text, limit).
_Found = tuple[date, float, str | None, float | None]
_Days = Iterable[tuple[date, list[Row]]]


def _district(days: _Days, show: Show, first: date, began: date) -> list[Trend]:
    number, text, limit = _DISTRICT_FIELDS[show]
    found: dict[tuple[str, str], list[_Found]] = defaultdict(list)
    districts: set[str] = set()
    for day, rows in days:
        districts |= {row.tags["district"] for row in rows}
        for row in rows:
            # Where nothing has an answer, no share of it passes, and none fails.
            if row.values["passing"] or row.values["failing"]:
                _add(found[row.tags["indicator"], row.tags["stage"]], day, row, number, text, limit)
    # Shares and coefficients of several districts cannot be put together from their figures.
    return _trends(found, first, began) if len(districts) == 1 else []


def _school(days: _Days, first: date, began: date) -> list[Trend]:
    found: dict[tuple[str, str], list[_Found]] = defaultdict(list)
    for day, rows in days:
        for row in rows:
            key = row.tags["indicator"], row.tags["stage"]
            _add(found[key], day, row, "value_number", "value", "threshold_number")
    return _trends(found, first, began)


def _uses(days: _Days, first: date, began: date) -> list[Trend]:
    found: dict[tuple[str, str], list[_Found]] = defaultdict(list)
    for day, rows in days:
        for row in rows:
            code, value = row.tags["rate"], row.values["value_number"]
            if value is None:
                continue
            share, text = float(value), text_of(row, "value")
            per_pupil = code == PER_PUPIL
            figure = (share, text) if per_pupil else (share * 100, percent(text))
            found[code, "school"].append((day, *figure, None))
    return _trends(found, first, began)


def _add(found: list[_Found], day: date, row: Row, number: str, text: str, limit: str | None) -> None:
    value = row.values[number]
    if value is not None:
        line = row.values[limit] if limit else None
        found.append((day, float(value), text_of(row, text), None if line is None else float(line)))


def _trends(found: dict[tuple[str, str], list[_Found]], first: date, began: date) -> list[Trend]:
    lines: dict[str, list[TrendLine]] = defaultdict(list)
    for (code, stage), days in sorted(found.items(), key=_in_order):
        line = _line(stage, days, first, began)
        if line.points:
            lines[code].append(line)
    return [Trend(code=code, lines=tuple(each)) for code, each in lines.items()]


def _in_order(entry: tuple[tuple[str, str], object]) -> tuple[str, bool]:
    (code, stage), _ = entry
    return code, stage == "junior"


def _line(stage: str, days: Sequence[_Found], first: date, began: date) -> TrendLine:
    shown = [day for day in days if day[0] >= first]
    earlier = [day for day in days if day[0] < began]
    return TrendLine(
        stage=stage,
        points=tuple((day, value) for day, value, *_ in shown),
        now=shown[-1][2] if shown else None,
        before=earlier[-1][2] if earlier else None,
        limit=shown[-1][3] if shown else None,
    )
