"""What a plan shows of a difference coefficient."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from registry.exact import rounded_root
from rules.judging.district import IndicatorBalance
from rules.judging.evaluate import evaluate
from rules.planner.words import coefficient
from tests.rules.build import AS_OF, BINHAI, registry, school


def balance(rooms: Sequence[int | None]) -> IndicatorBalance:
    """Of primary schools with 100 pupils each; None: nobody says how many rooms there are."""
    codes = [f"211200000{number}" for number, _ in enumerate(rooms, 1)]
    stated = {
        (code, "school", "multimedia_rooms"): count
        for code, count in zip(codes, rooms, strict=True)
        if count is not None
    }
    known = registry([school(code, primary_pupils=100) for code in codes], statistics=stated)  # type: ignore[arg-type]  # the literals are items
    figures = evaluate(known, BINHAI, None, AS_OF).districts[0].stages["primary"]
    return figures.indicators["L7"]


def test_a_coefficient_that_is_known_is_its_figure() -> None:
    known = balance([2, 3])
    assert known.sums.cv_squared is not None
    assert rounded_root(known.sums.cv_squared, 3) == coefficient(known).zh == "0.200"


@pytest.mark.parametrize("rooms", [[2, 3, None], [2, 2, None], [None, None, 5]])
def test_one_that_is_known_in_part_is_what_it_lies_between(rooms: Sequence[int | None]) -> None:
    found = balance(rooms)
    assert found.cv_squared_range is not None
    low, high = found.cv_squared_range.low, found.cv_squared_range.high
    told = coefficient(found)
    least, between, most = told.zh.removesuffix("以上").partition("～")
    assert Fraction(least) ** 2 <= low < (Fraction(least) + Fraction(1, 1000)) ** 2
    assert (high is None) is not bool(between)
    assert high is None or (Fraction(most) - Fraction(1, 1000)) ** 2 < high <= Fraction(most) ** 2
    assert ("～" in told.zh or "以上" in told.zh, " to " in told.en or " or more" in told.en) == (True, True)


def test_of_one_of_which_nothing_is_known_nothing_is_shown() -> None:
    assert ("—", "—") == (coefficient(balance([None])).zh, coefficient(balance([None])).en)
