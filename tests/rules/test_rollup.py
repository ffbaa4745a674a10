"""District → city → province: the same as evaluating all at once, and the variance in two parts."""

from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from rules.judging.balance import Sums, add_up
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.rollup import split
from tests.rules.build import AS_OF, BINHAI, registry, school

sections = st.lists(
    st.tuples(st.integers(1, 3000), st.fractions(min_value=0, max_value=10**6, max_denominator=2000)),
    max_size=6,
)
groups = st.lists(sections, min_size=1, max_size=6)


@given(groups, st.randoms(), st.integers(1, 5))
def test_partial_sums_merge_in_any_order_and_grouping(
    given: list[list[tuple[int, Fraction]]], random: st.random_module, cut: int
) -> None:
    parts = [add_up(one) for one in given]
    random.shuffle(parts)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    nested = reduce(add, parts[:cut], Sums()) + reduce(add, parts[cut:], Sums())
    assert nested == add_up([section for one in given for section in one])


@given(groups)
def test_within_and_between_add_up_to_the_whole_variance(given: list[list[tuple[int, Fraction]]]) -> None:
    whole = add_up([section for one in given for section in one])
    found = split(add_up(one) for one in given)
    assert (found.total if found else None) == whole.variance


@given(groups)
def test_between_is_the_variance_of_districts_in_which_all_are_alike(
    given: list[list[tuple[int, Fraction]]],
) -> None:
    sums = [one for one in (add_up(each) for each in given) if one.pupils]
    alike = add_up((one.pupils, one.total) for one in sums)
    found = split(sums)
    assert (found.between if found else None) == alike.variance


def test_all_inequality_lies_between_two_districts_of_equal_schools() -> None:
    found = split([add_up([(10, Fraction(10))] * 3), add_up([(10, Fraction(30))] * 3)])
    assert found is not None
    assert (found.within, found.between, found.between_share) == (0, 1, 100)


def evaluated(*districts: str) -> Evaluation:
    """Six schools, dealt out to the districts in turn."""
    schools = [
        replace(school(f"211200000{n}", primary_pupils=100 + 37 * n), district=districts[n % len(districts)])
        for n in range(6)
    ]
    statistics = {
        (one.school_code, "school", item): 1000 * n + 7
        for n, one in enumerate(schools, 1)
        for item in ("teaching_area_m2", "equipment_cny", "multimedia_rooms")
    }
    return evaluate(registry(schools, statistics=statistics), BINHAI, None, AS_OF)  # type: ignore[arg-type]


def test_a_regions_figures_are_those_of_evaluating_all_its_sections_at_once() -> None:
    apart, together = evaluated("120101", "120116", "120118"), evaluated("120116")
    whole = together.districts[0]
    assert [
        (one.level, one.code, one.stages == whole.stages, one.wireless == whole.wireless, len(one.districts))
        for one in apart.regions
    ] == [("city", "1201", True, True, 3), ("province", "12", True, True, 3)]


def test_guarantees_add_up_over_districts_too() -> None:
    apart, together = evaluated("120101", "120116"), evaluated("120116")
    assert apart.regions[0].guarantees == together.districts[0].guarantees


def test_cities_of_two_provinces_stay_apart() -> None:
    found = evaluated("120116", "130102").regions
    assert [(one.level, one.code, one.districts) for one in found] == [
        ("city", "1201", ("120116",)),
        ("city", "1301", ("130102",)),
        ("province", "12", ("120116",)),
        ("province", "13", ("130102",)),
    ]


@given(groups)
def test_within_is_the_weighted_mean_of_the_districts_own_variances(
    given: list[list[tuple[int, Fraction]]],
) -> None:
    sums = [one for one in (add_up(each) for each in given) if one.pupils]
    pupils = sum(one.pupils for one in sums)
    expected = sum((one.pupils * (one.variance or 0) for one in sums), Fraction(0))
    found = split(sums)
    assert (found.within * pupils if found else Fraction(0)) == expected
