"""The planner's answers against a plain search through everything cheaper; its bounds against anything."""

import random
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.planner.bound import Box, Hint, lower_bound
from rules.planner.model import BuyingProblem
from rules.planner.solver import solve
from tests.rules.planning import LIMITS, NEEDS, cheaper_purchases, problems, site

SEARCHABLE = 20_000  # purchases that a test looks through one by one


def searchable(problem: BuyingProblem, cost: int) -> bool:
    ways = 1
    for one in problem.sites:
        ways *= max(0, cost - 1 - problem.cost(problem.least)) // one.cost + 1
    return ways <= SEARCHABLE


@settings(max_examples=120, deadline=None)
@given(problem=problems(most=4))
def test_nothing_cheaper_meets_thresholds_and_limits(problem: BuyingProblem) -> None:
    found = solve(problem, enough=lambda: False)
    assume(found.lots is not None and found.cost is not None and searchable(problem, found.cost))
    assert found.lots is not None
    assert found.cost is not None
    cheaper = [lots for lots in cheaper_purchases(problem, found.cost) if problem.balanced(lots)]
    kept = all(bought >= least for bought, least in zip(found.lots, problem.least, strict=True))
    assert (problem.balanced(found.lots), kept, found.optimal, cheaper) == (True, True, True, [])


@settings(max_examples=60, deadline=None)
@given(problem=problems(most=3, costs=st.integers(1, 5)))
def test_nothing_cheaper_does_where_schools_pay_different_prices(problem: BuyingProblem) -> None:
    found = solve(problem, enough=lambda: False)
    assume(found.lots is not None and found.cost is not None and searchable(problem, found.cost))
    assert found.lots is not None
    assert found.cost is not None
    cheaper = [lots for lots in cheaper_purchases(problem, found.cost) if problem.balanced(lots)]
    assert (problem.balanced(found.lots), found.optimal, cheaper) == (True, True, [])


@settings(max_examples=150, deadline=None)
@given(problem=problems(most=4, costs=st.integers(1, 5)), data=st.data())
def test_whatever_numbers_propose_it_the_bound_is_true(problem: BuyingProblem, data: st.DataObject) -> None:
    level = st.floats(0, 5, allow_nan=False)
    hint = Hint(
        levels=tuple(tuple(data.draw(level) for _ in one.parts) for one in problem.sites),
        multipliers={stage: data.draw(st.floats(0, 50, allow_nan=False)) for stage in problem.stages},
    )
    lots = [least + data.draw(st.integers(0, 60)) for least in problem.least]
    assume(problem.balanced(lots))
    high = tuple(data.draw(st.sampled_from([None, bought, bought + 7])) for bought in lots)
    assert lower_bound(problem, Box(low=problem.least, high=high), hint) <= problem.cost(lots)


def test_without_imbalance_every_school_buys_its_own_least() -> None:
    """100 pupils need 2.3 rooms and have 2; 700 and 400 need 27 for the 16.1 of the primary pupils."""
    problem = BuyingProblem(
        sites=(site({"primary": 100}, 2), site({"primary": 700, "junior": 400}, 20)), limits=LIMITS
    )
    found = solve(problem, enough=lambda: False)
    assert (found.lots, found.optimal) == ((1, 7), True)


def test_one_room_of_a_whole_school_helps_both_of_its_stages() -> None:
    """The 26.22 rooms for 700 primary pupils' 16.1 are also 10.1 for 400 junior pupils, who need 9.6 (25)."""
    whole = site({"primary": 700, "junior": 400}, 0)
    assert ([part.least for part in whole.parts], whole.least) == ([27, 25], 27)


def test_a_limit_that_no_purchase_reaches_is_said_and_not_guessed() -> None:
    """Rooms are whole: 100 and 101 pupils never have exactly as many each, unless thousands are bought."""
    problem = BuyingProblem(
        sites=(site({"junior": 100}, 0), site({"junior": 100}, 0)), limits={"junior": Fraction(0)}
    )
    found = solve(problem, enough=lambda: False)
    assert found.lots == (3, 3)
    uneven = BuyingProblem(
        sites=(site({"junior": 100}, 0), site({"junior": 101}, 0)),
        limits={"junior": Fraction(1, 10**9)},
    )
    assert solve(uneven, enough=lambda: True).lots is None


def two_hundred(unit: int) -> BuyingProblem:
    """About 200 sections far from balance; `unit` lots are what the thresholds call one."""
    chance = random.Random(0)  # noqa: S311 a district to plan for, no secret
    kinds = [("primary",)] * 10 + [("junior",)] * 5 + [("primary", "junior")] * 3
    schools = []
    for _ in range(180):
        pupils = {stage: chance.randrange(60, 2000) for stage in chance.choice(kinds)}
        had = int(sum(pupils.values()) * 23 * chance.uniform(0.5, 9) / 1000) * unit
        needs = {stage: NEEDS[stage] * unit for stage in NEEDS}
        schools.append(site(pupils, had, needs=needs))  # type: ignore[arg-type]  # the kinds hold stages
    return BuyingProblem(sites=tuple(schools), limits=LIMITS)


@pytest.mark.parametrize(
    ("unit", "gap"),
    [(1, 1), (8_700_000, 1_000)],  # rooms; fen of equipment, to within ten yuan of some twenty million
)
def test_two_hundred_sections_out_of_balance_are_planned_and_proved(unit: int, gap: int) -> None:
    problem = two_hundred(unit)
    found = solve(problem, enough=lambda: True)  # one look, no branching
    assert found.lots is not None
    assert found.cost is not None
    before = [problem.balanced(problem.least), problem.balanced(found.lots)]
    assert (before, found.bound <= found.cost <= found.bound + gap) == ([False, True], True)


def test_stopped_at_once_it_still_gives_a_purchase_and_a_bound() -> None:
    problem = BuyingProblem(
        sites=tuple(site({"primary": 100 + number}, number * 4) for number in range(8)),
        limits={"primary": Fraction(1, 10)},
    )
    whole, stopped = solve(problem, enough=lambda: False), solve(problem, enough=lambda: True)
    assert whole.cost is not None
    assert stopped.lots is not None
    assert (whole.optimal, problem.balanced(stopped.lots), stopped.bound <= whole.cost) == (True, True, True)
