"""A store that takes nothing, and entries that are torn, of an earlier version, or cannot be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contract import Point
from contract.daybook import SCHOOL_DAY
from ingest.touched import store_batch
from rules.daybook.book import BookMemory
from rules.daybook.entry import DeviceCounts, unpack_facts
from rules.daybook.records import read_records
from rules.daybook.share import NOTHING
from store import Rejected, Unavailable
from store.sqlite import SqliteStore
from tests.rules.daybook.looking import END, LIMIT_MS, facts, look, records_of, seeded, tables
from tests.rules.daybook.mortal import Mortal
from tests.rules.daybook.slow import rows_of, slow_days
from tests.rules.daybook.world import CALENDAR, world


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


def test_a_record_of_which_a_part_is_missing_is_counted_again(tmp_path: Path) -> None:
    made = world(seeded(11))
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, made.points)
        before = facts(look(store))
        torn = [
            point._replace(fields=(2, *point.fields[1:]))
            for point in records_of(store)
            if point.tags[2] == "0"
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
                for point in records_of(store)
            ]
        )
        mortal = Mortal(store)
        assert ({}, 0) == (facts(look(mortal, share=NOTHING)), mortal.writes)
        assert before == facts(look(mortal))
        assert before == facts(look(mortal, share=NOTHING))
        written = mortal.writes
        assert before == facts(look(mortal))
        assert written == mortal.writes, "what is done is done again"
