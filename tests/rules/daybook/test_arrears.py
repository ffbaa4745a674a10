"""Days that an evaluation's window has left behind are counted all the same, before their readings go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from contract import Point, Retention, utc_text
from contract.daybook import BEYOND_MS, COUNTED, DEVICE_DAY, SCHOOL_DAY
from ingest.expiry import expire
from ingest.touched import store_batch
from registry.calendar import Calendar, Term
from rules.answers.inquiry import inquire
from rules.daybook.arrears import count_arrears
from rules.daybook.book import Book, open_book
from rules.daybook.records import Touches
from rules.daybook.share import NOTHING, Share
from store import Query, Rejected, Select, Store, Tallied, Tally, Unavailable
from store.periods import span_of
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.looking import END, LIMIT_MS, facts, polled, records_of, seeded
from tests.rules.daybook.mortal import Mortal
from tests.rules.daybook.slow import rows_of, slow_days
from tests.rules.daybook.world import CALENDAR, DAYS, SCHOOLS, day_of, known, world

LATER = date(2021, 11, 15)  # the window of twenty school days is in October by then
NOW = CALENDAR.end_of(LATER)


def arrears(store: Store, share: Share, calendar: Calendar = CALENDAR) -> list[date]:
    found = count_arrears(store, known(calendar), BINHAI, before=LATER, now_ms=NOW, share=share)
    return list(found)


def as_counted(store: Store) -> Book:
    return open_book(store, known(), BINHAI, DAYS, until_ms=END, now_ms=NOW)


def as_written(store: Store) -> Book:
    return open_book(store, known(), BINHAI, DAYS, until_ms=END, now_ms=NOW, share=NOTHING)


def test_days_that_nobody_counted_and_late_readings_of_old_days_come_into_the_book(tmp_path: Path) -> None:
    made = world(seeded(20))
    late, rest = made.points[::3], [point for at, point in enumerate(made.points) if at % 3]
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, rest)
        # Two programs, each its own schools.
        assert list(DAYS) == sorted({*arrears(store, Share(1, 2)), *arrears(store, Share(2, 2))})
        assert slow_days(rows_of(rest), CALENDAR, END, LIMIT_MS) == facts(as_written(store))
        assert [] == arrears(store, Share())
        of_one_day = [point for point in late if CALENDAR.day_of(point.time) == DAYS[1]]
        store_batch(store, of_one_day)
        assert [DAYS[1]] == arrears(store, Share())
        assert slow_days(rows_of([*rest, *of_one_day]), CALENDAR, END, LIMIT_MS) == facts(as_written(store))
        assert [] == arrears(store, Share())


def test_whatever_number_of_days_is_behind_is_counted(tmp_path: Path) -> None:
    days = CALENDAR.school_days_before(LATER, 23)[:-1]
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, [polled("access_point", "A1", CALENDAR.slots(day)[0].begin_ms) for day in days])
        assert list(days) == arrears(store, Share())
        book = open_book(store, known(), BINHAI, days, until_ms=NOW, now_ms=NOW, share=NOTHING)
        assert [(day, 1) for day in days] == [(day, len(pages)) for day, pages in book.items()]
        # Of November, in which the days go on, nobody says yet that all is counted.
        assert ["2021-10"] == told(store)


def test_a_month_whose_days_could_not_be_written_is_not_told_to_be_counted(tmp_path: Path) -> None:
    class Full(SqliteStore):
        full = True

        def write(self, points: Sequence[Point]) -> list[Rejected]:
            if self.full and any(point.measurement is SCHOOL_DAY for point in points):
                raise Unavailable("full")
            return super().write(points)

    with Full(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, world(seeded(22)).points)
        arrears(store, Share())
        assert [] == told(store)
        store.full = False
        arrears(store, Share())
        assert ["2021-09"] == told(store)


FIRST = day_of(DISTRICT, SCHOOLS[0], date(2021, 10, 1), seeded(24))


@pytest.mark.parametrize(
    ("points", "number"),
    [
        pytest.param(world(seeded(23)).points, 0, id="in it"),
        # Of the first of October some hours are September's by UTC: without them it is not counted again.
        pytest.param(FIRST, len(FIRST) // 2, id="in the rest of a day that begins in it"),
    ],
)
def test_of_a_month_in_which_something_came_while_it_was_counted_it_is_not_told(
    points: Sequence[Point], number: int, tmp_path: Path
) -> None:
    coming = [points[number]]

    class Busy(SqliteStore):
        def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
            found = super().tally(tallies)
            if coming:
                store_batch(self, [coming.pop()])
            return found

    with Busy(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, [point for at, point in enumerate(points) if at != number])
        arrears(store, Share())
        late = points[number].tags[:2]
        assert late not in places_counted(store)
        arrears(store, Share())
        assert late in places_counted(store)


def test_of_a_month_of_which_another_program_wrote_last_what_it_had_counted_before_it_is_not_told(
    tmp_path: Path,
) -> None:
    """That one saw less of what had come; its days are counted once more, and the month waits for that."""
    made = world(seeded(23)).points

    class Overtaken(SqliteStore):
        others: Sequence[Point] = ()

        def write(self, points: Sequence[Point]) -> list[Rejected]:
            rejected = super().write(points)
            if self.others and points[0].measurement is SCHOOL_DAY:
                super().write(self.others)
            return rejected

    with Overtaken(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made[1:])
        as_counted(store)
        before = list(records_of(store))
        store_batch(store, made[:1])
        late = made[0].tags[:2]
        store.others = [point for point in before if point.tags[:2] == late]
        arrears(store, Share())
        assert late not in places_counted(store)
        store.others = ()
        arrears(store, Share())
        assert late in places_counted(store)
        assert slow_days(rows_of(made), CALENDAR, END, LIMIT_MS) == facts(as_written(store))


def test_each_share_tells_of_its_own_schools_and_once(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.sqlite") as inner:
        store, own = (
            Mortal(inner),
            next(one for one in (Share(1, 2), Share(2, 2)) if one.counts((DISTRICT, SCHOOLS[0]))),
        )
        store_batch(store, world(seeded(20)).points)
        assert arrears(store, own)
        assert [True] == sorted({own.counts((place[0], place[1])) for place in places_counted(store)})
        written = store.writes
        assert ([], written) == (arrears(store, own), store.writes)


def test_a_month_goes_also_where_only_the_day_after_it_was_touched(tmp_path: Path) -> None:
    """Its own readings are from before touches were told; or a school's first ones came that day."""
    first, later = (
        CALENDAR.slots(date(2021, 10, 1))[1].begin_ms,
        CALENDAR.slots(date(2021, 12, 9))[0].begin_ms,
    )
    now_ms = later + 3_600_000
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store.write([polled("access_point", "A1", first - 86_400_000)])
        store_batch(store, [polled("access_point", "A1", at) for at in (first, later - 86_400_000, later)])
        count_arrears(store, known(), BINHAI, before=date(2021, 12, 9), now_ms=now_ms, share=Share())
        fates = [(ended.part.name, ended.fate) for ended in expire(store, Retention(), now_ms=now_ms)]
    assert [("readings-2021-09", "dropped")] == fates


def places_counted(store: Store) -> set[tuple[str, ...]]:
    """Schools of whose September everything that touched it is said to be counted."""
    begin, end = span_of("readings-2021-09")
    end += BEYOND_MS
    touches = Touches(store, begin, end)
    return {
        tuple(row.tags.values())
        for row in store.query(
            Query(measurement=COUNTED, select=(Select("touched"),), group_by=COUNTED.tag_names)
        )
        if row.values["touched"]
        == touches.month_digest((row.tags["district"], row.tags["school"]), begin, end)
    }


def told(store: Store) -> list[str]:
    """Months of which all is said to be counted."""
    rows = store.query(Query(measurement=COUNTED, select=(Select("touched"),)))
    return sorted({utc_text(row.time or 0)[:7] for row in rows})


def test_an_old_day_that_is_no_school_day_any_more_is_taken_back_and_comes_again(tmp_path: Path) -> None:
    made = world(seeded(22))
    closed = replace(CALENDAR, holidays=(Term(name="台风", first=DAYS[0], last=DAYS[0]),))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        assert list(DAYS) == arrears(store, Share())
        assert ([DAYS[0]], []) == (arrears(store, Share(), closed), arrears(store, Share(), closed))
        polls = Query(measurement=DEVICE_DAY, select=(Select("polls", "sum", "polls"),))
        first = replace(polls, until=CALENDAR.end_of(DAYS[0]))
        assert [0] == [row.values["polls"] for row in store.query(first)]
        assert [DAYS[0]] == arrears(store, Share())
        assert slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS) == facts(as_written(store))


def test_an_inquiry_leaves_the_days_of_its_window_to_its_evaluation(tmp_path: Path) -> None:
    made = world(seeded(21))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        assert [] == arrears(store, Share())
        store_batch(store, made.points)
        within = inquire(known(), "binhai-2021", now_ms=END)
        assert [] == list(within.count_arrears(store, Share()))
        later = inquire(known(), "binhai-2021", now_ms=NOW)
        assert list(DAYS) == list(later.count_arrears(store, Share()))
