"""The spool: every batch of readings, on disk from before it is first sent until the store has it.

What holds after every commit, also after a power cut:
produced = acknowledged + pending + dropped + untaken.
"""

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from contract import Account, Packed, Reading, pack, seal, utc_text
from edge_agent.ballast import Ballast
from edge_agent.spool_file import (
    NOBODY,
    Owner,
    free_bytes,
    is_damage,
    is_full,
    limit_growth,
    move_aside,
    open_file,
    write_back,
)
from edge_agent.tally import Tally
from runtime.open_database import OpenDatabase

log = logging.getLogger(__name__)

# These carry the time a file gives, and a handset may export the same walk twice. All other readings
# carry the gateway's clock, which gives the same identity again only if it is stepped back and a later
# round then falls on the very millisecond of an earlier one (about 1 in 60,000 rounds while it catches
# up). The store then holds one row where the account counts two: an alarm too many, never a loss. To
# rule it out would cost a row on disk for every reading ever made.
_TIMED_BY_FILE = frozenset({"signal_sample"})
# On a full disk so much of what waits is given up at once, or every round would have to.
_GIVE_UP_SHARES = (32, 4)
_GIVE_UP_BYTES = 64 * 1024

_BY_SEQ = "delete from batch where seq between ? and ? returning seq, readings, bytes"
_BY_AGE = "delete from batch where sure = 1 and made_ms < ? returning seq, readings, bytes"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that waits: its number, and when it was put into the spool."""

    seq: int
    made_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gone:
    """Batches that were deleted: the readings of the present epoch among them, and of earlier ones."""

    own: int
    earlier: int


class Spool:
    """One spool file. It belongs to one process of one gateway; a second one is refused."""

    def __init__(
        self,
        path: Path,
        *,
        owner: Owner = NOBODY,
        max_bytes: int = 200 * 1024**2,
        max_age_ms: int = 30 * 86_400_000,
        batch_max_readings: int = 500,
    ) -> None:
        """Open or create the file; a damaged one is moved aside. Raises ConfigError if it cannot be used."""
        self._path = path
        self._owner = owner
        self._max_bytes = max_bytes
        self._max_age_ms = max_age_ms
        self._batch_max_readings = batch_max_readings
        self._ballast = Ballast(path.with_name(f"{path.name}.ballast"), max_bytes=max_bytes)
        self._tally = Tally(path.with_name(f"{path.name}.untaken"))
        self.files_opened = 0
        self._open()

    def append(
        self,
        readings: Iterable[Reading],
        *,
        now_ms: int,
        notes: Mapping[str, str] | None = None,
        sure: bool = False,
    ) -> list[int]:
        """Commit readings, and what their collector wants to remember with them; gives the batch numbers.

        Of readings with the same identity the last is kept. `sure`: the server has confirmed the clock; only
        then age gives anything up. A full disk gives up the oldest. Raises sqlite3.Error, with nothing kept
        and the readings counted as untaken.
        """
        distinct = _last_of_each(readings)

        def commit() -> list[int]:
            with self._transaction():
                kept = self._not_yet_imported(distinct)
                seqs = [
                    self._insert(now_ms, packed, sure) for packed in pack(kept, most=self._batch_max_readings)
                ]
                self._add("produced", len(kept))
                self._keep_tally()
                self._db.executemany("insert or replace into note values (?, ?)", (notes or {}).items())
                self._shrink(now_ms if sure else None)
            return seqs

        try:
            seqs = self._with_room(commit, give_up=True)
        except (sqlite3.Error, OSError):
            # What a file holds is read from it again, so it is not lost.
            lost = sum(reading.measurement.name not in _TIMED_BY_FILE for reading in distinct)
            self._tally.put(self.epoch, self._untaken() + lost)
            raise
        self._ballast.restore()
        return seqs

    def acknowledge(self, epoch: str, ranges: Iterable[tuple[int, int]]) -> int:
        """Delete what the store has; gives the number of readings. Unknown epochs' numbers mean nothing."""
        own = self.of_epoch(epoch, ranges)

        def commit() -> int:
            with self._transaction():
                gone = [self._delete(_BY_SEQ, span) for span in own]
                self._add("acknowledged", sum(part.own for part in gone))
            return sum(part.own + part.earlier for part in gone)

        # A power cut may undo this: the batches are then sent, stored and acknowledged once more. So it
        # need not wait for the disk, which wears a gateway's flash out.
        self._db.execute("pragma synchronous = normal")
        try:
            return self._with_room(commit, give_up=False)
        finally:
            self._db.execute("pragma synchronous = full")

    def of_epoch(self, epoch: str, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """The part of some ranges that was numbered under this epoch: nothing of one that is not ours."""
        found = []
        for first, after, name in self._epochs:
            if name == epoch:
                clipped = ((max(low, first), min(high, after - 1)) for low, high in ranges)
                found += [(low, high) for low, high in clipped if low <= high]
        return found

    def account(self) -> Account:
        """What became of every reading since the present epoch began."""
        first = self._epochs[-1][0]
        pending, waiting, oldest = self._db.execute(
            "select coalesce(sum(readings) filter (where seq >= ?), 0), coalesce(sum(readings), 0), "
            "min(made_ms) from batch",
            (first,),
        ).fetchone()
        untaken = self._untaken()
        return Account(
            epoch=self.epoch,
            last_seq=self.last_seq,
            produced=self._number("produced") + untaken,
            acknowledged=self._number("acknowledged"),
            pending=pending,
            dropped=self._number("dropped"),
            untaken=untaken or None,
            inherited=waiting - pending or None,
            oldest_pending=None if oldest is None else utc_text(oldest),
            spool_max_bytes=self._max_bytes,
            spool_room_bytes=self._room(),
        )

    @property
    def waiting(self) -> int:
        """Readings that wait, of every epoch."""
        (readings,) = self._db.execute("select coalesce(sum(readings), 0) from batch").fetchone()
        return int(readings)

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
        if row is None:
            return None
        epoch = next(name for first, after, name in self._epochs if first <= seq < after)
        return seal(epoch, seq, bytes(row[0]), sent_ms=sent_ms)

    def recall(self, key: str) -> str | None:
        """What a collector wanted to remember."""
        row = self._db.execute("select value from note where key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        self._db.close()

    def _open(self) -> None:
        self._db = open_file(self._path, self._owner, room=self._ballast.size, freed=self._ballast.release)
        self._ballast.restore()
        self.files_opened += 1
        self.epoch: str = self._meta("epoch")
        rows = self._db.execute("select first_seq, id from epoch order by first_seq").fetchall()
        ends = [first for first, _ in rows[1:]] + [2**63]
        self._epochs = [(int(first), end, str(name)) for (first, name), end in zip(rows, ends, strict=True)]
        (self._bytes,) = self._db.execute("select coalesce(sum(bytes), 0) from batch").fetchone()
        self._file = OpenDatabase(self._path)

    def _with_room(self, commit: Callable[[], T], *, give_up: bool) -> T:
        """Commit; on a full disk with the ballast freed and, if need be, the oldest batches given up."""
        self._rescue()
        try:
            limit_growth(self._db, self._path)
            return commit()
        except sqlite3.Error as error:
            if is_damage(error):
                self._begin_anew(error)
                return commit()
            if not is_full(error):
                raise
            log.warning("spool: %s; making room", error)
        self._ballast.release()
        try:
            return self._in_place(commit, give_up=give_up)
        finally:
            self._ballast.restore()

    def _in_place(self, commit: Callable[[], T], *, give_up: bool) -> T:
        """Commit without growing: what is deleted is written over. A large round may need a second try."""
        for share in _GIVE_UP_SHARES:
            write_back(self._db)
            try:
                if give_up:
                    with self._transaction():
                        self._drop(max(self._bytes // share, _GIVE_UP_BYTES))
                    write_back(self._db)
                return commit()
            except sqlite3.OperationalError as error:
                if share == _GIVE_UP_SHARES[-1] or not is_full(error):
                    raise
        raise AssertionError("the last try returns or raises")

    def _begin_anew(self, error: sqlite3.Error) -> None:
        """The file is found damaged in the middle of the work: as at the start, it is moved aside."""
        log.error("spool: %s", error)
        self._db.close()
        self._open()

    def _rescue(self) -> None:
        """Where the file is gone from its place, what is open is all that is left of it: write it anew."""
        problem = self._file.problem()
        if problem is None:
            return
        log.error("spool: %s; writing it again with all that waits", problem)
        if self._file.gone():
            copy = self._path.with_name(f"{self._path.name}.rescued")
            copy.unlink(missing_ok=True)
            self._db.execute("vacuum into ?", (str(copy),))
            self._db.close()
            self._file.clear()
            if self._path.exists():
                log.error("spool: what stood in its place is now %s", move_aside(self._path, "replaced"))
            copy.rename(self._path)
        else:
            self._db.close()  # writes its log back, which is still open, into the file
        self._open()
        self.files_opened -= 1  # the same batches under the same numbers

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

    def _insert(self, made_ms: int, packed: Packed, sure: bool) -> int:
        self._bytes += len(packed.body)
        (seq,) = self._db.execute(
            "insert into batch (made_ms, readings, bytes, payload, sure) values (?, ?, ?, ?, ?) "
            "returning seq",
            (made_ms, packed.readings, len(packed.body), packed.body, sure),
        ).fetchone()
        return int(seq)

    def _shrink(self, now_ms: int | None) -> None:
        """Drop the oldest batches beyond the bounds of age, where the time is certain, and size."""
        if now_ms is not None:
            self._count_dropped([self._delete(_BY_AGE, (now_ms - self._max_age_ms,))])
        if (excess := self._bytes - self._max_bytes) > 0:
            self._drop(excess)

    def _drop(self, excess: int) -> None:
        """Give up the oldest batches that together have so many bytes."""
        last = 0
        for seq, length in self._db.execute("select seq, bytes from batch order by seq"):
            last, excess = seq, excess - length
            if excess <= 0:
                break
        self._count_dropped([self._delete(_BY_SEQ, (0, last))])

    def _count_dropped(self, gone: Collection[_Gone]) -> None:
        own, earlier = sum(part.own for part in gone), sum(part.earlier for part in gone)
        if own or earlier:
            self._add("dropped", own)
            log.warning("spool is beyond its bounds: the oldest %d readings were given up", own + earlier)

    def _delete(self, statement: str, values: tuple[int, ...]) -> _Gone:
        rows = self._db.execute(statement, values).fetchall()
        self._bytes -= sum(length for _, _, length in rows)
        first = self._epochs[-1][0]
        own = sum(readings for seq, readings, _ in rows if seq >= first)
        return _Gone(own=own, earlier=sum(readings for _, readings, _ in rows) - own)

    def _room(self) -> int:
        """How much more may wait: by the settings, and by what file and disk have free."""
        allowed: int = max(0, self._max_bytes - self._bytes)
        free = free_bytes(self._db, self._path)
        return allowed if free is None else min(allowed, free)

    def _untaken(self) -> int:
        return max(self._number("untaken"), self._tally.of(self.epoch))

    def _keep_tally(self) -> None:
        tally = self._tally.of(self.epoch)
        if tally > self._number("untaken"):
            self._db.execute("update meta set value = ? where key = 'untaken'", (tally,))

    def _add(self, counter: str, number: int) -> None:
        self._db.execute("update meta set value = value + ? where key = ?", (number, counter))

    def _number(self, key: str) -> int:
        return int(self._meta(key))

    def _meta(self, key: str) -> str:
        (value,) = self._db.execute("select value from meta where key = ?", (key,)).fetchone()
        return str(value)


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
