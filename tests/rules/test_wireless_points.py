"""How many measuring points a room's area asks for."""

from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from registry import Room
from rules.facts.facts import Facts
from rules.judging.wireless import judge_room
from tests.rules.build import AS_OF, BINHAI

areas = st.fractions(min_value=Fraction(1, 100), max_value=10**6, max_denominator=1000)


@given(areas, areas)
def test_a_point_is_asked_for_every_area_begun(area: Fraction, each: Fraction) -> None:
    rule = BINHAI.wireless.model_copy(update={"m2_per_point": each})
    room = Room(school_code="2112000001", room="R", coverage="key", area_m2=area)
    facts = Facts(days=(), until_ms=0, survey_since=AS_OF)
    assert max(1, ceil(area / each)) == judge_room(room, facts, rule).points_required
