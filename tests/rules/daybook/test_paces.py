"""What an answer stands for: the time to the next poll of its own device, and no minute twice."""

from collections.abc import Iterable

import pytest

from contract import Address, CollectorRun, MappedDevice, Point, Reading, RoomDevice, to_point
from contract.daybook import DEVICE_DAY, LESSON_DAY
from ingest.touched import store_batch
from rules.daybook.book import open_book
from rules.daybook.paces import Pace, Paces, paces_of, slowest
from rules.facts.observed import observe
from store import Newest, Query, Select, Store
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.world import CALENDAR, DAYS, MINUTE, SCHOOLS, known

DAY = DAYS[-1]
HOURS = CALENDAR.school_hours(DAY)
assert HOURS is not None
BEGIN, END = HOURS.begin_ms, HOURS.end_ms
NIGHT = CALENDAR.end_of(DAY)
FIRST, SECOND = Address(DISTRICT, SCHOOLS[0], "gw1"), Address(DISTRICT, SCHOOLS[0], "gw2")


def told(address: Address, *readings: Reading) -> list[Point]:
    return [to_point(address, "0" * 16, number, reading) for number, reading in enumerate(readings, 1)]


def asked(
    device: str, every: int, *, on: range = range(0), begin: int = BEGIN, end: int = END, collector: str = "a"
) -> Iterable[Reading]:
    """A display's polls with their rounds; `on`: the minutes from `begin` on in which it was on."""
    for moment in range(begin, end, every * MINUTE):
        power = "on" if (moment - begin) // MINUTE in on else "off"
        yield RoomDevice(
            time=moment,
            device=device,
            type="projector",
            room="R1",
            reachable=True,
            power=power,  # type: ignore[arg-type]  # one of its states
        )
        yield CollectorRun(
            time=moment,
            collector=collector,
            target=device,
            status="ok",
            reads="room_device",
            interval_s=every * 60,
        )


def mapped(device: str, collector: str) -> MappedDevice:
    return MappedDevice(time=BEGIN, device=device, type="projector", room="R1", collector=collector)


def lessons(store: Store, *points: list[Point]) -> dict[str, list[int | None]]:
    """By device, whether each lesson used it; None: not known."""
    for found in points:
        store_batch(store, found)
    open_book(store, known(), BINHAI, [DAY], until_ms=NIGHT, now_ms=NIGHT)
    rows = store.query(
        Query(
            measurement=LESSON_DAY,
            select=(Select("known"), Select("used")),
            group_by=("device",),
        )
    )
    found_by: dict[str, list[int | None]] = {}
    for row in rows:
        answer = row.values["used"] if row.values["known"] else None
        found_by.setdefault(row.tags["device"], []).append(answer)  # type: ignore[arg-type]  # a flag
    return found_by


def test_beside_a_slow_collector_two_answers_of_a_quick_one_are_two_minutes(store: Store) -> None:
    quick = [*asked("P1", 1, on=range(2)), mapped("P1", "a")]
    slow = [*asked("P2", 5, on=range(10), collector="b"), mapped("P2", "b")]
    assert lessons(store, told(FIRST, *quick, *slow)) == {"P1": [0, 0, 0], "P2": [1, 0, 0]}


def test_where_no_map_says_who_asks_a_device_it_may_be_the_quickest(store: Store) -> None:
    quick, slow = asked("P1", 1, on=range(10)), asked("P2", 5, on=range(10), collector="b")
    assert lessons(store, told(FIRST, *quick, *slow)) == {"P1": [1, 0, 0], "P2": [None] * 3}


def test_a_collector_of_another_gateway_says_nothing_of_a_display(store: Store) -> None:
    quick, slow = asked("P1", 1, on=range(2)), asked("P2", 5, on=range(10))
    found = lessons(store, told(FIRST, *quick), told(SECOND, *slow))
    assert found == {"P1": [0, 0, 0], "P2": [1, 0, 0]}


def test_after_new_settings_in_the_middle_of_a_day_no_answer_stands_for_too_long(store: Store) -> None:
    middle = CALENDAR.slots(DAY)[2].begin_ms
    slow, quick = asked("P1", 5, end=middle), asked("P1", 1, begin=middle, on=range(2))
    assert lessons(store, told(FIRST, *slow, *quick))["P1"] == [None, None, 0]


@pytest.mark.parametrize("silent_min", [0, 15])
def test_after_new_settings_each_round_was_due_at_its_own_pace(store: Store, silent_min: int) -> None:
    """What was not asked after the change is due at the new pace: silence is not taken for slowness."""
    middle, end = CALENDAR.slots(DAY)[2].begin_ms, END - silent_min * MINUTE
    slow, quick = asked("P1", 5, end=middle), asked("P1", 1, begin=middle, end=end)
    lessons(store, told(FIRST, *slow, *quick))
    (row,) = store.query(Query(measurement=DEVICE_DAY, select=(Select("polls"), Select("due"))))
    due = (middle - BEGIN) // (5 * MINUTE) + (END - middle) // MINUTE
    assert row.values == {"polls": due - silent_min, "due": due}


def test_a_day_with_a_new_pace_leaves_what_was_heard_whole_whole(store: Store) -> None:
    middle = BEGIN + 40 * MINUTE
    day_before = asked("P1", 5, begin=BEGIN - 86_400_000, end=END - 86_400_000)
    today = [*asked("P1", 5, end=middle), *asked("P1", 1, begin=middle)]
    store_batch(store, told(FIRST, *day_before, *today))
    facts = observe(store, known(), BINHAI, as_of=DAY, now_ms=NIGHT)
    (display,) = facts.rooms[SCHOOLS[0], "R1"].displays
    assert (display.days_whole, display.due) == (2, display.polls)


def test_two_gateways_at_once_hear_no_minute_twice(store: Store) -> None:
    both = [told(address, *asked("P1", 5, on=range(5))) for address in (FIRST, SECOND)]
    assert lessons(store, *both) == {"P1": [0, 0, 0]}
    rows = store.query(
        Query(measurement=DEVICE_DAY, select=(Select("polls"), Select("due"), Select("on_min")))
    )
    assert [row.values for row in rows] == [{"polls": 26, "due": 26, "on_min": 5}]


def test_two_gateways_that_both_heard_half_of_a_lesson_heard_half_of_it(store: Store) -> None:
    both = [told(address, *asked("P1", 5, end=BEGIN + 20 * MINUTE)) for address in (FIRST, SECOND)]
    assert lessons(store, *both)["P1"][0] is None


def test_two_gateways_one_after_the_other_heard_the_whole(store: Store) -> None:
    middle = BEGIN + 20 * MINUTE
    before = told(FIRST, *asked("P1", 5, end=middle, on=range(5)))
    after = told(SECOND, *asked("P1", 5, begin=middle, on=range(5)))
    assert lessons(store, before, after)["P1"][0] == 1


@pytest.mark.parametrize("mixed", [False, True])
def test_a_quick_display_that_was_heard_now_and_then_was_not_heard_whole(
    store: Store, *, mixed: bool
) -> None:
    slow = asked("P2", 5, collector="b") if mixed else ()
    readings = [*asked("P1", 1), *slow]
    kept = [reading for reading in readings if not isinstance(reading, RoomDevice) or not _lost(reading)]
    # Of the first day in a window nobody knows when a device was set up: it counts as it was asked.
    day_before = asked("P1", 1, begin=BEGIN - 86_400_000, end=END - 86_400_000)
    store_batch(store, told(FIRST, *day_before, *kept))
    facts = observe(store, known(), BINHAI, as_of=DAY, now_ms=NIGHT)
    (display,) = [shown for shown in facts.rooms[SCHOOLS[0], "R1"].displays if shown.device == "P1"]
    assert (display.days_whole, display.days_due) == (1, 2)


def _lost(reading: RoomDevice) -> bool:
    """Four of five answers."""
    return reading.device == "P1" and (reading.time - BEGIN) // MINUTE % 5 > 0


def of_rounds(*told: tuple[str, str, str | None, int, tuple[int, int, int] | None]) -> Paces:
    """By collector, target and kind: rounds, and the least, the most and the sum of their intervals in s."""
    return paces_of(
        (
            ("gw1", collector, target),
            {"rounds": rounds}
            | ({"reads": Newest(BEGIN, kind)} if kind else {})
            | (
                dict(zip(("interval_least", "interval_s", "interval_sum"), intervals, strict=True))
                if intervals
                else {}
            ),
        )
        for collector, target, kind, rounds, intervals in told
    )


def test_a_collector_has_the_pace_of_all_its_targets() -> None:
    found = of_rounds(
        ("ac", "x", "access_point", 4, (300, 300, 1200)),
        # In the middle of the day they were asked more often: of the target with the most that is beyond.
        ("pj", "x", "room_device", 3, (300, 600, 1500)),
        ("pj", "y", "room_device", 4, (300, 900, 2400)),
        ("pj", "z", "room_device", 2, (600, 600, 1200)),
        # What is no reading that is polled has no pace, nor who does not say it.
        ("led", "x", "asset", 1, (60, 60, 60)),
        ("old", "x", None, 1, (60, 60, 60)),
        ("new", "x", "room_device", 1, None),
    )
    assert {
        "access_point": {("gw1", "ac"): Pace(300_000, 0, 300_000)},
        "room_device": {("gw1", "pj"): Pace(300_000, 1_200_000, 900_000)},
    } == found
    assert {"access_point": 300_000, "room_device": 900_000} == slowest(found)


def test_of_several_collectors_of_a_kind_the_slowest_is_said() -> None:
    found = of_rounds(
        ("a", "x", "room_device", 1, (60, 60, 60)), ("b", "x", "room_device", 1, (900, 900, 900))
    )
    assert {"room_device": 900_000} == slowest(found)


def test_rounds_that_do_not_say_their_interval_spare_nothing() -> None:
    """Of an earlier version's rounds only some said it."""
    found = of_rounds(("pj", "x", "room_device", 9, (300, 300, 600)))
    assert {"room_device": {("gw1", "pj"): Pace(300_000, 0, 300_000)}} == found
