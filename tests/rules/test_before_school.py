"""From midnight to the first lesson of a school day the verdicts are those of the evening before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import Reading
from registry import Registry
from registry.calendar import Calendar, Term
from rules.answers.inquiry import Inquiry
from rules.daybook.book import BookMemory
from rules.daybook.records import begin_of, read_records
from rules.daybook.share import WHOLE
from rules.judging.evaluate import Evaluation
from store import Store, open_store
from tests.rules.build import BINHAI, CALENDAR
from tests.rules.telemetry import (
    MINUTE,
    access_point,
    good_survey,
    ms,
    one_school,
    points,
    polls,
    projector,
    room,
    silent,
)

EVENING = date(2021, 9, 29)
DAYS = CALENDAR.school_days_before(EVENING, 21)
TURNS = ("on", "off", "fault", "silent", "mixed", "missing")
LIMITS = replace(
    CALENDAR,
    # The day after the evening is a school day, the three that follow are none.
    holidays=(Term(name="h", first=date(2021, 10, 1), last=date(2021, 10, 7)),),
)


def inquiry(known: Registry, moment: str) -> Inquiry:
    now_ms = ms(moment)
    day = known.calendar.day_of(now_ms)
    return Inquiry(registry=known, standard=BINHAI, as_of=day, now_ms=now_ms)


def told(evaluation: Evaluation) -> Mapping[str, Any]:
    """All that is said of schools, with the reasons; how old a survey may be goes by the date."""
    return {
        "sections": evaluation.sections,
        "coverage": evaluation.coverage,
        "guarantees": evaluation.guarantees,
        "utilisation": evaluation.utilisation,
        "districts": evaluation.districts,
    }


SURVEYED = [one for name in ("RA", "RB", "RC") for one in good_survey(name)]


def judged(store: Store, known: Registry, moment: str) -> Mapping[str, Any]:
    return told(inquiry(known, moment).evaluation(store))


def day(turn: str, at: date, device: str) -> list[Reading]:
    """A display's answers from the first lesson to the last, every five minutes."""
    where = {"device": device, "room": f"R{device}"}
    answers: dict[str, Any] = {
        "on": {"power": "on"},
        "off": {"power": "off"},
        "fault": {"power": "on", "condition": "error"},
    }
    found: list[Reading] = []
    for number, time in enumerate(polls(at, count=18)):
        kind = ("off", "silent", "fault")[number % 3] if turn == "mixed" else turn
        if kind == "silent":
            found.append(silent(time, **where))
        elif kind != "missing":
            found.append(projector(time, **where, **answers[kind]))
    return found


def never_on(days: Iterable[date]) -> Iterator[Reading]:
    return (reading for at in days for reading in day("off", at, "A"))


def district(calendar: Calendar = LIMITS) -> Registry:
    return replace(one_school(room("RA"), room("RB"), room("RC")), calendar=calendar)


@pytest.fixture
def store(sqlite_url: str) -> Store:
    opened = open_store(sqlite_url)
    opened.prepare()
    return opened


def test_a_projector_that_is_never_on_is_no_secret_at_three_in_the_morning(store: Store) -> None:
    assert store.write(points(*SURVEYED, *never_on(DAYS))) == []
    evening = judged(store, district(), "2021-09-29T23:50")
    night = judged(store, district(), "2021-09-30T03:00")
    assert ("fail", evening) == (evening["sections"][0].judgements["L7"].verdict, night)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    habits=st.lists(st.sampled_from(TURNS[:3]), min_size=3, max_size=3),
    odd=st.dictionaries(st.tuples(st.integers(1, 20), st.integers(0, 2)), st.sampled_from(TURNS), max_size=6),
    down=st.lists(st.booleans(), min_size=21, max_size=21),
    moments=st.lists(
        st.sampled_from(("09-30T00:00", "09-30T03:00", "09-30T08:00", "09-30T07:59:59")), max_size=2
    ),
)
def test_every_verdict_of_the_night_is_that_of_the_evening_before(
    habits: list[str],
    odd: Mapping[tuple[int, int], str],
    down: list[bool],
    moments: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    known = district()
    readings: list[Reading] = [*SURVEYED]
    for number, at in enumerate(DAYS):
        state = "down" if down[number] else "up"
        readings += [access_point(time, state, room="RA") for time in polls(at, count=18)]
        for place, habit in enumerate(habits):
            readings += day(odd.get((number, place), habit), at, "ABC"[place])
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('night') / 's.sqlite'}") as opened:
        opened.prepare()
        assert opened.write(points(*readings)) == []
        evening = judged(opened, known, "2021-09-29T23:59:59")
        for moment in moments:
            assert evening == judged(opened, known, f"2021-{moment}")


def test_the_window_moves_on_with_the_first_minute_of_school(store: Store) -> None:
    days = [*DAYS, date(2021, 9, 30)]
    assert store.write(points(*never_on(days))) == []

    def window(moment: str) -> tuple[date, date]:
        facts = inquiry(district(), moment).facts(store)
        assert facts is not None
        return facts.days[0], facts.days[-1]

    assert (DAYS[1], EVENING) == window("2021-09-30T08:00:59")
    assert (DAYS[2], date(2021, 9, 30)) == window("2021-09-30T08:01")


@pytest.mark.parametrize(
    ("moment", "expected"), [("01:00", "fail"), ("09:59", "fail"), ("10:00", "undetermined")]
)
def test_a_day_that_has_just_begun_takes_no_answer_away_before_more_is_missing_than_may_be(
    store: Store, moment: str, expected: str
) -> None:
    assert store.write(points(*SURVEYED, *never_on(DAYS))) == []
    evaluation = inquiry(district(), f"2021-09-30T08:{moment}").evaluation(store)
    assert expected == evaluation.sections[0].judgements["L7"].verdict


def test_a_date_to_come_is_judged_by_the_days_that_have_begun(store: Store) -> None:
    assert store.write(points(*SURVEYED, *never_on(DAYS))) == []
    now_ms = ms("2021-09-29T23:50")
    today, to_come = (
        Inquiry(registry=district(), standard=BINHAI, as_of=as_of, now_ms=now_ms).evaluation(store)
        for as_of in (EVENING, EVENING + timedelta(days=1))
    )
    assert told(today) == told(to_come)


def test_the_day_book_is_brought_up_to_date_for_the_same_days(store: Store, tmp_path: Path) -> None:
    assert store.write(points(*SURVEYED, *never_on(DAYS))) == []
    known, now_ms = district(), ms("2021-09-30T03:00")
    asked = inquiry(known, "2021-09-30T03:00")
    asked.count_days(store, BookMemory(), WHOLE)
    counted = {
        known.calendar.day_of(begin)
        for begin, _ in read_records(store, begin_of(known.calendar, DAYS[0]), now_ms + MINUTE)
    }
    assert set(DAYS[1:]) == counted
    # The day before the window is nobody's but the arrears'.
    assert (DAYS[0],) == tuple(asked.count_arrears(store, WHOLE))
