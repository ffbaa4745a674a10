"""The difference coefficient (校际差异系数) of a district: pupil-weighted, exact, from sums that add up.

教督〔2017〕6号 with the published method 县域义务教育校际均衡指标计算方法: with P pupils and X of a resource
in each section, mean = ΣX/ΣP, variance = Σ (P/ΣP)·(X/P − mean)² = ΣX²/P / ΣP − mean², CV = √variance / mean.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from registry.exact import Ratio, root

# Bits behind the point where a sum is enclosed: sums of 10¹² are known to 27 digits.
_GRID = 48


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """What a district adds up per indicator; the sums of two districts are the sums of both together.

    ΣX and ΣX²/P are kept as numerators by denominator, as they were added: adding up is then adding whole
    numbers, and the long fraction is made once, where someone asks for it.
    """

    sections: int = 0
    pupils: int = 0
    totals: Mapping[int, int] = field(default_factory=dict)
    squared: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: "Sums") -> "Sums":
        return Sums.of((self, other))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sums) and self._figures == other._figures

    def __hash__(self) -> int:
        return hash(self._figures)

    @staticmethod
    def of(parts: Iterable["Sums"]) -> "Sums":
        """All parts together, as if added one by one."""
        found = list(parts)
        return Sums(
            sections=sum(sums.sections for sums in found),
            pupils=sum(sums.pupils for sums in found),
            totals=_together(sums.totals for sums in found),
            squared=_together(sums.squared for sums in found),
        )

    @cached_property
    def total(self) -> Fraction:
        """ΣX."""
        return _sum(self.totals)

    @cached_property
    def squares(self) -> Fraction:
        """ΣX²/P."""
        return _sum(self.squared)

    @property
    def mean(self) -> Fraction | None:
        """The district's ratio ΣX/ΣP (not the mean of the sections' ratios)."""
        return self.total / self.pupils if self.pupils else None

    @cached_property
    def variance(self) -> Fraction | None:
        mean = self.mean
        return None if mean is None else self.squares / self.pupils - mean * mean

    @cached_property
    def cv_squared(self) -> Fraction | None:
        """None where it is not defined: no pupils, or nothing of the resource anywhere.

        variance / mean² = ΣX²/P · ΣP / (ΣX)² − 1, over one denominator: long fractions are reduced once.
        """
        if not self.pupils or not self.total:
            return None
        above, below = self.squares.as_integer_ratio()
        total, of = self.total.as_integer_ratio()
        common = below * total * total
        return Fraction(above * self.pupils * of * of - common, common)

    def within(self, limit: Fraction) -> bool | None:
        """CV ≤ limit, decided as ΣX²/P·ΣP ≤ (1 + limit²)·(ΣX)²: no root is taken.

        Exact, and mostly without the long fractions: whole numbers below and above both sums decide, unless
        they lie on both sides of the limit. No amount is negative.
        """
        if not self.pupils or not any(self.totals.values()):
            return None
        most, of = (1 + limit * limit).as_integer_ratio()
        (total, total_above), (squares, squares_above) = _enclosed(self.totals), _enclosed(self.squared)
        factor = of * self.pupils << _GRID
        if squares_above * factor <= most * total * total:
            return True
        if squares * factor > most * total_above * total_above:
            return False
        return self.squares * self.pupils * of <= most * self.total**2

    @property
    def _figures(self) -> tuple[int, int, Fraction, Fraction]:
        return self.sections, self.pupils, self.total, self.squares


def add_up(sections: Iterable[tuple[int, Fraction]]) -> Sums:
    """The sums over (pupils, numerator) of sections with pupils."""
    return add_ratios((pupils, numerator.as_integer_ratio()) for pupils, numerator in sections)


def add_ratios(sections: Iterable[tuple[int, Ratio]]) -> Sums:
    """The same of numerators that need not be reduced."""
    count = pupils = 0
    totals: dict[int, int] = defaultdict(int)
    squared: dict[int, int] = defaultdict(int)
    for number, (above, below) in sections:
        count += 1
        pupils += number
        totals[below] += above
        if below == 1:
            squared[number] += above * above
        else:
            # A section's share of its school has its pupils above the line: they cancel.
            common = gcd(above, number)
            squared[number // common * below * below] += above * above // common
    return Sums(sections=count, pupils=pupils, totals=totals, squared=squared)


def added(values: Iterable[Fraction]) -> Fraction:
    """The sum over one common denominator: long fractions are not reduced between, but once, at the end."""
    ratios = [value.as_integer_ratio() for value in values]
    common = lcm(*(below for _, below in ratios))
    return Fraction(sum(above * (common // below) for above, below in ratios), common)


def composite(squared: Iterable[Fraction | None]) -> Fraction | None:
    """The mean of the unrounded CVs (综合差异系数), given their squares; None where one of them is.

    A sum of roots is irrational: this is right to 49 decimals, and shown, never used for a verdict.
    """
    roots: list[Fraction] = []
    for square in squared:
        if square is None:
            return None
        roots.append(root(square))
    return sum(roots, Fraction(0)) / len(roots) if roots else None


def _together(parts: Iterable[Mapping[int, int]]) -> Mapping[int, int]:
    found: dict[int, int] = defaultdict(int)
    for part in parts:
        for denominator, numerator in part.items():
            found[denominator] += numerator
    return found


def _enclosed(by_denominator: Mapping[int, int]) -> tuple[int, int]:
    """The sum in units of 2^-_GRID, rounded down term by term, and a number that it is surely below."""
    low = sum((numerator << _GRID) // denominator for denominator, numerator in by_denominator.items())
    return low, low + len(by_denominator)


def _sum(by_denominator: Mapping[int, int]) -> Fraction:
    """A balanced sum: denominators grow only towards the root, and are reduced once, at the end."""
    parts = [(numerator, denominator) for denominator, numerator in sorted(by_denominator.items())]
    while len(parts) > 1:
        pairs = [
            (left * below + right * above, above * below)
            for (left, above), (right, below) in zip(parts[::2], parts[1::2], strict=False)
        ]
        parts = pairs + (parts[-1:] if len(parts) % 2 else [])
    return Fraction(*parts[0]) if parts else Fraction(0)
