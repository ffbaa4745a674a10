"""Exact decimals: read from text, compared as fractions, rounded only to be shown. No binary floats."""

import re
from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from runtime.language import Text

# Wide enough for any area or sum of money; a longer number is a slip of the keyboard.
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")
_SHOWN_PLACES = 4

# Above and below the line, not reduced: fractions that are only compared and added up need not be.
Ratio = tuple[int, int]
_MOST_PLACES = 12


def parse_decimal(text: str) -> Fraction:
    """The exact value of a plain decimal such as "0.85"; ValueError for anything else."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(Text(f"“{text}”不是普通小数", f"{text!r} is not a plain decimal number"))
    return Fraction(text)


def equal(one: Ratio, other: Ratio) -> bool:
    """Whether both are the same number, reduced or not."""
    return one == other or one[0] * other[1] == other[0] * one[1]


def reaches(part: int, whole: int, share: Fraction) -> bool:
    """part ≥ share·whole, in whole numbers: nothing is divided, and no fraction is made."""
    above, below = share.as_integer_ratio()
    return part * below >= above * whole


def rounded(value: Fraction, places: int) -> str:
    """Decimal text with this many places, halves away from zero."""
    return rounded_ratio(value.as_integer_ratio(), places)


def rounded_ratio(ratio: Ratio, places: int) -> str:
    """The same for a fraction that need not be reduced."""
    units = _units(ratio, places)
    return _placed(abs(units), places, negative=units < 0)


def rounded_down(value: Fraction, places: int) -> str:
    """Decimal text that is not above the value (0 or more)."""
    above, below = value.as_integer_ratio()
    return _placed(above * 10**places // below, places, negative=False)


def rounded_up(value: Fraction, places: int) -> str:
    """Decimal text that is not below the value (0 or more)."""
    above, below = value.as_integer_ratio()
    return _placed(-(-above * 10**places // below), places, negative=False)


def look_alike(one: Fraction, other: Fraction, places: int) -> bool:
    """Whether both print as the same decimal with this many places."""
    return _units(one.as_integer_ratio(), places) == _units(other.as_integer_ratio(), places)


def plain(value: Fraction, *, at_least: int = 0) -> str:
    """The exact decimal where it is short (2.3, 1.955), else four places (18.4211)."""
    above, below = value.as_integer_ratio()
    if below == 1 and not at_least:
        return str(above)
    for places in range(at_least, _MOST_PLACES + 1):
        if 10**places % below == 0:
            return rounded_ratio((above, below), places)
    return rounded_ratio((above, below), _SHOWN_PLACES)


def told_apart(value: Fraction, limit: Fraction, *, places: int = 3) -> str:
    """`value` with as many places as it takes to see on which side of `limit` it lies."""
    ratio, (above, below) = value.as_integer_ratio(), limit.as_integer_ratio()
    if ratio != (above, below):
        while _units(ratio, places) * below == above * 10**places and places < _MOST_PLACES:
            places += 1
    return rounded_ratio(ratio, places)


def rounded_root(value: Fraction, places: int) -> str:
    """The square root of `value` with this many places, halves up, right in every digit."""
    # floor(x + 1/2) = (floor(2x) + 1) // 2, and floor(2x) is a whole root.
    doubled = isqrt(4 * 10 ** (2 * places) * value.numerator // value.denominator)
    return _placed((doubled + 1) // 2, places, negative=False)


def for_cell(at: Callable[[int], str], shown: int, *, places: int) -> str:
    """Decimal text for a cell that shows `shown` places: `places` of them, or as many as it takes to show
    what the exact figure shows. `at` rounds the exact figure to so many places.

    2.29496 kept with four places is 2.2950, which would show as 2.30 beside 2.29.
    """
    wanted = at(shown)
    for kept in range(places, _MOST_PLACES + 1):
        text = at(kept)
        if rounded(Fraction(text), shown) == wanted:
            return text
    return wanted


def root(value: Fraction, places: int = 50) -> Fraction:
    """The square root of `value`, less than 10^-places too low; for means of roots, never for a verdict."""
    return Fraction(isqrt(10 ** (2 * places) * value.numerator // value.denominator), 10**places)


def _units(ratio: Ratio, places: int) -> int:
    """In units of the last place, halves away from zero."""
    above, below = ratio
    times: int = 10**places
    units = (2 * abs(above) * times + below) // (2 * below)
    return -units if above < 0 else units


def _placed(units: int, places: int, *, negative: bool) -> str:
    digits = str(units).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return ("-" if negative else "") + whole + ("." + part if part else "")
