"""The spool's file: opened for one gateway alone; set aside where it is damaged or belongs to another."""

import contextlib
import json
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from contract import Address
from edge_agent.machine import another_machine
from runtime import ConfigError
from runtime.errors import sqlite_reason
from runtime.language import Text

log = logging.getLogger(__name__)

_SCHEMA = """
create table if not exists meta (key text primary key, value) without rowid;
create table if not exists batch (
    seq integer primary key autoincrement, -- never used twice, also when the table has been emptied
    made_ms integer not null,
    readings integer not null,
    bytes integer not null,
    payload blob not null,
    sure integer not null default 0 -- whether made_ms comes from a clock that the server confirmed
);
-- Covers what is asked all the time, so that the payloads stay on disk.
create index if not exists batch_age on batch (made_ms, readings, bytes);
-- Batches from first_seq on were made under this identity; the last line is the present one.
create table if not exists epoch (first_seq integer primary key, id text not null);
create table if not exists note (key text primary key, value text not null) without rowid;
create table if not exists imported (identity blob primary key) without rowid;
insert or ignore into meta values ('produced', 0), ('acknowledged', 0), ('dropped', 0), ('untaken', 0);
"""
# What this version makes of a file; one of a later version may mean something else.
LAYOUT = 1
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
# A log this long is written back into the file; on a small disk one that is shorter.
_LOG_PAGES = 256
_PAGE_BYTES = 4096


class Owner(NamedTuple):
    """Whose spool it is. `machine`: numbers burnt into it, none where it has none that can be read."""

    address: Address | None = None
    machine: frozenset[str] = frozenset()


NOBODY = Owner()


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is spoilt."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def is_full(error: sqlite3.Error) -> bool:
    """Whether there was no room: a full disk, or a quota."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL or code in _FULL


def open_file(path: Path, owner: Owner, *, room: int, freed: Callable[[], bool]) -> sqlite3.Connection:
    """Open or create the file. `room` is what can be freed on its disk with `freed`; raises ConfigError."""
    try:
        db = _connect_or_free(path, room, freed)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise ConfigError(_unusable(path, error)) from error
        aside = move_aside(path, "damaged")
        log.error("spool %s is damaged (%s): moved to %s, starting a new one", path, error, aside)
        db = _fresh(path, room)
    if strange := _stranger(db, owner):
        (waiting,) = db.execute("select coalesce(sum(readings), 0) from batch").fetchone()
        db.close()
        aside = move_aside(path, "of-" + strange.replace("/", "-"))
        log.error(
            "spool %s belongs to %s, not to this gateway: moved to %s with %d readings that nobody has "
            "confirmed, starting a new one",
            path,
            strange,
            aside,
            waiting,
        )
        db = _fresh(path, room)
    _take_over(db, path, owner)
    return db


def limit_growth(db: sqlite3.Connection, path: Path) -> None:
    """Let the file grow only so far that its log still finds room, or nothing could be deleted any more."""
    (log_pages,) = db.execute("pragma wal_autocheckpoint").fetchone()
    (pages,) = db.execute("pragma page_count").fetchone()
    disk = os.statvfs(path.parent)
    free = disk.f_bavail * disk.f_frsize - 2 * log_pages * _PAGE_BYTES
    db.execute(f"pragma max_page_count = {pages + max(free, 0) // _PAGE_BYTES}")


def free_bytes(db: sqlite3.Connection, path: Path) -> int | None:
    """What more could be written: free pages of the file, and its disk. None: the disk does not say."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return None
    if not disk.f_blocks:
        return None  # some file systems of a network count nothing
    (pages,) = db.execute("pragma freelist_count").fetchone()
    return int(pages) * _PAGE_BYTES + disk.f_bavail * disk.f_frsize


def write_back(db: sqlite3.Connection) -> None:
    """Write the log back into the file, so that it begins anew, in the room that it has already."""
    with contextlib.suppress(sqlite3.OperationalError):
        db.execute("pragma wal_checkpoint(restart)").fetchall()


def move_aside(path: Path, why: str) -> Path:
    """Give a file, and its write-ahead log, a name that is free."""
    number = 1
    while (aside := path.with_name(f"{path.name}.{why}-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _stranger(db: sqlite3.Connection, owner: Owner) -> str | None:
    """The address that the spool was made for, where it is not ours."""
    row = db.execute("select value from meta where key = 'address'").fetchone()
    return str(row[0]) if row and owner.address and row[0] != _spelt(owner.address) else None


def _take_over(db: sqlite3.Connection, path: Path, owner: Owner) -> None:
    """Note whose it is. On another machine a new epoch begins: what waits is still sent under the old one."""
    row = db.execute("select value from meta where key = 'machine'").fetchone()
    known = frozenset(json.loads(row[0])) if row else frozenset()
    with db:
        db.execute("begin immediate")
        if another_machine(known, owner.machine):
            log.error(
                "spool %s comes from another machine: a new epoch begins; what waits is sent as before", path
            )
            _begin_epoch(db)
        if owner.machine and owner.machine != known:
            values = json.dumps(sorted(owner.machine))
            db.execute("insert or replace into meta values ('machine', ?)", (values,))
        if owner.address:
            db.execute("insert or ignore into meta values ('address', ?)", (_spelt(owner.address),))


def _begin_epoch(db: sqlite3.Connection) -> None:
    epoch = secrets.token_hex(8)
    row = db.execute("select seq from sqlite_sequence where name = 'batch'").fetchone()
    first = int(row[0]) + 1 if row else 1
    db.execute("insert or replace into epoch values (?, ?)", (first, epoch))
    db.execute("insert or replace into meta values ('epoch', ?)", (epoch,))
    db.execute("update meta set value = 0 where key in ('produced', 'acknowledged', 'dropped', 'untaken')")


def _fresh(path: Path, room: int) -> sqlite3.Connection:
    try:
        return _connect(path, room)
    except sqlite3.DatabaseError as error:
        raise ConfigError(_unusable(path, error)) from error


def _connect_or_free(path: Path, room: int, freed: Callable[[], bool]) -> sqlite3.Connection:
    try:
        return _connect(path, room)
    except sqlite3.OperationalError as error:
        if not (is_full(error) and freed()):
            raise
    return _connect(path, room)


def _connect(path: Path, room: int) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=2)
    try:
        # Exclusive: two gateways on one spool would send everything twice and count neither right.
        db.execute("pragma locking_mode = exclusive")
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        # What is deleted need not be overwritten: that takes as much room and wear as writing it did.
        db.execute("pragma secure_delete = off")
        db.execute(f"pragma wal_autocheckpoint = {max(8, min(_LOG_PAGES, room // 8 // _PAGE_BYTES))}")
        (verdict,) = db.execute("pragma quick_check(1)").fetchone()
        if verdict != "ok":
            damage = sqlite3.DatabaseError(verdict)
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        _refuse_newer(db, path)
        _upgrade(db)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    """A file of a later version is left as it is: what it means is not known here. Raises ConfigError."""
    (layout,) = db.execute("pragma user_version").fetchone()
    if layout > LAYOUT:
        raise ConfigError(
            Text(
                f"缓存 {path} 由更新的版本写成（布局 {layout}，本版本只认识 {LAYOUT}）：请用那个版本",
                f"spool {path} was made by a newer version (layout {layout}, known here is {LAYOUT}): "
                "use that one",
            )
        )


def _upgrade(db: sqlite3.Connection) -> None:
    """Make the tables, and those columns that a file of an older version lacks."""
    db.executescript(_SCHEMA)
    (layout,) = db.execute("pragma user_version").fetchone()
    if layout != LAYOUT:
        db.execute(f"pragma user_version = {LAYOUT}")
    if "sure" not in {row[1] for row in db.execute("pragma table_info(batch)")}:
        db.execute("alter table batch add column sure integer not null default 0")
    db.execute("insert or ignore into meta values ('epoch', ?)", (secrets.token_hex(8),))
    if db.execute("select 1 from epoch").fetchone() is None:
        db.execute("insert into epoch select 1, value from meta where key = 'epoch'")


def _spelt(address: Address) -> str:
    return f"{address.district}/{address.school}/{address.gateway}"


def _unusable(path: Path, error: sqlite3.DatabaseError) -> Text:
    if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
        return Text(
            f"缓存 {path} 正被另一个进程使用，每个网关须用各自的缓存",
            f"spool {path} is in use by another process; every gateway needs its own",
        )
    why = sqlite_reason(error)
    return Text(f"无法使用缓存 {path}：{why.zh}", f"cannot use the spool {path}: {why.en}")
