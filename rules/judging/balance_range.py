"""Where a district's figures can lie while some sections are known only as a range: proven, exact bounds.

With the amounts of some sections known and those of others between low_i and high_i, the mean ΣX/ΣP is
least with every X at its low and greatest with every X at its high. CV² = ΣX²/P·ΣP / (ΣX)² − 1 is a norm
over a sum, so that

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

from rules.judging.balance import Sums

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


def in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same spans in an order of their own, so that the same sections are always the same tuple."""
    return tuple(
        sorted(spans, key=lambda span: (span.pupils, span.low, span.high is None, span.high or _ZERO))
    )


def mean_range(known: Sums, spans: Sequence[Span]) -> Range | None:
    """Where ΣX/ΣP lies; None without pupils."""
    pupils = known.pupils + sum(span.pupils for span in spans)
    if not pupils:
        return None
    highs = [span.high for span in spans if span.high is not None]
    high = sum(highs, known.total) / pupils if len(highs) == len(spans) else None
    return Range(low=sum((span.low for span in spans), known.total) / pupils, high=high)


def variance_range(known: Sums, spans: Sequence[Span]) -> Range | None:
    """Where the pupil-weighted variance of X/P lies; None without pupils."""
    means, coefficients = mean_range(known, spans), cv_squared_range(known, spans)
    if means is None:
        return None
    if means.high is None or coefficients is None or coefficients.high is None:
        return Range(low=_ZERO, high=_ZERO if means.high == 0 else None)
    return Range(
        low=coefficients.low * means.low * means.low, high=coefficients.high * means.high * means.high
    )


def cv_squared_range(known: Sums, spans: Sequence[Span]) -> Range | None:
    """Where the square of the difference coefficient lies; None where it is defined for no amounts at all.

    Amounts that are all zero have no coefficient; they are left out of the range.
    """
    pupils = known.pupils + sum(span.pupils for span in spans)
    if not pupils or not (known.total or any(span.high is None or span.high for span in spans)):
        return None
    low = max(_ZERO, _least_quotient(known, spans) * pupils - 1)
    if any(span.high is None for span in spans) or not (known.total or any(span.low for span in spans)):
        # One section alone may have nearly everything there is. What is known only ever tempers that.
        possible = [span.pupils for span in spans if span.high is None or span.high]
        alone = Fraction(pupils, min(possible)) - 1
        spread = known.squares * pupils / known.total**2 - 1 if known.total else _ZERO
        return Range(low=low, high=max(alone, spread))
    return Range(low=low, high=_greatest_quotient(known, spans) * pupils - 1)


def _least_quotient(known: Sums, spans: Sequence[Span]) -> Fraction:
    """The least ΣX²/P / (ΣX)², over ratios that are one common c held between each section's bounds."""
    ends = {_ZERO} | {span.low / span.pupils for span in spans}
    ends |= {span.high / span.pupils for span in spans if span.high is not None}
    marks = sorted(ends)
    first, last = 0, len(marks) - 1
    # Held sections pull c up while it is below their own A/B and down above it: the crossing is unique.
    while first < last:
        middle = (first + last + 1) // 2
        if _pull(known, spans, marks[middle]) >= 0:
            first = middle
        else:
            last = middle - 1
    common = _balanced(known, spans, marks[first], marks[first + 1] if first + 1 < len(marks) else None)
    amounts = [span.pupils * _held(span, common) for span in spans]
    total = sum(amounts, known.total)
    squares = sum(
        (amount * amount / span.pupils for amount, span in zip(amounts, spans, strict=True)), known.squares
    )
    return squares / (total * total)


def _pull(known: Sums, spans: Sequence[Span], ratio: Fraction) -> Fraction:
    """ΣX²/P − ratio·ΣX where every section's ratio is `ratio`, held: above zero, c should grow."""
    found = known.squares - ratio * known.total
    for span in spans:
        held = _held(span, ratio)
        found += span.pupils * held * (held - ratio)
    return found


def _balanced(known: Sums, spans: Sequence[Span], begin: Fraction, end: Fraction | None) -> Fraction:
    """The c of a piece at which the sections that are known or held at a bound balance."""
    inside = (begin + end) / 2 if end is not None else begin + 1
    squares, total = known.squares, known.total
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
    """A sum of amounts, and the most that ΣX²/P can come to with it."""

    total: Fraction
    squares: Fraction


def _greatest_quotient(known: Sums, spans: Sequence[Span]) -> Fraction:
    """A bound that ΣX²/P / (ΣX)² never passes; some low amount is above zero."""
    if sum(span.low != span.high for span in spans) <= _CORNERS_OF:
        return max(corner.squares / corner.total**2 for corner in _corners(known, spans))
    corners = list(_filled(known, spans))
    found = max(corner.squares / corner.total**2 for corner in corners)
    for here, there in pairwise(corners):
        slope = (there.squares - here.squares) / (there.total - here.total)
        rest = here.squares - slope * here.total
        if slope and here.total < (top := -2 * rest / slope) < there.total:
            found = max(found, (slope * top + rest) / top**2)
    return found


def _corners(known: Sums, spans: Sequence[Span]) -> Sequence[_Corner]:
    """Every way in which each amount is at its low or at its high."""
    found = [_at_low(known, [span for span in spans if span.low == span.high])]
    for span in spans:
        if span.high is not None and span.low != span.high:
            found = [
                _Corner(total + end, squares + end * end / span.pupils)
                for total, squares in found
                for end in (span.low, span.high)
            ]
    return found


def _at_low(known: Sums, spans: Sequence[Span]) -> _Corner:
    return _Corner(
        sum((span.low for span in spans), known.total),
        sum((span.low * span.low / span.pupils for span in spans), known.squares),
    )


def _filled(known: Sums, spans: Sequence[Span]) -> Iterable[_Corner]:
    """From every amount at its low to every amount at its high, the steepest chord first."""
    total, squares = _at_low(known, spans)
    yield _Corner(total, squares)
    steps = [
        ((span.low + high) / span.pupils, high - span.low)
        for span in spans
        if (high := span.high) is not None and high > span.low
    ]
    for slope, width in sorted(steps, reverse=True):
        total, squares = total + width, squares + slope * width
        yield _Corner(total, squares)
