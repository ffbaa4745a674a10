"""The least to buy: thresholds first, then whatever the difference coefficient still asks for.

Branch and bound over whole lots. Every answer is verified and every bound proved in exact arithmetic.
"""

import heapq
from collections.abc import Callable

from rules.planner.bound import Box, lower_bound
from rules.planner.model import BuyingProblem, Solution

_MOST_BOXES = 20_000


def solve(problem: BuyingProblem, *, enough: Callable[[], bool]) -> Solution:
    """The cheapest purchase, or the best found and a proven bound when `enough` says that time is up."""
    least = problem.least
    if not problem.sites or problem.balanced(least):
        # Each school's own least is a bound for itself, so that all of them together bound the whole.
        cost = problem.cost(least)
        return Solution(lots=least, cost=cost, bound=cost)
    return _Search(problem).run(enough)


class _Search:
    """The boxes still to be looked at, cheapest bound first, and the best purchase so far."""

    def __init__(self, problem: BuyingProblem) -> None:
        # Only a district that is out of balance needs the libraries.
        from rules.planner.relaxed import Relaxation
        from rules.planner.rounding import levelled

        self._problem = problem
        self._relaxation = Relaxation(problem)
        self._best = levelled(problem)
        self._boxes: list[tuple[int, int, Box]] = []
        self._count = 0

    def run(self, enough: Callable[[], bool]) -> Solution:
        problem = self._problem
        self._push(problem.cost(problem.least), Box(low=problem.least, high=(None,) * len(problem.sites)))
        given_up: list[int] = []
        for _ in range(_MOST_BOXES):
            if not self._boxes:
                break
            bound, _, box = heapq.heappop(self._boxes)
            if not self._may_be_better(bound):
                break
            proved = self._look_into(box, bound)
            if proved is not None:
                given_up.append(proved)
            if enough():
                break
        cost = None if self._best is None else problem.cost(self._best)
        open_bounds = [bound for bound, _, _ in self._boxes] + given_up
        bound = min([*open_bounds, *([] if cost is None else [cost])], default=problem.cost(problem.least))
        return Solution(lots=self._best, cost=cost, bound=bound)

    def _look_into(self, box: Box, bound: int) -> int | None:
        """Prove the box too dear, or split it; its bound where it can be neither."""
        from rules.planner.rounding import rounded_up

        problem = self._problem
        if box.low == box.high:
            self._try(box.low)
            return None
        relaxed = self._relaxation.solve(box)
        if relaxed is None:
            return bound
        bound = max(bound, lower_bound(problem, box, relaxed.hint))
        if not self._may_be_better(bound):
            return None
        self._try(rounded_up(problem, box, relaxed.lots))
        if not self._may_be_better(bound):
            return None
        site = _branching_site(box, relaxed.lots)
        for half in _halves(box, site, int(relaxed.lots[site])):
            self._push(max(bound, problem.cost(half.low)), half)
        return None

    def _try(self, lots: tuple[int, ...] | None) -> None:
        if lots is None or not self._may_be_better(self._problem.cost(lots)):
            return
        if self._problem.balanced(lots):
            self._best = lots

    def _may_be_better(self, cost: int) -> bool:
        return self._best is None or cost < self._problem.cost(self._best)

    def _push(self, bound: int, box: Box) -> None:
        self._count += 1  # of two equal bounds the older goes first, so that runs are alike
        heapq.heappush(self._boxes, (bound, self._count, box))


def _branching_site(box: Box, lots: tuple[float, ...]) -> int:
    """The site furthest from a whole number of lots, of those that still have a choice."""
    open_sites = [site for site, low in enumerate(box.low) if box.high[site] != low]
    return max(open_sites, key=lambda site: (abs(lots[site] - round(lots[site])), -site))


def _halves(box: Box, site: int, split: int) -> tuple[Box, Box]:
    """At most `split` lots of this site, and more than that."""
    low, end = box.low[site], box.high[site]
    split = max(low, split if end is None else min(split, end - 1))
    return (
        Box(low=box.low, high=(*box.high[:site], split, *box.high[site + 1 :])),
        Box(low=(*box.low[:site], split + 1, *box.low[site + 1 :]), high=box.high),
    )
