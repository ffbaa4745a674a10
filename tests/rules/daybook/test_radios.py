"""Radios of a day and of its lessons, by the clocks of the gateways that asked them."""

import pytest

from contract import Radio
from rules.daybook.entry import Entry, RadioCounts
from rules.daybook.radios import radio_counts, with_lessons
from store import Store
from tests.rules.daybook.morning import LIMIT_MS, at, entry, radio, status, told
from tests.rules.daybook.world import MINUTE, SCHOOLS

RADIO = ("R1", "A1", "0")
BUSY, NOISE, CLIENTS = range(3)


def lessons(counted: Entry, level: int = BUSY) -> list[tuple[int, int, int | None]]:
    """Of each lesson what is known of a level, its sum and 95th percentile."""
    return [counted.rest.radios[RADIO].level(lesson, level) for lesson in range(3)]


NOTHING = (0, 0, None)


def test_a_radio_is_counted_in_school_hours_and_in_each_lesson(store: Store) -> None:
    counted = entry(
        store,
        *told(
            radio(at(7), 99, noise_dbm=-1, clients=99),
            radio(at(8), 30, noise_dbm=-90, clients=5),
            radio(at(8, 39), 50),
            radio(at(8, 40), 70, noise_dbm=-80, clients=7),  # the lesson is over
            radio(at(8, 50), 20, clients=9),
        ),
    )
    assert (4, 170, 70, 2, -170, -80) == counted.rest.radios[RADIO][:6]
    assert [
        [(2, 80, 50), (1, 20, 20), NOTHING],
        [(1, -90, -90), NOTHING, NOTHING],
        [(1, 5, 5), (1, 9, 9), NOTHING],
    ] == [lessons(counted, level) for level in (BUSY, NOISE, CLIENTS)]


def test_a_radio_of_which_nothing_is_known_counts_nothing() -> None:
    assert RadioCounts(0, 0, None, 0, 0, None, (0, 0, None) * 6) == radio_counts({}, 2)


@pytest.mark.parametrize(
    ("offset_ms", "expected"),
    [
        # By its own clock at 8:38 and at 8:46; by a clock that is right five minutes later.
        (5 * MINUTE, [NOTHING, (1, 60, 60), NOTHING]),
        (0, [(1, 30, 30), NOTHING, NOTHING]),
        # Of a clock that is wrong nobody knows in which lesson it was.
        (LIMIT_MS + 1, [NOTHING] * 3),
    ],
)
def test_lessons_follow_the_clock_of_the_gateway(
    store: Store, offset_ms: int, expected: list[tuple[int, int, int | None]]
) -> None:
    counted = entry(store, *told(radio(at(8, 38), 30), radio(at(8, 46), 60)), status(at(8), offset_ms))
    assert expected == lessons(counted)
    # The day itself is by the readings' own time.
    assert (2, 90, 60) == counted.rest.radios[RADIO][:3]


@pytest.mark.parametrize(("offset_ms", "known"), [(14_999, 1), (15_000, 0)])
def test_lessons_are_not_cut_by_the_second(store: Store, offset_ms: int, known: int) -> None:
    counted = entry(store, *told(radio(at(8, 40) - 10_000, 30)), status(at(8), offset_ms))
    assert known == lessons(counted)[0][0]


def asked_by_two(store: Store, offset_ms: int, *readings: Radio, until_ms: int = at(24)) -> Entry:
    """The first gateway's clock is right; the other one tells these, by a clock that is off."""
    own = told(radio(at(8), 10), radio(at(8, 10), 20), radio(at(9), 40, noise_dbm=-70))
    return entry(
        store,
        *own,
        *told(*readings, gateway="gw2"),
        status(at(8)),
        status(at(8), offset_ms, gateway="gw2"),
        until_ms=until_ms,
    )


def test_of_two_clocks_in_one_lesson_the_percentile_is_that_of_every_reading(store: Store) -> None:
    """There is none of percentiles: each of the two alone has another one."""
    others = (radio(at(8, 5), 90), radio(at(8, 25), 50), radio(at(8, 36), 99), radio(at(8, 46), 60))
    # Another school may call an access point the same.
    store.write(told(radio(at(8, 5), 100), school=SCHOOLS[1]))
    counted = asked_by_two(store, 4 * MINUTE, *others)
    # 8:36 and 8:46 were 8:40 and 8:50: after the first lesson, and when the second began.
    assert [(4, 170, 90), (2, 100, 60), NOTHING] == lessons(counted)
    assert [NOTHING, (1, -70, -70), NOTHING] == lessons(counted, NOISE)


def test_what_begins_before_and_ends_after_is_looked_for_as_far_as_the_clock_is_off(store: Store) -> None:
    """By a clock that is right the first reading was before school, and the last one in a lesson."""
    store.write(told(radio(at(10), 70)))
    ahead = asked_by_two(store, -4 * MINUTE, radio(at(8, 3), 90), radio(at(10, 13), 80), radio(at(8, 5), 70))
    assert [(3, 100, 70), (1, 40, 40), (2, 150, 80)] == lessons(ahead)


def test_late_clocks_are_looked_for_before_the_first_lesson(store: Store) -> None:
    """As far as the latest of them is off."""
    store.write([*told(radio(at(9), 40), gateway="gw3"), status(at(8), MINUTE, gateway="gw3")])
    late = asked_by_two(store, 4 * MINUTE, radio(at(7, 57), 90), radio(at(7, 55), 99), radio(at(8, 5), 5))
    assert [(4, 125, 90), (2, 80, 40), NOTHING] == lessons(late)


def test_percentiles_are_told_once_school_is_over(store: Store) -> None:
    counted = asked_by_two(store, 4 * MINUTE, radio(at(8, 5), 90), until_ms=at(9, 45))
    assert [(3, 120, None), (1, 40, None)] == [
        counted.rest.radios[RADIO].level(lesson, BUSY) for lesson in (0, 1)
    ]


def test_beside_a_wrong_clock_the_others_lessons_stand(store: Store) -> None:
    counted = asked_by_two(store, LIMIT_MS + 1, radio(at(8, 5), 90), radio(at(9, 5), 90))
    assert [(2, 30, 20), (1, 40, 40), NOTHING] == lessons(counted)


def test_of_three_clocks_only_those_that_are_not_wrong_are_in_a_percentile(store: Store) -> None:
    third = told(radio(at(8, 20), 100), gateway="gw3")
    store.write([*third, status(at(8), 2 * LIMIT_MS, gateway="gw3")])
    counted = asked_by_two(store, 4 * MINUTE, radio(at(8, 5), 60))
    assert (3, 90, 60) == lessons(counted)[0]


def test_lessons_by_clock_take_the_place_of_those_by_the_readings_own_time() -> None:
    day = {"busy_known": 4, "busy_sum": 9, "noise_p95": -60, "busy_known0": 7, "clients_sum1": 3}
    assert [
        (RADIO, {"busy_known": 4, "busy_sum": 9, "noise_p95": -60, "busy_known1": 2}),
        (("R1", "A2", "0"), {"busy_known0": 1}),
    ] == with_lessons([(RADIO, day)], {RADIO: {"busy_known1": 2}, ("R1", "A2", "0"): {"busy_known0": 1}})
