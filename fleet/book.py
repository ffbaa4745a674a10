"""The book: every version of every gateway's wanted settings, in a file beside the authority's register."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract import Address
from runtime.errors import UserError, told_as
from runtime.language import Text
from runtime.transaction import transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS version (
    school TEXT NOT NULL, gateway TEXT NOT NULL, number INTEGER NOT NULL, district TEXT NOT NULL,
    release INTEGER NOT NULL, made_ms INTEGER NOT NULL, who TEXT NOT NULL, settings TEXT, files TEXT NOT NULL,
    sha256 TEXT NOT NULL, software TEXT, sent_ms INTEGER, PRIMARY KEY (school, gateway, number)
) WITHOUT ROWID;
"""

# Old versions stay for ever, with their lists: they are read only where they are asked for.
_NEWEST = """
SELECT * FROM version AS one WHERE number = (
    SELECT MAX(number) FROM version WHERE school = one.school AND gateway = one.gateway
) ORDER BY school, gateway
"""
_NEWEST_SENT = """
SELECT * FROM version AS one WHERE number = (
    SELECT MAX(number) FROM version
    WHERE school = one.school AND gateway = one.gateway AND sent_ms IS NOT NULL
) ORDER BY school, gateway
"""
_OF = "SELECT * FROM version WHERE school = ? AND gateway = ? ORDER BY number"


class BookError(UserError):
    """The book cannot be read or written now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version for one gateway. sent_ms None: a draft, which nobody was told of.

    release: the campaign that it belongs to; versions of one release are sent in stages.
    """

    address: Address
    number: int
    release: int
    made_ms: int
    who: str
    settings: str | None
    files: Mapping[str, str] = field(default_factory=dict)
    sha256: str
    software: str | None = None
    sent_ms: int | None = None


class Book:
    """Every method belongs inside `with book.changing()`: one transaction. Raises BookError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _errors(path):
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All or nothing, and nobody else meanwhile."""
        with _errors(self._path), transaction(self._connection):
            yield

    def newest(self) -> dict[tuple[str, str], Version]:
        """The newest version of every gateway, draft or not, by school and name."""
        return _by_place(self._connection.execute(_NEWEST))

    def sent(self) -> dict[tuple[str, str], Version]:
        """The newest version of every gateway that was sent."""
        return _by_place(self._connection.execute(_NEWEST_SENT))

    def of(self, school: str, gateway: str) -> list[Version]:
        """All versions of one gateway, the newest last."""
        rows = self._connection.execute(_OF, (school, gateway))
        return [_version(row) for row in rows]

    def open_release(self) -> int:
        """The release that new drafts belong to: the last one as long as some of it was not sent."""
        found = self._connection.execute("SELECT COALESCE(MAX(release), 0) FROM version").fetchone()
        last = int(found[0])
        drafts = self._connection.execute(
            "SELECT 1 FROM version WHERE release = ? AND sent_ms IS NULL LIMIT 1", (last,)
        ).fetchone()
        return last if drafts else last + 1

    def put(self, version: Version) -> None:
        """A draft takes the place of one that was not sent yet."""
        where = (version.address.school, version.address.gateway)
        self._connection.execute(
            "DELETE FROM version WHERE school = ? AND gateway = ? AND sent_ms IS NULL", where
        )
        self._connection.execute(
            "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *where,
                version.number,
                version.address.district,
                version.release,
                version.made_ms,
                version.who,
                version.settings,
                json.dumps(dict(version.files), ensure_ascii=False),
                version.sha256,
                version.software,
                version.sent_ms,
            ),
        )

    def drop_draft(self, school: str, gateway: str) -> bool:
        """Whether there was one."""
        done = self._connection.execute(
            "DELETE FROM version WHERE school = ? AND gateway = ? AND sent_ms IS NULL", (school, gateway)
        )
        return done.rowcount > 0


def _by_place(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], Version]:
    versions = map(_version, rows)
    return {(version.address.school, version.address.gateway): version for version in versions}


def _version(
    row: tuple[str, str, int, str, int, int, str, str | None, str, str, str | None, int | None],
) -> Version:
    return Version(
        address=Address(row[3], row[0], row[1]),
        number=row[2],
        release=row[4],
        made_ms=row[5],
        who=row[6],
        settings=row[7],
        files=json.loads(row[8]),
        sha256=row[9],
        software=row[10],
        sent_ms=row[11],
    )


def _errors(path: Path) -> AbstractContextManager[None]:
    return told_as(BookError, Text("下发账册", "fleet's book"), path)
