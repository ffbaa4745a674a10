"""Plans and what-ifs from what an evaluation left in the store: the same figures, or the reason why not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import Point
from registry import Registry, Room, School
from registry.vocabulary import Item, StatisticsStage
from rules.answers.keeping import keep
from rules.answers.recording import points
from rules.facts.facts import DisplayFacts, Facts, RoomFacts
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.section_results import SectionResult
from rules.planner.lines import what_if_lines
from rules.planner.making import make_plan
from rules.planner.output import to_dict
from rules.planner.prices import Prices
from rules.planner.stored import Ground, ground_of
from rules.planner.what_if import addable, what_if
from rules.stored.amounts import AmountError, amount_text, read_amount, read_share
from rules.stored.tables import VERDICT
from rules.words import worded
from store import Query, Row, Select, open_store
from tests.rules.build import AS_OF, BINHAI, registry, school

PRICES = Prices.model_validate({"room_cny": "50000"})
NOW = 1_632_800_000_000
CODE = "3112000001"


def row_of(point: Point) -> Row:
    table = point.measurement
    return Row(
        dict(zip(table.tag_names, point.tags, strict=True)),
        point.time,
        dict(zip(table.field_names, point.fields, strict=True)),
    )


def stored(evaluation: Evaluation) -> list[Row]:
    """As the store gives them back: by their tags, in no order of the registry."""
    found = [row_of(each) for each in points(evaluation, NOW) if each.measurement is VERDICT]
    return sorted(found, key=lambda row: tuple(row.tags.values()), reverse=True)


def ground(evaluation: Evaluation, known: Registry) -> Evaluation:
    found = ground_of(stored(evaluation), known, BINHAI)
    assert found.evaluation is not None, worded(found.why)
    return found.evaluation


def told(evaluation: Evaluation) -> dict[str, Any]:
    plan = to_dict(make_plan(evaluation, PRICES))
    return {key: value for key, value in plan.items() if key != "basis"}


def amounts(result: SectionResult) -> list[tuple[Fraction | None, Fraction | None, str]]:
    return [(each.numerator, each.most, each.verdict) for each in result.judgements.values()]


def display(condition: str) -> RoomFacts:
    working = {"working": 9, "faulty": 0} if condition == "working" else {"working": 0, "faulty": 9}
    answered = 0 if condition == "silent" else 9
    return RoomFacts(
        displays=(
            DisplayFacts(
                device="P",
                type="projector",
                polls=9,
                answered=answered,
                working=min(answered, working["working"]),
                faulty=min(answered, working["faulty"]),
                days_answered=answered,
                days_whole=20 if answered else 0,
                due=9,
                days_due=9,
                last_ms=0,
            ),
        )
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Registry, Facts | None]:
    """Up to four schools, some without figures; rooms that work, that do not, that are silent."""
    schools: list[School] = []
    rooms: list[Room] = []
    statistics: dict[tuple[str, StatisticsStage, Item], Fraction | int] = {}
    seen: dict[tuple[str, str], RoomFacts] = {}
    for number in range(draw(st.integers(1, 4))):
        both = draw(st.booleans())
        code = f"{'3' if both else '2'}1120000{number:02}"
        pupils = {"primary_pupils": draw(st.none() | st.integers(40, 400))}
        if both:
            pupils["junior_pupils"] = draw(st.none() | st.integers(40, 400))
        schools.append(school(code, "九年一贯制" if both else "小学", **pupils))
        items: tuple[Item, ...] = ("multimedia_rooms", "equipment_cny", "teaching_area_m2")
        for item in items:
            if (
                value := draw(st.none() | st.integers(0, 900_000 if item == "equipment_cny" else 30))
            ) is not None:
                statistics[code, "school", item] = value
        for room in range(draw(st.integers(0, 4))):
            rooms.append(
                Room(school_code=code, room=f"R{room}", kind="普通教室", coverage="key", multimedia=True)
            )
            seen[code, f"R{room}"] = display(draw(st.sampled_from(["working", "faulty", "silent"])))
    listed = registry(schools, rooms=rooms, statistics=statistics)
    facts = Facts(days=(AS_OF,), until_ms=0, survey_since=AS_OF, rooms=seen)
    return listed, draw(st.sampled_from([None, facts]))


@given(world=worlds())
@settings(max_examples=12)
def test_a_plan_from_the_store_is_the_plan_of_the_evaluation_itself(
    world: tuple[Registry, Facts | None],
) -> None:
    known, facts = world
    evaluation = evaluate(known, BINHAI, facts, AS_OF)
    assert told(evaluation) == told(ground(evaluation, known))


@given(world=worlds(), rooms=st.integers(0, 5), equipment=st.integers(0, 900_000))
@settings(max_examples=25)
def test_what_a_school_would_have_is_judged_as_if_it_had_it(
    world: tuple[Registry, Facts | None], rooms: int, equipment: int
) -> None:
    """The registry in which the figures are larger by as much gives the same answers: nothing is rounded."""
    known, _ = world
    evaluation = evaluate(known, BINHAI, None, AS_OF)
    code = next(iter(known.schools))
    found = what_if(ground(evaluation, known), code, {"L7": Fraction(rooms), "L6": Fraction(equipment)})
    assert found is not None
    added: dict[Item, int] = {"multimedia_rooms": rooms, "equipment_cny": equipment}
    figures = {
        (place, stage, item): value + (added.get(item, 0) if place == code else 0)
        for (place, stage, item), value in known.statistics.items()
    }
    # Rooms that only a list marks cannot be larger there: such a school is not looked at.
    if (code, "school", "multimedia_rooms") not in figures or (
        code,
        "school",
        "equipment_cny",
    ) not in figures:
        return
    expected = evaluate(replace(known, statistics=figures), BINHAI, None, AS_OF)
    after = {result.section.stage: result for _, result in found.sections}
    own = [one for one in expected.sections if one.section.school.school_code == code]
    assert {one.section.stage: amounts(one) for one in own} == {
        stage: amounts(result) for stage, result in after.items()
    }
    (district,) = expected.districts
    assert district.stages == found.after.stages


def one_school(**pupils: int) -> tuple[Registry, Evaluation]:
    known = registry(
        [school(CODE, "九年一贯制", **pupils)],
        statistics={
            (CODE, "school", "multimedia_rooms"): 20,
            (CODE, "school", "equipment_cny"): 2_000_000,
        },
    )
    return known, evaluate(known, BINHAI, None, AS_OF)


def test_the_lines_of_a_what_if_say_both_stages_and_the_district() -> None:
    """九年一贯制, 700 + 400 pupils: the primary pupils have 700/1140 of 20 rooms and then of 27."""
    known, evaluation = one_school(primary_pupils=700, junior_pupils=400)
    found = what_if(ground(evaluation, known), CODE, {"L7": Fraction(7)})
    assert found is not None
    lines = what_if_lines(found)
    shown = [
        (line.stage, line.indicator, line.before.text, line.after.text, line.threshold, line.after.verdict)
        for line in lines.sections
        if line.indicator != "overall"
    ]
    assert [
        ("primary", "L7", "1.7544", "2.3684", "2.3", "pass"),
        ("junior", "L7", "1.9298", "2.6053", "2.4", "pass"),
    ] == shown
    assert [("primary", 0, 1), ("junior", 0, 1)] == [
        (line.stage, line.passing_before, line.passing_after)
        for line in lines.stages
        if line.indicator == "L7"
    ]


def test_a_section_that_is_known_in_part_has_a_range_before_and_after() -> None:
    known = registry(
        [school("2112000001", primary_pupils=100)],
        rooms=[
            Room(
                school_code="2112000001", room=f"R{number}", kind="普通教室", coverage="key", multimedia=True
            )
            for number in range(3)
        ],
    )
    rooms = {("2112000001", "R0"): display("working"), ("2112000001", "R1"): display("silent")}
    facts = Facts(days=(AS_OF,), until_ms=0, survey_since=AS_OF, rooms=rooms)
    found = what_if(ground(evaluate(known, BINHAI, facts, AS_OF), known), "2112000001", {"L7": Fraction(1)})
    assert found is not None
    line = what_if_lines(found).sections[0]
    stage = what_if_lines(found).stages[0]
    assert (line.before.between, line.after.between) == (("1.0000", "3.0000"), ("2.0000", "4.0000"))
    assert (line.before.verdict, line.after.verdict) == ("undetermined", "undetermined")
    assert stage.cv_before is not None
    assert ("undetermined", ("0.000000", "0.000000")) == (stage.cv_before.verdict, stage.cv_before.between)


def test_a_school_that_is_not_judged_has_no_what_if() -> None:
    known, evaluation = one_school(primary_pupils=700, junior_pupils=400)
    assert what_if(ground(evaluation, known), "2112000009", {}) is None
    assert ["L4", "L5", "L6", "L7"] == [indicator.code for indicator in addable(BINHAI)]


def without(name: str) -> Callable[[list[Row]], Iterator[Row]]:
    def changed(rows: list[Row]) -> Iterator[Row]:
        return (Row(row.tags, row.time, {**row.values, name: None}) for row in rows)

    return changed


def with_field(indicator: str, **fields: str) -> Callable[[list[Row]], Iterator[Row]]:
    def changed(rows: list[Row]) -> Iterator[Row]:
        for row in rows:
            touched = row.tags["indicator"] == indicator
            yield Row(row.tags, row.time, {**row.values, **(fields if touched else {})})

    return changed


def less(indicator: str) -> Callable[[list[Row]], Iterator[Row]]:
    return lambda rows: (row for row in rows if row.tags["indicator"] != indicator)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without("amount"), "请重新评估"),
        (lambda rows: iter(()), "尚无评估结果"),
        (less("L4"), "不齐"),
        (with_field("L7", amount="6x"), "读不懂"),
        (with_field("L7", amount="1/0"), "读不懂"),
        (with_field("L7", share=".."), "读不懂"),
        (with_field("L7", share="1/3"), "读不懂"),
        (with_field("L7", amount="900"), "与标准不符"),
        (with_field("L6", threshold="1"), "与标准不符"),
        (with_field("L1", denominator="1/2"), "读不懂"),
        (with_field("L7", standard="national-2017"), "national-2017"),
    ],
)
def test_what_is_no_ground_for_a_plan_is_told_and_not_planned_on(
    change: Callable[[list[Row]], Iterator[Row]], says: str
) -> None:
    known, evaluation = one_school(primary_pupils=700, junior_pupils=400)
    found = ground_of(change(stored(evaluation)), known, BINHAI)
    assert (None, True) == (found.evaluation, says in worded(found.why)), worded(found.why)


def test_a_school_that_left_the_registry_is_not_planned_around() -> None:
    _, evaluation = one_school(primary_pupils=700, junior_pupils=400)
    other = registry([school("2112000002", primary_pupils=3)])
    rows = stored(evaluation)
    assert CODE in worded(ground_of(rows, other, BINHAI).why)
    assert "登记表" in worded(ground_of(rows, None, BINHAI).why)


def test_the_store_itself_gives_back_what_was_written(sqlite_url: str) -> None:
    known, evaluation = one_school(primary_pupils=701, junior_pupils=402)
    with open_store(sqlite_url) as store:
        store.prepare()
        assert keep(store, known, evaluation, NOW) == []
        rows = store.query(
            Query(
                measurement=VERDICT,
                select=tuple(Select(name) for name in VERDICT.field_names),
                group_by=VERDICT.tag_names,
                newest=1,
            )
        )
    found: Ground = ground_of(rows, known, BINHAI)
    assert found.evaluation is not None
    assert told(evaluation) == told(found.evaluation)


@given(
    known=st.none() | st.fractions(0, 10**9),
    more=st.none() | st.fractions(0, 10**9),
)
def test_an_amount_is_read_as_it_was_written(known: Fraction | None, more: Fraction | None) -> None:
    most = None if known is None or more is None else known + more
    assert (known, most) == read_amount(amount_text(known, most))


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1/0", "1...2", "1..2..3", "1.5", "٣", "1" * 401, " 1", "1..x"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        read_amount(text)
    with pytest.raises(AmountError):
        read_share(text)
