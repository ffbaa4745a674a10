"""One morning of one school, reading by reading: every count of its entry, facts and what charts show."""

from collections.abc import Sequence
from typing import Any

import pytest

from contract import (
    LEDGER_RUN,
    MappedDevice,
)
from rules.daybook.counting import count_day
from rules.daybook.entry import (
    ApCounts,
    ApRest,
    CollectorRest,
    DeviceCounts,
    DeviceRest,
    GatewayClock,
    GatewayRest,
    LedgerRest,
    Rest,
    RoundCounts,
    SchoolDay,
)
from store import Store
from tests.rules.daybook.morning import DAY, LIMIT_MS, PLACE, ap, at, display, entry, run, spans, status, told
from tests.rules.daybook.world import MINUTE, SCHOOLS, STRANGER


def test_a_morning_is_counted_reading_by_reading(store: Store) -> None:
    points = told(
        # Before and after school hours an access point is asked as well.
        ap(at(7), clients=9),
        ap(at(8), clients=4),
        ap(at(8, 10), "down"),
        ap(at(8, 20), "unknown"),
        ap(at(8, 30), clients=7, serves_campus=False),
        ap(at(10, 20)),
        display(at(7, 30)),
        display(at(8), evidence="watts"),
        display(at(8, 10), "warming", condition="error"),
        display(at(8, 50), None, reachable=False),
        display(at(9), "off", evidence="network"),
        display(at(9, 35), condition="error"),
        display(at(10, 30)),
        run(at(7, 30)),
        run(at(8)),
        run(at(8, 10), status="timeout", interval_s=300),
        run(at(8, 5), target="P2"),
        run(at(8), "ac", "10.0.0.1", reads="access_point", interval_s=300),
        # A ledger is worth what it was told last, be that long ago.
        run(at(8) - 10 * 1440 * MINUTE, "led", LEDGER_RUN, reads="asset", rows=50, status="ok"),
        run(
            at(8) - 9 * 1440 * MINUTE,
            *("led", LEDGER_RUN),
            reads="asset",
            rows=40,
            expected=45,
            unread=0,
            status="partial",
        ),
    )
    points += [status(at(3), 900, pending=7), status(at(8, 5), 4000), status(at(8, 30), -2000, pending=3)]
    counted = entry(store, *points)
    hours = spans().hours
    assert (
        SchoolDay(
            hours=hours,
            lessons=spans().lessons,
            aps={("R1", "A1"): ApCounts(4, 1, 1, at(8, 30), "up")},
            devices={
                ("R1", "P1", "projector"): DeviceCounts(
                    *(5, 4, 2, 1, 2, 4, 3, at(9, 35)), lessons=(2, 2, 1, 0, 1, 1), by_presence=1, by_watts=1
                )
            },
            said={"room_device": 600_000, "access_point": 300_000},
            own={"room_device": {"P1": 300_000}},
            spared={"room_device": {"P1": 300_000}},
            rounds={"pj": RoundCounts(3, 2), "ac": RoundCounts(1, 1)},
            clocks={"gw1": GatewayClock(-2000, False)},
            gateways={"gw1": []},
        )
        == counted.facts
    )
    assert (
        Rest(
            weekday=DAY.isoweekday(),
            early=0,
            aps={("R1", "A1"): ApRest(2, 11, 7, at(7), at(10, 20))},
            devices={("R1", "P1", "projector"): DeviceRest(2, at(7, 30), at(10, 30), (1, 0, 1))},
            collectors={
                ("gw1", "ac"): CollectorRest(1, 1, 1, "access_point", 300),
                ("gw1", "pj"): CollectorRest(3, 2, 2, "room_device", 600),
            },
            gateways={"gw1": GatewayRest(3, 7)},
            ledgers={("gw1", "led"): LedgerRest(at(8) - 9 * 1440 * MINUTE, 40, 45, 1)},
        )
        == counted.rest
    )
    # Six of the access point, seven of the display, three statuses.
    assert 16 == counted.readings


@pytest.mark.parametrize(
    ("offsets", "clock"),
    [
        ((4_000, -9_000, 2_000), GatewayClock(2_000, False)),
        ((LIMIT_MS, 0), GatewayClock(0, False)),
        # Beyond the limit at any time of the day: the worst of it, whatever it said last.
        ((LIMIT_MS + 1, 0), GatewayClock(LIMIT_MS + 1, True)),
        ((-LIMIT_MS - 5, LIMIT_MS + 1), GatewayClock(-LIMIT_MS - 5, True)),
    ],
)
def test_a_clock_is_what_it_said_last_or_the_worst_where_it_is_wrong(
    store: Store, offsets: Sequence[int], clock: GatewayClock
) -> None:
    points = [status(at(8, minute), offset) for minute, offset in enumerate(offsets)]
    assert {"gw1": clock} == entry(store, *points).facts.clocks


DISPLAY = ("R1", "P1", "projector")


def test_lessons_follow_a_clock_that_is_off_and_not_one_that_is_wrong(store: Store) -> None:
    """A poll at 8:46 by a clock that is five minutes late was made at 8:51, in the second lesson."""
    points = told(display(at(8, 30)), display(at(8, 46)))
    late = entry(store, *points, status(at(8), 4 * MINUTE), status(at(8, 1), 5 * MINUTE))
    assert (1, 1, 1, 1, 0, 0) == late.facts.devices[DISPLAY].lessons
    wrong = entry(store, status(at(8, 2), 6 * MINUTE))
    assert (True, (0,) * 6) == (wrong.facts.clocks["gw1"].wrong, wrong.facts.devices[DISPLAY].lessons)


@pytest.mark.parametrize(("offset_ms", "known"), [(14_999, 1), (15_000, 0), (-14_999, 1), (-15_000, 1)])
def test_lessons_are_not_cut_by_the_second(store: Store, offset_ms: int, known: int) -> None:
    """Ten seconds before the first lesson ends, by a clock that is off by a quarter of a minute."""
    counted = entry(store, *told(display(at(8, 40) - 10_000)), status(at(8), offset_ms))
    assert (known, known, 0, 0, 0, 0) == counted.facts.devices[DISPLAY].lessons


def test_what_was_never_so_is_a_count_of_none(store: Store) -> None:
    counted = entry(store, *told(ap(at(8), "down"), display(at(9), None, reachable=False)))
    assert {("R1", "A1"): ApCounts(1, 0, 0, at(8), "down")} == counted.facts.aps
    expected = DeviceCounts(1, 0, 0, 0, 0, 0, 0, at(9), lessons=(0,) * 6, by_presence=0, by_watts=0)
    assert {DISPLAY: expected} == counted.facts.devices


def test_of_two_collectors_the_quicker_ones_devices_have_a_pace_of_their_own_and_nothing_is_spared(
    store: Store,
) -> None:
    mapped = MappedDevice(time=at(7), device="P1", type="projector", room="R1", collector="quick")
    points = told(
        display(at(8)),
        display(at(8), device="P2"),
        run(at(8), "quick", interval_s=60),
        run(at(8), "slow", "P2", interval_s=900),
        mapped,
        mapped.model_copy(update={"device": "P2", "collector": "slow"}),
    )
    facts = entry(store, *points).facts
    assert ({"room_device": 900_000}, {"room_device": {"P1": 60_000}}, {}) == (
        facts.said,
        facts.own,
        facts.spared,
    )


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        ((0, 5, 10, 30), 5),
        ((0, 20, 30), 10),
        ((0,), None),
        # The newest eight tell: what was quicker before them does not.
        ((0, 1, 10, 20, 30, 40, 50, 60, 70, 80), 10),
    ],
)
def test_where_gateways_do_not_say_it_the_shortest_time_between_newest_polls_tells(
    store: Store, minutes: Sequence[int], shown: int | None
) -> None:
    counted = entry(store, *told(*(ap(at(8, minute)) for minute in minutes)))
    assert ({}, {} if shown is None else {"access_point": shown * MINUTE}) == (
        counted.facts.said,
        counted.facts.shown,
    )


def test_what_others_asked_and_when_there_was_no_school_tells_no_pace(store: Store) -> None:
    quick = [ap(at(hour, minute)) for hour in (6, 20) for minute in range(5)]
    store.write(told(*(ap(at(8, minute)) for minute in range(5)), school=SCHOOLS[1]))
    # The second gateway asked at the same moment: that is no time between polls.
    points = [*told(*quick, ap(at(8)), ap(at(8, 20))), *told(ap(at(8, 20)), gateway="gw2")]
    assert {"access_point": 20 * MINUTE} == entry(store, *points).facts.shown


def test_rounds_of_an_earlier_version_say_neither_what_they_read_nor_how_often(store: Store) -> None:
    old = entry(store, *told(run(at(8), "old", reads=None, interval_s=None)))
    assert {("gw1", "old"): CollectorRest(1, 1, 1, None, None)} == old.rest.collectors
    # Of several targets the newest that says it tells.
    points = told(
        run(at(8), "ac", "x", reads="access_point"),
        run(at(9), "ac", "y", reads="room_device"),
        run(at(10), "ac", "z", reads=None, interval_s=None),
    )
    assert CollectorRest(3, 3, 3, "room_device", 600) == entry(store, *points).rest.collectors["gw1", "ac"]


def test_of_several_gateways_it_is_told_what_each_asked(store: Store) -> None:
    points = [
        *told(ap(at(8)), display(at(8))),
        *told(display(at(9), device="P0"), display(at(9)), gateway="gw2"),
    ]
    assert {"gw1": ["A1", "P1"], "gw2": ["P0", "P1"]} == entry(store, *points).facts.gateways


@pytest.mark.parametrize(("offset_ms", "polls"), [(0, 4), (LIMIT_MS + 1, 2)])
def test_gateways_that_asked_one_after_the_other_count_both_where_their_clocks_are_right(
    store: Store, offset_ms: int, polls: int
) -> None:
    """By a clock that is wrong nobody knows whether it was not at the same time."""
    points = [
        *told(ap(at(8)), ap(at(8, 10)), display(at(8)), display(at(8, 10))),
        *told(ap(at(9)), ap(at(9, 10)), display(at(9)), display(at(9, 10)), gateway="gw2"),
    ]
    counted = entry(store, *points, status(at(8)), status(at(8), offset_ms, gateway="gw2"))
    assert (polls, polls) == (
        counted.facts.aps["R1", "A1"].polls,
        counted.facts.devices["R1", "P1", "projector"].polls,
    )


def test_what_was_asked_outside_school_hours_alone_is_no_fact_and_is_shown_all_the_same(store: Store) -> None:
    counted = entry(store, *told(ap(at(7), clients=3), display(at(20))))
    assert ({}, {}) == (counted.facts.aps, counted.facts.devices)
    assert {("R1", "A1"): ApRest(0, 0, None, at(7), at(7))} == counted.rest.aps
    assert {("R1", "P1", "projector"): DeviceRest(1, at(20), at(20), (0, 0, 0))} == counted.rest.devices
    assert 2 == counted.readings


def test_a_day_that_is_not_over_is_counted_as_far_as_it_is(store: Store) -> None:
    points = told(display(at(8)), display(at(8, 40)), display(at(9)), run(at(8, 10)), run(at(8, 50)))
    counted = entry(store, *points, until_ms=at(8, 45))
    known = counted.facts.devices["R1", "P1", "projector"]
    assert ((2, 2), (1, 1), {"pj": RoundCounts(1, 1)}, 2) == (
        (known.polls, known.lit),
        known.lessons,
        counted.facts.rounds,
        counted.readings,
    )


@pytest.mark.parametrize(
    ("telling", "whole"),
    [
        ({"status": "ok"}, 1),
        ({"status": "ok", "unread": 3}, 1),
        ({"status": "partial", "unread": 3}, 0),
        ({"status": "partial"}, 0),
    ],
)
def test_a_ledger_is_whole_where_its_telling_says_so(
    store: Store, telling: dict[str, Any], whole: int
) -> None:
    rounds = [
        # What an earlier telling said of unread lines says nothing of this one.
        run(at(6), "led", LEDGER_RUN, reads="asset", rows=9, unread=0, expected=99),
        run(at(7), "led", LEDGER_RUN, reads="asset", rows=7, **telling),
        run(at(9), "led", LEDGER_RUN, reads="asset", rows=0),  # unchanged
    ]
    counted = entry(store, *told(*rounds))
    assert {("gw1", "led"): LedgerRest(at(7), 7, 7, whole)} == counted.rest.ledgers


def test_a_ledger_of_one_line_is_one(store: Store) -> None:
    counted = entry(store, *told(run(at(7), "led", LEDGER_RUN, reads="asset", rows=1)))
    assert {("gw1", "led"): LedgerRest(at(7), 1, 1, 1)} == counted.rest.ledgers


def test_the_days_beside_it_are_none_of_it(store: Store) -> None:
    """From its midnight until the next, by the school's clock."""
    inside = told(ap(at(0)), ap(at(24) - 1))
    counted = entry(store, *inside, *told(ap(at(0) - 1), ap(at(24))))
    assert (2, ApRest(0, 0, None, at(0), at(24) - 1)) == (counted.readings, counted.rest.aps["R1", "A1"])


def test_a_school_without_a_row_has_no_entry_and_others_are_not_asked_for(store: Store) -> None:
    store.write(told(ap(at(8))))
    store.write([status(at(8), 5, school=SCHOOLS[1])])
    store.write(told(run(at(7), "led", LEDGER_RUN, reads="asset", rows=1), school=SCHOOLS[1]))
    asked = [
        set(count_day(store, spans(), schools=schools, max_clock_offset_ms=LIMIT_MS))
        for schools in (None, [SCHOOLS[0]], [SCHOOLS[1]], [STRANGER])
    ]
    other = (PLACE[0], SCHOOLS[1])
    assert [{PLACE, other}, {PLACE}, {other}, set()] == asked
