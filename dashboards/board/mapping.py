"""The wall's map: schools on plain axes, over the outline where the bureau gives one. Nothing is fetched.

Degrees as they are, a degree of longitude shortened as far north as the middle lies: within a district that
is as good as any projection, and nobody measures on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import cos, radians

from dashboards.board.figures import Overview
from dashboards.board.names import Names
from dashboards.board.outline import Outline, Polygon, Position, holds

# In the map's own units; a school at the edge keeps its whole dot.
SIDE, _EDGE = 1000, 30
_LOOKS = ("fail", "undetermined", "pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A school on the map, in units of a square of 1000 by 1000, north up."""

    code: str
    name: str
    x: int
    y: int
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolMap:
    """outline: a path of an SVG a polygon. unplaced: schools of which nobody says where they are; outside:
    those that stand beyond the outline."""

    spots: tuple[Spot, ...] = ()
    outline: tuple[str, ...] = ()
    unplaced: int = 0
    outside: int = 0

    @property
    def drawn(self) -> bool:
        return bool(self.spots or self.outline)


@dataclass(frozen=True, slots=True)
class _Frame:
    """From degrees to the map's units."""

    lon: float
    lat: float
    narrow: float
    scale: float

    @staticmethod
    def around(positions: Sequence[Position]) -> "_Frame":
        lons, lats = [lon for lon, _ in positions], [lat for _, lat in positions]
        middle = (min(lats) + max(lats)) / 2
        narrow = cos(radians(middle))
        span = max((max(lons) - min(lons)) * narrow, max(lats) - min(lats)) or 1.0
        return _Frame((min(lons) + max(lons)) / 2, middle, narrow, (SIDE - 2 * _EDGE) / span)

    def place(self, position: Position) -> tuple[int, int]:
        lon, lat = position
        return (
            round(SIDE / 2 + (lon - self.lon) * self.narrow * self.scale),
            round(SIDE / 2 - (lat - self.lat) * self.scale),
        )


def school_map(overview: Overview, names: Names, outline: Outline | None) -> SchoolMap:
    """Without an outline nothing is drawn of fewer than two schools: there would be no distance."""
    schools = names.registry.schools if names.registry else {}
    placed = {
        row.code: (float(school.lon), float(school.lat))
        for row in overview.schools
        if (school := schools.get(row.code)) and school.lon is not None and school.lat is not None
    }
    unplaced = len(overview.schools) - len(placed)
    if outline is None and len(placed) < 2:
        return SchoolMap(unplaced=unplaced)
    frame = _Frame.around([*placed.values(), *(outline.corners if outline else ())])
    return SchoolMap(
        spots=tuple(
            Spot(code=row.code, name=row.name, x=x, y=y, look=_LOOKS[row.rank])
            for row in overview.schools
            if row.code in placed
            for x, y in (frame.place(placed[row.code]),)
        ),
        outline=_paths(outline, frame) if outline else (),
        unplaced=unplaced,
        outside=sum(not holds(outline, place) for place in placed.values()) if outline else 0,
    )


@lru_cache(maxsize=8)  # the schools stay where they are, and so does the outline
def _paths(outline: Outline, frame: _Frame) -> tuple[str, ...]:
    return tuple(path for polygon in outline.polygons if (path := _path(polygon, frame)))


def _path(polygon: Polygon, frame: _Frame) -> str:
    """Positions that fall on the same unit are one; a ring smaller than that is a dot that nobody sees."""
    drawn = []
    for ring in polygon:
        points = [point for point, _ in groupby(map(frame.place, ring))]
        if len(points) > 2:
            drawn.append("M" + "L".join(f"{x} {y}" for x, y in points[:-1]) + "Z")
    return "".join(drawn)
