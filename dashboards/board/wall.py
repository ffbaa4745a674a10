"""The wall (挂图作战): the whole district in one screen, for a projector that nobody touches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import cos, radians

from dashboards.board.applied import Applied
from dashboards.board.figures import Overview
from dashboards.board.matrix import Matrix, matrix
from dashboards.board.names import Names
from rules.shortfalls.register import Shortfall
from runtime.language import Text

_DEADLINES = 8
# Of the map, in its own units; a school at the edge keeps its whole dot.
_SIDE, _EDGE = 1000, 30
_LOOKS = ("fail", "undetermined", "pass")


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
class Spot:
    """A school on the map, in units of a square of 1000 by 1000, north up."""

    code: str
    name: str
    x: int
    y: int
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPage:
    """Everything in one screen. spots: schools of which the registry says where they are."""

    now_ms: int
    overview: Overview
    matrix: Matrix
    deadlines: tuple[Deadline, ...]
    open_items: int | None
    overdue: int | None
    spots: tuple[Spot, ...]

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


def wall_page(overview: Overview, names: Names, rows: Iterable[Shortfall] | None) -> WallPage:
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
        spots=_spots(overview, names),
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


def _spots(overview: Overview, names: Names) -> tuple[Spot, ...]:
    """Plain axes: degrees as they are, a degree of longitude shortened as far north as the middle lies.

    Nothing is drawn of fewer than two schools: there would be no distance.
    """
    schools = names.registry.schools if names.registry else {}
    placed = [
        (row, float(school.lon), float(school.lat))
        for row in overview.schools
        if (school := schools.get(row.code)) and school.lon is not None and school.lat is not None
    ]
    if len(placed) < 2:
        return ()
    west, east = min(lon for _, lon, _ in placed), max(lon for _, lon, _ in placed)
    south, north = min(lat for _, _, lat in placed), max(lat for _, _, lat in placed)
    narrow = cos(radians((south + north) / 2))
    span = max((east - west) * narrow, north - south) or 1.0
    scale = (_SIDE - 2 * _EDGE) / span
    return tuple(
        Spot(
            code=row.code,
            name=row.name,
            x=round(_SIDE / 2 + (lon - (west + east) / 2) * narrow * scale),
            y=round(_SIDE / 2 - (lat - (south + north) / 2) * scale),
            look=_LOOKS[row.rank],
        )
        for row, lon, lat in placed
    )
