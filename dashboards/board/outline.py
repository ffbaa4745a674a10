"""The outline of a district as the bureau gives it: GeoJSON (RFC 7946), polygons alone, in degrees.

What is not understood stops the board at its start, with its place in the file: half an outline would look
like a whole one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from runtime.errors import ConfigError, os_reason
from runtime.language import Text
from runtime.shown import shown

# The map has a thousand units a side: more positions than this show nothing more, and cost every look.
MOST_BYTES, MOST_POSITIONS = 4 * 1024 * 1024, 20_000
_LEAST_OF_A_RING = 4
# What older files call the degrees that RFC 7946 takes for granted; those of CGCS2000 are the same on a map.
_DEGREES = ("CRS84", "EPSG:4326", "EPSG::4326", "EPSG:4490", "EPSG::4490")

Position = tuple[float, float]  # longitude, latitude
Ring = tuple[Position, ...]
Polygon = tuple[Ring, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Outline:
    """Polygons, each of closed rings: the first around it, the others its holes. One is like no other."""

    polygons: tuple[Polygon, ...]

    @cached_property
    def corners(self) -> tuple[Position, Position]:
        """South-west and north-east of all of it."""
        places = [place for polygon in self.polygons for ring in polygon for place in ring]
        lons, lats = zip(*places, strict=True)
        return (min(lons), min(lats)), (max(lons), max(lats))


@lru_cache(maxsize=4096)  # schools stay where they are
def holds(outline: Outline, place: Position) -> bool:
    """Whether a place lies in a polygon: a line to the east crosses its rings an odd number of times."""
    return any(sum(_crossings(ring, *place) for ring in polygon) % 2 == 1 for polygon in outline.polygons)


class _Wrong(Exception):
    """Where in the file, and what is wrong there, in both languages."""


def read_outline(path: Path) -> Outline:
    """Raises ConfigError with the file, the place in it, and one reason."""
    try:
        polygons = tuple(_polygons(_json(path), ""))
        positions = sum(len(ring) for polygon in polygons for ring in polygon)
        if positions > MOST_POSITIONS:
            raise _Wrong(
                "",
                f"有 {positions:,} 个点，最多 {MOST_POSITIONS:,} 个：请先简化",
                f"{positions:,} positions, {MOST_POSITIONS:,} at most: simplify it first",
            )
        if not polygons:
            raise _Wrong("", "没有任何多边形", "there is no polygon in it")
    except _Wrong as error:
        place, zh, en = error.args
        where = f"{path}: {place}: " if place else f"{path}: "
        raise ConfigError(Text(f"outline: {where}{zh}", f"outline: {where}{en}")) from error
    return Outline(polygons=polygons)


def _json(path: Path) -> Any:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _Wrong("", f"{size:,} 字节，最多 {MOST_BYTES:,}", f"{size:,} bytes, {MOST_BYTES:,} at most")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        why = os_reason(error)
        raise _Wrong("", f"无法读取：{why.zh}", f"cannot be read: {why.en}") from error
    except (ValueError, RecursionError) as error:
        raise _Wrong("", "不是 JSON（UTF-8）", f"is no JSON in UTF-8: {error}") from error


def _polygons(value: Any, place: str) -> Iterator[Polygon]:
    found = _object(value, place)
    if "crs" in found:
        _in_degrees(found["crs"], _at(place, "crs"))
    match found.get("type"):
        case "FeatureCollection":
            yield from _each(found, "features", place)
        case "GeometryCollection":
            yield from _each(found, "geometries", place)
        case "Feature":
            yield from _polygons(found.get("geometry"), _at(place, "geometry"))
        case "Polygon":
            yield _polygon(found.get("coordinates"), _at(place, "coordinates"))
        case "MultiPolygon":
            here = _at(place, "coordinates")
            for number, polygon in enumerate(_list(found.get("coordinates"), here)):
                yield _polygon(polygon, f"{here}[{number}]")
        case other:
            raise _Wrong(
                _at(place, "type"),
                f"{shown(other)} 不能画作轮廓；应为 Polygon 或 MultiPolygon",
                f"{shown(other)} is no outline; Polygon and MultiPolygon are",
            )


def _each(found: Mapping[str, Any], key: str, place: str) -> Iterator[Polygon]:
    here = _at(place, key)
    for number, value in enumerate(_list(found.get(key), here)):
        yield from _polygons(value, f"{here}[{number}]")


def _polygon(value: Any, place: str) -> Polygon:
    rings = _list(value, place)
    if not rings:
        raise _Wrong(place, "多边形没有环", "a polygon without a ring")
    return tuple(_ring(ring, f"{place}[{number}]") for number, ring in enumerate(rings))


def _ring(value: Any, place: str) -> Ring:
    ring = tuple(
        _position(position, f"{place}[{number}]") for number, position in enumerate(_list(value, place))
    )
    if len(ring) < _LEAST_OF_A_RING:
        raise _Wrong(place, "环至少有四个点", "a ring has four positions or more")
    if ring[0] != ring[-1]:
        zh, en = "环没有闭合：末点应与首点相同", "the ring is not closed: its last position is not its first"
        raise _Wrong(place, zh, en)
    return ring


def _position(value: Any, place: str) -> Position:
    numbers = _list(value, place)
    if len(numbers) < 2 or not all(_is_number(number) for number in numbers[:2]):
        raise _Wrong(place, "应为 [经度, 纬度]", "write [longitude, latitude]")
    lon, lat = float(numbers[0]), float(numbers[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _Wrong(
            place,
            f"{shown(numbers[:2])} 不是经纬度：经度在前，以度为单位",
            f"{shown(numbers[:2])} are no degrees, longitude first",
        )
    return lon, lat


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e9  # neither infinite nor no number


def _in_degrees(value: Any, place: str) -> None:
    """RFC 7946 knows degrees alone; what an older file says otherwise is not drawn in the wrong place."""
    name = str((value or {}).get("properties", {}).get("name", "")) if _is_crs(value) else shown(value)
    if not name.endswith(_DEGREES):
        raise _Wrong(
            place,
            f"坐标系 {shown(name)} 不是经纬度：请转换为 WGS84 或 CGCS2000 的度",
            f"the coordinates are {shown(name)}: convert them to degrees of WGS84 or CGCS2000",
        )


def _is_crs(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("properties", {}), dict)


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(place, "应为 GeoJSON 对象", "a GeoJSON object should stand here")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong(place, "应为列表", "a list should stand here")
    return value


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _crossings(ring: Ring, lon: float, lat: float) -> int:
    found = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
            found += 1
    return found
