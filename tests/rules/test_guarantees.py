"""G3 music and art rooms, G4 size of school, G5 size of classes."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from registry import Room
from registry.vocabulary import GuaranteeCode, Kind
from rules.judging.evaluate import evaluate
from rules.judging.guarantees import Guarantee, judge_guarantees
from rules.standards.standard import Standard
from rules.words import worded
from tests.rules.build import AS_OF, BINHAI, registry, school

CODE = "2112000001"


def special(name: str, kind: str | None, area: int | None, *, occupied: bool = False) -> Room:
    return Room(
        school_code=CODE,
        room=name,
        kind=kind,
        area_m2=None if area is None else Fraction(area),
        coverage="key",
        occupied=occupied,
    )


def judged(
    code: GuaranteeCode,
    *rooms: Room,
    kind: Kind = "小学",
    standard: Standard = BINHAI,
    flags: tuple[str, ...] = (),
    **figures: Any,
) -> Guarantee:
    one = school(CODE, kind, flags=flags, **figures)  # type: ignore[arg-type]  # flags is School's own field
    return judge_guarantees(registry([one], rooms=rooms), standard, (one,)).answers[code]


def with_allowances() -> Standard:
    rule = BINHAI.guarantees
    allowed = tuple(one.model_copy(update={"applies": True}) for one in rule.allowances)
    return BINHAI.model_copy(update={"guarantees": rule.model_copy(update={"allowances": allowed})})


MUSIC, ART = special("M1", "音乐教室", 96), special("A1", "美术教室", 90)


@pytest.mark.parametrize(("classes", "verdict"), [(1, "pass"), (12, "pass"), (13, "fail"), (24, "fail")])
def test_a_room_of_each_subject_is_due_for_every_twelve_classes_begun(classes: int, verdict: str) -> None:
    assert judged("G3", MUSIC, ART, primary_classes=classes).verdict == verdict


@pytest.mark.parametrize(
    ("rooms", "verdict", "value"),
    [
        ((MUSIC, special("A1", "美术教室", 89)), "fail", 1),
        ((MUSIC, special("A1", "美术教室", None)), "undetermined", 1),
        ((MUSIC, special("A1", "美术教室", 90, occupied=True)), "fail", 1),
        ((MUSIC, special("X1", None, 120)), "undetermined", 1),
        ((MUSIC, special("X1", None, 60)), "fail", 1),
        ((MUSIC, MUSIC), "fail", 1),
        ((), "undetermined", None),
    ],
)
def test_a_room_that_is_small_occupied_or_unknown_is_not_counted(
    rooms: tuple[Room, ...], verdict: str, value: int | None
) -> None:
    one = judged("G3", *rooms, primary_classes=6)
    assert (one.verdict, one.value) == (verdict, value)


def test_an_empty_occupied_cell_leaves_the_answer_open() -> None:
    rooms = (
        replace(special("M1", "音乐教室", 96), occupied=None),
        replace(special("A1", "美术教室", 90), occupied=False),
    )
    found = judged("G3", *rooms, primary_classes=6)
    assert ("undetermined", 1) == (found.verdict, found.value)


def test_a_shortage_that_the_stated_classes_prove_stands_though_others_are_not_stated() -> None:
    rooms = (special("M1", "音乐教室", 96), special("A1", "美术教室", 90))
    two = registry(
        [
            school(CODE, "九年一贯制", primary_pupils=600, primary_classes=13, junior_pupils=600),
        ],
        rooms=rooms,
    )
    found = judge_guarantees(two, BINHAI, tuple(two.schools.values())).answers["G3"]
    assert "fail" == found.verdict


def test_occupied_rooms_are_counted_and_named_in_the_reason() -> None:
    rooms = (special("M1", "音乐教室", 96, occupied=True), special("A1", "美术教室", 90, occupied=True))
    one = judged("G3", *rooms, primary_classes=6)
    assert (dict(one.counts), "音乐 0/1 间（1 间被挤占）" in worded(one.reason)) == ({"occupied": 2}, True)


@pytest.mark.parametrize(
    ("kind", "figures", "verdict"),
    [
        ("小学", {"primary_pupils": 2000}, "pass"),
        ("小学", {"primary_pupils": 2001}, "fail"),
        ("九年一贯制", {"primary_pupils": 1400, "junior_pupils": 1100}, "pass"),
        ("九年一贯制", {"primary_pupils": 1400, "junior_pupils": 1101}, "fail"),
        ("十二年一贯制", {"primary_pupils": 1, "junior_pupils": 2499, "senior_pupils": 900}, "pass"),
        ("完全中学", {"junior_pupils": 2001, "senior_pupils": 5}, "fail"),
        ("九年一贯制", {"primary_pupils": 100}, "undetermined"),
        ("九年一贯制", {"primary_pupils": 2501}, "fail"),
    ],
)
def test_a_school_has_at_most_two_thousand_pupils_or_more_where_it_has_both_stages(
    kind: Kind, figures: dict[str, int], verdict: str
) -> None:
    assert judged("G4", kind=kind, **figures).verdict == verdict


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ({"largest_primary_class": 45}, "pass"),
        ({"largest_primary_class": 46}, "fail"),
        ({"oversized_primary_classes": 0}, "pass"),
        ({"oversized_primary_classes": 3}, "fail"),
        ({}, "undetermined"),
    ],
)
def test_every_class_has_at_most_forty_five_pupils(figures: dict[str, int], verdict: str) -> None:
    assert judged("G5", primary_pupils=100, **figures).verdict == verdict


def test_the_stage_that_is_worst_against_its_own_limit_is_shown() -> None:
    figures = {"largest_primary_class": 45, "largest_junior_class": 49}
    one = judged("G5", kind="九年一贯制", primary_pupils=9, junior_pupils=9, **figures)
    assert (one.verdict, one.value, one.threshold) == ("pass", 45, 45)


def test_allowances_by_flag_have_no_effect_unless_the_standard_applies_them() -> None:
    flags = ("2016年及之前建成", "2010年及之前建成")
    rooms = (special("M1", "音乐教室", 73), special("A1", "美术教室", 67))
    found = [
        judged(code, *rooms, standard=standard, flags=flags, primary_classes=6, primary_pupils=2400).verdict
        for standard in (BINHAI, with_allowances())
        for code in ("G3", "G4")
    ]
    assert found == ["fail", "fail", "pass", "pass"]


def test_a_district_adds_up_oversized_schools_by_kind_and_oversized_classes() -> None:
    large = [school(f"211200000{n}", primary_pupils=2001 + n, oversized_primary_classes=n) for n in range(3)]
    nine = school("3112000009", "九年一贯制", primary_pupils=2501, junior_pupils=1)
    (district,) = evaluate(registry([*large, nine]), BINHAI, None, AS_OF).districts
    size, classes = district.guarantees["G4"], district.guarantees["G5"]
    assert (size.failing_by_kind, classes.counts, classes.schools_counted) == (
        {"小学": 3, "九年一贯制": 1},
        {"primary": 3},
        {"primary": 2},
    )


def test_guarantees_do_not_touch_the_districts_verdict() -> None:
    large = school("2112000001", primary_pupils=2001)
    (district,) = evaluate(registry([large]), BINHAI, None, AS_OF).districts
    assert (district.guarantees["G4"].schools.failing, district.verdict) == (1, "undetermined")
