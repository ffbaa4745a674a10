"""Districts for the planner's tests, and the plain search that its answers are held against."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from registry.vocabulary import Stage
from rules.planner.model import BuyingProblem, Part, Site

WEIGHTS: Mapping[Stage, Fraction] = {"primary": Fraction(1), "junior": Fraction("1.1")}
NEEDS: Mapping[Stage, Fraction] = {"primary": Fraction("0.023"), "junior": Fraction("0.024")}
LIMITS: Mapping[Stage, Fraction] = {"primary": Fraction("0.5"), "junior": Fraction("0.45")}
_ONE = st.just(1)
BOTH: tuple[Stage, Stage] = ("primary", "junior")


def site(
    pupils: Mapping[Stage, int], lots: int, *, cost: int = 1, needs: Mapping[Stage, Fraction] = NEEDS
) -> Site:
    """A school with so many pupils and lots, split as the standard splits a 九年一贯制."""
    weighted = {stage: WEIGHTS[stage] * count for stage, count in pupils.items()}
    total = sum(weighted.values())
    parts = tuple(
        Part(
            stage=stage,
            pupils=count,
            has=lots * weighted[stage] / total,
            share=weighted[stage] / total,
            needs=needs[stage] * count,
        )
        for stage, count in pupils.items()
    )
    return Site(cost=cost, parts=parts)


@st.composite
def sites(draw: st.DrawFn, *, costs: st.SearchStrategy[int] = _ONE) -> Site:
    stages: tuple[Stage, ...] = draw(st.sampled_from([("primary",), ("junior",), BOTH]))
    pupils = {stage: draw(st.integers(50, 300)) for stage in stages}
    return site(pupils, draw(st.integers(0, 20)), cost=draw(costs))


def limits() -> st.SearchStrategy[Mapping[Stage, Fraction]]:
    tenths = st.integers(1, 6).map(lambda number: Fraction(number, 10))
    return st.fixed_dictionaries({"primary": tenths, "junior": tenths})


def problems(*, most: int, costs: st.SearchStrategy[int] = _ONE) -> st.SearchStrategy[BuyingProblem]:
    return st.builds(
        lambda schools, limit: BuyingProblem(sites=tuple(schools), limits=limit),
        st.lists(sites(costs=costs), min_size=1, max_size=most),
        limits(),
    )


def cheaper_purchases(problem: BuyingProblem, cost: int) -> Iterator[Sequence[int]]:
    """Every purchase that meets the thresholds and costs less than this."""
    spare = cost - 1 - problem.cost(problem.least)
    ranges = [range(spare // one.cost + 1) if spare >= 0 else range(0) for one in problem.sites]
    for extra in product(*ranges):
        lots = [least + more for least, more in zip(problem.least, extra, strict=True)]
        if problem.cost(lots) < cost:
            yield lots
