"""What the planner decides on: sites that buy whole lots, sections that share them, limits that couple all.

A lot is one room, or one fen of equipment. Everything here is integers and Fractions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil

from registry.vocabulary import Stage
from rules.judging.balance import Sums, add_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section: what it has, in lots, and its share of every lot that its school buys."""

    stage: Stage
    pupils: int
    has: Fraction
    share: Fraction
    needs: Fraction  # lots with which it meets the threshold

    def after(self, lots: int) -> Fraction:
        return self.has + self.share * lots

    @property
    def least(self) -> int:
        """The fewest lots its school has to buy for this section to meet the threshold."""
        return max(0, ceil((self.needs - self.has) / self.share))


@dataclass(frozen=True, kw_only=True)
class Site:
    """One school as it buys; `cost` is what a lot costs in the unit of the objective."""

    cost: int
    parts: tuple[Part, ...]

    @cached_property
    def least(self) -> int:
        """The fewest lots with which every section of the school meets the threshold."""
        return max(part.least for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class BuyingProblem:
    """All schools of a district and the limit of the difference coefficient of each stage."""

    sites: tuple[Site, ...]
    limits: Mapping[Stage, Fraction]

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that anyone teaches here."""
        found = {part.stage for site in self.sites for part in site.parts}
        return tuple(stage for stage in self.limits if stage in found)

    @cached_property
    def pupils(self) -> dict[Stage, int]:
        return {
            stage: sum(part.pupils for site in self.sites for part in site.parts if part.stage == stage)
            for stage in self.stages
        }

    @cached_property
    def least(self) -> tuple[int, ...]:
        return tuple(site.least for site in self.sites)

    def cost(self, lots: Sequence[int]) -> int:
        return sum(site.cost * bought for site, bought in zip(self.sites, lots, strict=True))

    def sums(self, lots: Sequence[int], stage: Stage) -> Sums:
        """The stage's sums after the purchase: the very ones that an evaluation would make."""
        return add_up(
            (part.pupils, part.after(bought))
            for site, bought in zip(self.sites, lots, strict=True)
            for part in site.parts
            if part.stage == stage
        )

    def balanced(self, lots: Sequence[int]) -> bool:
        """Every stage's difference coefficient is within its limit, exactly."""
        return all(self.sums(lots, stage).within(self.limits[stage]) for stage in self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What to buy, and the proof: no purchase that meets everything costs less than `bound`.

    lots None: nothing was found that brings every coefficient within its limit.
    """

    lots: tuple[int, ...] | None
    cost: int | None
    bound: int

    @property
    def gap(self) -> int | None:
        return None if self.cost is None else self.cost - self.bound

    @property
    def optimal(self) -> bool:
        return self.gap == 0
