"""What is SQLite's own: files, and programs that read while another writes."""

import sqlite3
from pathlib import Path

import pytest

from contract import Address, Radio, to_point
from store import Condition, Query, Row, Select, Unavailable, open_store

COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))
GATEWAY = Address("120116", "2112000001", "gw-1")


@pytest.mark.usefixtures("in_english")
def test_a_mistyped_path_is_an_error_and_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "typo.sqlite"
    with open_store(f"sqlite:///{path}") as store, pytest.raises(Unavailable, match="there is no such file"):
        store.query(COUNT)
    assert not path.exists()


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
    with sqlite3.connect(path) as connection:
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
    with sqlite3.connect(path) as connection:
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
