"""Charts drawn here: the scale holds every value, a gap is a gap, and names are text."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.board.charts import Frame, Limit, Series, _ticks, line_chart
from tests.dashboards.parsed import Element, parse

FRAME = Frame(begin_ms=0, end_ms=1000, gap_ms=100, moment=str, unit="%")
values = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))


def drawn(*points: tuple[int, float], name: str = "a", limits: tuple[Limit, ...] = ()) -> Element:
    return parse(str(line_chart([Series(name=name, points=points)], FRAME, limits))).one("svg")


@given(st.lists(values, max_size=20))
def test_the_scale_begins_at_zero_or_below_and_holds_every_value_in_few_round_steps(
    found: list[float],
) -> None:
    ticks = _ticks(found)
    assert ticks[0] <= min([*found, 0.0])
    assert ticks[-1] >= max([*found, 0.0])
    assert 2 <= len(ticks) <= 7
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize(
    ("points", "lines", "dots"),
    [
        ((), 0, 0),
        (((0, 1.0),), 0, 1),
        (((0, 1.0), (100, 2.0), (200, 1.0)), 1, 0),
        (((0, 1.0), (100, 2.0), (300, 1.0), (400, 0.0)), 2, 0),
        (((0, 1.0), (300, 2.0)), 0, 2),
    ],
)
def test_a_line_breaks_where_nothing_was_known(
    points: tuple[tuple[int, float], ...], lines: int, dots: int
) -> None:
    svg = drawn(*points)
    assert (lines, dots) == (
        len(svg.all("path", class_="line line-0")),
        len(svg.all("circle", class_="dot line-0")),
    )


def test_every_point_says_its_moment_and_value_and_a_name_is_never_markup() -> None:
    svg = drawn((500, 12.5), name="<b>甲", limits=(Limit(name="≥ <1>", value=20.0),))
    assert ["≥ <1>", "500 · <b>甲 12.5%"] == [title.text for title in svg.all("title")]
    assert "<b>甲 12.5%" == svg.attributes["aria-label"]


def test_points_that_could_not_be_pointed_at_apart_are_told_by_one_of_them_the_newest_always() -> None:
    svg = drawn(*((ms, 1.0) for ms in range(1000)))
    places = [float(tip.attributes["cx"]) for tip in svg.all("circle", class_="tip")]
    steps = [after - before for before, after in pairwise(places)]
    assert "999 · " in svg.all("title")[-1].text
    assert (True, True) == (min(steps) >= 2.5, max(steps) < 4)


@given(st.lists(st.tuples(st.integers(0, 1000), values), min_size=1, max_size=20))
def test_everything_is_drawn_inside_the_frame(points: list[tuple[int, float]]) -> None:
    svg = drawn(*sorted(points))
    _, _, width, height = map(float, svg.attributes["viewbox"].split())
    places = [
        (float(tip.attributes["cx"]), float(tip.attributes["cy"])) for tip in svg.all("circle", class_="tip")
    ]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)
    assert not re.search("nan|inf", str(svg.attributes))
