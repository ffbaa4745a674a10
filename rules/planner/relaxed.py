"""The planner's guide: the problem without whole numbers, in floats. It proposes; `plan_bound` proves.

A linear program (HiGHS): a section's square X²/(p·T) is held from below by tangents
w ≥ 2·r·X − r²·p·T, to which each round adds the tangents at its own answer, as Newton's method does.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from rules.planner.bound import Box, Hint
from rules.planner.model import BuyingProblem

_ROUNDS = 30
_SAME = 1e-7  # tangents nearer than this differ by less than _CLOSE in what they cut off
_SETTLING = 8
_TOLERANCES = (1e-10, 1e-7)  # the solver's own default where it cannot do better
_CLOSE = 1e-11  # relative; beyond it floats have nothing to say
# Lots that an unreachable limit may be missed by cost this many times the dearest lot: such a box is
# then proved too dear, instead of being called infeasible by floats.
_PENALTY = 1e5


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Lots as floats, and the hint to prove them by."""

    lots: tuple[float, ...]
    hint: Hint


@dataclass(slots=True)
class Relaxation:
    """The linear program of one problem; tangents stay from one box to the next."""

    problem: BuyingProblem
    tangents: dict[tuple[int, int], list[float]] = field(default_factory=dict)

    def solve(self, box: Box) -> Relaxed | None:
        """The cheapest purchase in the box; None where the solver gave up."""
        for _ in range(_ROUNDS):
            answer = self._round(box)
            if answer is None:
                return None
            lots, multipliers = answer
            levels, missed = self._levels(lots)
            hint = Hint(levels=levels, multipliers=multipliers)
            if missed < _CLOSE or not self._add(levels):
                break
        return Relaxed(lots, _settled(self.problem, box, lots, hint))

    def _add(self, levels: tuple[tuple[float, ...], ...]) -> bool:
        """Take up tangents at these levels; False where all of them are there already."""
        added = False
        for site, site_levels in enumerate(levels):
            for number, level in enumerate(site_levels):
                known = self.tangents.setdefault((site, number), [])
                if all(abs(level - other) > _SAME for other in known):
                    known.append(level)
                    added = True
        return added

    def _levels(self, lots: tuple[float, ...]) -> tuple[tuple[tuple[float, ...], ...], float]:
        """Each part's value over its stage's mean, and by how much the worst limit is missed."""
        problem = self.problem
        after = [
            [float(part.has) + float(part.share) * bought for part in site.parts]
            for site, bought in zip(problem.sites, lots, strict=True)
        ]
        totals = dict.fromkeys(problem.stages, 0.0)
        squares = dict.fromkeys(problem.stages, 0.0)
        for site, values in zip(problem.sites, after, strict=True):
            for part, value in zip(site.parts, values, strict=True):
                totals[part.stage] += value
                squares[part.stage] += value * value / part.pupils
        levels = tuple(
            tuple(
                value / totals[part.stage] * problem.pupils[part.stage] / part.pupils
                if totals[part.stage]
                else 1.0
                for part, value in zip(site.parts, values, strict=True)
            )
            for site, values in zip(problem.sites, after, strict=True)
        )
        missed = [
            squares[stage] * problem.pupils[stage] / totals[stage] ** 2
            - 1
            - float(problem.limits[stage]) ** 2
            for stage in problem.stages
            if totals[stage]
        ]
        return levels, max(missed, default=0.0)

    def _round(self, box: Box) -> tuple[tuple[float, ...], dict[Any, float]] | None:
        program = _Program(self.problem, box)
        for site_number, site in enumerate(self.problem.sites):
            for number in range(len(site.parts)):
                for level in self.tangents.setdefault((site_number, number), [1.0]):
                    program.tangent(site_number, number, level)
        return program.solve()


def _settled(problem: BuyingProblem, box: Box, lots: tuple[float, ...], hint: Hint) -> Hint:
    """Shift the levels so that every site that buys something buys at exactly its price.

    The program's levels are good to six digits; a bound to the fen needs the price equations to hold to more.
    """
    levels, weights = [list(site) for site in hint.levels], hint.multipliers
    for _ in range(_SETTLING):
        tops = {stage: 1 + float(problem.limits[stage]) ** 2 for stage in problem.stages}
        for site, site_levels in zip(problem.sites, levels, strict=True):
            for part, level in zip(site.parts, site_levels, strict=True):
                tops[part.stage] += level * level * part.pupils / problem.pupils[part.stage]
        for number, site in enumerate(problem.sites):
            end = box.high[number]
            force = sum(weights[part.stage] * float(part.share) for part in site.parts)
            bought = lots[number] - box.low[number]
            inside = bought > 1e-6 * lots[number] and (end is None or lots[number] < end * (1 - 1e-6))
            if not inside or force <= 0:
                continue
            worth = sum(
                weights[part.stage] * float(part.share) * (tops[part.stage] - 2 * level)
                for part, level in zip(site.parts, levels[number], strict=True)
            )
            shift = (worth - site.cost) / (2 * force)
            levels[number] = [level + shift for level in levels[number]]
    return Hint(levels=tuple(tuple(site) for site in levels), multipliers=weights)


class _Program:
    """Columns: lots of each site, w of each part, then T and what is missed of each stage."""

    def __init__(self, problem: BuyingProblem, box: Box) -> None:
        self._problem, self._box = problem, box
        sites = len(problem.sites)
        parts = [
            (number, index, part)
            for number, site in enumerate(problem.sites)
            for index, part in enumerate(site.parts)
        ]
        self._w = {(number, index): sites + row for row, (number, index, _) in enumerate(parts)}
        self._total = {stage: sites + len(parts) + index for index, stage in enumerate(problem.stages)}
        self._missed = {stage: column + len(problem.stages) for stage, column in self._total.items()}
        self._columns = sites + len(parts) + 2 * len(problem.stages)
        total = sum(float(part.after(box.low[number])) for number, _, part in parts)
        # Lots are counted in such a unit that the program's numbers are neither tiny nor huge.
        self._unit = max(1.0, total / max(1, len(parts)) / 100)
        self._rows: list[int] = []
        self._cells: list[int] = []
        self._values: list[float] = []
        self._right: list[float] = []
        for stage in problem.stages:
            limit = 1 + float(problem.limits[stage]) ** 2
            mine = [self._w[number, index] for number, index, part in parts if part.stage == stage]
            cells = dict.fromkeys(mine, 1.0)
            self._row({**cells, self._total[stage]: -limit, self._missed[stage]: -1.0}, 0.0)

    def tangent(self, site: int, number: int, level: float) -> None:
        """w ≥ 2·level·X − level²·p·T, with X = what it has at the box's low + share·lots."""
        part = self._problem.sites[site].parts[number]
        weight = part.pupils / self._problem.pupils[part.stage]
        low = float(part.after(self._box.low[site])) / self._unit
        cells = {
            site: 2 * level * float(part.share),
            self._w[site, number]: -1.0,
            self._total[part.stage]: -level * level * weight,
        }
        self._row(cells, -2 * level * low)

    def solve(self) -> tuple[tuple[float, ...], dict[Any, float]] | None:
        problem, box, stages = self._problem, self._box, self._problem.stages
        dearest = float(max(site.cost for site in problem.sites))
        costs = np.zeros(self._columns)
        costs[: len(problem.sites)] = [site.cost / dearest for site in problem.sites]
        for stage in stages:
            costs[self._missed[stage]] = _PENALTY
        highs = [
            None if end is None else (end - low) / self._unit
            for low, end in zip(box.low, box.high, strict=True)
        ]
        bounds = [(0.0, high) for high in highs] + [(0.0, None)] * (self._columns - len(highs))
        shape = (len(self._right), self._columns)
        tangents = coo_array((self._values, (self._rows, self._cells)), shape=shape).tocsr()
        totals, at_low = self._totals(), [self._at_low(stage) for stage in stages]
        for tolerance in _TOLERANCES:
            found = linprog(
                costs,
                A_ub=tangents,
                b_ub=self._right,
                A_eq=totals,
                b_eq=at_low,
                bounds=bounds,
                method="highs",
                options={
                    "dual_feasibility_tolerance": tolerance,
                    "primal_feasibility_tolerance": tolerance,
                },
            )
            if found.status == 0:
                break
        else:
            return None
        lots = tuple(
            float(low + self._unit * more)
            for low, more in zip(box.low, found.x[: len(problem.sites)], strict=True)
        )
        duals = found.ineqlin.marginals[: len(stages)]
        return lots, {stage: -float(dual) * dearest for stage, dual in zip(stages, duals, strict=True)}

    def _row(self, cells: dict[int, float], right: float) -> None:
        row = len(self._right)
        self._rows += [row] * len(cells)
        self._cells += cells.keys()
        self._values += cells.values()
        self._right.append(right)

    def _totals(self) -> Any:
        """T of each stage as what there is at the box's low and what is bought."""
        matrix = np.zeros((len(self._problem.stages), self._columns))
        for row, stage in enumerate(self._problem.stages):
            matrix[row, self._total[stage]] = 1.0
            for number, site in enumerate(self._problem.sites):
                for part in site.parts:
                    if part.stage == stage:
                        matrix[row, number] -= float(part.share)
        return matrix

    def _at_low(self, stage: str) -> float:
        return (
            sum(
                float(part.after(low))
                for site, low in zip(self._problem.sites, self._box.low, strict=True)
                for part in site.parts
                if part.stage == stage
            )
            / self._unit
        )
