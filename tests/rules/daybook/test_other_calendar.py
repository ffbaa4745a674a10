"""Another calendar, timetable or retirement: what follows is made again, and nothing of before is left."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from contract.daybook import LESSON_DAY
from ingest.touched import store_batch
from registry.calendar import Slot, Term
from registry.timetable import Timetable, TimetabledLesson
from rules.daybook.book import open_book
from rules.daybook.records import begin_of
from rules.daybook.share import NOTHING
from rules.stored.retirements import Retirement, retirement_point
from store import Query, Select, Store, Tallied, Tally
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.looking import (
    END,
    LIMIT_MS,
    counting,
    facts,
    look,
    records_of,
    seeded,
    tables,
    without_used,
)
from tests.rules.daybook.mortal import Mortal
from tests.rules.daybook.slow import rows_of, slow_days
from tests.rules.daybook.world import CALENDAR, DAYS, SCHOOLS, known, world


def test_a_changed_calendar_counts_its_days_again_and_leaves_nothing_of_the_old_lessons(
    new_store: Callable[[], Store],
) -> None:
    made = world(seeded(4))
    other = replace(
        CALENDAR,
        holidays=(Term(name="typhoon", first=DAYS[1], last=DAYS[1]),),
        lesson_slots=(Slot(name="早", begin=time(8), end=time(8, 45)), *CALENDAR.lesson_slots[1:]),
    )
    with new_store() as inner:
        store = Mortal(inner)
        store_batch(store, made.points)
        look(store)
        changed, written = known(other), store.writes
        look(store, changed, share=NOTHING)
        assert written == store.writes, "whoever only reads has written"
        days = [day for day in DAYS if day != DAYS[1]]
        found = facts(open_book(store, changed, BINHAI, days, until_ms=END, now_ms=END))
        slow = slow_days(rows_of(made.points), other, END, LIMIT_MS)
        assert slow == found
        written = store.writes
        look(store, changed)
        assert written == store.writes, "what is done is done again"
        rows = store.query(
            Query(
                measurement=LESSON_DAY,
                select=(Select("due_min"), Select("known"), Select("lesson")),
                group_by=("slot", "school", "room", "device"),
            )
        )
        counting = {
            (row.tags["slot"], CALENDAR.day_of(row.time or 0)) for row in rows if any(row.values.values())
        }
        assert counting == {(slot, day) for slot in ("早", "2", "3") for day in days}


def test_a_calendar_of_another_zone_leaves_nothing_of_the_days_as_they_were(tmp_path: Path) -> None:
    made = world(seeded(15))
    elsewhere = replace(CALENDAR, zone=ZoneInfo("Asia/Urumqi"))
    with SqliteStore(tmp_path / "store.sqlite") as store, SqliteStore(tmp_path / "other.sqlite") as fresh:
        for one in (store, fresh):
            one.prepare()
            store_batch(one, made.points)
        look(store)
        found = facts(look(store, known(elsewhere)))
        assert slow_days(rows_of(made.points), elsewhere, END, LIMIT_MS) == found
        look(fresh, known(elsewhere))
        looked_at = begin_of(elsewhere, DAYS[1])  # what was written of the first day begins before the look
        assert counting(fresh, looked_at) == counting(store, looked_at)


def test_what_would_be_is_asked_without_revising_the_book(tmp_path: Path) -> None:
    made = world(seeded(6))
    holiday = Term(name="x", first=DAYS[1], last=DAYS[1])
    other = known(replace(CALENDAR, lesson_slots=CALENDAR.lesson_slots[:2], holidays=(holiday,)))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        look(store)
        before = tables(store)
        found = facts(look(store, other, revise=False))
        assert slow_days(rows_of(made.points), other.calendar, END, LIMIT_MS) == found
        assert before == tables(store)


def test_a_timetable_or_retirement_makes_the_tables_again_without_any_reading(tmp_path: Path) -> None:
    """For what follows from the counts no readings are needed, and they may be gone."""
    made = world(seeded(7))
    lessons = tuple(
        TimetabledLesson(school_code=SCHOOLS[0], room="R1", weekday=day.weekday(), slot="1") for day in DAYS
    )
    registry = replace(known(), timetable=Timetable(lessons=lessons))
    retired = Retirement(
        district=DISTRICT, school=SCHOOLS[0], kind="device", subject="P0", since=DAYS[2], reason="r"
    )

    class Deaf(SqliteStore):
        def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
            raise AssertionError("readings are asked for")

    path = tmp_path / "store.sqlite"
    with SqliteStore(path) as store:
        store.prepare()
        store_batch(store, made.points)
        look(store)
    with Deaf(path) as store:
        # What was decided at the very moment counts.
        store.write([retirement_point(retired, END)])
        look(store, registry)
        again = tables(store)
    with SqliteStore(tmp_path / "other.sqlite") as fresh:
        fresh.prepare()
        fresh.write([retirement_point(retired, END - 1)])
        store_batch(fresh, made.points)
        look(fresh, registry)
        assert without_used(tables(fresh)) == without_used(again)


def test_a_calendar_that_was_wrong_for_a_while_costs_no_day_whose_readings_are_gone(tmp_path: Path) -> None:
    made = world(seeded(12))
    wrong = known(replace(CALENDAR, holidays=(Term(name="x", first=DAYS[1], last=DAYS[1]),)))
    with SqliteStore(tmp_path / "all.sqlite") as whole:
        whole.prepare()
        store_batch(whole, made.points)
        before = facts(look(whole))
        open_book(whole, wrong, BINHAI, [DAYS[0], DAYS[2]], until_ms=END, now_ms=END)
        entries = list(records_of(whole))
        again = facts(look(whole))
    with SqliteStore(tmp_path / "gone.sqlite") as store:
        store.prepare()
        store.write(entries)
        assert (before, before) == (again, facts(look(store)))
