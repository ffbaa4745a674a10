"""The demonstration opens in a lesson, whatever the hour, on a district whose term moved along."""

import datetime as dt
import time
from pathlib import Path

import pytest

from campus.demo.clock import in_lesson
from campus.demo.past import order_of
from campus.term.span import span_of
from campus.term.telling import school_days
from firmware_sim import Scenario, load_scenario
from firmware_sim.history import Span
from firmware_sim.timetable import Timetable
from rules.watch.settings import RulesSettings
from runtime import ConfigError


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return load_scenario("demo")


def seconds(text: str) -> float:
    return dt.datetime.fromisoformat(f"{text}+08:00").timestamp()


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2027-03-17 10:21", "2027-03-17 10:20"),
        ("2027-03-17 10:19", "2027-03-16 10:20"),
        ("2027-03-18 03:00", "2027-03-17 10:20"),
        ("2027-03-21 23:00", "2027-03-19 10:20"),  # a Sunday
        ("2027-03-22 07:00", "2027-03-19 10:20"),  # and the Monday after it
    ],
)
def test_the_clock_shows_the_third_lesson_of_the_last_school_day(
    now: str, shown: str, demo: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: seconds(now))
    told, clock = in_lesson(demo)
    assert clock() == seconds(shown)
    assert Timetable(told.calendar, seed=0, share=0).lesson(clock()) is not None


def test_a_scenario_without_a_term_is_shown_as_it_is(demo: Scenario) -> None:
    bare = demo.model_copy(update={"term": None})
    assert (bare, 0.0) == (in_lesson(bare)[0], in_lesson(bare)[1].ahead_s)


def test_every_school_day_of_the_past_is_looked_back_on_an_hour_after_its_lessons(demo: Scenario) -> None:
    told = demo.on(dt.date(2026, 11, 13))
    span = Span(begin=seconds("2026-09-25 00:00"), end=seconds("2026-10-12 10:19"))
    days = [(f"{one.day:%m-%d}", one.over - seconds(f"{one.day} 00:00")) for one in school_days(told, span)]
    at_five_past_five = 17 * 3600 + 5 * 60.0
    assert [
        (day, at_five_past_five)
        for day in ["09-25", "09-26", "09-28", "09-29", "09-30", "10-08", "10-09", "10-10"]
    ] == days


def test_the_past_ends_before_the_gateways_of_now_begin(demo: Scenario, tmp_path: Path) -> None:
    now = seconds("2026-11-13 10:20")
    rules = RulesSettings.model_validate({"registry": "r", "store": "sqlite:///s"})
    order = order_of(demo.on(dt.date(2026, 11, 13)), now=now, folder=tmp_path, broker=1, rules=rules)
    (span,) = order.spans
    assert (seconds("2026-09-07 00:00"), now - 60) == (span.begin, span.end)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-14", "2026-11-13", "--from 2026-11-14 晚于 2026-11-13"),
        (None, "2020-01-01", "2020-01-01 之前没有学期"),
    ],
)
def test_a_span_that_cannot_be_is_one_line(first: str | None, last: str, words: str, demo: Scenario) -> None:
    own_term = demo.on(dt.date(2026, 11, 13))
    begin = None if first is None else dt.date.fromisoformat(first)
    with pytest.raises(ConfigError, match=words):
        span_of(own_term, begin, dt.date.fromisoformat(last), now=seconds("2026-11-20 12:00"), interval_s=300)
