"""When a school's day is counted, from its record alone."""

from dataclasses import replace
from typing import Any

import pytest

from rules.daybook.basis import OUTLIVED
from rules.daybook.deciding import wanted
from rules.daybook.questions import spans_of
from rules.daybook.records import Record
from tests.rules.daybook.world import CALENDAR, DAYS

DAY = DAYS[1]
HOURS = CALENDAR.school_hours(DAY)
assert HOURS is not None
MIDNIGHT = CALENDAR.end_of(DAY)
NOON, MORNING = HOURS.end_ms + 3_600_000, HOURS.begin_ms + 1_800_000
DONE = Record(digest="d", until_ms=MIDNIGHT, readings=9, covers="t", counted_by="c", derived_by="r")


@pytest.mark.parametrize(
    ("record", "until_ms", "now", "answer"),
    [
        (None, MIDNIGHT, {}, "count"),
        (DONE, MIDNIGHT, {}, "nothing"),
        (DONE, MIDNIGHT, {"covers": "t2"}, "count"),
        # What touched it has expired: nothing new came.
        (DONE, MIDNIGHT, {"covers": ""}, "nothing"),
        (DONE._replace(covers=""), MIDNIGHT, {"covers": "t"}, "count"),
        (DONE, MIDNIGHT, {"counted_by": "c2"}, "count"),
        (DONE, MIDNIGHT, {"counted_by": "c2", "revise": False}, "look"),
        (DONE, MIDNIGHT, {"derived_by": "r2"}, "derive"),
        (DONE, MIDNIGHT, {"derived_by": "r2", "revise": False}, "nothing"),
        (DONE._replace(counted_by="c" + OUTLIVED), MIDNIGHT, {}, "nothing"),
        # Counted in the afternoon: it stands until midnight, and is counted once more then.
        (DONE._replace(until_ms=NOON), NOON + 60_000, {}, "nothing"),
        (DONE._replace(until_ms=NOON), MIDNIGHT, {}, "count"),
        (DONE._replace(until_ms=MORNING), NOON, {}, "count"),
        # School is over at its end: from then on nothing of it is put off, and nothing of it is missing.
        (DONE._replace(until_ms=MORNING), HOURS.end_ms, {"resting": True}, "count"),
        (DONE._replace(until_ms=HOURS.end_ms), NOON, {}, "nothing"),
        # While school goes on.
        (DONE._replace(until_ms=MORNING), MORNING, {}, "nothing"),
        (DONE._replace(until_ms=MORNING), MORNING, {"covers": "t2"}, "count"),
        (DONE._replace(until_ms=MORNING), MORNING + 60_000, {}, "count"),
        (DONE._replace(until_ms=MORNING), MORNING + 60_000, {"resting": True}, "later"),
        (DONE, MORNING, {}, "look"),
        # A clock was set back: less would be counted than is known, though no reading is gone.
        (DONE, MORNING, {"counted_by": "c2"}, "look"),
        (DONE, NOON, {"counted_by": "c2"}, "look"),
        (DONE, NOON, {"covers": "t2"}, "look"),
        # Counted for a later day's evaluation: this one is over in both.
        (DONE._replace(until_ms=MIDNIGHT + 1), MIDNIGHT, {"covers": "t2"}, "count"),
    ],
)
def test_what_is_done_about_a_day(
    record: Record | None, until_ms: int, now: dict[str, Any], answer: str
) -> None:
    spans = spans_of(CALENDAR, DAY, until_ms=until_ms)
    assert spans is not None
    said = {"covers": "t", "counted_by": "c", "derived_by": "r", "resting": False, "revise": True} | now
    assert answer == wanted(spans, record, **said)


def test_a_day_that_has_not_begun_and_one_without_school_are_not_asked_for() -> None:
    assert HOURS is not None
    sunday = DAY.replace(day=26)
    assert (None, None) == (
        spans_of(CALENDAR, DAY, until_ms=HOURS.begin_ms),
        spans_of(replace(CALENDAR), sunday, until_ms=MIDNIGHT),
    )
