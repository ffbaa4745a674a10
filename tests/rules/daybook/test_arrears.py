"""Days that an evaluation's window has left behind are counted all the same, before their readings go."""

from datetime import date
from pathlib import Path

from ingest.touched import store_batch
from rules.answers.inquiry import inquire
from rules.daybook.arrears import count_arrears
from rules.daybook.book import Book, open_book
from rules.daybook.share import NOTHING, Share
from store import Store
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI
from tests.rules.daybook.slow import rows_of, slow_days
from tests.rules.daybook.test_book import END, LIMIT_MS, facts, seeded
from tests.rules.daybook.world import CALENDAR, DAYS, known, world

LATER = date(2021, 11, 15)  # the window of twenty school days is in October by then
NOW = CALENDAR.end_of(LATER)


def arrears(store: Store, share: Share) -> list[date]:
    return list(count_arrears(store, known(), BINHAI, before=LATER, now_ms=NOW, share=share))


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
