"""The spans that a day is asked about: as far as it is over, and where it lies in two months."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from registry.calendar import Interval, Term
from rules.daybook.questions import spans_of
from store import Span
from tests.rules.daybook.morning import DAY, at, spans
from tests.rules.daybook.world import CALENDAR

BEGIN, END = at(8), at(10, 10)


def test_a_day_that_is_over_is_asked_about_whole() -> None:
    found = spans()
    assert (
        DAY,
        DAY.isoweekday(),
        Interval(begin_ms=at(0), end_ms=at(24)),
        Interval(begin_ms=BEGIN, end_ms=END),
    ) == (
        found.day,
        found.weekday,
        found.whole,
        found.hours,
    )
    assert (Span(BEGIN, END), Span(at(0), at(24))) == (found.counted, found.local)
    assert [("1", at(8), at(8, 40)), ("2", at(8, 50), at(9, 30)), ("3", at(9, 30), END)] == list(
        found.lessons
    )


def test_a_day_that_goes_on_is_asked_about_as_far_as_it_is_over() -> None:
    found = spans(at(9, 30))
    assert (Span(BEGIN, at(9, 30)), Span(at(0), at(9, 30)), ["1", "2"]) == (
        found.counted,
        found.local,
        [lesson.name for lesson in found.lessons],
    )
    assert ["1"] == [lesson.name for lesson in spans(at(9, 30) - 1).lessons]


def test_after_school_the_hours_are_over_and_the_day_goes_on() -> None:
    assert (Span(BEGIN, END), Span(at(0), at(20))) == (spans(at(20)).counted, spans(at(20)).local)


@pytest.mark.parametrize(("until_ms", "begun"), [(BEGIN - 1, False), (BEGIN, False), (BEGIN + 1, True)])
def test_before_school_there_is_nothing_to_ask(until_ms: int, begun: bool) -> None:
    assert begun is (spans_of(CALENDAR, DAY, until_ms=until_ms) is not None)


def test_of_a_holiday_there_is_nothing_to_ask() -> None:
    closed = replace(CALENDAR, holidays=(Term(name="x", first=DAY, last=DAY),))
    assert spans_of(closed, DAY, until_ms=at(24)) is None


@pytest.mark.parametrize(
    ("zone", "day", "month"),
    [
        ("Asia/Shanghai", date(2021, 10, 1), datetime(2021, 10, 1, tzinfo=UTC)),
        ("Asia/Shanghai", date(2021, 9, 30), None),
        ("Asia/Shanghai", date(2021, 10, 8), None),
        # Where the school's midnight is that of UTC no day lies in two months.
        ("UTC", date(2021, 10, 1), None),
        ("UTC", date(2021, 9, 30), None),
    ],
)
def test_a_day_in_two_months_of_utc_knows_when_the_second_begins(
    zone: str, day: date, month: datetime | None
) -> None:
    calendar = replace(CALENDAR, zone=ZoneInfo(zone))
    found = spans_of(calendar, day, until_ms=calendar.end_of(day))
    assert found is not None
    assert found.second_month_ms == (None if month is None else round(month.timestamp() * 1000))
