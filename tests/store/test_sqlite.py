"""What is SQLite's own: files, and programs that read while another writes."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from contract import Address, Point, Radio, to_point
from store import Condition, Query, Row, Select, Unavailable, open_store
from store.sql import compile_sql

COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))
GATEWAY = Address("120116", "2112000001", "gw-1")


def beside(path: Path) -> Path:
    """The file beside a store's first one that has its readings of September."""
    return path.with_name(f"{path.name}.readings-2026-09")


@pytest.mark.usefixtures("in_english")
def test_a_mistyped_path_is_an_error_and_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "typo.sqlite"
    with open_store(f"sqlite:///{path}") as store, pytest.raises(Unavailable, match="there is no such file"):
        store.query(COUNT)
    assert not path.exists()


def test_three_slashes_where_four_were_meant_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///var/lib/campus/x.sqlite") as store, pytest.raises(Unavailable) as refused:
        store.query(COUNT)
    assert (True, True) == (
        str(tmp_path) in str(refused.value),
        "sqlite:////var/lib/campus/x.sqlite" in str(refused.value),
    )


def test_a_reader_sees_what_another_connection_wrote_without_waiting(sqlite_url: str) -> None:
    with open_store(sqlite_url) as writer, open_store(sqlite_url) as reader:
        writer.prepare()
        seen = []
        for seq in range(1, 4):
            radio = Radio(time=1_790_000_000_000 + seq, ap="A", radio="0")
            writer.write([to_point(GATEWAY, "e" * 16, seq, radio)])
            seen.append(reader.query(COUNT))
    assert [[Row({}, None, {"n": number})] for number in (1, 2, 3)] == seen


def test_what_a_file_of_an_older_version_has_no_column_for_is_missing_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.write([to_point(GATEWAY, "e" * 16, 1, Radio(time=1_790_000_000_000, ap="A", radio="0"))])
    with sqlite3.connect(beside(path)) as connection:
        connection.execute("ALTER TABLE radio DROP COLUMN noise_dbm")
    connection.close()

    def ask(*select: Select, newest: int | None = None, where: tuple[Condition, ...] = ()) -> list[object]:
        asked = Query(
            measurement=Radio.measurement, select=select, group_by=("ap",), where=where, newest=newest
        )
        return [row.values for row in store.query(asked)]

    with open_store(f"sqlite:///{path}") as store:
        both = (Select("noise_dbm"), Select("seq"))
        found = [ask(*both), ask(*both, newest=1)]
        counted = ask(Select("noise_dbm", "count", "n"), Select("seq", "last", "s"))
        quiet = ask(*both, where=(Condition("noise_dbm", "<", 0),))
    assert [[{"noise_dbm": None, "seq": 1}]] * 2 == found
    assert ([{"n": 0, "s": 1}], []) == (counted, quiet)


def test_a_file_made_by_an_older_version_gets_the_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.write([to_point(GATEWAY, "e" * 16, 1, Radio(time=1_790_000_000_000, ap="A", radio="0"))])
    with sqlite3.connect(beside(path)) as connection:
        connection.execute("ALTER TABLE radio DROP COLUMN noise_dbm")
    connection.close()
    with open_store(f"sqlite:///{path}") as store:
        radio = Radio(time=1_790_000_000_001, ap="A", radio="0", noise_dbm=-95)
        store.write([to_point(GATEWAY, "e" * 16, 2, radio)])
        rows = store.query(Query(measurement=Radio.measurement, select=(Select("noise_dbm"), Select("seq"))))
    assert [{"noise_dbm": None, "seq": 1}, {"noise_dbm": -95, "seq": 2}] == [row.values for row in rows]


def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite"
    path.write_text("this is not a database, and long enough to be read as one" * 20)
    with open_store(f"sqlite:///{path}") as store, pytest.raises(Exception, match=r"text\.sqlite"):
        store.query(COUNT)


def radio(seq: int) -> Point:
    return to_point(GATEWAY, "e" * 16, seq, Radio(time=1_790_000_000_000 + seq, ap=f"A{seq}", radio="0"))


def count(path: Path) -> int:
    with open_store(f"sqlite:///{path}") as store:
        return sum(int(row.values["n"] or 0) for row in store.query(COUNT))


@pytest.mark.parametrize("also_log", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_what_was_written_to_a_removed_file_is_not_confirmed_and_the_next_write_opens_a_new_one(
    tmp_path: Path, also_log: bool, first: bool
) -> None:
    path = tmp_path / "store.sqlite"
    removed = path if first else beside(path)
    with open_store(f"sqlite:///{path}") as store:
        store.write([radio(1)])
        for file in [removed, *(tmp_path.glob(f"{removed.name}-*") if also_log else [])]:
            file.unlink()
        with pytest.raises(Unavailable, match=r"store\.sqlite"):
            store.write([radio(2)])
        assert [] == store.write([radio(2)])
        # The readings lie beside the first file: with that one alone none of them is gone.
        left = 2 if first else 1
        assert [Row({}, None, {"n": left})] == store.query(COUNT)
    assert left == count(path)


def test_a_log_that_was_removed_alone_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.write([radio(1)])
        beside(path).with_name(f"{beside(path).name}-wal").unlink()
        with pytest.raises(Unavailable, match="-wal"):
            store.write([radio(2)])
        assert [] == store.write([radio(2)])
    assert 2 == count(path)


def test_a_restored_backup_is_written_to_and_read_by_programs_that_had_the_old_file_open(
    tmp_path: Path,
) -> None:
    path, backup = tmp_path / "store.sqlite", tmp_path / "backup.sqlite"
    with open_store(f"sqlite:///{backup}") as store:
        store.write([radio(1)])
    url = f"sqlite:///{path}"
    with open_store(url) as ingest, open_store(url) as board:
        ingest.write([radio(number) for number in range(2, 6)])
        before = board.query(COUNT)
        beside(backup).rename(beside(path))
        after = board.query(COUNT)
        with pytest.raises(Unavailable):
            ingest.write([radio(6)])
        # A series that only the old file had is made anew, not written under the old file's number for it.
        assert [] == ingest.write([radio(6), radio(2)])
        last = board.query(COUNT)
    assert ([4], [1], [3]) == tuple([row.values["n"] for row in rows] for rows in (before, after, last))


def test_a_backup_put_into_the_very_same_file_leaves_no_reading_without_its_series(tmp_path: Path) -> None:
    path, backup = tmp_path / "store.sqlite", tmp_path / "backup.sqlite"
    with open_store(f"sqlite:///{backup}") as store:
        store.write([radio(1)])
    with open_store(f"sqlite:///{path}") as store:
        store.write([radio(1), radio(2)])
        with (
            closing(sqlite3.connect(beside(backup))) as source,
            closing(sqlite3.connect(beside(path))) as target,
        ):
            source.backup(target)
        store.write([radio(2)])
        assert [Row({}, None, {"n": 2})] == store.query(COUNT)


def test_threads_write_in_turn_and_read_beside(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()

        def work(worker: int) -> None:
            for number in range(20):
                store.write([radio(worker * 100 + number + 1)])
                store.query(COUNT)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [Row({}, None, {"n": 80})] == store.query(COUNT)


@pytest.mark.parametrize("select", [Select("utilisation_pct"), Select("utilisation_pct", "mean")])
@pytest.mark.parametrize("grouped", [(), ("ap",)])
def test_a_question_about_an_hour_finds_its_rows_without_reading_the_others(
    tmp_path: Path, select: Select, grouped: tuple[str, ...]
) -> None:
    asked = Query(
        measurement=Radio.measurement,
        select=(select,),
        group_by=grouped,
        where=(Condition("school", "=", GATEWAY.school), Condition("band", "=", "5")),
        since=1_790_000_000_000,
        until=1_790_003_600_000,
    )
    with open_store(f"sqlite:///{tmp_path}/plan.sqlite") as store:
        store.write([to_point(GATEWAY, "e" * 16, 1, Radio(time=1_790_000_000_000, ap="A", radio="0"))])
    sql, parameters = compile_sql(asked)
    with closing(sqlite3.connect(beside(tmp_path / "plan.sqlite"))) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert "SEARCH p USING PRIMARY KEY (series=? AND time>? AND time<?)" in plan
