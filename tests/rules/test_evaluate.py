"""Evaluations as a whole: districts, and the page that explains them."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from registry import School
from registry.vocabulary import ITEMS, Item, StatisticsStage
from rules.judging.evaluate import Evaluation, evaluate
from tests.rules.build import AS_OF, BINHAI, registry, school

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "indicators.md").read_text(encoding="utf-8")


def district(*schools: tuple[School, Fraction]) -> Evaluation:
    """Primary schools that have so many times what every threshold asks for."""
    statistics: dict[tuple[str, StatisticsStage, Item], Fraction | int] = {}
    for one, times in schools:
        for indicator in BINHAI.indicators:
            amount = indicator.threshold.primary * (one.primary_pupils or 0) / indicator.per * times
            statistics[one.school_code, "school", indicator.item] = amount
    return evaluate(registry([one for one, _ in schools], statistics=statistics), BINHAI, None, AS_OF)


def primary(number: int, pupils: int = 1000) -> School:
    return school(f"21120000{number:02}", primary_pupils=pupils)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((Fraction(1), Fraction(1)), "pass"),
        ((Fraction(1), Fraction("0.99")), "fail"),
        ((Fraction(1), Fraction(3)), "pass"),  # mean 2, sd 1: a CV of exactly 0.50
        ((Fraction(1), Fraction("3.001")), "fail"),
    ],
)
def test_a_district_passes_only_when_every_section_and_every_balance_does(
    times: tuple[Fraction, Fraction], expected: str
) -> None:
    found = district(*((primary(number), one) for number, one in enumerate(times, 1)))
    assert [one.verdict for one in found.districts] == [expected]


def test_one_missing_figure_leaves_district_and_balance_open() -> None:
    known = registry(
        [primary(1)],
        statistics={("2112000001", "school", item): 10**7 for item in ITEMS if item != "multimedia_rooms"},
    )
    stage = evaluate(known, BINHAI, None, AS_OF).districts[0].stages["primary"]
    assert (stage.overall.passing, stage.indicators["L7"].balanced, stage.composite_cv) == (0, None, None)


def test_sections_of_two_districts_are_put_together_apart() -> None:
    other = School(
        school_code="2112000002", name="外区小学", district="120101", kind="小学", primary_pupils=500
    )
    found = evaluate(registry([primary(1), other]), BINHAI, None, AS_OF).districts
    assert [(one.district, one.stages["primary"].sections, one.wireless.schools.total) for one in found] == [
        ("120101", 1, 1),
        ("120116", 1, 1),
    ]


def test_the_binhai_rates_are_those_of_the_plan_for_their_counts() -> None:
    """17.97 % is 23 of 128, 29.73 % is 22 of 74: the plan's own rounding."""
    from registry.exact import rounded
    from rules.judging.district import Tally

    rates = [
        Tally(passing=p, failing=n - p, undetermined=0).rate for p, n in ((23, 128), (22, 74), (120, 128))
    ]
    assert [rounded(rate, 2) for rate in rates if rate is not None] == ["17.97", "29.73", "93.75"]


def test_every_rule_of_the_page_names_a_source_and_tests_that_exist() -> None:
    rules = [line.strip("|").split("|") for line in PAGE.splitlines() if re.match(r"\| (?!rule|---)", line)]
    named = [re.findall(r"`(test_\w+\.py)::(test_\w+)`", cells[2]) for cells in rules]
    missing = [
        (file, test)
        for tests in named
        for file, test in tests
        if not any(f"def {test}(" in path.read_text(encoding="utf-8") for path in HERE.parent.rglob(file))
    ]
    bare = [cells[0] for cells, tests in zip(rules, named, strict=True) if not tests or not cells[1].strip()]
    assert (len(rules) > 20, missing, bare) == (True, [], [])
