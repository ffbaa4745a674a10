"""The outline under the wall's map: what is drawn of it, and what is refused with its place in the file."""

import asyncio
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dashboards.board import BoardSettings, Names, SchoolName, serve
from dashboards.board.applied import Standards
from dashboards.board.figures import AlertsNow
from dashboards.board.mapping import SchoolMap, school_map
from dashboards.board.outline import MOST_BYTES, MOST_POSITIONS, Outline, holds, read_outline
from dashboards.board.overview import build
from runtime import ConfigError
from tests.dashboards.conftest import running_board
from tests.dashboards.parsed import parse
from tests.rules.build import AS_OF, registry, school

SQUARE = [[117.5, 38.9], [117.9, 38.9], [117.9, 39.3], [117.5, 39.3], [117.5, 38.9]]
HOLE = [[117.55, 39.05], [117.65, 39.05], [117.65, 39.15], [117.55, 39.15], [117.55, 39.05]]
FAR = [[118.0, 38.9], [118.1, 38.9], [118.1, 39.0], [118.0, 38.9]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(*geometries: Any) -> dict[str, Any]:
    features = [{"type": "Feature", "properties": {"name": "x"}, "geometry": each} for each in geometries]
    return {"type": "FeatureCollection", "features": features}


def read(folder: Path, value: Any) -> Outline:
    file = folder / "outline.geojson"
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return read_outline(file)


@pytest.mark.parametrize(
    ("value", "polygons"),
    [
        (polygon(SQUARE), 1),
        (polygon(SQUARE, HOLE), 1),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [FAR]]}, 2),
        (collection(polygon(SQUARE), polygon(FAR)), 2),
        ({"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [polygon(FAR)]}}, 1),
        ({**polygon([[*place, 3.5] for place in SQUARE]), "bbox": []}, 1),
        ({**polygon(SQUARE), "crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}, 1),
        ("\ufeff" + json.dumps(polygon(SQUARE)), 1),
    ],
)
def test_polygons_are_read_however_they_are_wrapped(tmp_path: Path, value: Any, polygons: int) -> None:
    assert polygons == len(read(tmp_path, value).polygons)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("{", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[1]", "GeoJSON"),
        ("\x00", "JSON"),
        (collection(), "没有任何多边形"),
        (collection(polygon(SQUARE), None), "features[1].geometry"),
        (
            collection(polygon(SQUARE), {"type": "Point", "coordinates": [117, 39]}),
            "features[1].geometry.type",
        ),
        (collection({"type": "LineString", "coordinates": SQUARE}), "features[0].geometry.type"),
        ({"type": "Topology"}, "'Topology'"),
        (polygon(), "coordinates"),
        (polygon(SQUARE[:-1]), "coordinates[0]: 环没有闭合"),
        (polygon(SQUARE[:3]), "coordinates[0]: 环至少有四个点"),
        (polygon([*SQUARE[:2], ["117", "39"], *SQUARE[3:]]), "coordinates[0][2]"),
        (polygon([*SQUARE[:2], [117], *SQUARE[3:]]), "coordinates[0][2]"),
        (polygon([*SQUARE[:2], [True, 39], *SQUARE[3:]]), "coordinates[0][2]"),
        ('{"type":"Polygon","coordinates":[[[NaN,39],[118,39],[118,40],[NaN,39]]]}', "coordinates[0][0]"),
        ('{"type":"Polygon","coordinates":[[[1e999,39],[118,39],[118,40],[1e999,39]]]}', "coordinates[0][0]"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), "经度在前"),
        (polygon([[13_080_000.0, 4_730_000.0]] * 4), "不是经纬度"),
        ({**polygon(SQUARE), "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}, "EPSG:3857"),
        ({**polygon(SQUARE), "crs": {"properties": None}}, "crs"),
        (polygon(SQUARE * MOST_POSITIONS), "最多"),
        (" " * (MOST_BYTES + 1), "字节"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, value: Any, place: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, value)
    said = str(refused.value)
    assert ("outline.geojson" in said, place in said, "\n" in said) == (True, True, False), said


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="无法读取"):
        read_outline(tmp_path / "none.geojson")


@pytest.mark.parametrize(
    ("place", "inside"),
    [((117.8, 39.2), True), ((117.6, 39.1), False), ((117.4, 39.1), False), ((118.08, 38.92), True)],
)
def test_a_hole_is_outside_and_a_second_polygon_inside(
    tmp_path: Path, place: tuple[float, float], inside: bool
) -> None:
    found = read(tmp_path, {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [FAR]]})
    assert inside == holds(found, place)


def test_where_two_polygons_overlap_a_school_is_in_both(tmp_path: Path) -> None:
    assert holds(read(tmp_path, collection(polygon(SQUARE), polygon(SQUARE))), (117.8, 39.2))


def drawn(places: dict[str, tuple[str, str] | None], outline: Outline | None) -> SchoolMap:
    """The map of schools at these places."""
    known = registry(
        [
            replace(
                school(code),
                lon=Fraction(place[0]) if place else None,
                lat=Fraction(place[1]) if place else None,
            )
            for code, place in places.items()
        ]
    )
    names = Names(
        registry=known, schools={code: SchoolName(name=each.name) for code, each in known.schools.items()}
    )
    overview = build(
        names,
        Standards().applied("binhai-2021", AS_OF),
        now_ms=0,
        verdicts=[],
        rooms=[],
        districts=[],
        gateways=[],
        access_points=[],
        devices=[],
        room_states=[],
        alerts=AlertsNow(),
    )
    return school_map(overview, names, outline)


NEAR, AWAY = ("117.8", "39.2"), ("119.0", "39.2")


def test_schools_and_outline_share_one_frame_and_stay_inside_it(tmp_path: Path) -> None:
    found = drawn({"2112000001": NEAR, "2112000002": AWAY}, read(tmp_path, polygon(SQUARE, HOLE)))
    numbers = [int(text) for text in re.findall(r"-?\d+", " ".join(found.outline))]
    places = [each for spot in found.spots for each in (spot.x, spot.y)]
    assert (2, 1, 0, True) == (len(found.spots), found.outside, found.unplaced, bool(numbers))
    assert all(0 <= each <= 1000 for each in (*numbers, *places))
    assert 2 == found.outline[0].count("M")  # the ring and its hole


def test_one_school_is_drawn_on_an_outline_and_none_without(tmp_path: Path) -> None:
    places: dict[str, tuple[str, str] | None] = {"2112000001": NEAR, "2112000002": None}
    over, alone = drawn(places, read(tmp_path, polygon(SQUARE))), drawn(places, None)
    assert ((1, 1, True), (0, 1, False)) == (
        (len(over.spots), over.unplaced, over.drawn),
        (len(alone.spots), alone.unplaced, alone.drawn),
    )


def test_an_outline_without_any_school_is_drawn_alone(tmp_path: Path) -> None:
    found = drawn({"2112000001": None}, read(tmp_path, polygon(SQUARE)))
    assert ((), 1, 1) == (found.spots, len(found.outline), found.unplaced)


def test_the_wall_draws_it_and_a_wrong_one_stops_the_board_at_its_start(tmp_path: Path) -> None:
    file = tmp_path / "outline.geojson"
    file.write_text(json.dumps(polygon(SQUARE)), encoding="utf-8")
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", outline=file) as board:
        page = parse(board.get("/wall").text)
    assert 1 == len(page.one("svg", **{"class": "wall-map"}).all("path", class_="outline"))
    assert "没有经纬度" in page.one("p", **{"class": "wall-unplaced"}).text
    file.write_text("{}", encoding="utf-8")
    settings = BoardSettings(
        store=f"sqlite:///{tmp_path / 'store.sqlite'}", registry=Path(__file__).parent, outline=file
    )
    with pytest.raises(ConfigError, match="outline"):
        asyncio.run(serve(settings, asyncio.Event(), read=lambda _: Names()))
