"""Where a district's figures can lie while some sections are known only as a range: proven, exact bounds.

With amounts X_i between low_i and high_i, the mean ΣX/ΣP is least with every X at its low and greatest with
every X at its high. CV² = ΣX²/P·ΣP / (ΣX)² − 1 is a norm over a sum, so that

- it is least where every ratio X_i/P_i is one common ratio c, held between its own bounds. There
  c = A/B, with A = ΣX²/P and B = ΣX over the sections that are held at a bound;
- it is greatest at a corner of the box. All corners of up to 10 unknown sections are looked at. Of more, x²
  is replaced by the chord over [low, high], which is never below it and equals it at both ends: for each sum
  T the greatest ΣX²/P is then a greedy filling in the order of slopes, piecewise linear in T, and its
  quotient by T² is looked at on every piece. That bound is proven too, and a little wider.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

_ZERO = Fraction(0)
_CORNERS_OF = 10  # sections; 1,024 corners take milliseconds


class Span(NamedTuple):
    """One section: its pupils, and between what its amount lies; high None: nobody can say how much."""

    pupils: int
    low: Fraction
    high: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Both ends are included; high None: not bounded by anything that is known."""

    low: Fraction
    high: Fraction | None


def mean_range(sections: Iterable[Span]) -> Range | None:
    """Where ΣX/ΣP lies; None without pupils."""
    spans = list(sections)
    pupils = sum(span.pupils for span in spans)
    if not pupils:
        return None
    highs = [span.high for span in spans if span.high is not None]
    high = sum(highs, _ZERO) / pupils if len(highs) == len(spans) else None
    return Range(low=sum((span.low for span in spans), _ZERO) / pupils, high=high)


def variance_range(sections: Iterable[Span]) -> Range | None:
    """Where the pupil-weighted variance of X/P lies; None without pupils."""
    spans = list(sections)
    means, coefficients = mean_range(spans), cv_squared_range(spans)
    if means is None:
        return None
    if means.high is None or coefficients is None or coefficients.high is None:
        return Range(low=_ZERO, high=None)
    return Range(
        low=coefficients.low * means.low * means.low, high=coefficients.high * means.high * means.high
    )


def cv_squared_range(sections: Iterable[Span]) -> Range | None:
    """Where the square of the difference coefficient lies; None where it is defined for no amounts at all.

    Amounts that are all zero have no coefficient; they are left out of the range.
    """
    spans = list(sections)
    pupils = sum(span.pupils for span in spans)
    if not pupils or not any(span.high is None or span.high for span in spans):
        return None
    least = _least_quotient(spans) * pupils - 1
    if any(span.high is None for span in spans) or not any(span.low for span in spans):
        # One section alone may have nearly everything there is.
        possible = [span.pupils for span in spans if span.high is None or span.high]
        return Range(low=least, high=Fraction(pupils, min(possible)) - 1)
    return Range(low=least, high=_greatest_quotient(spans) * pupils - 1)


def _least_quotient(spans: Sequence[Span]) -> Fraction:
    """The least ΣX²/P / (ΣX)², over ratios that are one common c held between each section's bounds."""
    ends = {span.low / span.pupils for span in spans}
    ends |= {span.high / span.pupils for span in spans if span.high is not None}
    marks = sorted(ends)
    first, last = 0, len(marks) - 1
    # Held sections pull c up while it is below their own A/B and down above it: the crossing is unique.
    while first < last:
        middle = (first + last + 1) // 2
        if _pull(spans, marks[middle]) >= 0:
            first = middle
        else:
            last = middle - 1
    begin = marks[first]
    end = marks[first + 1] if first + 1 < len(marks) else None
    common = _balanced(spans, begin, end)
    amounts = [span.pupils * _held(span, common) for span in spans]
    total = sum(amounts, _ZERO)
    squares = sum((amount * amount / span.pupils for amount, span in zip(amounts, spans, strict=True)), _ZERO)
    return squares / (total * total)


def _pull(spans: Sequence[Span], ratio: Fraction) -> Fraction:
    """ΣX²/P − ratio·ΣX where every section's ratio is `ratio`, held: above zero, c should grow."""
    found = _ZERO
    for span in spans:
        held = _held(span, ratio)
        found += span.pupils * held * (held - ratio)
    return found


def _balanced(spans: Sequence[Span], begin: Fraction, end: Fraction | None) -> Fraction:
    """The c of a piece at which the sections that are held at a bound balance."""
    inside = (begin + end) / 2 if end is not None else begin + 1
    squares = total = _ZERO
    for span in spans:
        held = _held(span, inside)
        if held != inside:
            squares += span.pupils * held * held
            total += span.pupils * held
    if not total:  # nothing is held away from zero: any c of the piece gives the same quotient
        return inside
    ratio = squares / total
    return max(begin, ratio if end is None else min(ratio, end))


def _held(span: Span, ratio: Fraction) -> Fraction:
    low = span.low / span.pupils
    if ratio < low:
        return low
    if span.high is None:
        return ratio
    return min(ratio, span.high / span.pupils)


class _Corner(NamedTuple):
    """A sum of amounts, and the most that the chords over it can come to."""

    total: Fraction
    squares: Fraction


def _greatest_quotient(spans: Sequence[Span]) -> Fraction:
    """A bound that ΣX²/P / (ΣX)² never passes; some low amount is above zero."""
    if sum(span.low != span.high for span in spans) <= _CORNERS_OF:
        return max(corner.squares / corner.total**2 for corner in _corners(spans))
    corners = list(_filled(spans))
    found = max(corner.squares / corner.total**2 for corner in corners)
    for here, there in pairwise(corners):
        slope = (there.squares - here.squares) / (there.total - here.total)
        rest = here.squares - slope * here.total
        if slope and here.total < (top := -2 * rest / slope) < there.total:
            found = max(found, (slope * top + rest) / top**2)
    return found


def _corners(spans: Sequence[Span]) -> Sequence[_Corner]:
    """Every way in which each amount is at its low or at its high."""
    found = [_at_low([span for span in spans if span.low == span.high])]
    for span in spans:
        if span.high is not None and span.low != span.high:
            found = [
                _Corner(total + end, squares + end * end / span.pupils)
                for total, squares in found
                for end in (span.low, span.high)
            ]
    return found


def _at_low(spans: Sequence[Span]) -> _Corner:
    return _Corner(
        sum((span.low for span in spans), _ZERO),
        sum((span.low * span.low / span.pupils for span in spans), _ZERO),
    )


def _filled(spans: Sequence[Span]) -> Iterable[_Corner]:
    """From every amount at its low to every amount at its high, the steepest chord first."""
    total, squares = _at_low(spans)
    yield _Corner(total, squares)
    steps = [
        ((span.low + high) / span.pupils, high - span.low)
        for span in spans
        if (high := span.high) is not None and high > span.low
    ]
    for slope, width in sorted(steps, reverse=True):
        total, squares = total + width, squares + slope * width
        yield _Corner(total, squares)
