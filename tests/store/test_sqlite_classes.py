"""A store of several files answers as one, keeps what a file of an older version has, and drops by file."""

import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import READING_KINDS, Address, Asset, Point, Radio, to_point
from store import Query, Row, Select, Span, StoreError, Tally, Unavailable, open_store
from store.sqlite import SqliteStore
from store.sqlite_file import SqliteFile
from tests.store.test_same_answers import T0, THINGS, points, queries
from tests.store.test_tally import tallies

OCTOBER = 1_790_812_800_000
HOUR = 3_600_000
GATEWAY = Address("120116", "2112000001", "gw-1")
EXPIRING = replace(THINGS, name="things_of_months", kept="readings")
# What was generated lies in four seconds, half of them in September now.
SHIFT = OCTOBER - T0 - 2000
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


def moved(query: Query) -> Query:
    def at(moment: int | None) -> int | None:
        return None if moment is None else moment + SHIFT

    return replace(query, since=at(query.since), until=at(query.until))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=points, asked=st.lists(queries(), min_size=1, max_size=6), tally=tallies())
def test_several_files_answer_as_one(
    written: list[Point], asked: list[Query], tally: Tally, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{tmp_path / uuid.uuid4().hex}.sqlite") as store:
        for point in written:
            at = point.time + SHIFT
            store.write([point._replace(time=at), point._replace(time=at, measurement=EXPIRING)])
        for query in map(moved, asked):
            expected, found = store.query(query), store.query(replace(query, measurement=EXPIRING))
            if query.newest and len(query.group_by) < len(THINGS.tags):
                # Rows of one group and time have no order between them.
                expected, found = ([Row(row.tags, row.time) for row in rows] for rows in (expected, found))
            assert expected == found
        spans = tuple(replace(item, span=Span(*(at + SHIFT for at in item.span))) for item in tally.items)
        tally = replace(tally, items=spans)
        assert store.tally([tally]) == store.tally([replace(tally, measurement=EXPIRING)])


def radio(seq: int, time_ms: int) -> Point:
    return to_point(GATEWAY, "e" * 16, seq, Radio(time=time_ms, ap=f"A{seq % 3}", radio="0"))


def test_the_first_and_the_last_value_are_found_in_whichever_file_they_are(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        store.write([radio(seq, OCTOBER + seq * HOUR) for seq in range(-3, 4) if seq])
        asked = Query(
            measurement=Radio.measurement,
            select=(Select("seq", "first", "a"), Select("seq", "last", "z"), Select("seq", "mean", "m")),
        )
        assert [Row({}, None, {"a": -3, "z": 3, "m": 0.0})] == store.query(asked)


def old_file(path: Path, *written: Point) -> None:
    """A store as versions before the classes wrote it: one file, all tables under their own names."""
    file = SqliteFile(path)
    file.write(sorted(written, key=lambda point: point.measurement.name))
    file.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")


def count(store: SqliteStore) -> int:
    return sum(int(row.values["n"] or 0) for row in store.query(COUNT))


def test_an_old_file_is_read_and_written_on_without_loss_and_nothing_is_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    asset = to_point(GATEWAY, "e" * 16, 9, Asset(time=OCTOBER, asset="A", name="台", quantity=1, value_fen=1))
    old_file(path, radio(1, OCTOBER - HOUR), radio(2, OCTOBER), asset)
    with SqliteStore(path) as store:
        read = count(store)
        # The second batch comes again, for its acknowledgement was lost.
        store.write([radio(2, OCTOBER), radio(3, OCTOBER + 1), asset])
        files = [file.name for file in store.files()]
        assets = store.query(Query(measurement=READING_KINDS["asset"], select=(Select("name"),)))
        assert (2, 3, ["s.sqlite", "s.sqlite.readings-2026-10"], 1) == (
            read,
            count(store),
            files,
            len(assets),
        )
    with SqliteStore(path) as store:
        assert 3 == count(store)


def test_a_version_without_classes_fails_on_the_new_file_and_does_not_find_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    old_file(path, radio(1, OCTOBER - HOUR))
    with SqliteStore(path) as store:
        store.write([radio(3, OCTOBER + 1)])
    # What such a version asks, and what it writes.
    with closing(sqlite3.connect(path)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table: radio_series"):
            connection.execute('SELECT s.ap FROM "radio_series" s JOIN "radio" p ON p.series = s.id')
        connection.execute('CREATE TABLE IF NOT EXISTS "radio" (series INTEGER NOT NULL)')
        with pytest.raises(sqlite3.OperationalError, match="series"):
            connection.execute('INSERT INTO "radio" (series, time) VALUES (1, 1)')


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("name", ["s.sqlite", "s.sqlite.readings-2026-10"])
def test_a_file_of_a_later_version_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        store.write([radio(1, OCTOBER)])
    with closing(sqlite3.connect(tmp_path / name)) as connection:
        connection.execute("PRAGMA user_version = 3")
    with SqliteStore(tmp_path / "s.sqlite") as store:
        for ask in (lambda: store.query(COUNT), lambda: store.write([radio(1, OCTOBER)])):
            with pytest.raises(StoreError, match="newer version"):
                ask()


def test_dropping_a_month_deletes_its_file_and_late_readings_of_it_are_refused(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store, SqliteStore(tmp_path / "s.sqlite") as other:
        other.write([radio(1, OCTOBER - HOUR), radio(2, OCTOBER)])
        (part,) = store.parts("readings", OCTOBER)
        settled: list[object] = []
        part.drop(lambda: settled.extend(row.values["n"] for row in part.query(COUNT)))
        late = other.write([radio(3, OCTOBER - 1), radio(4, OCTOBER + 1)])
        assert [1] == settled
        assert [3] == [refused.point.fields[0] for refused in late]
        assert "readings-2026-09 has expired" in late[0].reason
        assert (2, 2) == (count(store), count(other))
        assert [] == store.parts("readings", OCTOBER)
        assert not list(tmp_path.glob("*2026-09*"))


def test_what_an_old_file_has_is_dropped_month_by_month(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    old_file(path, *(radio(number, OCTOBER + number * 12 * HOUR) for number in range(-90, 30)))
    with SqliteStore(path) as store:
        store.write([radio(99, OCTOBER + 400 * HOUR)])
        found = store.parts("readings", OCTOBER)
        settled: list[object] = []
        for part in found:
            part.drop(lambda part=part: settled.append(part.query(COUNT)[0].values["n"]))  # type: ignore[misc]
        assert ["before-readings-2026-08", "before-readings-2026-09"] == [part.name for part in found]
        assert [30, 30, 60, 60] == settled
        assert 31 == count(store)
        assert ["before-readings-2026-08"] == [
            refused.reason.split(": ")[1].split()[0]
            for refused in store.write([radio(1, OCTOBER - 40 * 24 * HOUR)])
        ]


def test_a_part_of_the_store_that_is_gone_is_missed_and_can_be_given_up(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        store.write([radio(1, OCTOBER - HOUR), radio(2, OCTOBER)])
    shutil.copy(tmp_path / "s.sqlite", tmp_path / "copy.sqlite")
    with SqliteStore(tmp_path / "copy.sqlite") as store:
        with pytest.raises(Unavailable, match=r"copy\.sqlite\.readings-2026-09"):
            store.query(COUNT)
        for path in store.missing():
            store.give_up(path)
        assert 0 == count(store)


def test_what_is_to_stay_stays_when_its_month_is_dropped(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        store.write([radio(1, OCTOBER - HOUR), radio(2, OCTOBER - HOUR)])
        (part,) = store.parts("readings", OCTOBER)
        part.drop(lambda: store.keep([radio(2, OCTOBER - HOUR)]) and None)
        assert [2] == [
            row.values["seq"]
            for row in store.query(Query(measurement=Radio.measurement, select=(Select("seq"),)))
        ]
