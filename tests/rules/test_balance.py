"""The difference coefficient: the published example, and what must not change it."""

from fractions import Fraction
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from registry.exact import root, rounded, rounded_root
from rules.judging.balance import Sums, add_up, added, composite

# 县域义务教育校际均衡指标计算方法, 以生均图书册数为例: (pupils, books) of five primary schools.
BOOKS = [(45, 279), (37, 137), (89, 935), (76, 160), (55, 402)]

sections = st.lists(
    st.tuples(st.integers(1, 3000), st.fractions(min_value=0, max_value=10**6, max_denominator=2000)),
    min_size=1,
    max_size=20,
)


def figures(given: list[tuple[int, int]]) -> Sums:
    return add_up((pupils, Fraction(amount)) for pupils, amount in given)


def test_the_published_example_comes_out_to_the_last_digit() -> None:
    sums = figures(BOOKS)
    assert sums.mean is not None
    assert sums.variance is not None
    assert sums.cv_squared is not None
    assert (
        sums.pupils,
        sums.total,
        rounded(sums.mean, 2),
        rounded(sums.variance, 6),
        rounded_root(sums.variance, 6),
        rounded_root(sums.cv_squared, 6),
    ) == (302, 1913, "6.33", "10.652787", "3.263861", "0.515257")


def test_the_example_is_above_the_primary_limit_by_a_comparison_of_fractions() -> None:
    limits = (Fraction("0.51"), Fraction("0.515256"), Fraction("0.515257"), Fraction("0.52"))
    assert [figures(BOOKS).within(limit) for limit in limits] == [False, False, True, True]


def test_a_coefficient_exactly_at_its_limit_is_within_it() -> None:
    # One pupil each, 1 and 3 of the resource: mean 2, standard deviation 1, CV exactly one half.
    sums = figures([(1, 1), (1, 3)])
    assert (sums.cv_squared, sums.within(Fraction("0.50"))) == (Fraction(1, 4), True)


@given(sections)
def test_a_limit_just_below_and_just_above_the_coefficient_are_told_apart(
    given: list[tuple[int, Fraction]],
) -> None:
    sums = add_up(given)
    if sums.cv_squared is None:
        return
    below = root(sums.cv_squared)
    limits = (below - Fraction(1, 10**50), below, below + Fraction(1, 10**50))
    answers = [sums.cv_squared <= limit * limit for limit in limits if limit > 0]
    assert [sums.within(limit) for limit in limits if limit > 0] == answers


@given(st.fractions(min_value=Fraction(1, 900), max_value=1, max_denominator=997), st.integers(1, 3000))
def test_a_coefficient_that_is_the_limit_is_within_it_whatever_its_denominator(
    limit: Fraction, pupils: int
) -> None:
    sums = add_up([(pupils, pupils * (1 + limit)), (pupils, pupils * (1 - limit))])
    assert (sums.within(limit), sums.within(limit - Fraction(1, 10**9))) == (True, False)


def test_nothing_anywhere_leaves_the_coefficient_undefined_and_one_section_is_balanced() -> None:
    assert (figures([(10, 0), (20, 0)]).cv_squared, figures([]).mean, figures([(7, 3)]).cv_squared) == (
        None,
        None,
        0,
    )


@given(sections)
def test_the_sums_give_what_the_definition_says(given: list[tuple[int, Fraction]]) -> None:
    pupils = sum(p for p, _ in given)
    mean = sum(x for _, x in given) / pupils
    variance = sum(Fraction(p, pupils) * (x / p - mean) ** 2 for p, x in given)
    sums = add_up(given)
    assert (sums.mean, sums.variance) == (mean, variance)


@given(sections, st.fractions(min_value=Fraction(1, 100), max_value=1000, max_denominator=100))
def test_scaling_every_resource_leaves_the_coefficient_as_it_is(
    given: list[tuple[int, Fraction]], factor: Fraction
) -> None:
    assert add_up((p, x * factor) for p, x in given).cv_squared == add_up(given).cv_squared


@given(sections, st.randoms())
def test_the_order_of_schools_leaves_the_sums_as_they_are(
    given: list[tuple[int, Fraction]], random: st.random_module
) -> None:
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    assert add_up(shuffled) == add_up(given)


@given(sections, sections)
def test_two_districts_sums_together_are_the_sums_over_both(
    one: list[tuple[int, Fraction]], other: list[tuple[int, Fraction]]
) -> None:
    assert add_up(one) + add_up(other) == add_up([*one, *other])


def test_the_composite_is_the_mean_of_the_unrounded_coefficients() -> None:
    mean = composite([Fraction(1, 4), Fraction(1, 9), Fraction(0)])
    assert mean is not None
    assert (rounded(mean, 6), composite([Fraction(1), None])) == ("0.277778", None)


@given(st.lists(st.tuples(st.integers(1, 3000), st.fractions(max_denominator=2000)), max_size=8), st.data())
def test_sums_of_many_parts_at_once_are_the_parts_added_one_by_one(
    given: list[tuple[int, Fraction]], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(given)), max_size=4)))
    ends = zip([0, *cuts], [*cuts, len(given)], strict=True)
    parts = [add_up(given[begin:end]) for begin, end in ends]
    assert Sums.of(parts) == reduce(add, parts, Sums())


@given(st.lists(st.fractions(max_denominator=5000), max_size=12))
def test_a_sum_over_one_denominator_is_the_sum_of_the_fractions(values: list[Fraction]) -> None:
    assert added(values) == sum(values, Fraction(0))
