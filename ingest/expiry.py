"""Expiry: what is older than its class is kept is dropped, and taken down first, so that no account breaks.

What is dropped was stored: `expired` says how much of which batches. A gateway's newest account of itself
stays, and so does whatever a measurement keeps otherwise. Facts of days stay as long as something that was
handed in rests on them, and readings until the days that they are about have been counted.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from contract import DAY_FACTS, KEPT, MEASUREMENTS, READING_KINDS, STATUS, Measurement, Point, Retention
from contract.expiry import EXPIRED, HELD
from ingest.accounts import newest_accounts
from runtime.language import Text
from store import Condition, Part, Query, Row, Select, Store

log = logging.getLogger("ingest.expiry")

_DAY_MS = 86_400_000
_SPOOL = ("district", "school", "gateway", "epoch")
Fate = Literal["dropped", "due", "held", "uncounted"]
_NAMES: dict[Fate, Text] = {
    "dropped": Text("已删除", "dropped"),
    "due": Text("到期", "due"),
    "held": Text("已上报的季度以此为据，保留", "kept: a quarter that was handed in rests on it"),
    "uncounted": Text("尚未汇总成日账，保留", "kept: its days are not counted yet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A part whose time is over, and what became of it."""

    part: Part
    fate: Fate

    def __str__(self) -> str:
        return f"{self.part.name}: {_NAMES[self.fate]}"


def expire(store: Store, retention: Retention, *, now_ms: int, dry_run: bool = False) -> list[Ended]:
    """Drop what is due; raises store.Unavailable, after which the rest is due still."""
    found = []
    for part in _due(store, retention, now_ms):
        fate = _fate(store, part)
        if fate == "due" and not dry_run:
            part.drop(partial(_settle, store, part))
            fate = "dropped"
        found.append(Ended(part=part, fate=fate))
        if fate != "due":
            log.log(logging.INFO if fate == "dropped" else logging.DEBUG, "%s", found[-1])
    return found


def _due(store: Store, retention: Retention, now_ms: int) -> Iterator[Part]:
    for kept in KEPT:
        days = retention.days.get(kept)
        if days is not None:
            yield from store.parts(kept, now_ms - days * _DAY_MS)


def _fate(store: Store, part: Part) -> Fate:
    if part.kept == "days" and _is_held(store, part):
        return "held"
    if part.kept == "readings" and not _is_counted(store, part):
        return "uncounted"
    return "due"


def _is_held(store: Store, part: Part) -> bool:
    rows = store.query(
        Query(measurement=HELD, select=(Select("from_ms"), Select("until_ms")), group_by=("what",), newest=1)
    )
    return any(
        int(row.values["from_ms"] or 0) < part.end_ms and part.begin_ms < int(row.values["until_ms"] or 0)
        for row in rows
    )


def _is_counted(store: Store, part: Part) -> bool:
    """Whether the day book goes on beyond the part's end: of a holiday it has no days, but later ones."""
    school_day = DAY_FACTS["school_day"]
    return bool(
        store.query(Query(measurement=school_day, select=(Select("parts"),), since=part.end_ms, newest=1))
    )


def _settle(store: Store, part: Part) -> None:
    """Take down what of a part is to be known when it is gone; to do it again changes nothing."""
    _save(store, [point for table in _tables(part) for point in _otherwise(part, table)])
    if part.kept == "readings":
        accounts = [_account(store, part, row) for row in newest_accounts(store)]
        _save(store, [point for point in accounts if point])
        _save(store, list(_expired(store, part)))


def _save(store: Store, points: list[Point]) -> None:
    if points and (rejected := store.keep(points)):
        raise RuntimeError(f"the store does not take {rejected[0].point}: {rejected[0].reason}")


def _tables(part: Part) -> Iterable[Measurement]:
    return [table for table in MEASUREMENTS.values() if table.kept == part.kept and table.otherwise]


def _otherwise(part: Part, table: Measurement) -> Iterator[Point]:
    """What lies in the part and belongs elsewhere: an older version knew no classes."""
    seen: set[tuple[tuple[str, ...], int]] = set()
    for rule in table.otherwise:
        asked = Condition(rule.column, "=", tuple(sorted(rule.values)))
        for point in _points(part, table, (asked,)):
            if (point.tags, point.time) not in seen:
                seen.add((point.tags, point.time))
                yield point


def _points(part: Part, table: Measurement, where: tuple[Condition, ...]) -> Iterator[Point]:
    select = tuple(Select(name) for name in table.field_names)
    query = Query(measurement=table, select=select, group_by=table.tag_names, where=where)
    for row in part.query(query):
        tags = tuple(row.tags[name] for name in table.tag_names)
        yield Point(table, tags, row.time or 0, tuple(row.values[name] for name in table.field_names))


def _account(store: Store, part: Part, row: Row) -> Point | None:
    """A gateway's newest account of an epoch, where that lies in the part."""
    if not part.begin_ms <= (row.time or 0) < part.end_ms:
        return None
    here = [Condition(tag, "=", value) for tag, value in row.tags.items()]
    epoch = Condition("epoch", "=", str(row.values["epoch"]))
    found = [point for point in _points(part, STATUS, (*here, epoch)) if point.time == row.time]
    return found[0] if found else None


@dataclass(slots=True)
class _Dropped:
    """Of one epoch: how many readings, how many of them in covered batches, and its first and last batch."""

    points: int = 0
    covered: int = 0
    first: int = 2**63 - 1
    last: int = 0

    def add(self, points: int, covered: int, first: int, last: int) -> None:
        self.points += points
        self.covered += covered
        self.first, self.last = min(self.first, first), max(self.last, last)


_Spool = tuple[str, ...]


def _expired(store: Store, part: Part) -> Iterator[Point]:
    covered_to = {
        (*row.tags.values(), str(row.values["epoch"])): int(row.values["last_seq"] or 0)
        for row in newest_accounts(store)
    }
    known = {tuple(row.tags[tag] for tag in _SPOOL): row for row in expired_rows(store, part.name)}
    found: dict[_Spool, _Dropped] = defaultdict(_Dropped)
    for table in READING_KINDS.values():
        if table.kept == part.kept:
            saved = _saved(part, table)
            for spool in _spools(part, table):
                last_seq = covered_to.get(spool, 0)
                _add(found[spool], part, table, spool, known.get(spool), last_seq, saved.get(spool, []))
    for spool, dropped in sorted(found.items()):
        if dropped.points:
            yield _expired_point(part, spool, known.get(spool), dropped)


def expired_rows(store: Store, part: str | None = None) -> list[Row]:
    """What has expired, of every epoch and part; raises store.Unavailable."""
    return store.query(
        Query(
            measurement=EXPIRED,
            select=tuple(Select(name) for name in EXPIRED.field_names),
            group_by=EXPIRED.tag_names,
            where=(Condition("part", "=", part),) if part else (),
        )
    )


def _spools(part: Part, table: Measurement) -> set[_Spool]:
    query = Query(measurement=table, select=(Select("seq", "count", "n"),), group_by=_SPOOL)
    return {tuple(row.tags[tag] for tag in _SPOOL) for row in part.query(query)}


def _saved(part: Part, table: Measurement) -> Mapping[_Spool, list[int]]:
    """Batches of the points that are kept elsewhere, one a point."""
    found: dict[_Spool, list[int]] = defaultdict(list)
    for point in _otherwise(part, table):
        found[point.tags[: len(_SPOOL)]].append(int(point.fields[0] or 0))
    return found


def _add(
    dropped: _Dropped,
    part: Part,
    table: Measurement,
    spool: _Spool,
    before: Row | None,
    last_seq: int,
    saved: list[int],
) -> None:
    """Count what of an epoch was not taken down before: all of it, or what lies before and behind that."""
    here = tuple(Condition(tag, "=", value) for tag, value in zip(_SPOOL, spool, strict=True))
    known = None if before is None else (_number(before, "first_seq"), _number(before, "last_seq"))
    for where in _outside(known):
        number, first, last = _seqs(part, table, (*here, *where))
        if not number:
            continue
        covered = number
        if last > last_seq:
            covered, *_ = _seqs(part, table, (*here, *where, Condition("seq", "<=", last_seq)))
        new = [seq for seq in saved if first <= seq <= last]
        dropped.add(number - len(new), covered - sum(seq <= last_seq for seq in new), first, last)


def _outside(known: tuple[int, int] | None) -> list[tuple[Condition, ...]]:
    if known is None:
        return [()]
    return [(Condition("seq", "<", known[0]),), (Condition("seq", ">", known[1]),)]


def _seqs(part: Part, table: Measurement, where: tuple[Condition, ...]) -> tuple[int, int, int]:
    """How many readings, and their first and last batch."""
    select = (Select("seq", "count", "n"), Select("seq", "min", "first"), Select("seq", "max", "last"))
    for row in part.query(Query(measurement=table, select=select, where=where)):
        return _number(row, "n"), _number(row, "first"), _number(row, "last")
    return 0, 0, 0


def _number(row: Row, name: str) -> int:
    return int(row.values[name] or 0)


def _expired_point(part: Part, spool: _Spool, before: Row | None, found: _Dropped) -> Point:
    def old(name: str, nothing: int = 0) -> int:
        return nothing if before is None else int(before.values[name] or 0)

    return Point(
        EXPIRED,
        (*spool, part.name),
        part.begin_ms,
        (
            part.end_ms,
            old("points") + found.covered,
            old("points_after") + found.points - found.covered,
            min(old("first_seq", found.first), found.first),
            max(old("last_seq", found.last), found.last),
        ),
    )
