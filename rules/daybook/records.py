"""Entries as the store keeps them: text in parts, with what they were made from; and what touched a day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from contract import Point
from contract.daybook import HOURS, SCHOOL_DAY, TOUCHED, touched_digest
from registry.calendar import Calendar
from rules.daybook.entry import Entry, Place, digest_of, pack_facts, pack_rest, unpack_facts, unpack_rest
from store import Condition, Query, Row, Select, Store

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
# A text has 64 KiB at most, and a character up to four bytes.
_PART_LENGTH = 16_000
_META = ("parts", "digest", "until_ms", "readings", "covers", "counted_by", "derived_by")


class Record(NamedTuple):
    """What is kept with an entry. covers: the digest of what touched the day before it was counted."""

    digest: str
    until_ms: int
    readings: int
    covers: str
    counted_by: str
    derived_by: str


@dataclass(frozen=True, slots=True)
class Written:
    """A whole record, with its texts where they were asked for."""

    record: Record
    facts: str = ""
    rest: str = ""

    def entry(self) -> Entry:
        """Only where both texts were asked for."""
        return Entry(
            facts=unpack_facts(self.facts), rest=unpack_rest(self.rest), readings=self.record.readings
        )


def record_of(entry: Entry, *, until_ms: int, covers: str, counted_by: str, derived_by: str) -> Record:
    return Record(
        digest=digest_of(pack_facts(entry.facts), pack_rest(entry.rest)),
        until_ms=until_ms,
        readings=entry.readings,
        covers=covers,
        counted_by=counted_by,
        derived_by=derived_by,
    )


def record_points(place: Place, begin_ms: int, record: Record, entry: Entry) -> list[Point]:
    """The record with its entry, in as many parts as the texts need."""
    facts, rest = pack_facts(entry.facts), pack_rest(entry.rest)
    parts = max(1, -(-max(len(facts), len(rest)) // _PART_LENGTH))
    meta = {"parts": parts, **record._asdict()}
    points = []
    for part in range(parts):
        piece = slice(part * _PART_LENGTH, (part + 1) * _PART_LENGTH)
        values = {**meta, "facts": facts[piece], "rest": rest[piece]}
        fields = tuple([values[name] for name in SCHOOL_DAY.field_names])
        points.append(Point(SCHOOL_DAY, (*place, str(part)), begin_ms, fields))
    return points


def read_records(
    store: Store,
    since_ms: int,
    until_ms: int,
    *,
    texts: Sequence[str] = (),
    schools: Iterable[str] | None = None,
) -> dict[tuple[int, Place], Written]:
    """By begin of day and place; what is not whole is not there. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=SCHOOL_DAY,
            select=tuple(Select(name) for name in (*_META, *texts)),
            group_by=SCHOOL_DAY.tag_names,
            where=() if schools is None else (Condition("school", "=", tuple(schools)),),
            since=since_ms,
            until=until_ms,
        )
    )
    parts: dict[tuple[int, Place], list[Row]] = defaultdict(list)
    for row in rows:
        parts[row.time or 0, (row.tags["district"], row.tags["school"])].append(row)
    return dict(_whole(parts))


def _whole(parts: Mapping[tuple[int, Place], list[Row]]) -> Iterator[tuple[tuple[int, Place], Written]]:
    for key, rows in parts.items():
        if len(rows) > 1:
            rows.sort(key=lambda row: int(row.tags["part"]))
        head = rows[0].values
        number, digest = int(head["parts"] or 0), head["digest"]
        own = rows[:number]  # an entry that became shorter leaves parts behind
        if len(own) < number or any(row.values["digest"] != digest for row in own):
            continue
        record = Record(
            digest=str(digest),
            until_ms=int(head["until_ms"] or 0),
            readings=int(head["readings"] or 0),
            covers=str(head["covers"] or ""),
            counted_by=str(head["counted_by"] or ""),
            derived_by=str(head["derived_by"] or ""),
        )
        facts, rest = ("".join(str(row.values.get(name) or "") for row in own) for name in ("facts", "rest"))
        yield key, Written(record, facts, rest)


class Touches:
    """What touched the days of a span, as the store had it when it was asked."""

    def __init__(self, store: Store, since_ms: int, until_ms: int) -> None:
        """Raises store.Unavailable."""
        rows = store.query(
            Query(
                measurement=TOUCHED,
                select=tuple(Select(hour) for hour in HOURS),
                group_by=TOUCHED.tag_names,
                since=since_ms // _DAY_MS * _DAY_MS,
                until=until_ms,
            )
        )
        self._numbers = {
            ((row.tags["district"], row.tags["school"]), (row.time or 0) // _DAY_MS): tuple(
                [row.values[hour] for hour in HOURS]
            )
            for row in rows
        }

    @property
    def oldest_ms(self) -> int | None:
        """Begin of the first UTC day that anything touched."""
        return min((day * _DAY_MS for _, day in self._numbers), default=None)

    def places(self, begin_ms: int, end_ms: int) -> set[Place]:
        days = range(begin_ms // _DAY_MS, (end_ms - 1) // _DAY_MS + 1)
        return {place for place, day in self._numbers if day in days}

    def month_digest(self, place: Place, begin_ms: int, end_ms: int) -> str:
        """As ingest makes it where it asks whether all of a month is counted."""
        days = range(begin_ms // _DAY_MS, end_ms // _DAY_MS)
        return touched_digest(
            (day * _DAY_MS, numbers) for day in days if (numbers := self._numbers.get((place, day)))
        )

    def digest(self, place: Place, begin_ms: int, end_ms: int) -> str:
        """Of everything that touched a place from the first to the last hour of a span."""
        found = []
        for day in range(begin_ms // _DAY_MS, (end_ms - 1) // _DAY_MS + 1):
            numbers = self._numbers.get((place, day))
            if numbers is None:
                continue
            first = max(0, (begin_ms - day * _DAY_MS) // _HOUR_MS)
            last = min(24, -(-(end_ms - day * _DAY_MS) // _HOUR_MS))
            found += [
                (day * 24 + hour, numbers[hour]) for hour in range(first, last) if numbers[hour] is not None
            ]
        return digest_of(*found) if found else ""


def begin_of(calendar: Calendar, day: date) -> int:
    """When a local day begins, ms UTC."""
    return calendar.end_of(day - timedelta(days=1))


def day_at(calendar: Calendar, begin_ms: int) -> date:
    return datetime.fromtimestamp(begin_ms / 1000, UTC).astimezone(calendar.zone).date()
