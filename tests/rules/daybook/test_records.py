"""Entries on their way into a store and back, in as many parts as they need; and lessons at their limits."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.touched import store_batch
from registry.calendar import Interval
from rules.daybook.entry import DeviceCounts, Entry, RadioCounts, Rest, SchoolDay
from rules.daybook.lessons import Answers, display_used, room_used
from rules.daybook.records import Touches, begin_of, read_records, record_of, record_points
from store import Store
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.looking import polled
from tests.rules.daybook.world import CALENDAR, DAYS, SCHOOLS

PLACE = (DISTRICT, SCHOOLS[0])
BEGIN = 1_632_412_800_000
MINUTE = 60_000
LESSON = Interval(begin_ms=BEGIN, end_ms=BEGIN + 40 * MINUTE)


def entry(devices: int, radios: int, polls: int = 9) -> Entry:
    counts = DeviceCounts(polls, 8, 7, 0, 0, 8, 7, BEGIN, (4, 3, 4, 3))
    facts = SchoolDay(
        hours=LESSON, devices={(f"R{number:05}", "P", "panel"): counts for number in range(devices)}
    )
    radio = RadioCounts(1, 2, 3, 4, -5, -6)
    rest = Rest(weekday=1, radios={(f"R{number:05}", "A", "0"): radio for number in range(radios)})
    return Entry(facts=facts, rest=rest, readings=polls)


def write(store: Store, made: Entry, *, parts: slice = slice(None)) -> None:
    record = record_of(made, until_ms=BEGIN, covers="t", counted_by="c", derived_by="d")
    assert [] == store.write(record_points(PLACE, BEGIN, record, made)[parts])


def read(store: Store) -> list[Entry]:
    return [
        written.entry() for written in read_records(store, 0, BEGIN + 1, texts=("facts", "rest")).values()
    ]


@pytest.mark.parametrize(("devices", "radios"), [(0, 0), (1, 1), (4000, 0), (0, 6000), (900, 4000)])
def test_an_entry_is_read_as_it_was_written_however_long(devices: int, radios: int, tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        write(store, entry(devices, radios))
        assert [entry(devices, radios)] == read(store)


def test_an_entry_that_became_shorter_is_whole_and_one_that_was_cut_off_is_not_there(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        write(store, entry(900, 0))
        # Killed between its parts: what is left of the one before belongs to something else.
        write(store, entry(900, 0, polls=8), parts=slice(0, 1))
        cut_off = read(store)
        write(store, entry(1, 0))
        assert ([], [entry(1, 0)]) == (cut_off, read(store))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Asia/Kolkata", "America/New_York"])
def test_a_day_is_touched_from_its_first_moment_to_its_last(zone: str, tmp_path: Path) -> None:
    """By the hour: where a zone is off by half an hour one more is looked at, never one too few."""
    calendar = replace(CALENDAR, zone=ZoneInfo(zone))
    begin, end, hour_ms = begin_of(calendar, DAYS[1]), calendar.end_of(DAYS[1]), 3_600_000
    found = {}
    for number, at in enumerate((begin, begin + 12 * hour_ms, end - 1, begin - hour_ms, end + hour_ms)):
        with SqliteStore(tmp_path / f"{number}.sqlite") as store:
            store_batch(store, [polled("access_point", "A1", at)])
            touches = Touches(store, begin, end)
            digest = touches.digest(PLACE, begin, end)
            found[at] = bool(digest)
            assert not digest or {PLACE} == touches.places(begin, end)
    assert [True, True, True, False, False] == list(found.values())


@pytest.mark.parametrize(
    ("answers", "minutes", "used"),
    [
        (Answers(3, 1), 10, True),  # as many answers, as much of the lesson and as long as it takes
        (Answers(3, 0), 10, None),  # the ten minutes that were not heard would be enough
        (Answers(4, 0), 10, False),
        (Answers(2, 2), 20, None),
        (Answers(3, 3), 9, None),
    ],
)
def test_a_lesson_at_the_limits_of_the_standard(answers: Answers, minutes: int, used: bool | None) -> None:
    rule = BINHAI.utilisation
    assert (10, 3, "3/4") == (rule.used_minutes, rule.min_slot_samples, str(rule.min_lesson_share))
    assert used == display_used(answers, LESSON, minutes * MINUTE, rule)


def test_a_lesson_is_not_used_for_longer_than_it_lasts() -> None:
    """Nine answers five minutes apart, the first as it begins, the last as it ends."""
    rule = BINHAI.utilisation.model_copy(update={"used_minutes": 45})
    assert display_used(Answers(9, 9), LESSON, 5 * MINUTE, rule) is False


def test_a_room_without_any_display_is_not_known_to_be_unused() -> None:
    assert [None, False, None, True] == [
        room_used(displays) for displays in ([], [False, False], [False, None], [None, True])
    ]
