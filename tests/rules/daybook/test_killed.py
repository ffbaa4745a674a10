"""kill -9 of whoever stores readings and of whoever counts them: the next round has it right."""

import multiprocessing
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contract import Point
from ingest.touched import store_batch
from store.sqlite import SqliteStore
from tests.rules.daybook.looking import END, LIMIT_MS, facts, look, seeded
from tests.rules.daybook.slow import rows_of, slow_days
from tests.rules.daybook.world import CALENDAR, world

_FORK = multiprocessing.get_context("fork")
_LIVES_S = 0.08


def survives(work: Callable[[], object], chance: random.Random) -> bool:
    """A process of its own, killed at some moment of its work or shortly after."""
    process = _FORK.Process(target=work)
    process.start()
    if chance.random() < 0.7:
        time.sleep(chance.uniform(0, _LIVES_S))
        process.kill()
    process.join()
    return process.exitcode == 0


def ingest(path: Path, batch: list[Point]) -> Callable[[], None]:
    def work() -> None:
        with SqliteStore(path) as store:
            store_batch(store, batch)

    return work


def count(path: Path) -> Callable[[], None]:
    def work() -> None:
        with SqliteStore(path) as store:
            look(store)

    return work


@pytest.mark.parametrize("seed", range(3))
def test_killed_programs_leave_a_day_book_that_the_next_round_makes_right(tmp_path: Path, seed: int) -> None:
    chance = seeded(2000 + seed)
    made = world(chance)
    path = tmp_path / "store.sqlite"
    with SqliteStore(path) as store:
        store.prepare()
    lived = []
    for batch in made.batches(chance):
        # What was not acknowledged its gateway sends again.
        while not survives(ingest(path, batch), chance):
            lived.append(False)
        lived.append(survives(count(path), chance))
    with SqliteStore(path) as store:
        assert slow_days(rows_of(made.points), CALENDAR, END, LIMIT_MS) == facts(look(store))
    assert False in lived
