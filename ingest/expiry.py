"""Expiry: what is older than its class is kept is dropped, and taken down first, so that no account breaks.

What is dropped was stored: `expired` says how much of which batches. A gateway's newest account of itself
stays, and so does whatever a measurement keeps otherwise. Facts of days stay as long as something that was
handed in rests on them, and readings until the days that they are about have been counted.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from contract import KEPT, MEASUREMENTS, READING_KINDS, STATUS, Kept, Measurement, Point, Retention, Value
from contract.daybook import BEYOND_MS, COUNTED, DAY_FACTS, TOUCHED, touched_digest
from contract.expiry import EXPIRED, HELD
from ingest.accounts import newest_accounts
from ingest.batches import (
    SPOOL,
    Spool,
    batch_conditions,
    expired_batches,
    expired_rows,
    known_batches,
    ranges,
    read_batches,
)
from runtime.language import Text
from store import Condition, Part, Query, Row, Select, Store
from store.periods import IN_ORDER

log = logging.getLogger("ingest.expiry")

_DAY_MS = 86_400_000
# Gateways' clocks and the server's agree within minutes, and a gateway that is well is never silent for long.
_SILENT_MS = 7 * _DAY_MS
Fate = Literal["dropped", "due", "held", "uncounted", "behind", "unheard"]
_NAMES: dict[Fate, Text] = {
    "dropped": Text("已删除", "dropped"),
    "due": Text("到期", "due"),
    "held": Text("已上报的季度以此为据，保留", "kept: a quarter that was handed in rests on it"),
    "unheard": Text(
        "时钟可能有误：读数都更早，保留", "kept: the clock may be wrong, all readings are from long before"
    ),
    "uncounted": Text("尚未汇总成日账，保留", "kept: its days are not counted yet"),
    "behind": Text("更早的部分尚未删除，保留", "kept: an earlier one is kept still"),
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
    found: list[Ended] = []
    waiting: set[Kept] = set()
    for part in _due(store, retention, now_ms):
        fate = "behind" if part.kept in waiting else _fate(store, part)
        if fate == "due" and _heard_ms(store) < part.end_ms + retention.days[part.kept] * _DAY_MS:
            fate = "unheard"
        if fate == "due" and not dry_run:
            fate = _drop(store, part)
        if fate not in {"due", "dropped"} and part.kept in IN_ORDER:
            waiting.add(part.kept)
        found.append(Ended(part=part, fate=fate))
        if fate != "due":
            log.log(logging.INFO if fate == "dropped" else logging.DEBUG, "%s", found[-1])
    return found


def _heard_ms(store: Store) -> int:
    """Up to when time has gone on as readings say: a clock that runs ahead must let nothing expire.

    They bear their gateways' time; what a status bears may be the server's.
    """
    rows = (
        row
        for table in READING_KINDS.values()
        for row in store.query(Query(measurement=table, select=(Select("seq"),), newest=1))
    )
    return max((row.time or 0 for row in rows), default=0) + _SILENT_MS


def _drop(store: Store, part: Part) -> Fate:
    asked = False

    def settle() -> None:
        nonlocal asked
        # Readings may have come since: now nothing more does.
        if not asked and not _may_go(store, part):
            raise _Uncounted
        asked = True
        _settle(store, part)

    try:
        part.drop(settle)
    except _Uncounted:
        return "uncounted"
    return "dropped"


class _Uncounted(Exception):
    """Something touched a part's days since they were counted."""


def _due(store: Store, retention: Retention, now_ms: int) -> Iterator[Part]:
    for kept in KEPT:
        days = retention.days.get(kept)
        if days is not None:
            yield from store.parts(kept, now_ms - days * _DAY_MS)


def _fate(store: Store, part: Part) -> Fate:
    if part.kept == "days" and _is_held(store, part):
        return "held"
    return "due" if _may_go(store, part) else "uncounted"


def _may_go(store: Store, part: Part) -> bool:
    """What is dropped and not all deleted yet, nobody can count any more."""
    if part.kept != "readings" or store.has_dropped(part.kept, part.name, part.end_ms):
        return True
    return _is_counted(store, part)


def _is_held(store: Store, part: Part) -> bool:
    rows = store.query(
        Query(measurement=HELD, select=(Select("from_ms"), Select("until_ms")), group_by=("what",), newest=1)
    )
    return any(
        int(row.values["from_ms"] or 0) < part.end_ms and part.begin_ms < int(row.values["until_ms"] or 0)
        for row in rows
    )


def _is_counted(store: Store, part: Part) -> bool:
    """Whether the day book goes on beyond the part's end (of a holiday it has no days, but later ones), and
    has counted every school's days since they were touched last."""
    school_day = DAY_FACTS["school_day"]
    beyond = Query(measurement=school_day, select=(Select("parts"),), since=part.end_ms, newest=1)
    if not store.query(beyond):
        return False
    touched: dict[tuple[str, ...], list[tuple[int, tuple[Value | None, ...]]]] = defaultdict(list)
    of_days = Query(
        measurement=TOUCHED,
        select=tuple(Select(name) for name in TOUCHED.field_names),
        group_by=TOUCHED.tag_names,
        since=part.begin_ms,
        until=part.end_ms + BEYOND_MS,
    )
    for row in store.query(of_days):
        touched[tuple(row.tags.values())].append((row.time or 0, tuple(row.values.values())))
    counted = {
        tuple(row.tags.values()): row.values["touched"]
        for row in store.query(
            Query(
                measurement=COUNTED,
                select=(Select("touched"),),
                group_by=COUNTED.tag_names,
                since=part.begin_ms,
                until=part.begin_ms + 1,
            )
        )
    }
    return all(counted.get(place) == touched_digest(days) for place, days in touched.items())


def _settle(store: Store, part: Part) -> None:
    """Take down what of a part is to be known when it is gone; to do it again changes nothing."""
    _save(store, [point for table in _tables(part) for point in _otherwise(part, table)])
    if part.kept == "readings":
        accounts = [_account(store, part, row) for row in newest_accounts(store)]
        _save(store, [point for point in accounts if point])
        # In one write: what is told twice would be counted twice, what is half told not at all.
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


def _points(
    part: Part, table: Measurement, where: tuple[Condition, ...], at_ms: int | None = None
) -> Iterator[Point]:
    """Those of one moment, where one is named: a table may have a row a minute."""
    select = tuple(Select(name) for name in table.field_names)
    until_ms = None if at_ms is None else at_ms + 1
    query = Query(
        measurement=table, select=select, group_by=table.tag_names, where=where, since=at_ms, until=until_ms
    )
    for row in part.query(query):
        tags = tuple(row.tags[name] for name in table.tag_names)
        yield Point(table, tags, row.time or 0, tuple(row.values[name] for name in table.field_names))


def _account(store: Store, part: Part, row: Row) -> Point | None:
    """A gateway's newest account of an epoch, where that lies in the part."""
    if not part.begin_ms <= (row.time or 0) < part.end_ms:
        return None
    here = tuple(Condition(tag, "=", value) for tag, value in row.tags.items())
    return next(_points(part, STATUS, here, at_ms=row.time), None)


def _expired(store: Store, part: Part) -> Iterator[Point]:
    """What of the part was not taken down before, added to what was: how much, and which batches."""
    covered_to = {
        (*row.tags.values(), str(row.values["epoch"])): int(row.values["last_seq"] or 0)
        for row in newest_accounts(store)
    }
    rows = {tuple(row.tags[tag] for tag in SPOOL): row for row in expired_rows(store, part.name)}
    # The rounds first: most batches have one.
    tables = sorted(
        (table for table in READING_KINDS.values() if table.kept == part.kept),
        key=lambda table: table.name != "collector_run",
    )
    saved = [_saved(part, table) for table in tables]
    held = [_held(part, table) for table in tables]
    for spool in sorted({spool for of_table in held for spool in of_table}):
        expired = _Expired(
            part,
            spool,
            tables,
            [of_table[spool] for of_table in held if spool in of_table],
            [seq for kept in saved for seq in kept.get(spool, ())],
        )
        yield from expired.points(store, rows.get(spool), covered_to.get(spool, 0))


class _Held(NamedTuple):
    """What a table has of an epoch: how many readings, and their first and last batch."""

    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Expired:
    """What a part has of an epoch; held: by table. saved: batches of points that are kept elsewhere."""

    part: Part
    spool: Spool
    tables: list[Measurement]
    held: list[_Held]
    saved: list[int]

    def points(self, store: Store, before: Row | None, last_seq: int) -> Iterator[Point]:
        known = read_batches(store, self.part.name, self.spool)
        batches = self._batches()
        # An earlier version took down no more than the first and the last.
        told = known or (known_batches(store, self.part.name, self.spool, before) if before else set())
        new = batches - told
        spans = ranges(new) if told else [(min(new), max(new))] if new else []
        number = sum(self._count(first, last) for first, last in spans)
        covered = sum(self._count(first, min(last, last_seq)) for first, last in spans if first <= last_seq)
        if number:
            yield _expired_point(self.part, self.spool, before, number, covered, batches)
        if not batches <= known:
            yield from expired_batches(self.part.name, self.part.begin_ms, self.spool, batches | known)

    def _batches(self) -> set[int]:
        """Which batches it is, table by table until none can be missing."""
        most = max(held.last for held in self.held) - min(held.first for held in self.held) + 1
        found: set[int] = set()
        for table in self.tables:
            if len(found) < most:
                where = batch_conditions(self.spool)
                query = Query(measurement=table, select=(Select("seq"),), where=where, distinct=True)
                found |= {_number(row, "seq") for row in self.part.query(query)}
        return found

    def _count(self, first: int, last: int) -> int:
        """Readings of these batches, without those that are kept elsewhere."""
        if all(first <= held.first and held.last <= last for held in self.held):
            number = sum(held.number for held in self.held)
        else:
            within = Condition("seq", ">=", first), Condition("seq", "<=", last)
            where, select = (*batch_conditions(self.spool), *within), (Select("seq", "count", "n"),)
            queries = (Query(measurement=table, select=select, where=where) for table in self.tables)
            number = sum(_number(row, "n") for query in queries for row in self.part.query(query))
        return number - sum(first <= seq <= last for seq in self.saved)


def _held(part: Part, table: Measurement) -> Mapping[Spool, _Held]:
    """In one pass over the part's rows, for there may be a hundred million."""
    select = (Select("seq", "count", "n"), Select("seq", "min", "first"), Select("seq", "max", "last"))
    return {
        tuple(row.tags[tag] for tag in SPOOL): _Held(*(_number(row, name) for name in ("n", "first", "last")))
        for row in part.query(Query(measurement=table, select=select, group_by=SPOOL))
    }


def _saved(part: Part, table: Measurement) -> Mapping[Spool, list[int]]:
    """Batches of the points that are kept elsewhere, one a point."""
    found: dict[Spool, list[int]] = defaultdict(list)
    for point in _otherwise(part, table):
        found[point.tags[: len(SPOOL)]].append(int(point.fields[0] or 0))
    return found


def _number(row: Row, name: str) -> int:
    return int(row.values[name] or 0)


def _expired_point(
    part: Part, spool: Spool, before: Row | None, number: int, covered: int, batches: set[int]
) -> Point:
    def old(name: str) -> int:
        return 0 if before is None else _number(before, name)

    firsts = {min(batches), old("first_seq") or min(batches)}
    return Point(
        EXPIRED,
        (*spool, part.name),
        part.begin_ms,
        (
            part.end_ms,
            old("points") + covered,
            old("points_after") + number - covered,
            min(firsts),
            max(*batches, old("last_seq")),
        ),
    )
