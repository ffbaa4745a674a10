"""A store of several files answers as one, keeps what a file of an older version has, and drops by file."""

import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import READING_KINDS, Address, Asset, CollectorRun, Point, Radio, to_point
from store import Aggregate, Item, Query, Row, Select, Span, StoreError, Tally, Unavailable, open_store
from store.sqlite import SqliteStore
from store.sqlite_file import SqliteFile
from tests.store.test_same_answers import T0, THINGS, points, queries
from tests.store.test_tally import tallies

OCTOBER = 1_790_812_800_000
HOUR = 3_600_000
GATEWAY = Address("120116", "2112000001", "gw-1")
EXPIRING = replace(THINGS, name="things_of_months", kept="readings")
AGGREGATES: tuple[str, ...] = get_args(Aggregate)
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


def asked(*wanted: str, **more: Any) -> Query:
    """`level:mean`: what of which field."""
    parts = [text.partition(":") for text in wanted]
    select = tuple(Select(name, how or None, name + how) for name, _, how in parts)  # type: ignore[arg-type]
    return Query(measurement=THINGS, select=select, **more)


@pytest.mark.parametrize(
    "query",
    [
        asked("count", newest=1),
        asked("count", newest=2),
        asked("count", since=OCTOBER, until=OCTOBER + 1, group_by=("place", "part")),
        asked("count", "level", newest=1, group_by=("place",)),
        asked("level", newest=2, group_by=("place",)),
        asked("count", group_by=("place", "part")),
        asked("level", distinct=True),
        asked("level", distinct=True, group_by=("place",)),
        *(asked(f"level:{how}", group_by=group) for how in AGGREGATES for group in ((), ("place",))),
        *(
            asked(f"level:{how}", since=OCTOBER - 3 * HOUR, until=OCTOBER + 4 * HOUR, window_ms=2 * HOUR)
            for how in AGGREGATES
        ),
        asked("level:first", "level:last", "level:count", "level:mean", "count:sum", group_by=("place",)),
        asked(
            "level:last", "word:first", window_ms=3 * HOUR, since=OCTOBER - 6 * HOUR, until=OCTOBER + 6 * HOUR
        ),
    ],
)
def test_what_is_asked_of_several_files_is_what_one_would_answer(query: Query, tmp_path: Path) -> None:
    rows = [
        # hour, place, level
        (-3, "a", 3.0),
        (-2, "a", None),
        (-1, "b", 3.0),
        (0, "b", 0.5),
        (1, "a", -3.0),
        (2, "a", None),
        (3, "c", 3.0),
        (4, "c", -3.0),
    ]
    with open_store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        for hour, place, level in rows:
            point = Point(
                THINGS, (place, "p"), OCTOBER + hour * HOUR, (hour, level, None, "甲" if hour > 1 else None)
            )
            store.write([point, point._replace(measurement=EXPIRING)])
        assert 3 == len(store.files())
        one, several = (store.query(replace(query, measurement=table)) for table in (THINGS, EXPIRING))
        span = Span(OCTOBER, OCTOBER + 1)
        of_a_moment = Tally(
            measurement=EXPIRING,
            group_by=("place",),
            items=(Item(name="n", function="count", field="level", span=span),),
        )
        assert [{("b",): {"n": 1}}] == store.tally([of_a_moment])
    if query.distinct:
        one, several = (sorted(found, key=repr) for found in (one, several))
    assert one == several != []


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
    run = CollectorRun(time=OCTOBER - HOUR, collector="c", target="t", status="ok")
    old = [radio(number, OCTOBER + number * 12 * HOUR) for number in range(-90, 30)]
    old_file(path, *old, to_point(GATEWAY, "e" * 16, 1, run))
    with SqliteStore(path) as store:
        again = run.model_copy(update={"time": OCTOBER + 400 * HOUR})
        store.write([radio(99, again.time), to_point(GATEWAY, "e" * 16, 2, again)])
        found = store.parts("readings", OCTOBER)
        settled: list[object] = []
        for part in found:
            part.drop(lambda part=part: settled.append(part.query(COUNT)[0].values["n"]))  # type: ignore[misc]
        assert ["before-readings-2026-08", "before-readings-2026-09"] == [part.name for part in found]
        assert [30, 30, 60, 60] == settled
        assert [] == store.parts("readings", OCTOBER), "something of it is left"
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


def test_a_month_whose_end_is_noted_and_whose_file_is_there_goes_at_the_next_look(tmp_path: Path) -> None:
    """Killed between the two: nobody reads it any more, and late readings of it are refused."""
    path = tmp_path / "s.sqlite"
    with SqliteStore(path) as store:
        store.write([radio(1, OCTOBER - HOUR), radio(2, OCTOBER)])
    september = path.with_name("s.sqlite.readings-2026-09")
    shutil.copy(september, tmp_path / "kept")
    with SqliteStore(path) as store:
        assert not store.has_dropped("readings", "readings-2026-08", OCTOBER)
        (part,) = store.parts("readings", OCTOBER)
        part.drop(lambda: None)
        shutil.copy(tmp_path / "kept", september)
        assert (1, True) == (count(store), store.has_dropped("readings", part.name, part.end_ms))
        assert 1 == len(store.write([radio(3, OCTOBER - 1)]))
        assert ([], False) == (store.parts("readings", OCTOBER), september.exists())


def test_a_file_that_is_there_is_read_whether_it_is_listed_or_not(tmp_path: Path) -> None:
    """Killed before a new file was listed; what is no part of the store is left alone."""
    with SqliteStore(tmp_path / "s.sqlite") as store:
        store.write([radio(1, OCTOBER - HOUR)])
        store.keep([radio(2, OCTOBER)])
        for beside in store.files()[1:]:
            store.give_up(beside)
        for name in ("readings-2026-13", "readings-2026-09.bak", "records-2026-09"):
            (tmp_path / f"s.sqlite.{name}").touch()
        assert (2, 3) == (count(store), len(store.files()))
        assert ["readings-2026-09"] == [part.name for part in store.parts("readings", OCTOBER)]


def test_what_outlives_its_class_is_missed_where_its_file_is_gone(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        store.keep([radio(2, OCTOBER)])
        (kept,) = store.files()[1:]
    kept.unlink()
    with SqliteStore(tmp_path / "s.sqlite") as store:
        with pytest.raises(Unavailable, match=kept.name):
            store.query(COUNT)
        assert [kept] == store.missing()


def test_what_is_to_stay_stays_when_its_month_is_dropped(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "s.sqlite") as store:
        store.write([radio(1, OCTOBER - HOUR), radio(2, OCTOBER - HOUR)])
        (part,) = store.parts("readings", OCTOBER)
        part.drop(lambda: store.keep([radio(2, OCTOBER - HOUR)]) and None)
        assert [2] == [
            row.values["seq"]
            for row in store.query(Query(measurement=Radio.measurement, select=(Select("seq"),)))
        ]


def test_what_a_killed_deletion_leaves_of_a_file_is_deleted_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file goes first, then its log and index: killed in between they stayed for ever."""
    path = tmp_path / "s.sqlite"
    store = SqliteStore(path)
    store.write([radio(1, OCTOBER - HOUR), radio(2, OCTOBER)])
    (part,) = store.parts("readings", OCTOBER)
    unlink, names = Path.unlink, []

    def killed(file: Path, missing_ok: bool = False) -> None:
        names.append(file.name)
        if len(names) > 1:
            raise KeyboardInterrupt
        unlink(file, missing_ok=missing_ok)

    with monkeypatch.context() as dying:
        dying.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            part.drop(lambda: None)
    log = tmp_path / "s.sqlite.readings-2026-09-wal"
    log.touch()  # whoever closes in an orderly way takes it along; a kill does not
    with SqliteStore(path) as after:
        assert (["readings-2026-10"], [Row({}, None, {"n": 1})]) == (
            [found.name for found in after.parts("readings", OCTOBER + 60 * 24 * HOUR)],
            after.query(COUNT),
        )
    assert [] == [file.name for file in tmp_path.iterdir() if "2026-09" in file.name]
