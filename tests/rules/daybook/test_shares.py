"""Several programs that share the schools count each once, and each knows what the others left undone."""

from collections.abc import Callable
from pathlib import Path

from ingest.touched import store_batch
from rules.daybook.share import NOTHING, Share
from store import Store
from store.sqlite import SqliteStore
from tests.rules.daybook.looking import END, facts, look, seeded, tables
from tests.rules.daybook.world import CALENDAR, DAYS, world


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
