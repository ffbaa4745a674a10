"""School days and school hours."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from registry.calendar import Slot
from registry.calendar_file import read_calendar
from registry.problems import Problem
from tests.rules.build import CALENDAR

SMALL = Path(__file__).parents[1] / "cases" / "rules" / "small"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2021, 9, 1), True),
        (date(2021, 8, 31), False),  # before term
        (date(2021, 9, 4), False),  # Saturday
        (date(2021, 10, 4), False),  # holiday on a Monday
        (date(2021, 10, 9), True),  # make-up Saturday
    ],
)
def test_a_school_day_lies_in_a_term_and_is_a_weekday_or_made_up(day: date, expected: bool) -> None:
    problems: list[Problem] = []
    calendar = read_calendar(SMALL, problems)
    assert calendar is not None
    assert (calendar.is_school_day(day), problems) == (expected, [])


def test_lesson_slots_are_local_times_told_in_utc() -> None:
    slots = CALENDAR.slots(date(2021, 9, 1))
    assert [(slot.begin_ms, slot.end_ms) for slot in slots] == [
        (ms("2021-09-01T00:00Z"), ms("2021-09-01T00:40Z")),
        (ms("2021-09-01T00:50Z"), ms("2021-09-01T01:30Z")),
    ]


def test_school_hours_run_from_the_first_lesson_to_the_end_of_the_last() -> None:
    hours = CALENDAR.school_hours(date(2021, 9, 1))
    assert hours is not None
    assert (hours.begin_ms, hours.end_ms) == (ms("2021-09-01T00:00Z"), ms("2021-09-01T01:30Z"))


def test_a_day_without_school_has_no_hours() -> None:
    assert (CALENDAR.slots(date(2021, 9, 4)), CALENDAR.school_hours(date(2021, 9, 4))) == ((), None)


def test_a_slot_may_end_at_midnight() -> None:
    night = Slot(name="n", begin=time(23), end=None)
    calendar = type(CALENDAR)(
        zone=CALENDAR.zone,
        school_weekdays=CALENDAR.school_weekdays,
        terms=CALENDAR.terms,
        holidays=(),
        makeup_days=frozenset(),
        lesson_slots=(night,),
    )
    assert calendar.slots(date(2021, 9, 1))[0].end_ms == ms("2021-09-01T16:00Z")


def test_the_last_school_days_include_the_day_itself_and_skip_weekends() -> None:
    assert CALENDAR.school_days_before(date(2021, 9, 7), 4) == (
        date(2021, 9, 2),
        date(2021, 9, 3),
        date(2021, 9, 6),
        date(2021, 9, 7),
    )


def test_a_term_that_has_just_begun_has_fewer_school_days_to_look_back_on() -> None:
    assert len(CALENDAR.school_days_before(date(2021, 9, 3), 20)) == 3


def test_a_moment_belongs_to_the_local_day() -> None:
    late = int(datetime(2021, 9, 1, 16, 30, tzinfo=UTC).timestamp()) * 1000
    assert (CALENDAR.day_of(late), CALENDAR.end_of(date(2021, 9, 1))) == (
        date(2021, 9, 2),
        ms("2021-09-01T16:00Z"),
    )


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        ("2021-09-06T16:00Z", date(2021, 9, 6)),  # midnight
        ("2021-09-07T00:00:59Z", date(2021, 9, 6)),
        ("2021-09-07T00:01:00Z", date(2021, 9, 7)),  # lessons begin at eight: the first minute is over
        ("2021-09-05T02:00Z", date(2021, 9, 3)),  # a Sunday
    ],
)
def test_school_days_that_have_not_begun_are_no_part_of_a_look_back(moment: str, last: date) -> None:
    days = CALENDAR.school_days_before(date(2021, 9, 7), 3, until_ms=ms(moment))
    assert (len(days), days[-1]) == (3, last)
