"""Quarantine: what could not be read or stored, as it came, with the reason; listable and replayable."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import Address
from runtime import UserError
from runtime.errors import os_reason, sqlite_reason
from runtime.language import Text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id TEXT PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    district TEXT, school TEXT, gateway TEXT, epoch TEXT, seq INTEGER,
    readings INTEGER NOT NULL,
    reason TEXT NOT NULL,
    payload BLOB NOT NULL
) WITHOUT ROWID
"""

_INSERT = "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

_HELD = (
    "SELECT id, readings FROM entry "
    "WHERE district = ? AND school = ? AND gateway = ? AND epoch = ? AND seq <= ?"
)
_SEQS = (
    "SELECT DISTINCT seq FROM entry WHERE district = ? AND school = ? AND gateway = ? AND epoch = ? "
    "AND seq IS NOT NULL"
)


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


def identity(topic: str, *parts: bytes) -> str:
    """The id of an entry: the same thing received twice has the same id."""
    return hashlib.sha256(b"\0".join((topic.encode(), *parts))).hexdigest()[:16]


class Quarantine:
    """A SQLite file; adding the same thing twice keeps it once. Its methods may be called from any thread."""

    def __init__(self, path: Path, *, max_bytes: int = 1 << 30) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        with _errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_SCHEMA)

    def add(self, entries: Sequence[Entry]) -> list[Entry]:
        """Keep entries durably; gives those for which there was no room. Raises QuarantineError."""
        if not entries:
            return []
        left_out: list[Entry] = []
        with _errors(self.path), self._lock:
            room = self._max_bytes - self._size()
            rows = []
            for entry in entries:
                if self._has(entry):
                    continue  # sent again: what is there already needs no room
                room -= len(entry.payload)
                if room < 0:
                    left_out.append(entry)
                else:
                    rows.append(_row(entry))
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, rows)
            self._connection.execute("COMMIT")
        return left_out

    def entries(self, *, ids: Iterable[str] = ()) -> list[Entry]:
        """Oldest first; all of them, or those whose id begins with one of `ids`."""
        wanted = tuple(ids)
        with _errors(self.path), self._lock:
            rows = self._connection.execute("SELECT * FROM entry ORDER BY received_ms, id").fetchall()
        return [_entry(row) for row in rows if not wanted or row[0].startswith(wanted)]

    def replace(self, entry: Entry, stays: Iterable[Entry]) -> None:
        """Forget an entry, after the store has what it holds, but for what `stays`."""
        with _errors(self.path), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("DELETE FROM entry WHERE id = ?", (entry.id,))
            self._connection.executemany(_INSERT, [_row(other) for other in stays])
            self._connection.execute("COMMIT")

    def held(self, address: Address, epoch: str, *, through_seq: int) -> dict[str, int]:
        """Readings set aside of one epoch, of batches up to and including `through_seq`, by entry."""
        with _errors(self.path), self._lock:
            values = (*_of_epoch(address, epoch), through_seq)
            rows = self._connection.execute(_HELD, values).fetchall()
        return dict(rows)

    def seqs(self, address: Address, epoch: str) -> set[int]:
        """The batches of one epoch of which something is set aside."""
        with _errors(self.path), self._lock:
            rows = self._connection.execute(_SEQS, _of_epoch(address, epoch)).fetchall()
        return {int(seq) for (seq,) in rows}

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _has(self, entry: Entry) -> bool:
        found = self._connection.execute("SELECT 1 FROM entry WHERE id = ?", (entry.id,))
        return found.fetchone() is not None

    def _size(self) -> int:
        row = self._connection.execute("SELECT coalesce(sum(length(payload)), 0) FROM entry").fetchone()
        return int(row[0])


def _of_epoch(address: Address, epoch: str) -> tuple[str, str, str, str]:
    return address.district, address.school, address.gateway, epoch


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


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = os_reason(error)
        raise QuarantineError(Text(f"隔离区 {path}：{why.zh}", f"quarantine {path}: {why.en}")) from error
    except sqlite3.Error as error:
        why = sqlite_reason(error)
        raise QuarantineError(Text(f"隔离区 {path}：{why.zh}", f"quarantine {path}: {why.en}")) from error
