"""Decimals are read and shown exactly."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.exact import for_cell, parse_decimal, plain, root, rounded, rounded_root, told_apart

fractions = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
positive = st.fractions(min_value=0, max_value=10**9, max_denominator=10**6)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_a_decimal_is_read_as_exactly_what_is_written(value: Decimal) -> None:
    assert parse_decimal(f"{value:f}") == Fraction(value)


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    "text", ["", "1,234", "1e3", "NaN", "１２", " 1", "0x1", "1/2", "1.", ".5", "9" * 19]
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal"):
        parse_decimal(text)


@given(fractions, st.integers(0, 8))
def test_rounding_goes_half_up_as_decimal_arithmetic_does(value: Fraction, places: int) -> None:
    with localcontext(prec=60):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        expected = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert Decimal(rounded(value, places)) == expected


@given(positive, st.integers(0, 8))
def test_a_rounded_root_is_within_half_a_unit_of_the_root(value: Fraction, places: int) -> None:
    shown, half = Fraction(rounded_root(value, places)), Fraction(1, 2 * 10**places)
    assert max(shown - half, Fraction(0)) ** 2 <= value < (shown + half) ** 2


@given(positive)
def test_a_root_is_too_low_by_less_than_its_last_digit(value: Fraction) -> None:
    low = root(value, 50)
    assert low**2 <= value < (low + Fraction(1, 10**50)) ** 2


def test_a_short_decimal_is_shown_whole_and_a_long_one_with_four_places() -> None:
    shown = [plain(Fraction(text)) for text in ("2.3", "1.955", "7", "350/19")] + [
        plain(Fraction(1, 2), at_least=2)
    ]
    assert shown == ["2.3", "1.955", "7", "18.4211", "0.50"]


def test_a_value_next_to_its_limit_shows_as_many_places_as_tell_them_apart() -> None:
    limit = Fraction("2.3")
    values = (Fraction(200, 87), Fraction("2.29996"), Fraction("2.3"))
    assert [told_apart(value, limit) for value in values] == ["2.299", "2.29996", "2.300"]


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_is_shown_as_it_is_rounded_to_no_places(number: int) -> None:
    assert plain(Fraction(number)) == rounded(Fraction(number), 0)


@given(positive, st.integers(0, 3), st.integers(3, 6))
def test_what_a_cell_shows_is_the_exact_figure_rounded_once(value: Fraction, shown: int, places: int) -> None:
    for exact in (rounded, rounded_root):
        kept = for_cell(lambda number, at=exact: at(value, number), shown, places=places)  # type: ignore[misc]
        assert exact(value, shown) == rounded(Fraction(kept), shown)


def test_a_figure_that_four_places_would_push_up_is_kept_with_more() -> None:
    assert "2.29496" == for_cell(lambda places: rounded(Fraction("2.29496"), places), 2, places=4)
