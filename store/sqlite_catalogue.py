"""What the first file of a store knows of the others: which there are, and since when there are classes."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from contract import Kept, Measurement
from store.sqlite_file import LAYOUT, SqliteFile, has_points

# How the tables of a file are called that were there before there were classes.
BEFORE = "before_"
FileState = Literal["there", "expired"]

_TABLES = (
    "CREATE TABLE IF NOT EXISTS campus_files (name TEXT PRIMARY KEY, state TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS campus_classes "
    "(measurement TEXT PRIMARY KEY, kept TEXT NOT NULL, before_ms INTEGER NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """files: by their names beside the first one's. before_ms: by measurement, up to when its points are in
    the first file; 0 where none is. old: the same measurements by class.
    """

    files: dict[str, str] = field(default_factory=dict)
    before_ms: dict[str, int] = field(default_factory=dict)
    old: dict[str, list[str]] = field(default_factory=dict)


def read_catalogue(main: SqliteFile) -> Catalogue:
    """What the file says now; it is not made by asking."""
    if not main.path.exists():
        return Catalogue()
    found = Catalogue(dict(main.ask("SELECT name, state FROM campus_files")))
    for measurement, kept, before_ms in main.ask("SELECT measurement, kept, before_ms FROM campus_classes"):
        found.before_ms[measurement] = before_ms
        if before_ms:
            found.old.setdefault(kept, []).append(measurement)
    return found


def set_state(name: str, state: FileState) -> Callable[[sqlite3.Connection], None]:
    """Note what has become of a file; what has expired is never there again."""
    otherwise = "REPLACE" if state == "expired" else "IGNORE"

    def change(connection: sqlite3.Connection) -> None:
        _make_tables(connection)
        connection.execute(f"INSERT OR {otherwise} INTO campus_files VALUES (?, ?)", (name, state))

    return change


def forget(name: str) -> Callable[[sqlite3.Connection], None]:
    """Take a file off the list that somebody has removed."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM campus_files WHERE name = ?", (name,))

    return change


def begin_classes(measurement: Measurement) -> Callable[[sqlite3.Connection], None]:
    """From now on points of a measurement go to files of their class; what is there already stays here.

    What is left under its name is a table without columns of points, so that a program of a version that
    knows no classes fails instead of finding nothing.
    """
    name, kept = measurement.name, measurement.kept

    def change(connection: sqlite3.Connection) -> None:
        _make_tables(connection)
        known = connection.execute("SELECT 1 FROM campus_classes WHERE measurement = ?", (name,)).fetchone()
        if known is None:
            before_ms = _set_aside(connection, name) if has_points(connection, name) else 0
            connection.execute("INSERT INTO campus_classes VALUES (?, ?, ?)", (name, kept, before_ms))
            connection.execute(f'CREATE TABLE IF NOT EXISTS "{name}" (needs_a_newer_version INTEGER)')

    return change


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _set_aside(connection: sqlite3.Connection, name: str) -> int:
    """The moment after the newest point that is there, found without reading them all."""
    (newest,) = connection.execute(
        f'SELECT max((SELECT max(time) FROM "{name}" p WHERE p.series = s.id)) FROM "{name}_series" s'
    ).fetchone()
    connection.execute(f'ALTER TABLE "{name}" RENAME TO "{BEFORE}{name}"')
    connection.execute(f'ALTER TABLE "{name}_series" RENAME TO "{BEFORE}{name}_series"')
    return 0 if newest is None else int(newest) + 1


def kept_classes(catalogue: Catalogue, kept: Kept) -> list[str]:
    """Measurements of a class of which the first file has points."""
    return sorted(catalogue.old.get(kept, []))
