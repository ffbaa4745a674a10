"""A change that goes wrong leaves nothing of itself, says why, and stands in nobody's way."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.transaction import transaction

_SCHEMA = """
CREATE TABLE school (code TEXT PRIMARY KEY);
CREATE TABLE gateway (school TEXT REFERENCES school (code) DEFERRABLE INITIALLY DEFERRED);
"""
_PAGES_MORE = 3
_MORE_THAN_FITS = 100_000


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "book.sqlite", timeout=0, isolation_level=None)
    opened.execute("PRAGMA foreign_keys = ON")
    opened.executescript(_SCHEMA)
    yield opened
    opened.close()


def add(connection: sqlite3.Connection, code: str) -> None:
    connection.execute("INSERT INTO school VALUES (?)", (code,))


def fill(connection: sqlite3.Connection, *codes: str) -> None:
    for code in codes:
        add(connection, code)


def schools(connection: sqlite3.Connection) -> list[str]:
    return [code for (code,) in connection.execute("SELECT code FROM school ORDER BY code")]


def test_all_of_a_change_is_there_or_nothing(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        add(connection, "1")
        add(connection, "2")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), transaction(connection):
        fill(connection, "3", "1")
    assert ["1", "2"] == schools(connection)


def test_nobody_else_changes_anything_meanwhile(connection: sqlite3.Connection, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "book.sqlite", timeout=0, isolation_level=None)
    with transaction(connection), pytest.raises(sqlite3.OperationalError, match="locked"):
        add(other, "1")
    add(other, "1")
    other.close()
    assert ["1"] == schools(connection)


def test_a_full_disk_is_what_is_said_and_with_room_it_goes_on(connection: sqlite3.Connection) -> None:
    """SQLite has ended the change by itself then."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + _PAGES_MORE}")
    with pytest.raises(sqlite3.OperationalError) as raised, transaction(connection):
        fill(connection, "1", "2" * _MORE_THAN_FITS)
    connection.execute(f"PRAGMA max_page_count = {pages * 100}")
    with transaction(connection):
        add(connection, "3")
    assert (sqlite3.SQLITE_FULL, ["3"]) == (raised.value.sqlite_errorcode, schools(connection))


def test_what_cannot_be_committed_is_taken_back(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), transaction(connection):
        connection.execute("INSERT INTO gateway VALUES ('9')")
    with transaction(connection):
        add(connection, "1")
    assert (["1"], 0) == (
        schools(connection),
        connection.execute("SELECT COUNT(*) FROM gateway").fetchone()[0],
    )
