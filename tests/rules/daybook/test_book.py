"""The day book is what counting every reading gives, in whatever order readings and crashes came."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from contract import Point
from ingest.touched import store_batch
from rules.daybook.book import Book, BookMemory
from rules.daybook.records import begin_of, read_records
from rules.daybook.share import NOTHING, Share
from store import Rejected, Store, Tallied, Tally
from store.sqlite import SqliteStore
from tests.rules.daybook.looking import END, LIMIT_MS, facts, look, seeded, tables, without_used
from tests.rules.daybook.mortal import Killed, Mortal
from tests.rules.daybook.slow import rows_of, slow_days, slow_radios
from tests.rules.daybook.world import CALENDAR, DAYS, STRANGER, world


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
