"""A day that was counted outlives its readings, whatever comes or is asked later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from functools import partial
from pathlib import Path

import pytest

from contract import Point
from ingest.touched import store_batch
from registry.calendar import Slot
from rules.daybook.book import open_book
from rules.stored.late import read_late
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI, registry, school
from tests.rules.daybook.looking import END, counting, facts, look, polled, records_of, seeded
from tests.rules.daybook.world import CALENDAR, DAYS, known, world


def test_the_first_sight_of_a_school_takes_nothing_from_others_whose_readings_are_gone(
    tmp_path: Path,
) -> None:
    """Of a register that is all new the day is counted as never before; who is in no register stands."""
    made = world(seeded(18))
    new = registry([school("2112000077", primary_pupils=100)], calendar=CALENDAR)
    with SqliteStore(tmp_path / "all.sqlite") as whole, SqliteStore(tmp_path / "gone.sqlite") as gone:
        whole.prepare()
        gone.prepare()
        store_batch(whole, made.points)
        before = facts(look(whole))
        gone.write([*records_of(whole), *made.points[:50]])
        assert before == facts(look(gone, new))


def test_an_entry_outlives_its_readings(tmp_path: Path) -> None:
    """Readings expire; a calendar that changes later, or a late reading, must not make a day of nothing."""
    made = world(seeded(8))
    first, last = tmp_path / "first.sqlite", tmp_path / "last.sqlite"
    with SqliteStore(first) as store, SqliteStore(last) as expired:
        store.prepare()
        expired.prepare()
        store_batch(store, made.points)
        before = facts(look(store))
        expired.write([*records_of(store)])
        assert before == facts(
            look(expired, known(replace(CALENDAR, lesson_slots=CALENDAR.lesson_slots[:2])))
        )
        late = made.points[:3]
        store_batch(expired, late)
        assert before == facts(look(expired))
        assert [(late[0].tags[1], _telling(late), False)] == [
            (told.school, told.readings, told.exact) for told in read_late(expired)
        ]


def test_an_entry_stands_where_the_end_of_its_day_is_gone(tmp_path: Path) -> None:
    """As after a backup of that morning was restored: every device has its first reading still."""
    made = world(seeded(8))
    with SqliteStore(tmp_path / "all.sqlite") as store, SqliteStore(tmp_path / "gone.sqlite") as gone:
        store.prepare()
        gone.prepare()
        store_batch(store, made.points)
        before = facts(look(store))
        gone.write(list(records_of(store)))
        ends = [CALENDAR.slots(day)[1].end_ms for day in DAYS]
        store_batch(gone, [one for one in made.points if any(0 < end - one.time < 7_200_000 for end in ends)])
        assert before == facts(look(gone))


def _telling(points: Sequence[Point]) -> int:
    """How many of them a day is known by."""
    return sum(point.measurement.name in {"access_point", "room_device", "gateway"} for point in points)


def test_an_entry_whose_readings_come_back_leaves_nothing_of_its_lessons(tmp_path: Path) -> None:
    """As when a file of the store is put back."""
    made = world(seeded(8))
    other = known(replace(CALENDAR, lesson_slots=CALENDAR.lesson_slots[:2]))
    stores = [SqliteStore(tmp_path / f"{name}.sqlite") for name in ("whole", "gone", "fresh")]
    with stores[0] as whole, stores[1] as gone, stores[2] as fresh:
        for store in stores:
            store.prepare()
        store_batch(whole, made.points)
        before = facts(look(whole))
        gone.write(list(records_of(whole)))
        assert before == facts(look(gone, other))
        for store in (gone, fresh):
            store_batch(store, made.points)
        assert facts(look(fresh, other)) == facts(look(gone, other))
        assert counting(fresh, 0) == counting(gone, 0)


def test_what_would_be_falls_back_on_the_entry_where_readings_are_gone(tmp_path: Path) -> None:
    made = world(seeded(14))
    other = known(replace(CALENDAR, lesson_slots=CALENDAR.lesson_slots[:2]))
    with SqliteStore(tmp_path / "store.sqlite") as store, SqliteStore(tmp_path / "gone.sqlite") as gone:
        store.prepare()
        gone.prepare()
        store_batch(store, made.points)
        # Written by an evaluation of a later day than the one that is asked about.
        before = facts(look(store, until_ms=END + 86_400_000))
        gone.write(list(records_of(store)))
        assert before == facts(look(gone, other, revise=False))


@pytest.mark.parametrize("asked_for_min", [180, 60])
@pytest.mark.parametrize("kind", ["access_point", "room_device"])
def test_late_readings_of_a_day_that_is_gone_in_part_do_not_take_the_rest_of_it(
    kind: str, asked_for_min: int, tmp_path: Path
) -> None:
    """The first of October begins in September by UTC; more comes late than was dropped. Of what was asked in
    the first hour alone nothing is left at all."""
    day = date(2021, 10, 1)
    calendar = replace(
        CALENDAR, lesson_slots=(Slot(name="0", begin=time(7), end=time(7, 40)), *CALENDAR.lesson_slots)
    )
    registry = known(calendar)
    begin = calendar.slots(day)[0].begin_ms
    end = calendar.end_of(day)
    early = [polled(kind, "A1", begin + minute * 60_000) for minute in range(0, asked_for_min, 5)]
    late = [polled(kind, "A2", begin + minute * 60_000) for minute in range(60, 180, 5)]
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, early)
        ask = partial(open_book, store, registry, BINHAI, [day], until_ms=end, now_ms=end)
        before = facts(ask())
        (september, *_) = store.parts("readings", end)
        september.drop(lambda: None)
        assert "readings-2021-09" == september.name
        store_batch(store, late)
        assert before == facts(ask())
