"""The spool: every batch of readings, on disk from before it is first sent until the store has it.

What holds after every commit, also after a power cut: produced = acknowledged + pending + dropped.
"""

import logging
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from contract import Account, Packed, Reading, pack, seal, utc_text
from runtime import ConfigError
from runtime.errors import sqlite_reason
from runtime.language import Text

log = logging.getLogger(__name__)

# These carry the time a file gives, and a handset may export the same walk twice. All other readings
# carry the gateway's clock, which gives the same identity again only if it is stepped back and a later
# round then falls on the very millisecond of an earlier one (about 1 in 60,000 rounds while it catches
# up). The store then holds one row where the account counts two: an alarm too many, never a loss. To
# rule it out would cost a row on disk for every reading ever made.
_TIMED_BY_FILE = frozenset({"signal_sample"})

_SCHEMA = """
create table if not exists meta (key text primary key, value) without rowid;
create table if not exists batch (
    seq integer primary key autoincrement, -- never used twice, also when the table has been emptied
    made_ms integer not null,
    readings integer not null,
    bytes integer not null,
    payload blob not null
);
-- Covers what is asked all the time, so that the payloads stay on disk.
create index if not exists batch_age on batch (made_ms, readings, bytes);
create table if not exists note (key text primary key, value text not null) without rowid;
create table if not exists imported (identity blob primary key) without rowid;
insert or ignore into meta values ('produced', 0), ('acknowledged', 0), ('dropped', 0);
"""
_BY_SEQ = "delete from batch where seq between ? and ? returning readings, bytes"
_BY_AGE = "delete from batch where made_ms < ? returning readings, bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that waits: its number, and when it was put into the spool."""

    seq: int
    made_ms: int


class Spool:
    """One spool file. It belongs to one process; a second one is refused."""

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = 200 * 1024**2,
        max_age_ms: int = 30 * 86_400_000,
        batch_max_readings: int = 500,
    ) -> None:
        """Open or create the file; a damaged one is moved aside. Raises ConfigError if it cannot be used."""
        self._max_bytes = max_bytes
        self._max_age_ms = max_age_ms
        self._batch_max_readings = batch_max_readings
        self._db = _open(path)
        self.epoch: str = self._meta("epoch")
        (self._bytes,) = self._db.execute("select coalesce(sum(bytes), 0) from batch").fetchone()

    def append(
        self, readings: Iterable[Reading], *, now_ms: int, notes: Mapping[str, str] | None = None
    ) -> list[int]:
        """Commit readings, and what their collector wants to remember with them; gives the batch numbers.

        Of readings with the same identity the last is kept. Raises sqlite3.Error, with nothing kept.
        """
        with self._transaction():
            kept = self._not_yet_imported(_last_of_each(readings))
            seqs = [self._insert(now_ms, packed) for packed in pack(kept, most=self._batch_max_readings)]
            self._add("produced", len(kept))
            self._db.executemany("insert or replace into note values (?, ?)", (notes or {}).items())
            self._shrink(now_ms)
        return seqs

    def acknowledge(self, epoch: str, ranges: Iterable[tuple[int, int]]) -> int:
        """Delete what the store has; gives the number of readings. Another epoch's numbers mean nothing."""
        if epoch != self.epoch:
            return 0
        # A power cut may undo this: the batches are then sent, stored and acknowledged once more. So it
        # need not wait for the disk, which wears a gateway's flash out.
        self._db.execute("pragma synchronous = normal")
        try:
            with self._transaction():
                readings = sum(self._delete(_BY_SEQ, span) for span in ranges)
                self._add("acknowledged", readings)
        finally:
            self._db.execute("pragma synchronous = full")
        return readings

    def account(self) -> Account:
        """What became of every reading since the spool was made."""
        pending, oldest = self._db.execute(
            "select coalesce(sum(readings), 0), min(made_ms) from batch"
        ).fetchone()
        return Account(
            epoch=self.epoch,
            last_seq=self.last_seq,
            produced=self._number("produced"),
            acknowledged=self._number("acknowledged"),
            pending=pending,
            dropped=self._number("dropped"),
            oldest_pending=None if oldest is None else utc_text(oldest),
        )

    @property
    def last_seq(self) -> int:
        """The newest batch number given, 0 before the first."""
        row = self._db.execute("select seq from sqlite_sequence where name = 'batch'").fetchone()
        return int(row[0]) if row else 0

    def oldest(self, limit: int) -> Sequence[Batch]:
        """The oldest batches that wait, oldest first."""
        rows = self._db.execute("select seq, made_ms from batch order by seq limit ?", (limit,))
        return [Batch(seq=seq, made_ms=made_ms) for seq, made_ms in rows]

    def newest(self, limit: int) -> Sequence[Batch]:
        """The newest batches that wait, newest first."""
        rows = self._db.execute("select seq, made_ms from batch order by seq desc limit ?", (limit,))
        return [Batch(seq=seq, made_ms=made_ms) for seq, made_ms in rows]

    def envelope(self, seq: int, *, sent_ms: int) -> bytes | None:
        """The message for one batch (contract.Envelope), None where it no longer waits."""
        row = self._db.execute("select payload from batch where seq = ?", (seq,)).fetchone()
        return None if row is None else seal(self.epoch, seq, bytes(row[0]), sent_ms=sent_ms)

    def recall(self, key: str) -> str | None:
        """What a collector wanted to remember."""
        row = self._db.execute("select value from note where key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        self._db.close()

    def _not_yet_imported(self, readings: list[Reading]) -> list[Reading]:
        kept = []
        for reading in readings:
            if reading.measurement.name in _TIMED_BY_FILE:
                cursor = self._db.execute(
                    "insert or ignore into imported values (?)", (_digest(_identity(reading)),)
                )
                if not cursor.rowcount:
                    continue
            kept.append(reading)
        return kept

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = self._bytes
        try:
            with self._db:
                self._db.execute("begin immediate")
                yield
        except BaseException:
            self._bytes = before
            raise

    def _insert(self, made_ms: int, packed: Packed) -> int:
        self._bytes += len(packed.body)
        (seq,) = self._db.execute(
            "insert into batch (made_ms, readings, bytes, payload) values (?, ?, ?, ?) returning seq",
            (made_ms, packed.readings, len(packed.body), packed.body),
        ).fetchone()
        return int(seq)

    def _shrink(self, now_ms: int) -> int:
        """Drop the oldest batches beyond the bounds of age and size."""
        dropped = self._delete(_BY_AGE, (now_ms - self._max_age_ms,))
        if (excess := self._bytes - self._max_bytes) > 0:
            for seq, length in self._db.execute("select seq, bytes from batch order by seq"):
                excess -= length
                if excess <= 0:
                    dropped += self._delete(_BY_SEQ, (0, seq))
                    break
        if dropped:
            self._add("dropped", dropped)
            log.warning("spool is beyond its bounds: the oldest %d readings were given up", dropped)
        return dropped

    def _delete(self, statement: str, values: tuple[int, ...]) -> int:
        rows = self._db.execute(statement, values).fetchall()
        self._bytes -= sum(length for _, length in rows)
        return sum(readings for readings, _ in rows)

    def _add(self, counter: str, number: int) -> None:
        self._db.execute("update meta set value = value + ? where key = ?", (number, counter))

    def _number(self, key: str) -> int:
        return int(self._meta(key))

    def _meta(self, key: str) -> str:
        (value,) = self._db.execute("select value from meta where key = ?", (key,)).fetchone()
        return str(value)


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise ConfigError(_unusable(path, error)) from error
        reason = str(error)
    aside = _move_aside(path)
    log.error("spool %s is damaged (%s): moved to %s, starting a new one", path, reason, aside)
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        raise ConfigError(_unusable(path, error)) from error


def _unusable(path: Path, error: sqlite3.DatabaseError) -> Text:
    if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
        return Text(
            f"缓存 {path} 正被另一个进程使用，每个网关须用各自的缓存",
            f"spool {path} is in use by another process; every gateway needs its own",
        )
    why = sqlite_reason(error)
    return Text(f"无法使用缓存 {path}：{why.zh}", f"cannot use the spool {path}: {why.en}")


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=2)
    try:
        # Exclusive: two gateways on one spool would send everything twice and count neither right.
        db.execute("pragma locking_mode = exclusive")
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        (verdict,) = db.execute("pragma quick_check(1)").fetchone()
        if verdict != "ok":
            damage = sqlite3.DatabaseError(verdict)
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        db.executescript(_SCHEMA)
        db.execute("insert or ignore into meta values ('epoch', ?)", (secrets.token_hex(8),))
    except BaseException:
        db.close()
        raise
    return db


def _move_aside(path: Path) -> Path:
    """Give the damaged file, and its write-ahead log, a name that is free."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _identity(reading: Reading) -> tuple[str, int, tuple[str, ...]]:
    own = reading.measurement.tag_names
    return (
        reading.measurement.name,
        reading.time,
        tuple(getattr(reading, name) for name in own if name in type(reading).model_fields),
    )


def _digest(identity: tuple[str, int, tuple[str, ...]]) -> bytes:
    return blake2b(repr(identity).encode(), digest_size=16).digest()


def _last_of_each(readings: Iterable[Reading]) -> list[Reading]:
    return list({_identity(reading): reading for reading in readings}.values())
