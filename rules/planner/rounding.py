"""From a float answer to whole lots that keep every limit: floats choose the steps, Fractions decide."""

from collections.abc import Sequence
from math import ceil, floor, isfinite

import numpy as np
from numpy.typing import NDArray

from rules.planner.bound import Box
from rules.planner.model import BuyingProblem

_DOUBLINGS = 12
_STEPS_PER_SITE = 40

Floats = NDArray[np.float64]


def levelled(problem: BuyingProblem) -> tuple[int, ...] | None:
    """A purchase that keeps the limits by raising everyone to one level, however dear; None if that fails."""
    highest = max(
        part.after(least) / part.needs
        for site, least in zip(problem.sites, problem.least, strict=True)
        for part in site.parts
    )
    for doubling in range(_DOUBLINGS):
        level = highest * 2**doubling
        lots = tuple(
            max(site.least, *(ceil((part.needs * level - part.has) / part.share) for part in site.parts))
            for site in problem.sites
        )
        if problem.balanced(lots):
            return lots
    return None


def rounded_up(problem: BuyingProblem, box: Box, wanted: Sequence[float]) -> tuple[int, ...] | None:
    """Whole lots near the wanted ones, within the box, that keep every limit; None where that fails."""
    if not all(isfinite(lots) for lots in wanted):
        return None
    lots = [
        max(low, floor(lots + 1e-9) if end is None else min(end, floor(lots + 1e-9)))
        for low, end, lots in zip(box.low, box.high, wanted, strict=True)
    ]
    slacks = _Slacks(problem)
    for _ in range(_STEPS_PER_SITE * len(lots)):
        if slacks.seem_kept(lots) and problem.balanced(lots):
            return _trimmed(problem, box, slacks, lots)
        site = slacks.best_step(lots, box.high)
        if site is None:
            return None
        lots[site] += 1
    return None


def _trimmed(problem: BuyingProblem, box: Box, slacks: "_Slacks", lots: list[int]) -> tuple[int, ...]:
    """Give back what turns out not to be needed, the dearest first."""
    order = sorted(range(len(lots)), key=lambda index: (-problem.sites[index].cost, index))
    for site in order:
        if lots[site] > box.low[site]:
            lots[site] -= 1
            if not (slacks.seem_kept(lots) and problem.balanced(lots)):
                lots[site] += 1
    return tuple(lots)


class _Slacks:
    """(1+c²)·T² − ΣX²/p of each stage as floats: not negative where the limit is kept."""

    def __init__(self, problem: BuyingProblem) -> None:
        count, stages = len(problem.sites), problem.stages
        self._costs = np.array([site.cost for site in problem.sites], float)
        self._has, self._share = np.zeros((len(stages), count)), np.zeros((len(stages), count))
        self._weight = np.ones((len(stages), count))
        for row, stage in enumerate(stages):
            for column, site in enumerate(problem.sites):
                for part in site.parts:
                    if part.stage == stage:
                        self._has[row, column] = float(part.has)
                        self._share[row, column] = float(part.share)
                        self._weight[row, column] = part.pupils / problem.pupils[stage]
        self._limit = np.array([1 + float(problem.limits[stage]) ** 2 for stage in stages])

    def seem_kept(self, lots: Sequence[int]) -> bool:
        """A first look that spares the exact one; on the edge it says yes."""
        after = self._after(lots)
        return bool(np.all(self._slack(after) >= -1e-9 * after.sum(axis=1) ** 2))

    def best_step(self, lots: Sequence[int], high: Sequence[int | None]) -> int | None:
        """The site whose next lot brings the missed limits nearest for its price; None where none helps."""
        after = self._after(lots)
        totals, slack = after.sum(axis=1, keepdims=True), self._slack(after)
        # What each limit is missed by after one more lot of each site, of what it is allowed.
        more = (
            slack[:, None]
            + self._limit[:, None] * (2 * totals * self._share + self._share**2)
            - (2 * after * self._share + self._share**2) / self._weight
        )
        scale = np.maximum(totals[:, 0] ** 2, 1e-300)
        now = float((np.minimum(slack, 0.0) / scale).sum())
        gained = ((np.minimum(more, 0.0) / scale[:, None]).sum(axis=0) - now) / self._costs
        for site, (bought, end) in enumerate(zip(lots, high, strict=True)):
            if end is not None and bought >= end:
                gained[site] = -np.inf
        best = int(np.argmax(gained))
        return best if gained[best] > 0 or now == 0 else None

    def _after(self, lots: Sequence[int]) -> Floats:
        after: Floats = self._has + self._share * np.array(lots, float)
        return after

    def _slack(self, after: Floats) -> Floats:
        squares: Floats = (after**2 / self._weight).sum(axis=1)
        allowed: Floats = self._limit * after.sum(axis=1) ** 2
        return allowed - squares
