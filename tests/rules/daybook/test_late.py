"""Readings that come when others of their day have expired: what was counted stands, and they are told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from contract import Point, Retention
from ingest.expiry import expire
from ingest.touched import store_batch
from rules.daybook.arrears import count_arrears
from rules.daybook.book import Book, open_book
from rules.daybook.late import late_readings
from rules.daybook.records import begin_of, read_records
from rules.daybook.share import Share
from rules.stored.late import LateDay, read_late
from store import Store
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.looking import facts, seeded
from tests.rules.daybook.world import CALENDAR, SCHOOLS, day_of, known

# In Tianjin the first eight hours of a month are of the month before by UTC, by which readings expire.
DAY, AFTER = date(2021, 10, 1), date(2021, 10, 4)
MONTH_MS = 1_633_046_400_000
NOW = begin_of(CALENDAR, date(2021, 12, 10))


def look(store: Store) -> Book:
    return open_book(store, known(), BINHAI, [DAY, AFTER], until_ms=NOW, now_ms=NOW)


def counting(point: Point) -> bool:
    """Whether it is one of those by which a day is known to be whole."""
    return point.measurement.name in {"access_point", "room_device", "gateway"}


@pytest.fixture
def points() -> list[Point]:
    chance = seeded(40)
    return [
        point for code in SCHOOLS for day in (DAY, AFTER) for point in day_of(DISTRICT, code, day, chance)
    ]


def test_late_readings_of_a_day_that_is_gone_in_part_are_told_and_not_counted(
    new_store: Callable[[], Store], points: list[Point]
) -> None:
    first, second = ([point for point in points if point.tags[1] == code] for code in SCHOOLS)
    late = [point for point in first if point.time >= MONTH_MS and CALENDAR.day_of(point.time) == DAY][::4]
    assert any(point.time < MONTH_MS for point in first), "nothing of the day is in the month before"
    with new_store() as store:
        store_batch(store, [*(point for point in first if point not in late), *second])
        before = facts(look(store))
        # Time goes on for gateways, too.
        store.write([next(filter(counting, first))._replace(time=NOW - 86_400_000)])
        assert [] == read_late(store)
        assert ["uncounted"] == [ended.fate for ended in expire(store, Retention(), now_ms=NOW)]
        assert [] == list(
            count_arrears(store, known(), BINHAI, before=date(2021, 12, 10), now_ms=NOW, share=Share())
        )
        assert ["dropped"] == [ended.fate for ended in expire(store, Retention(), now_ms=NOW)]
        store_batch(store, late)
        assert before == facts(look(store))
        expected = LateDay(DISTRICT, SCHOOLS[0], "2021-10-01", sum(map(counting, late)), True)
        assert [expected] == list(read_late(store))
        assert [] == list(read_late(store, school=SCHOOLS[1]))
        # They come once more; and a day that nobody touched is as it was, whatever the calendar counts.
        store_batch(store, late)
        look(store)
        assert [expected] == list(read_late(store))


def test_how_many_is_no_more_than_is_there_where_months_were_not_told_apart(
    new_store: Callable[[], Store], points: list[Point]
) -> None:
    with new_store() as store:
        store_batch(store, points)
        look(store)
        written = read_records(
            store, begin_of(CALENDAR, DAY), begin_of(CALENDAR, DAY) + 1, texts=("facts", "rest")
        )
        counted = next(iter(written.values())).entry()
    older = replace(counted, rest=replace(counted.rest, early=None))
    left = replace(counted, readings=counted.readings - 3, rest=replace(counted.rest, early=0))
    assert [(left.readings, False), (0, False)] == [
        late_readings(left, older, touched=touched) for touched in (True, False)
    ]
