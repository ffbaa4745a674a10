"""The planner's proof: a lower bound in exact arithmetic from whatever numbers a float solver proposes.

For sections with pupils P_i and lots X_i, T = ΣX_i, p_i = P_i/ΣP, the coefficient is within its limit c when
Σ X_i²/p_i ≤ (1+c²)·T². For any numbers r_i: (X_i − r_i·p_i·T)² ≥ 0, hence X_i²/p_i ≥
2·r_i·X_i·T − r_i²·p_i·T². Summed over the sections and divided by T: Σ (1 + c² + Σ r_k²·p_k − 2·r_i)·X_i ≥ 0,
which is linear in what is bought. Multiplied by any m ≥ 0 and set against the costs it bounds the cost from
below: every choice of r and m gives a true bound, a good choice a tight one. See docs/planner.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from registry.vocabulary import Stage
from rules.planner.model import BuyingProblem

_GRID = 1 << 80  # terms are rounded to this grid, each to its safe side, so that sums stay cheap


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The purchases looked at: at least `low` of each site, at most `high` (None: no end)."""

    low: tuple[int, ...]
    high: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What the float solver proposes: a level r for every part, in order, and a multiplier a stage."""

    levels: tuple[tuple[float, ...], ...]
    multipliers: Mapping[Stage, float]


def lower_bound(problem: BuyingProblem, box: Box, hint: Hint) -> int:
    """No purchase within the box that keeps the limits costs less than this. Exact whatever the hint is."""
    levels = [[_exact(level) for level in site] for site in hint.levels]
    slopes, violation = _cut(problem, box, levels, hint.multipliers)
    costs = [site.cost for site in problem.sites]
    # Where a site may buy without end, nothing it buys may seem to be worth more than it costs.
    worth = [slope / cost for slope, cost, end in zip(slopes, costs, box.high, strict=True) if end is None]
    shrink = max([Fraction(1), *worth])
    bound = violation / shrink + sum(cost * low for cost, low in zip(costs, box.low, strict=True))
    for slope, cost, low, end in zip(slopes, costs, box.low, box.high, strict=True):
        if end is not None:
            bound += min(Fraction(0), cost - slope / shrink) * (end - low)
    return max(ceil(bound), problem.cost(box.low))


def _cut(
    problem: BuyingProblem,
    box: Box,
    levels: Sequence[Sequence[Fraction]],
    multipliers: Mapping[Stage, float],
) -> tuple[list[Fraction], Fraction]:
    """Multiplied and summed over the stages: Σ slopes·(lots − low) ≥ violation."""
    weights = {stage: max(Fraction(0), _exact(multipliers[stage])) for stage in problem.stages}
    tops = {
        stage: 1
        + problem.limits[stage] ** 2
        + Fraction(
            sum(
                ceil(level * level * part.pupils * _GRID)
                for site, site_levels in zip(problem.sites, levels, strict=True)
                for part, level in zip(site.parts, site_levels, strict=True)
                if part.stage == stage
            ),
            problem.pupils[stage] * _GRID,
        )
        for stage in problem.stages
    }
    slopes, violation = [], 0
    for site, site_levels, low in zip(problem.sites, levels, box.low, strict=True):
        slope = 0
        for part, level in zip(site.parts, site_levels, strict=True):
            factor = weights[part.stage] * (tops[part.stage] - 2 * level)
            # What is bought is never less than `low`, so slopes may be rounded up.
            slope += ceil(factor * part.share * _GRID)
            violation += floor(-factor * part.after(low) * _GRID)
        slopes.append(Fraction(slope, _GRID))
    return slopes, Fraction(violation, _GRID)


def _exact(value: float) -> Fraction:
    return Fraction(round(value * (1 << 40)), 1 << 40)
