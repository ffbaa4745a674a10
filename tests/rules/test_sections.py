"""Whole schools become sections, with shares that add up."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import School
from registry.exact import rounded
from registry.vocabulary import Kind
from rules.judging.evaluate import evaluate
from rules.judging.sections import figure, groups, sections_of, unstated
from rules.standards.standard import Exclusion
from rules.words import worded
from tests.rules.build import AS_OF, BINHAI, registry, school

NINE = "3112000004"


def shares(one: School) -> dict[str, Fraction | None]:
    return {section.stage: section.share for section in sections_of(groups(registry([one])), BINHAI)[0]}


def test_the_published_split_of_books_comes_out_exactly() -> None:
    """166 and 210 pupils, 23226 books: 58.5038 a primary pupil; the printed 9711 used a rounded 58.5."""
    found = shares(school(NINE, "九年一贯制", primary_pupils=166, junior_pupils=210))
    books = {stage: share * 23226 for stage, share in found.items() if share is not None}
    assert (
        books["primary"] + books["junior"],
        rounded(books["primary"] / 166, 4),
        rounded(books["primary"], 2),
        rounded(books["junior"], 2),
    ) == (23226, "58.5038", "9711.63", "13514.37")


def test_thirty_rooms_of_a_nine_year_school_stay_fractions_of_rooms() -> None:
    known = registry(
        [school(NINE, "九年一贯制", primary_pupils=700, junior_pupils=400)],
        statistics={(NINE, "school", "multimedia_rooms"): 30},
    )
    results = evaluate(known, BINHAI, None, AS_OF).sections
    rooms = [result.judgements["L7"] for result in results]
    values = [rounded(one.value, 4) for one in rooms if one.value is not None]
    assert ([one.numerator for one in rooms], values) == (
        [Fraction(350, 19), Fraction(220, 19)],
        ["2.6316", "2.8947"],
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("九年一贯制", {"primary": Fraction(100, 210), "junior": Fraction(110, 210)}),
        ("完全中学", {"junior": Fraction(100, 220)}),
        ("十二年一贯制", {"primary": Fraction(100, 342), "junior": Fraction(110, 342)}),
    ],
)
def test_every_kind_of_whole_school_is_split_by_its_weights(
    kind: Kind, expected: dict[str, Fraction]
) -> None:
    pupils = {"primary_pupils": 100, "junior_pupils": 100, "senior_pupils": 100}
    taught = {"九年一贯制": ("primary", "junior"), "完全中学": ("junior", "senior")}.get(kind)
    given = {name: n for name, n in pupils.items() if taught is None or name.startswith(taught)}
    assert shares(school(NINE, kind, **given)) == expected


@given(st.integers(1, 4000), st.integers(1, 4000), st.fractions(min_value=0, max_value=10**7))
def test_splitting_keeps_the_total_and_the_weight_between_the_stages(
    primary: int, junior: int, total: Fraction
) -> None:
    found = shares(school(NINE, "九年一贯制", primary_pupils=primary, junior_pupils=junior))
    parts = {stage: share * total for stage, share in found.items() if share is not None}
    per_pupil = parts["junior"] / junior, parts["primary"] / primary * Fraction("1.1")
    assert (sum(parts.values()), per_pupil[0]) == (total, per_pupil[1])


def test_small_teaching_points_special_and_vocational_schools_are_left_out_with_a_reason() -> None:
    known = registry(
        [
            school("2112000001", "教学点", primary_pupils=49),
            school("2112000002", "教学点", primary_pupils=50),
            school("5112000003", "特殊教育", primary_pupils=80),
            school("3612000004", "职业学校"),
            school("2112000005", "小学", primary_pupils=0),
        ]
    )
    sections, excluded = sections_of(groups(known), BINHAI)
    assert (
        [section.school.school_code for section in sections],
        [(one.school.school_code, worded(one.reason)) for one in excluded],
    ) == (
        ["2112000002"],
        [
            ("2112000001", "教学点在校生 49 人，不足 50 人，不参与评估"),
            ("5112000003", "特殊教育不参与评估"),
            ("3612000004", "职业学校不参与评估"),
            ("2112000005", "小学没有在校生"),
        ],
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"ownership": "民办"}, {"2112000001": "举办者为民办，不参与评估"}),
        ({"flag": "待撤并"}, {"2112000002": "标记为待撤并，不参与评估"}),
        ({"below_pupils": 60}, {"2112000002": "小学在校生 50 人，不足 60 人，不参与评估"}),
        ({"kind": "小学", "ownership": "民办", "below_pupils": 60}, {}),
    ],
)
def test_schools_are_left_out_that_meet_every_condition_of_an_entry(
    rule: dict[str, object], expected: dict[str, str]
) -> None:
    known = registry(
        [
            school("2112000001", ownership="民办", primary_pupils=300),
            school("2112000002", flags=("待撤并",), primary_pupils=50),
            school("2112000003", primary_pupils=None),
        ]
    )
    standard = BINHAI.model_copy(update={"exclude": (Exclusion.model_validate(rule),)})
    _, excluded = sections_of(groups(known), standard)
    assert expected == {left.school.school_code: worded(left.reason) for left in excluded}


def test_a_school_that_is_counted_with_another_adds_its_pupils_and_its_figures() -> None:
    known = registry(
        [
            school("2112000001", primary_pupils=300),
            school("2112000002", "教学点", primary_pupils=20, merge_into="2112000001"),
        ],
        statistics={
            ("2112000001", "school", "backbone_teachers"): 3,
            ("2112000002", "primary", "backbone_teachers"): 1,
            ("2112000001", "primary", "teaching_area_m2"): 1500,
            ("2112000002", "school", "teaching_area_m2"): 90,
        },
    )
    (section,), excluded = sections_of(groups(known), BINHAI)
    figures = (
        figure(known, section.members, section.stage, "backbone_teachers"),
        figure(known, section.members, "school", "teaching_area_m2"),
    )
    assert (section.pupils, figures, excluded) == (320, (4, 1590), [])


def test_a_whole_schools_teachers_are_no_stages_teachers() -> None:
    known = registry(
        [school(NINE, "九年一贯制", primary_pupils=10, junior_pupils=10)],
        statistics={(NINE, "school", "backbone_teachers"): 3},
    )
    sections, _ = sections_of(groups(known), BINHAI)
    asked = [(known, one.members, one.stage, "backbone_teachers") for one in sections]
    assert [(figure(*one), worded(unstated(*one))) for one in asked] == [
        (None, "学校04未填报小学的骨干教师数"),
        (None, "学校04未填报初中的骨干教师数"),
    ]


def test_without_one_stages_pupils_no_stage_has_a_share() -> None:
    known = registry([school(NINE, "九年一贯制", primary_pupils=100, junior_pupils=None)])
    sections, _ = sections_of(groups(known), BINHAI)
    assert [(s.stage, s.pupils, s.share, worded(s.missing)) for s in sections] == [
        ("primary", 100, None, "缺少初中在校生数"),
        ("junior", None, None, "缺少初中在校生数"),
    ]
