"""Late, doubled and shuffled readings, crashes, and months that expire in between, beside a count of every
reading that ever came: whatever is there when its month goes is in the day book for good."""

import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from contract import Point, Retention
from ingest.expiry import expire
from ingest.touched import store_batch
from rules.daybook.arrears import count_arrears
from rules.daybook.book import open_book
from rules.daybook.records import begin_of
from rules.daybook.share import NOTHING, Share
from rules.stored.late import LateDay, read_late
from store import Part, Store
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.looking import LIMIT_MS, seeded
from tests.rules.daybook.mortal import Killed, Mortal
from tests.rules.daybook.slow import rows_of, slow_school_day
from tests.rules.daybook.world import CALENDAR, SCHOOLS, day_of, known

# Two days of September; the first of October, of which eight hours are September's by UTC; and later ones.
GONE = (date(2021, 9, 29), date(2021, 9, 30))
PARTLY, WHOLE = date(2021, 10, 1), (date(2021, 10, 4), date(2021, 11, 15))
DAYS = (*GONE, PARTLY, *WHOLE)
MONTH_MS = 1_633_046_400_000
BEFORE = date(2021, 12, 10)
NOW = begin_of(CALENDAR, BEFORE)
TOLD_BY = {"access_point", "room_device", "gateway"}  # by what a day is known to be whole


class Dropping(Mortal):
    """Its parts are dropped by whoever is killed at a write, too."""

    def keep(self, points: Sequence[Point]) -> list[Any]:
        return self.write(points)

    def parts(self, kept: Any, before_ms: int) -> list[Part]:
        return self.inner.parts(kept, before_ms)


def until_it_lives(store: Dropping, chance: random.Random, step: Callable[[], object]) -> None:
    while True:
        store.writes_left, store.dies_after = chance.choice([None, None, 0, 1, 2]), chance.random() < 0.5
        try:
            step()
        except Killed:
            continue
        store.writes_left = None
        return


@pytest.mark.parametrize("seed", range(4))
def test_the_book_is_what_counting_every_reading_gave_when_its_month_went(
    new_store: Callable[[], Store], seed: int
) -> None:
    chance = seeded(5000 + seed)
    made = [point for code in SCHOOLS for day in DAYS for point in day_of(DISTRICT, code, day, chance)]
    # The last day comes first, so that the book goes on beyond September whenever that is asked.
    batches = [[point for point in made if CALENDAR.day_of(point.time) == DAYS[-1]], *_batches(made, chance)]
    came: list[Point] = []
    dropped_at: int | None = None
    with new_store() as inner:
        store = Dropping(inner)

        def fold() -> None:
            share = chance.choice([Share(), Share(1, 2), Share(2, 2)])
            count_arrears(store, known(), BINHAI, before=BEFORE, now_ms=NOW, share=share)

        def drop() -> None:
            expire(store, Retention({"readings": 45}), now_ms=NOW)

        for batch in batches:
            until_it_lives(store, chance, lambda batch=batch: store_batch(store, batch))
            came += batch if dropped_at is None else [one for one in batch if one.time >= MONTH_MS]
            for step in chance.sample([fold, drop, fold], chance.randint(0, 3)):
                until_it_lives(store, chance, step)
                if dropped_at is None and inner.has_dropped("readings", "readings-2021-09", MONTH_MS):
                    dropped_at = len(came)
        for _ in range(2):
            count_arrears(store, known(), BINHAI, before=BEFORE, now_ms=NOW, share=Share())
            drop()
            if dropped_at is None and inner.has_dropped("readings", "readings-2021-09", MONTH_MS):
                dropped_at = len(came)
        assert dropped_at is not None, "what is counted is not dropped"
        count_arrears(store, known(), BINHAI, before=BEFORE, now_ms=NOW, share=Share())
        book = open_book(store, known(), BINHAI, DAYS, until_ms=NOW, now_ms=NOW, share=NOTHING)
        told = list(read_late(store))
    found = {(day, place): page.facts for day, pages in book.items() for place, page in pages.items()}
    expected, late = _expected(came, dropped_at)
    assert expected == found
    assert late == sorted(told)


def _batches(made: list[Point], chance: random.Random) -> list[list[Point]]:
    several = [*made, *chance.sample(made, len(made) // 10)]
    chance.shuffle(several)
    size = max(1, len(several) // chance.randint(4, 8))
    return [several[at : at + size] for at in range(0, len(several), size)]


def _expected(came: list[Point], dropped_at: int) -> tuple[dict[Any, Any], list[LateDay]]:
    expected, late = {}, []
    for code in SCHOOLS:
        for day in DAYS:
            ever = [point for point in came if point.tags[1] == code and CALENDAR.day_of(point.time) == day]
            then = [
                point
                for point in came[:dropped_at]
                if point.tags[1] == code and CALENDAR.day_of(point.time) == day
            ]
            stands = any(_tells(point) and point.time < MONTH_MS for point in then)
            rows = rows_of(then if stands else ever)
            counted = slow_school_day(rows, CALENDAR, day, NOW, LIMIT_MS)
            if counted is not None:
                expected[day, (DISTRICT, code)] = counted
            more = len(_identities(ever)) - len(_identities(then))
            if stands and more:
                late.append(LateDay(DISTRICT, code, day.isoformat(), more, True))
    return expected, sorted(late)


def _tells(point: Point) -> bool:
    return point.measurement.name in TOLD_BY


def _identities(points: list[Point]) -> set[Any]:
    return {(point.measurement.name, point.tags, point.time) for point in points if _tells(point)}
