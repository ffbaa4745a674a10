"""The day book is what counting every reading gives, in whatever order readings and crashes came."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract import AccessPoint, Address, Point, Reading, RoomDevice, to_point
from contract.daybook import DAY_FACTS, LESSON_DAY, SCHOOL_DAY, TOUCHED
from ingest.touched import store_batch
from registry import Registry
from registry.calendar import Slot, Term
from registry.timetable import Timetable, TimetabledLesson
from rules.daybook.book import Book, BookMemory, open_book
from rules.daybook.entry import DeviceCounts, unpack_facts
from rules.daybook.records import begin_of, read_records
from rules.daybook.share import NOTHING, Share
from rules.stored.late import read_late
from rules.stored.retirements import Retirement, retirement_point
from store import Query, Rejected, Select, Store, Tallied, Tally, Unavailable, open_store
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI, DISTRICT, registry, school
from tests.rules.daybook.mortal import Killed, Mortal
from tests.rules.daybook.slow import rows_of, slow_days, slow_radios
from tests.rules.daybook.world import CALENDAR, DAYS, SCHOOLS, STRANGER, known, world
from tests.servers import Server

END = CALENDAR.end_of(DAYS[-1]) + 3_600_000
LIMIT_MS = BINHAI.observation.max_clock_offset_s * 1000


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - the same world in every run


def look(store: Store, registry: Registry | None = None, *, until_ms: int = END, **more: Any) -> Book:
    return open_book(store, registry or known(), BINHAI, DAYS, until_ms=until_ms, now_ms=until_ms, **more)


def facts(book: Book) -> dict[Any, Any]:
    return {(day, place): page.facts for day, pages in book.items() for place, page in pages.items()}


def tables(store: Store) -> dict[str, list[Any]]:
    """Everything that the day book says, without what it was made from."""
    left_out = {"covers", "until_ms"}
    found = {}
    for name, table in DAY_FACTS.items():
        if table is TOUCHED:
            continue
        rows = store.query(
            Query(
                measurement=table,
                select=tuple(Select(field) for field in table.field_names if field not in left_out),
                group_by=table.tag_names,
            )
        )
        found[name] = [(row.tags, row.time, row.values) for row in rows]
    return found


@pytest.fixture(params=["sqlite", "influxdb"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path, influx: Server) -> Callable[[], Store]:
    def make() -> Store:
        name = uuid.uuid4().hex
        here = request.param == "sqlite"
        store = open_store(
            f"sqlite:///{tmp_path / name}.sqlite" if here else f"influxdb://127.0.0.1:{influx.port}/{name}"
        )
        store.prepare()
        return store

    return make


@pytest.mark.parametrize("seed", range(5))
def test_a_day_is_what_looking_at_every_reading_gives(new_store: Callable[[], Store], seed: int) -> None:
    made = world(seeded(seed))
    rows = rows_of(made.points)
    with new_store() as store:
        store_batch(store, made.points)
        book = look(store)
        assert slow_days(rows, CALENDAR, END, LIMIT_MS) == facts(book)
        for (begin, place), written in read_records(store, 0, END, texts=("facts", "rest")).items():
            day = next(day for day in DAYS if begin_of(CALENDAR, day) == begin)
            assert slow_radios(rows, CALENDAR, day, place, LIMIT_MS) == written.entry().rest.radios
        # Within a lesson of the last day, too: what is over counts.
        middle = CALENDAR.slots(DAYS[-1])[1].begin_ms + 7 * 60_000
        assert slow_days(rows, CALENDAR, middle, LIMIT_MS) == facts(look(store, until_ms=middle))


@pytest.mark.parametrize("seed", range(5))
def test_any_order_lateness_and_crash_gives_the_book_of_counting_everything_at_the_end(
    new_store: Callable[[], Store], seed: int
) -> None:
    chance = seeded(1000 + seed)
    made = world(chance)
    with new_store() as inner, new_store() as calm:
        store, memory = Mortal(inner), BookMemory()
        for batch in made.batches(chance):
            _until_it_lives(store, chance, lambda batch=batch: store_batch(store, batch))
            moment = chance.choice([END, CALENDAR.slots(DAYS[-1])[1].begin_ms + 60_000])
            memory = chance.choice([memory, BookMemory()])  # the same program, or another one
            if chance.random() < 0.7:
                share = chance.choice([Share(), Share(1, 2), Share(2, 2)])
                _until_it_lives(store, chance, _looking(store, moment, share, memory))
        look(store)
        store_batch(calm, made.points)
        look(calm)
        assert without_used(tables(calm)) == without_used(tables(inner))
        before = store.writes
        look(store)
        assert before == store.writes, "what is done is done again"


def _looking(store: Store, until_ms: int, share: Share, memory: BookMemory) -> Callable[[], Book]:
    return lambda: look(store, until_ms=until_ms, share=share, memory=memory)


def _until_it_lives(store: Mortal, chance: random.Random, step: Callable[[], object]) -> None:
    """Killed at some write, and begun again as by whoever starts programs, or sends batches once more."""
    while True:
        store.writes_left, store.dies_after = chance.choice([None, 0, 1, 2]), chance.random() < 0.5
        try:
            step()
        except Killed:
            continue
        store.writes_left = None
        return


def test_a_reading_that_comes_while_a_day_is_counted_is_counted_in_the_next_round(tmp_path: Path) -> None:
    made = world(seeded(5))
    late, rest = made.points[:40], made.points[40:]

    class Busy(SqliteStore):
        def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
            found = super().tally(tallies)
            nonlocal late
            coming, late = late, ()
            if coming:
                store_batch(self, coming)  # after the readings were read, before the record is written
            return found

    with Busy(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, rest)
        first = facts(look(store))
        assert slow_days(rows_of(rest), CALENDAR, END, LIMIT_MS) == first
        assert slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS) == facts(look(store))


def test_a_page_goes_as_far_as_it_was_counted(tmp_path: Path) -> None:
    """Not as far as it is asked for: what was due until then would be missing."""
    made, memory = world(seeded(1)), BookMemory()
    middle = CALENDAR.slots(DAYS[-1])[1].begin_ms
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        look(store, until_ms=middle, memory=memory)
        rested = memory.rests_until_ms = middle + 60 * 60_000
        later = middle + 45 * 60_000  # one more lesson is over
        for book in (
            look(store, until_ms=later, memory=memory),
            look(store, until_ms=later, share=NOTHING),
        ):
            assert {(middle, 50 * 60_000)} == {
                (page.until_ms, page.length_ms) for page in book[DAYS[-1]].values()
            }
        resumed = look(store, until_ms=rested, memory=memory)
        assert {rested} == {page.until_ms for page in resumed[DAYS[-1]].values()}


def test_whoever_counts_between_two_writes_of_a_batch_counts_again(tmp_path: Path) -> None:
    made = world(seeded(16))

    class Watched(SqliteStore):
        watched = False

        def write(self, points: Sequence[Point]) -> list[Rejected]:
            rejected = super().write(points)
            if self.watched:
                self.watched = False
                look(self)
                self.watched = True
            return rejected

    with Watched(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points[::2])
        look(store)
        store.watched = True
        store_batch(store, made.points[1::2])
        assert slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS) == facts(look(store, share=NOTHING))


def test_a_program_sees_what_another_one_has_counted_since(tmp_path: Path) -> None:
    made, memory = world(seeded(17)), BookMemory()
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        for points in (made.points[::2], made.points[1::2]):
            store_batch(store, points)
            counted = facts(look(store))
            assert counted == facts(look(store, share=NOTHING, memory=memory))
        assert slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS) == counted


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
        gone.write([*_records(whole), *made.points[:50]])
        assert before == facts(look(gone, new))


def test_only_the_days_that_readings_touched_are_counted_again(tmp_path: Path) -> None:
    made = world(seeded(2))
    asked: list[int] = []

    class Told(SqliteStore):
        def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
            schools = [one.value for one in tallies[0].where if one.column == "school"]
            asked.append(tallies[0].cuts[0])
            named.extend(schools)
            return super().tally(tallies)

    named: list[Any] = []
    with Told(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        look(store)
        asked.clear()
        named.clear()
        look(store)
        assert ([], []) == (asked, named)
        late = made.points[0]
        store_batch(store, [late])
        look(store)
        assert {begin_of(CALENDAR, CALENDAR.day_of(late.time))} == set(asked)
        assert {(late.tags[1],)} == set(named)


def test_days_from_before_touches_were_told_are_counted_on_first_sight(tmp_path: Path) -> None:
    made = world(seeded(3))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store.write(made.points)
        found = facts(look(store))
        assert slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS) == found
        assert any(place[1] == STRANGER for _, place in found)


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


def counting(store: Store, since_ms: int) -> set[Any]:
    """Rows of the tables for charts that count anything."""
    return {
        (name, *tags.values(), time)
        for name, rows in tables(store).items()
        if name in {"ap_day", "device_day", "lesson_day"}
        for tags, time, values in rows
        if time >= since_ms
        and any(values[column.name] for column in DAY_FACTS[name].fields if column.required)
    }


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


def without_used(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A field that is no more stays in a store; where `known` is 0, what it is known of says nothing."""
    for _, _, values in found["lesson_day"]:
        if not values["known"]:
            values.pop("used")
    for _, _, values in found["radio_lesson"]:
        for level in ("busy", "noise", "clients"):
            if not values[f"{level}_known"]:
                values.pop(f"{level}_mean"), values.pop(f"{level}_p95")
    return found


def test_an_entry_outlives_its_readings(tmp_path: Path) -> None:
    """Readings expire; a calendar that changes later, or a late reading, must not make a day of nothing."""
    made = world(seeded(8))
    first, last = tmp_path / "first.sqlite", tmp_path / "last.sqlite"
    with SqliteStore(first) as store, SqliteStore(last) as expired:
        store.prepare()
        expired.prepare()
        store_batch(store, made.points)
        before = facts(look(store))
        expired.write([*_records(store)])
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
        gone.write(list(_records(store)))
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
        gone.write(list(_records(whole)))
        assert before == facts(look(gone, other))
        for store in (gone, fresh):
            store_batch(store, made.points)
        assert facts(look(fresh, other)) == facts(look(gone, other))
        assert counting(fresh, 0) == counting(gone, 0)


def _records(store: Store) -> Iterator[Point]:
    rows = store.query(
        Query(
            measurement=SCHOOL_DAY,
            select=tuple(Select(name) for name in SCHOOL_DAY.field_names),
            group_by=SCHOOL_DAY.tag_names,
        )
    )
    for row in rows:
        yield Point(SCHOOL_DAY, tuple(row.tags.values()), row.time or 0, tuple(row.values.values()))


@pytest.mark.parametrize("how", ["unavailable", "rejected"])
@pytest.mark.parametrize("write", [store_batch, SqliteStore.write], ids=["touched", "of_before_touches"])
def test_a_store_that_takes_nothing_is_answered_from_memory(write: Any, how: str, tmp_path: Path) -> None:
    made = world(seeded(9))

    class ReadOnly(SqliteStore):
        full = True

        def write(self, points: Sequence[Point]) -> list[Rejected]:
            if self.full and how == "unavailable":
                raise Unavailable("attempt to write a readonly database")
            if self.full and points[0].measurement is not SCHOOL_DAY:
                return [Rejected(points[0], "of another type")]
            return super().write(points)

    path = tmp_path / "store.sqlite"
    with SqliteStore(path) as store:
        store.prepare()
        write(store, made.points)
    with ReadOnly(path) as store:
        memory = BookMemory()
        slow = slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS)
        assert (slow, slow) == (facts(look(store, memory=memory)), facts(look(store, memory=memory)))
        assert {} == read_records(store, 0, END)
        store.full = False
        assert slow == facts(look(store, memory=memory))
        written = tables(store)
    with SqliteStore(tmp_path / "other.sqlite") as other:
        other.prepare()
        write(other, made.points)
        look(other)
        assert tables(other) == written


def test_shares_count_each_school_once_and_together_all(new_store: Callable[[], Store]) -> None:
    made = world(seeded(10))
    with new_store() as shared, new_store() as alone:
        for store in (shared, alone):
            store_batch(store, made.points)
        parts = [set(facts(look(shared, share=Share(number, 3)))) for number in (1, 2, 3)]
        look(alone)
        assert tables(alone) == tables(shared)
        assert facts(look(alone, share=NOTHING)) == facts(look(shared, share=NOTHING))
        assert parts[0] == {key for key in parts[2] if Share(1, 3).counts(key[1])}
        assert parts[2] == set(facts(look(alone, share=NOTHING)))


def test_a_record_of_which_a_part_is_missing_is_counted_again(tmp_path: Path) -> None:
    made = world(seeded(11))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        before = facts(look(store))
        torn = [
            point._replace(fields=(2, *point.fields[1:])) for point in _records(store) if point.tags[2] == "0"
        ]
        store.write(torn)
        assert {} == read_records(store, 0, END)
        assert before == facts(look(store))


def test_an_entry_that_lacks_what_a_later_version_counts_is_read() -> None:
    earlier = (
        '{"v":1,"hours":[0,9],"lessons":[["1",0,5]],"aps":[],'
        '"devices":[["R1","P1","projector",5,4,3,1,1,4,3,8,[2,1]]],'
        '"said":{},"shown":{},"rounds":{},"clocks":{}}'
    )
    assert unpack_facts(earlier).devices == {
        ("R1", "P1", "projector"): DeviceCounts(5, 4, 3, 1, 1, 4, 3, 8, (2, 1), 0, 0)
    }


def test_a_calendar_that_was_wrong_for_a_while_costs_no_day_whose_readings_are_gone(tmp_path: Path) -> None:
    made = world(seeded(12))
    wrong = known(replace(CALENDAR, holidays=(Term(name="x", first=DAYS[1], last=DAYS[1]),)))
    with SqliteStore(tmp_path / "all.sqlite") as whole:
        whole.prepare()
        store_batch(whole, made.points)
        before = facts(look(whole))
        open_book(whole, wrong, BINHAI, [DAYS[0], DAYS[2]], until_ms=END, now_ms=END)
        entries = list(_records(whole))
        again = facts(look(whole))
    with SqliteStore(tmp_path / "gone.sqlite") as store:
        store.prepare()
        store.write(entries)
        assert (before, before) == (again, facts(look(store)))


@pytest.mark.parametrize("facts_text", ["", "{", '{"v":2}', '{"v":1,"hours":[1]}', "[]"])
def test_an_entry_that_cannot_be_read_is_counted_again(tmp_path: Path, facts_text: str) -> None:
    made = world(seeded(13))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        before = facts(look(store))
        at = SCHOOL_DAY.field_names.index("facts")
        store.write(
            [
                point._replace(fields=(*point.fields[:at], facts_text, *point.fields[at + 1 :]))
                for point in _records(store)
            ]
        )
        mortal = Mortal(store)
        assert ({}, 0) == (facts(look(mortal, share=NOTHING)), mortal.writes)
        assert before == facts(look(mortal))
        assert before == facts(look(mortal, share=NOTHING))
        written = mortal.writes
        assert before == facts(look(mortal))
        assert written == mortal.writes, "what is done is done again"


def test_what_would_be_falls_back_on_the_entry_where_readings_are_gone(tmp_path: Path) -> None:
    made = world(seeded(14))
    other = known(replace(CALENDAR, lesson_slots=CALENDAR.lesson_slots[:2]))
    with SqliteStore(tmp_path / "store.sqlite") as store, SqliteStore(tmp_path / "gone.sqlite") as gone:
        store.prepare()
        gone.prepare()
        store_batch(store, made.points)
        # Written by an evaluation of a later day than the one that is asked about.
        before = facts(look(store, until_ms=END + 86_400_000))
        gone.write(list(_records(store)))
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


def polled(kind: str, name: str, moment: int) -> Point:
    reading: Reading = AccessPoint(time=moment, ap=name, room="R1", state="up")
    if kind == "room_device":
        reading = RoomDevice(time=moment, device=name, type="panel", room="R1", reachable=True, power="on")
    return to_point(Address(DISTRICT, SCHOOLS[0], "gw1"), "0" * 16, 1, reading)


def test_what_a_share_that_is_away_has_not_counted_was_due_all_the_same(tmp_path: Path) -> None:
    """Its last hour may be a round that takes long; a day that is over takes no longer."""
    hours, minute = CALENDAR.school_hours(DAYS[-1]), 60_000
    assert hours is not None
    left_off = hours.begin_ms + 30 * minute
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store_batch(store, world(seeded(3)).points)
        assert look(store, until_ms=left_off)[DAYS[-1]]
        lengths = [
            {page.length_ms for page in look(store, until_ms=until, share=NOTHING)[DAYS[-1]].values()}
            for until in (left_off + 10 * minute, left_off + 70 * minute, END)
        ]
    whole = hours.end_ms - hours.begin_ms
    assert [{30 * minute}, {min(100 * minute, whole)}, {whole}] == lengths
