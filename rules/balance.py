"""The difference coefficient (校际差异系数) of a district: pupil-weighted, exact, from sums that add up.

教督〔2017〕6号 with the published method 县域义务教育校际均衡指标计算方法: with P pupils and X of a resource
in each section, mean = ΣX/ΣP, variance = Σ (P/ΣP)·(X/P − mean)² = ΣX²/P / ΣP − mean², CV = √variance / mean.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from rules.exact import root


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What a district adds up per indicator; the sums of two districts are the sums of both together."""

    sections: int = 0
    pupils: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)  # Σ X²/P

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            sections=self.sections + other.sections,
            pupils=self.pupils + other.pupils,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )

    @staticmethod
    def of(parts: Iterable["Sums"]) -> "Sums":
        """All parts together, as if added one by one."""
        found = list(parts)
        return Sums(
            sections=sum(one.sections for one in found),
            pupils=sum(one.pupils for one in found),
            total=added(one.total for one in found),
            squares=added(one.squares for one in found),
        )

    @property
    def mean(self) -> Fraction | None:
        """The district's ratio ΣX/ΣP (not the mean of the sections' ratios)."""
        return self.total / self.pupils if self.pupils else None

    @cached_property
    def variance(self) -> Fraction | None:
        mean = self.mean
        return None if mean is None else self.squares / self.pupils - mean * mean

    @property
    def cv_squared(self) -> Fraction | None:
        """None where it is not defined: no pupils, or nothing of the resource anywhere."""
        mean, variance = self.mean, self.variance
        return variance / mean**2 if mean and variance is not None else None

    def within(self, limit: Fraction) -> bool | None:
        """CV ≤ limit, decided as variance ≤ limit²·mean²: no root is taken."""
        squared = self.cv_squared
        return None if squared is None else squared <= limit * limit


def add_up(sections: Iterable[tuple[int, Fraction]]) -> Sums:
    """The sums over (pupils, numerator) of sections with pupils."""
    count = pupils = 0
    # Fractions of one denominator add as integers; only the few distinct denominators meet as fractions.
    totals: dict[int, int] = defaultdict(int)
    squares: dict[int, int] = defaultdict(int)
    for section_pupils, numerator in sections:
        count += 1
        pupils += section_pupils
        above, below = numerator.as_integer_ratio()
        totals[below] += above
        # A section's share of its school has its pupils above the line: they cancel.
        common = gcd(above, section_pupils)
        squares[section_pupils // common * below * below] += above * above // common
    return Sums(sections=count, pupils=pupils, total=_sum(totals), squares=_sum(squares))


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


def _sum(by_denominator: dict[int, int]) -> Fraction:
    """A balanced sum: denominators grow only towards the root, and are reduced once, at the end."""
    parts = [(numerator, denominator) for denominator, numerator in sorted(by_denominator.items())]
    while len(parts) > 1:
        pairs = [
            (left * below + right * above, above * below)
            for (left, above), (right, below) in zip(parts[::2], parts[1::2], strict=False)
        ]
        parts = pairs + (parts[-1:] if len(parts) % 2 else [])
    return Fraction(*parts[0]) if parts else Fraction(0)
