"""How much displays are used, from readings in a store, with the completeness of each rate."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from contract import Point, Reading, RoomDevice, Status, status_point
from registry.calendar import Interval
from rules.daybook.lessons import Answers, display_used
from rules.facts.days import DayMemory
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.judging.utilisation import Rate, RateCode
from rules.standards.standard import Standard
from rules.words import worded
from store import Store
from tests.rules.build import BINHAI, CALENDAR
from tests.rules.telemetry import (
    ADDRESS,
    LAST_DAY,
    MINUTE,
    NOW,
    ms,
    one_school,
    points,
    polls,
    projector,
    room,
    silent,
)

DAYS = CALENDAR.school_days_before(LAST_DAY, 20)


def day_of(day: date, *, on: bool, name: str = "R1") -> list[RoomDevice]:
    """A poll every five minutes of the two lessons of a day and the break between."""
    power = "on" if on else "off"
    return [projector(time, device=name, room=name, power=power) for time in polls(day, count=18)]


def rate(
    store: Store, code: RateCode, *readings: Reading, rooms: int = 1, standard: Standard = BINHAI
) -> Rate:
    known = one_school(*(room(f"R{n}") for n in range(1, rooms + 1)))
    assert store.write(points(*readings)) == []
    facts = observe(store, known, standard, as_of=LAST_DAY, now_ms=NOW)
    return evaluate(known, standard, facts, LAST_DAY).utilisation[0].of(code)


@pytest.mark.parametrize(
    ("lit", "answers", "used"),
    [
        (10, 40, True),
        (9, 40, False),
        (9, 39, None),  # the minute that was not heard could make it ten
        (10, 30, True),
        (10, 29, None),  # less than three quarters of the lesson heard
        (0, 31, False),
        (0, 30, None),
        (3, 3, None),
        (0, 0, None),
    ],
)
def test_a_lesson_is_used_or_unused_only_where_what_was_not_heard_could_not_change_it(
    lit: int, answers: int, used: bool | None
) -> None:
    slot = Interval(begin_ms=0, end_ms=40 * MINUTE)
    assert used == display_used(Answers(answers, lit), slot, MINUTE, BINHAI.utilisation)


def test_lessons_of_all_rooms_are_summed_before_they_are_divided(store: Store) -> None:
    readings = [one for day in DAYS for one in day_of(day, on=day == DAYS[0], name="R1")]
    readings += [one for day in DAYS[:16] for one in day_of(day, on=True, name="R2")]
    one = rate(store, "U1", *readings, rooms=2)
    assert (one.numerator, one.denominator, one.completeness) == (2 + 32, 40 + 32, Fraction(72, 80))


def test_a_break_is_no_lesson_but_is_school_time(store: Store) -> None:
    """On only in the break from 8:40 to 8:50: no lesson used, two of eighteen answers on."""
    between = [
        answer.model_copy(update={"power": "on" if 8 <= index < 10 else "off"})
        for day in DAYS
        for index, answer in enumerate(day_of(day, on=False))
    ]
    found = [rate(store, code, *between).value for code in ("U1", "U2")]
    assert found == [0, Fraction(2, 18)]


def test_days_without_telemetry_leave_too_little_data_and_no_rate(store: Store) -> None:
    one = rate(store, "U1", *(answer for day in DAYS[:15] for answer in day_of(day, on=True)))
    assert (one.completeness, one.enough, one.value, "数据不足" in worded(one.reason)) == (
        Fraction(3, 4),
        False,
        None,
        True,
    )


def test_silence_is_no_data_and_not_off(store: Store) -> None:
    one = rate(store, "U1", *(silent(time) for day in DAYS for time in polls(day, count=18)))
    assert (one.denominator, one.completeness) == (0, 0)


@pytest.mark.parametrize(("days", "value"), [(16, Fraction(1, 2)), (15, None)])
def test_a_room_is_unused_only_when_it_was_watched_on_enough_days(
    store: Store, days: int, value: Fraction | None
) -> None:
    readings = [one for day in DAYS for one in day_of(day, on=True, name="R1")]
    readings += [one for day in DAYS[:days] for one in day_of(day, on=False, name="R2")]
    assert rate(store, "U3", *readings, rooms=2).value == value


@pytest.mark.parametrize(
    ("broken", "mute", "verdict"), [(0, 0, "pass"), (1, 0, "pass"), (2, 0, "fail"), (1, 1, "undetermined")]
)
def test_ninety_five_percent_of_devices_are_in_order(
    store: Store, broken: int, mute: int, verdict: str
) -> None:
    readings: list[Reading] = []
    for number in range(1, 21):
        name = f"R{number}"
        for time in polls(count=3):
            if number <= broken:
                readings.append(projector(time, device=name, room=name, condition="error"))
            elif number <= broken + mute:
                readings.append(silent(time, device=name, room=name))
            else:
                readings.append(projector(time, device=name, room=name))
    assert rate(store, "U4", *readings, rooms=20).verdict == verdict


def test_lessons_used_per_pupil_have_the_schools_pupils_below(store: Store) -> None:
    one = rate(store, "U5", *(answer for day in DAYS for answer in day_of(day, on=True)))
    assert one.value == Fraction(40, 100)


def test_another_rule_for_a_used_lesson_counts_remembered_days_again(store: Store) -> None:
    known, memory = one_school(room()), DayMemory()
    assert store.write(points(*(answer for day in DAYS for answer in day_of(day, on=True)))) == []
    strict = BINHAI.model_copy(
        update={"utilisation": BINHAI.utilisation.model_copy(update={"used_minutes": 41})}
    )
    found = []
    for standard in (BINHAI, strict):
        facts = observe(store, known, standard, as_of=LAST_DAY, now_ms=NOW, memory=memory)
        found.append(evaluate(known, standard, facts, LAST_DAY).utilisation[0].of("U1").numerator)
    assert found == [40, 0]


def told_offset(time: int, offset_ms: int) -> Point:
    """A status of the gateway that says how far its clock is off."""
    status = Status(online=True, time="2021-09-28T00:00:00.000Z", clock_offset_ms=offset_ms)
    return status_point(ADDRESS, status, time_ms=time)


@pytest.mark.parametrize(
    ("offset_min", "known", "used"),
    [
        (0, 2, 1),
        # Four minutes behind: what it stamped 7:56 was the first lesson's begin, and it is used so.
        (4, 2, 1),
        (-4, 2, 1),
        # Beyond the limit (five minutes unless the standard says another) it is in no lesson.
        (6, 0, 0),
        (-6, 0, 0),
        (3 * 24 * 60, 0, 0),
    ],
)
def test_a_clock_that_is_off_a_little_is_put_right_and_one_that_is_off_more_is_in_no_lesson(
    store: Store, offset_min: int, known: int, used: int
) -> None:
    # On during the whole first lesson and off from its last second on, by the server's time.
    first, last = ms(f"{LAST_DAY}T08:00"), ms(f"{LAST_DAY}T09:30")
    answers = [
        projector(
            time - offset_min * MINUTE, device="R1", power="on" if time < first + 40 * MINUTE else "off"
        )
        for time in range(first, last, MINUTE)
    ]
    assert store.write([told_offset(first - offset_min * MINUTE, offset_min * MINUTE)]) == []
    assert store.write([told_offset(first + 60 * MINUTE, offset_min * MINUTE)]) == []
    found = rate(store, "U1", *answers)
    assert (known, used) == (found.known, found.numerator)
    assert (known == 0) == ("时钟" in worded(found.reason))
    assert (known == 0) == (rate(store, "U2").known == 0)


def test_lessons_by_a_right_clock_count_beside_a_gateway_whose_clock_is_always_wrong(store: Store) -> None:
    other = replace(ADDRESS, gateway="gw2")
    wrong = Status(online=True, time="2021-09-28T00:00:00.000Z", clock_offset_ms=20 * MINUTE)
    assert store.write([status_point(other, wrong, time_ms=polls(day)[0]) for day in DAYS]) == []
    answers = [answer for day in DAYS for answer in day_of(day, on=day == DAYS[3])]
    lessons = rate(store, "U1", *answers)
    assert (lessons.known, lessons.numerator) == (40, 2)
    # Of the school's hours nobody knows which of its displays the other gateway saw.
    assert (rate(store, "U3").numerator, rate(store, "U2").known) == (0, 0)


def test_a_day_of_which_one_poll_is_left_is_known_for_that_poll_alone(store: Store) -> None:
    """How often was to be asked, another day shows; where none does, the day may have been anything."""
    one = projector(polls(DAYS[-2])[0], device="R1", power="on")
    alone = rate(store, "U2", one)
    assert (0, 1) == (alone.least, alone.most)
    # Of the eighteen polls of either day one was on, and all of the other were off.
    found = rate(store, "U2", *day_of(LAST_DAY, on=False))
    assert (Fraction(1, 18 * 20), Fraction(17 + 18 * 18 + 1, 18 * 20)) == (found.least, found.most)
