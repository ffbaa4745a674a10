"""Quarantine: what could not be read or stored, as it came, with the reason; listable and replayable."""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import Address
from runtime import UserError
from runtime.errors import told_as
from runtime.language import Text
from runtime.open_database import OpenDatabase
from runtime.transaction import transaction

log = logging.getLogger("ingest.quarantine")

# `used` is kept by the file itself, so that several programs may change it and none need read it whole.
# Of what was discarded it stays known how many readings it was, or the account would call them lost.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id TEXT PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    district TEXT, school TEXT, gateway TEXT, epoch TEXT, seq INTEGER,
    readings INTEGER NOT NULL,
    reason TEXT NOT NULL,
    payload BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_of_batch ON entry (epoch, seq);
CREATE TABLE IF NOT EXISTS discarded (
    id TEXT PRIMARY KEY,
    discarded_ms INTEGER NOT NULL,
    why TEXT NOT NULL,
    topic TEXT NOT NULL,
    district TEXT, school TEXT, gateway TEXT, epoch TEXT, seq INTEGER,
    readings INTEGER NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (school TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entry BEGIN
    INSERT INTO used VALUES (coalesce(new.school, ''), length(new.payload))
    ON CONFLICT (school) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER IF NOT EXISTS entry_removed AFTER DELETE ON entry BEGIN
    UPDATE used SET bytes = bytes - length(old.payload) WHERE school = coalesce(old.school, '');
END;
"""
# What this version makes of a file; one of a later version may mean something else.
LAYOUT = 1
_COUNT_ALL = """
INSERT INTO used SELECT coalesce(school, ''), sum(length(payload)) FROM entry GROUP BY 1
"""
_INSERT = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DISCARD = (
    "INSERT OR REPLACE INTO discarded SELECT id, ?, ?, topic, district, school, gateway, epoch, seq, "
    "readings, reason FROM entry WHERE id = ?"
)
_LISTED = (
    "SELECT id, received_ms, topic, district, school, gateway, epoch, seq, readings, reason, x'' "
    "FROM entry ORDER BY received_ms, id"
)
_DISCARDED = "SELECT id, discarded_ms, why, topic, readings, reason FROM discarded ORDER BY discarded_ms, id"
_OF_EPOCH = (
    "SELECT {columns} FROM {table} "
    "WHERE district = ? AND school = ? AND gateway = ? AND epoch = ? AND seq <= ?"
)
_OF_BATCH = "SELECT id FROM entry WHERE epoch = ? AND seq = ? AND district = ? AND school = ? AND gateway = ?"
_TABLES = ("entry", "discarded")
_MARK = "SELECT school, bytes FROM used ORDER BY school"
# The reason is that of the newest: SQLite gives the row in which max() was found.
_STANDINGS = (
    "SELECT coalesce(district, ''), coalesce(school, ''), coalesce(gateway, ''), count(*), sum(readings), "
    "max(received_ms), reason FROM entry GROUP BY 1, 2, 3"
)


# A batch of a gateway's spool: address, epoch and number.
BatchName = tuple[Address, str, int]


class QuarantineError(UserError):
    """The quarantine cannot be written now: nothing of the batch may be acknowledged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing set aside. `payload` is a message that can be decoded again once the cause is mended.

    `readings` is how many readings it certainly holds: 0 where the message could not be read at all.
    """

    id: str
    topic: str
    payload: bytes
    reason: str
    received_ms: int
    readings: int = 0
    address: Address | None = None
    epoch: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in quarantine of one gateway; the names are empty where it cannot be told."""

    district: str
    school: str
    gateway: str
    entries: int
    readings: int
    newest_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """One entry that somebody decided to throw away."""

    id: str
    discarded_ms: int
    why: str
    topic: str
    readings: int
    reason: str


def identity(topic: str, *parts: bytes) -> str:
    """The id of an entry: the same thing received twice has the same id."""
    return hashlib.sha256(b"\0".join((topic.encode(), *parts))).hexdigest()[:16]


class Quarantine:
    """A SQLite file; adding the same thing twice keeps it once. Its methods may be called from any thread.

    It takes at most `max_bytes`, and of one school at most `school_bytes`.
    """

    def __init__(self, path: Path, *, max_bytes: int = 1 << 30, school_bytes: int | None = None) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._school_bytes = max_bytes if school_bytes is None else school_bytes
        self._lock = threading.Lock()
        with _errors(path):
            self._open()

    def add(self, entries: Sequence[Entry], *, whole: Collection[BatchName] = ()) -> list[Entry]:
        """Keep entries durably; gives those for which there was no room. Raises QuarantineError.

        `whole`: batches whose every reading is in the store by now or among the entries. What stands here of
        them from an earlier time, as when a clock was ahead, would be counted twice: it goes.
        """
        if not entries and not (whole and self._holds_any()):
            return []
        left_out: list[Entry] = []
        with self._transaction():
            used = dict(self._connection.execute("SELECT school, bytes FROM used"))
            room = self._max_bytes - sum(used.values())
            for entry in {entry.id: entry for entry in entries}.values():
                if self._has(entry):
                    continue  # sent again: what is there already needs no room
                school = entry.address.school if entry.address else ""
                size = len(entry.payload)
                if size > room or used.get(school, 0) + size > self._school_bytes:
                    left_out.append(entry)
                    continue
                room -= size
                used[school] = used.get(school, 0) + size
                self._connection.execute(_INSERT, _row(entry))
            self._let_go(whole, entries, left_out)
        return left_out

    def listed(self) -> list[Entry]:
        """Oldest first, without their payloads, which may be a gigabyte."""
        with self._reading():
            rows = self._connection.execute(_LISTED).fetchall()
        return [_entry(row) for row in rows]

    def mark(self) -> object:
        """Something that is another where the entries are others; cheap, however many there are."""
        with self._reading():
            return tuple(self._connection.execute(_MARK).fetchall())

    def standings(self) -> list[Standing]:
        """How much stands here, by gateway."""
        with self._reading():
            return [Standing(*row) for row in self._connection.execute(_STANDINGS)]

    def whole(self, entry: Entry) -> Entry | None:
        """An entry with its payload; None where it is not there any more."""
        with self._reading():
            row = self._connection.execute("SELECT * FROM entry WHERE id = ?", (entry.id,)).fetchone()
        return _entry(row) if row else None

    def entries(self, *, ids: Iterable[str] = ()) -> list[Entry]:
        """Oldest first, with their payloads; all of them, or those whose id begins with one of `ids`."""
        wanted = tuple(ids)
        found = (self.whole(entry) for entry in self.listed() if not wanted or entry.id.startswith(wanted))
        return [entry for entry in found if entry]

    def discarded(self) -> list[Discarded]:
        """What was thrown away, and why, oldest decision first."""
        with self._reading():
            rows = self._connection.execute(_DISCARDED).fetchall()
        return [Discarded(*row) for row in rows]

    def replace(self, entry: Entry, stays: Iterable[Entry]) -> None:
        """Forget an entry, after the store has what it holds, but for what `stays`."""
        with self._transaction():
            self._connection.execute("DELETE FROM entry WHERE id = ?", (entry.id,))
            self._connection.executemany(_INSERT, [_row(other) for other in stays if not self._has(other)])

    def discard(self, entries: Iterable[Entry], *, why: str, now_ms: int) -> None:
        """Throw entries away for good, on somebody's decision; their readings stay counted."""
        with self._transaction():
            for entry in entries:
                self._connection.execute(_DISCARD, (now_ms, why, entry.id))
                self._connection.execute("DELETE FROM entry WHERE id = ?", (entry.id,))

    def held(self, address: Address, epoch: str, *, through_seq: int) -> dict[str, int]:
        """Readings set aside of one epoch, of batches up to and including `through_seq`, by entry.

        Those that were discarded on purpose are among them.
        """
        values = (address.district, address.school, address.gateway, epoch, through_seq)
        found: dict[str, int] = {}
        with self._reading():
            for table in _TABLES:
                found |= dict(
                    self._connection.execute(_OF_EPOCH.format(columns="id, readings", table=table), values)
                )
        return found

    def seqs(self, address: Address, epoch: str) -> set[int]:
        """The batches of one epoch of which something is set aside, or was discarded on purpose."""
        found: set[int] = set()
        with self._reading():
            for table in _TABLES:
                statement = _OF_EPOCH.format(columns="seq", table=table)
                values = (address.district, address.school, address.gateway, epoch, 2**63 - 1)
                found |= {int(seq) for (seq,) in self._connection.execute(statement, values)}
        return found

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = OpenDatabase(self.path)
        self._connection = sqlite3.connect(
            self.path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._know_layout()
        counted = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'used'").fetchone()
        self._connection.executescript(_SCHEMA)
        if counted is None:
            self._connection.execute(_COUNT_ALL)
        self._file.problem()  # takes up what opening has made

    def _know_layout(self) -> None:
        """A file of a later version is left as it is. Raises QuarantineError."""
        (layout,) = self._connection.execute("PRAGMA user_version").fetchone()
        if layout > LAYOUT:
            self._connection.close()
            known = f"{layout} > {LAYOUT}"
            raise QuarantineError(
                Text(
                    f"隔离区 {self.path} 由更新的版本写成（布局 {known}）：请用那个版本",
                    f"quarantine {self.path} was made by a newer version (layout {known}): use that one",
                )
            )
        if layout != LAYOUT:
            self._connection.execute(f"PRAGMA user_version = {LAYOUT}")

    def _check(self) -> None:
        """Raises QuarantineError where what was written went, or would go, to no file any more."""
        if problem := self._file.problem():
            log.error("%s; it is opened anew", problem)
            self._connection.close()
            self._file.clear()
            self._open()
            raise QuarantineError(problem)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with _errors(self.path), self._lock:
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _errors(self.path), self._lock:
            self._check()
            with transaction(self._connection):
                yield
            self._check()

    def _let_go(
        self, whole: Iterable[BatchName], entries: Iterable[Entry], left_out: Iterable[Entry]
    ) -> None:
        kept, waiting = {entry.id for entry in entries}, {_batch_of(entry) for entry in left_out}
        for batch in whole:
            if batch in waiting:
                continue  # its gateway is not answered and sends it again
            address, epoch, seq = batch
            values = (epoch, seq, address.district, address.school, address.gateway)
            for (number,) in self._connection.execute(_OF_BATCH, values).fetchall():
                if number not in kept:
                    log.info(
                        "batch %d of %s came again and was read: %s is set aside no more", seq, epoch, number
                    )
                    self._connection.execute("DELETE FROM entry WHERE id = ?", (number,))

    def _holds_any(self) -> bool:
        with self._reading():
            return self._connection.execute("SELECT 1 FROM entry LIMIT 1").fetchone() is not None

    def _has(self, entry: Entry) -> bool:
        found = self._connection.execute("SELECT 1 FROM entry WHERE id = ?", (entry.id,))
        return found.fetchone() is not None


def _batch_of(entry: Entry) -> tuple[Address | None, str | None, int | None]:
    return entry.address, entry.epoch, entry.seq


def _row(entry: Entry) -> tuple[object, ...]:
    place = entry.address
    address = (place.district, place.school, place.gateway) if place else (None, None, None)
    return (
        entry.id,
        entry.received_ms,
        entry.topic,
        *address,
        entry.epoch,
        entry.seq,
        entry.readings,
        entry.reason,
        entry.payload,
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    number, received_ms, topic, district, school, gateway, epoch, seq, readings, reason, payload = row
    return Entry(
        id=number,
        topic=topic,
        payload=payload,
        reason=reason,
        received_ms=received_ms,
        readings=readings,
        address=Address(district, school, gateway) if district else None,
        epoch=epoch,
        seq=seq,
    )


def _errors(path: Path) -> AbstractContextManager[None]:
    return told_as(QuarantineError, Text("隔离区", "quarantine"), path)
