"""What charts need beside an answer: names from the registry, numbers from texts, flags from verdicts."""

from typing import Any

import pytest

from contract import Column, Measurement, Point
from rules.stored.charted import Charts
from rules.stored.tables import VERDICT
from tests.rules.build import DISTRICT, registry, school
from tests.rules.telemetry import CODE, room

CHARTS = Charts(registry=registry([school(CODE)], rooms=[room("R1")]), items={"L7": "multimedia_rooms"})
TABLE = Measurement(
    name="answer",
    kept="records",
    tags=tuple(
        Column(name=name, type="text", required=True, meaning=name)
        for name in ("district", "school", "indicator")
    ),
    fields=tuple(
        Column(name=name, type="text", meaning=name)
        for name in (
            *("verdict", "value", "room", "value_number", "passed", "known"),
            *("school_name", "room_name", "district_name", "item"),
        )
    ),
    meaning="An answer, with all that can be filled in.",
)


def filled(school_code: str = CODE, indicator: str = "L7", **fields: Any) -> dict[str, Any]:
    given = tuple(fields.get(name) for name in TABLE.field_names)
    point = CHARTS.fill(Point(TABLE, (DISTRICT, school_code, indicator), 5, given))
    assert (TABLE, (DISTRICT, school_code, indicator), 5) == point[:3]
    return dict(zip(TABLE.field_names, point.fields, strict=True))


def test_an_answer_has_its_names_and_numbers() -> None:
    assert {
        "verdict": "pass",
        "value": "9/4",
        "room": "R1",
        "value_number": 2.25,
        "passed": 1,
        "known": 1,
        "school_name": CHARTS.school(CODE),
        "room_name": CHARTS.room(CODE, "R1"),
        "district_name": CHARTS.registry.district_title(DISTRICT).zh,
        "item": "multimedia_rooms",
    } == filled(verdict="pass", value="9/4", room="R1")


@pytest.mark.parametrize(
    ("verdict", "passed", "known"), [("pass", 1, 1), ("fail", 0, 1), ("undetermined", 0, 0)]
)
def test_a_verdict_is_two_flags(verdict: str, passed: int, known: int) -> None:
    found = filled(verdict=verdict)
    assert (passed, known) == (found["passed"], found["known"])


def test_what_is_not_known_stays_empty_and_what_is_said_stays() -> None:
    found = filled("", "G2", verdict="fail", school_name=None, passed=7)
    assert (None, None, None, None, 7) == (
        found["value_number"],
        found["school_name"],
        found["room_name"],
        found["item"],
        found["passed"],
    )


def test_what_the_registry_does_not_have_is_called_by_its_code() -> None:
    found = filled("2112000099", verdict="fail", room="R9")
    assert ("2112000099（未登记）", "R9（未登记）") == (found["school_name"], found["room_name"])
    assert "R8（未登记）" == CHARTS.room(CODE, "R8")


def test_a_room_without_a_name_is_called_by_its_code() -> None:
    (known,) = CHARTS.registry.rooms
    assert (known.name or "R1") == CHARTS.room(CODE, "R1")


def test_a_table_of_answers_is_filled_where_it_names_a_school() -> None:
    values = {"verdict": "fail", "standard": "binhai-2021", "as_of": "2021-09-28"}
    tags = tuple({"district": DISTRICT, "school": CODE}.get(name, "x") for name in VERDICT.tag_names)
    point = Point(VERDICT, tags, 5, tuple(values.get(name) for name in VERDICT.field_names))
    found = dict(zip(VERDICT.field_names, CHARTS.fill(point).fields, strict=True))
    assert CHARTS.school(CODE) == found["school_name"]
