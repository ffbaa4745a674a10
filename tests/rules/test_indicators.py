"""One indicator and all of them together: exact, three answers, a reason with each."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.vocabulary import IndicatorCode, Verdict
from rules.judging.indicators import Judgement, Standing, judge_whole
from rules.words import worded
from tests.rules.build import BARS, BINHAI, judgement

CODES: tuple[IndicatorCode, ...] = ("L1", "L2", "L3", "L4", "L5", "L6", "L7")
# Pupils and numerators that stand below the floor, on it, and on the threshold (L2: 1 per 100).
AMOUNT = {Standing.BELOW: Fraction("0.84"), Standing.FLOOR: Fraction("0.85"), Standing.PASS: Fraction(1)}


def test_nine_teachers_for_a_thousand_pupils_meet_nought_point_nine() -> None:
    """9/1000*100 is 0.8999… in binary floating point."""
    assert judgement(9, 1000, code="L3").verdict == "pass"


def test_a_value_that_prints_as_the_threshold_but_misses_it_fails_and_is_marked() -> None:
    one = judgement(2, 87)
    assert (one.verdict, one.near, worded(one.reason)) == (
        "fail",
        True,
        "2.299 < 2.3，不低于下限 1.955",
    )


def test_there_are_ninety_nine_school_sizes_that_print_as_two_point_three_and_fail() -> None:
    pairs = ((rooms, pupils) for rooms in range(1, 60) for pupils in range(50, 2001))
    # Only those around the threshold need judging.
    close = (
        judgement(r, p) for r, p in pairs if abs(Fraction(100 * r, p) - Fraction("2.3")) < Fraction("0.01")
    )
    assert sum(one.near and one.verdict == "fail" for one in close) == 99


@pytest.mark.parametrize(
    ("numerator", "pupils", "verdict", "standing"),
    [
        (23, 1000, "pass", Standing.PASS),
        (Fraction("19.55"), 1000, "fail", Standing.FLOOR),
        (Fraction("19.549999"), 1000, "fail", Standing.BELOW),
        (0, 1000, "fail", Standing.BELOW),
    ],
)
def test_threshold_and_floor_are_kept_by_a_value_exactly_on_them(
    numerator: Fraction, pupils: int, verdict: Verdict, standing: Standing
) -> None:
    one = judgement(numerator, pupils)
    assert (one.verdict, one.worst, one.best) == (verdict, standing, standing)


def test_missing_figures_and_missing_pupils_are_undetermined_never_nought() -> None:
    answers = [judgement(None, 100), judgement(3, None)]
    assert [(one.verdict, one.value, worded(one.reason)) for one in answers] == [
        ("undetermined", None, "缺少在校生数"),
        ("undetermined", None, "缺少在校生数"),
    ]


def test_unknown_rooms_leave_the_answer_open_only_where_they_could_change_it() -> None:
    open_, passed, failed = (judgement(n, 1000, most=n + 2) for n in (22, 23, 20))
    assert [one.verdict for one in (open_, passed, failed)] == ["undetermined", "pass", "fail"]


def standing(code: IndicatorCode, worst: Standing, best: Standing) -> Judgement:
    one = next(indicator for indicator in BINHAI.indicators if indicator.code == code)
    scale = one.threshold.primary * 100 / one.per
    return judgement(AMOUNT[worst] * scale, 100, code=code, most=AMOUNT[best] * scale)


def by_brute_force(ranges: list[tuple[Standing, Standing]]) -> Verdict:
    """Every way in which the unknown could turn out, each judged by the words of the rule."""
    ways = product(*(range(worst, best + 1) for worst, best in ranges))
    answers = {
        sum(s == Standing.PASS for s in way) >= 6 and all(s >= Standing.FLOOR for s in way) for way in ways
    }
    return "undetermined" if len(answers) == 2 else "pass" if True in answers else "fail"


ranges = st.tuples(st.sampled_from(Standing), st.sampled_from(Standing)).map(
    lambda pair: (min(pair), max(pair))
)
mostly_passing = st.one_of(st.just((Standing.PASS, Standing.PASS)), ranges)


@given(st.lists(mostly_passing, min_size=7, max_size=7))
def test_six_of_seven_with_unknowns_equals_trying_every_way_they_could_turn_out(
    given: list[tuple[Standing, Standing]],
) -> None:
    judged = {code: standing(code, *pair) for code, pair in zip(CODES, given, strict=True)}
    assert judge_whole(judged, BINHAI.overall).verdict == by_brute_force(given)


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ({}, ("pass", "7 项中 7 项达标")),
        (
            {"L4": (Standing.FLOOR, Standing.FLOOR)},
            ("pass", "7 项中 6 项达标；L4 不低于 85%"),
        ),
        (
            {"L4": (Standing.BELOW, Standing.BELOW)},
            ("fail", "7 项中 6 项达标；L4 低于 85%"),
        ),
        (
            {"L4": (Standing.FLOOR, Standing.FLOOR), "L5": (Standing.FLOOR, Standing.FLOOR)},
            ("fail", "7 项中 5 项达标"),
        ),
        (
            {"L4": (Standing.FLOOR, Standing.FLOOR), "L7": (Standing.BELOW, Standing.PASS)},
            ("undetermined", "7 项中 5 项达标；L7 未判定"),
        ),
        (
            {"L7": (Standing.BELOW, Standing.FLOOR)},
            ("undetermined", "7 项中 6 项达标；L7 未判定"),
        ),
    ],
)
def test_the_whole_school_says_why(
    odd: dict[IndicatorCode, tuple[Standing, Standing]], expected: tuple[Verdict, str]
) -> None:
    judged = {code: standing(code, *odd.get(code, (Standing.PASS, Standing.PASS))) for code in CODES}
    whole = judge_whole(judged, BINHAI.overall)
    assert (whole.verdict, worded(whole.reason)) == expected


def test_an_amount_is_exact_by_its_value_whatever_its_fractions_look_like() -> None:
    (same, more, unknown, none) = BARS["L7", "primary"].answers(
        [100] * 4, [((1, 2), (2, 4)), ((1, 2), (3, 4)), ((1, 2), None), (None, None)]
    )
    assert [answer.exact for answer in (same, more, unknown, none)] == [True, False, False, False]
    assert (same.worst, same.best, unknown.best) == (Standing.BELOW, Standing.BELOW, Standing.PASS)
