"""The wall (挂图作战): the whole district in one screen, for a projector that nobody touches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dashboards.board.applied import Applied
from dashboards.board.figures import Overview
from dashboards.board.mapping import SchoolMap, school_map
from dashboards.board.matrix import Matrix, matrix
from dashboards.board.names import Names
from dashboards.board.outline import Outline
from rules.shortfalls.register import Shortfall
from runtime.language import Text

_DEADLINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """An open shortfall with a date: `left` days, less than 0 when it is over."""

    school: str
    name: str
    indicator: Text
    stage: str
    day: date
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPage:
    """Everything in one screen."""

    now_ms: int
    overview: Overview
    matrix: Matrix
    deadlines: tuple[Deadline, ...]
    open_items: int | None
    overdue: int | None
    map: SchoolMap

    @property
    def evaluated_ms(self) -> int | None:
        return self.overview.evaluated_ms

    @property
    def as_of(self) -> str | None:
        return self.overview.as_of

    @property
    def standard(self) -> str | None:
        return self.overview.standard

    @property
    def applied(self) -> Applied:
        return self.overview.applied


def wall_page(
    overview: Overview, names: Names, rows: Iterable[Shortfall] | None, outline: Outline | None = None
) -> WallPage:
    """Out of what other pages have read; rows: the shortfall register, None where it is not known."""
    today = names.today(overview.now_ms)
    still = None if rows is None else [row for row in rows if row.item.state != "closed"]
    return WallPage(
        now_ms=overview.now_ms,
        overview=overview,
        matrix=matrix(overview, names),
        deadlines=_deadlines(still or (), today),
        open_items=None if still is None else len(still),
        overdue=None if still is None else sum(row.overdue for row in still),
        map=school_map(overview, names, outline),
    )


def _deadlines(rows: Iterable[Shortfall], today: date) -> tuple[Deadline, ...]:
    found = [
        Deadline(
            school=row.item.key[1],
            name=row.school,
            indicator=row.indicator,
            stage=row.item.key[2],
            day=row.deadline,
            left=(row.deadline - today).days,
        )
        for row in rows
        if row.deadline is not None
    ]
    return tuple(sorted(found, key=lambda deadline: (deadline.day, deadline.school)))[:_DEADLINES]
