"""A day counted and written: first the tables that follow from the entries, then the entries themselves.

Where a program ends in between, the record is the old one or none, and the day is counted again.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from contract import Point
from rules.daybook.basis import NO_SCHOOL_DAY, OUTLIVED, Terms
from rules.daybook.counting import count_day
from rules.daybook.deriving import derive, voided
from rules.daybook.entry import Entry, Place, Rest, SchoolDay, Unreadable
from rules.daybook.late import Late, late_points, late_readings
from rules.daybook.questions import DaySpans
from rules.daybook.records import Record, Written, day_at, read_records, record_of, record_points
from rules.daybook.share import Share
from runtime.language import Text
from store import Store, StoreError

_log = logging.getLogger("rules.daybook")
_WRITE_POINTS = 100_000
# Of more schools than this a day is read whole, and what was not asked for is passed over.
_MOST_NAMED = 100

Key = tuple[int, Place]  # begin of the day, school
TEXTS = ("facts", "rest")


@dataclass(slots=True)
class Unwritten:
    """Entries that could not be written, with their records: as good as written while this program runs."""

    entries: dict[Key, tuple[Record, Entry]] = field(default_factory=dict)
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """One school's day that has to be counted; record: what is there of it, however old."""

    place: Place
    covers: str
    record: Record | None


@dataclass(frozen=True, slots=True)
class Folder:
    """Counts and writes days of one store, by the terms of one moment."""

    store: Store
    terms: Terms
    unwritten: Unwritten

    def look(self, spans: DaySpans, schools: Iterable[str] | None) -> dict[Place, Entry]:
        """Counted, and nothing written. Raises store.Unavailable."""
        named = None if schools is None else sorted(set(schools))
        return count_day(
            self.store,
            spans,
            schools=None if named is None or len(named) > _MOST_NAMED else named,
            max_clock_offset_ms=self.terms.max_clock_offset_ms,
        )

    def count(
        self, spans: DaySpans, asked: Sequence[Counting], *, everything: bool, share: Share
    ) -> dict[Place, tuple[Record, Entry]]:
        """Counted and written; with `everything` schools that nobody asked for, too, where there are any."""
        found = self.look(spans, None if everything else [one.place[1] for one in asked])
        jobs = {one.place: one for one in asked}
        if everything:
            for place in filter(share.counts, found):
                jobs.setdefault(place, Counting(place=place, covers="", record=None))
        nothing = Entry(facts=SchoolDay(hours=spans.hours), rest=Rest(weekday=spans.weekday))
        counted_by = self.terms.counted_by(spans)
        made: dict[Place, tuple[Record, Entry]] = {}
        points: list[Point] = []
        before = self._before(spans, jobs.values(), found, counted_by)
        outlived: dict[Place, Late] = {}
        for place, job in sorted(jobs.items()):
            entry, followed = found.get(place, nothing), counted_by
            if place in before and _lacks(entry, before[place][1]):
                touched = job.record is None or job.record.covers != job.covers
                outlived[place] = late_readings(entry, before[place][1], touched=touched)
                entry, followed = before[place][1], counted_by + OUTLIVED
            record = record_of(
                entry,
                until_ms=spans.until_ms,
                covers=job.covers,
                counted_by=followed,
                derived_by=self.terms.derived_by(place[1], spans),
            )
            made[place] = record, entry
            points += self._points(spans, place, entry)
            if place in before and followed == counted_by:
                points += self._left_behind(spans.whole.begin_ms, place, before[place], points)
        if outlived:
            _log.warning("%s", _outlived(spans, outlived))
            points += late_points(spans, outlived)
        self._write(spans.whole.begin_ms, points, made)
        return made

    def write_what_waits(self) -> None:
        """What a store did not take when it was counted."""
        days: dict[int, dict[Place, tuple[Record, Entry]]] = {}
        for (begin, place), known in self.unwritten.entries.items():
            days.setdefault(begin, {})[place] = known
        for begin, made in days.items():
            day = day_at(self.terms.calendar, begin)
            points = [
                point
                for place, (record, entry) in made.items()
                for point in derive(place, day, begin, record.until_ms, entry, self.terms.basis)
            ]
            self._write(begin, points, made)
            if (begin, next(iter(made))) in self.unwritten.entries:
                return

    def derive(self, spans: DaySpans, places: Iterable[Place]) -> None:
        """The tables again from entries as they stand; no reading is needed for it."""
        begin = spans.whole.begin_ms
        made: dict[Place, tuple[Record, Entry]] = {}
        points: list[Point] = []
        for place, (record, entry) in self._entries(begin, places).items():
            derived_by = self.terms.derived_by(place[1], spans)
            made[place] = record._replace(derived_by=derived_by), entry
            points += self._points(spans, place, entry)
        self._write(begin, points, made)

    def void(self, begin_ms: int, places: Iterable[Place]) -> None:
        """A day that is no school day any more: its tables count nothing.

        The entry stays: where that was a mistake, its readings may be gone when the day is one again.
        """
        made: dict[Place, tuple[Record, Entry]] = {}
        points: list[Point] = []
        for place, (record, entry) in self._entries(begin_ms, places).items():
            points += self._left_behind(begin_ms, place, (record, entry), [])
            made[place] = record._replace(counted_by=NO_SCHOOL_DAY), entry
        self._write(begin_ms, points, made)

    def _points(self, spans: DaySpans, place: Place, entry: Entry) -> list[Point]:
        begin = spans.whole.begin_ms
        return derive(place, spans.day, begin, spans.until_ms, entry, self.terms.basis)

    def _before(
        self,
        spans: DaySpans,
        jobs: Iterable[Counting],
        found: Mapping[Place, Entry],
        counted_by: str,
    ) -> dict[Place, tuple[Record, Entry]]:
        """Entries that followed another calendar, or may know more readings than are left."""
        # Late readings may outnumber those that are gone of a day's first part.
        in_two_months = _in_two_periods(spans)
        wanted = [
            job.place
            for job in jobs
            if job.record
            and (
                in_two_months
                or job.record.counted_by != counted_by
                or job.record.readings > (found[job.place].readings if job.place in found else 0)
            )
        ]
        return self._entries(spans.whole.begin_ms, wanted) if wanted else {}

    def _left_behind(
        self, begin_ms: int, place: Place, before: tuple[Record, Entry], present: list[Point]
    ) -> list[Point]:
        """What the entry that is replaced says under lessons or a weekday that are no more."""
        record, entry = before
        day = day_at(self.terms.calendar, begin_ms)
        old = derive(place, day, begin_ms, record.until_ms, entry, self.terms.basis)
        return voided(old, present)

    def _entries(self, begin_ms: int, places: Iterable[Place]) -> dict[Place, tuple[Record, Entry]]:
        wanted = set(places)
        found = {
            place: self.unwritten.entries[begin_ms, place]
            for place in wanted
            if (begin_ms, place) in self.unwritten.entries
        }
        missing = wanted - found.keys()
        if missing:
            for (_, place), written in self._read(begin_ms, missing).items():
                if place in missing:
                    with suppress(Unreadable):  # it is as if it were not there
                        found[place] = written.record, written.entry()
        return found

    def _read(self, begin_ms: int, places: set[Place]) -> Mapping[Key, Written]:
        schools = sorted({school for _, school in places})
        return read_records(
            self.store,
            begin_ms,
            begin_ms + 1,
            texts=TEXTS,
            schools=None if len(schools) > _MOST_NAMED else schools,
        )

    def _write(self, begin_ms: int, points: list[Point], made: Mapping[Place, tuple[Record, Entry]]) -> None:
        """A store that takes nothing now, or never, keeps nobody from an answer."""
        last = [
            point
            for place, (record, entry) in made.items()
            for point in record_points(place, begin_ms, record, entry)
        ]
        try:
            for some in (points, last):
                for at in range(0, len(some), _WRITE_POINTS):
                    if rejected := self.store.write(some[at : at + _WRITE_POINTS]):
                        raise StoreError(rejected[0].reason)
        except StoreError as error:
            self.unwritten.entries |= {(begin_ms, place): one for place, one in made.items()}
            if not self.unwritten.told:
                _log.warning("%s", _kept_in_memory(error))
            self.unwritten.told = True
            return
        self.unwritten.told = False
        for place in made:
            self.unwritten.entries.pop((begin_ms, place), None)


def _in_two_periods(spans: DaySpans) -> bool:
    """Whether readings of a day that is over may be gone in part: they expire by months of UTC."""
    return spans.whole.end_ms <= spans.until_ms and spans.second_month_ms is not None


def _lacks(entry: Entry, before: Entry) -> bool:
    """Whether readings are gone that an earlier entry knows: fewer are left, or a device begins later."""
    if entry.readings < before.readings:
        return True
    now = _firsts(entry.rest)
    return any(key not in now or now[key] > first_ms for key, first_ms in _firsts(before.rest).items())


def _firsts(rest: Rest) -> dict[tuple[str, ...], int]:
    """When each device was asked first that day; keys of access points and of others differ in length."""
    aps: dict[tuple[str, ...], int] = {key: ap.first_ms for key, ap in rest.aps.items()}
    devices: dict[tuple[str, ...], int] = {key: device.first_ms for key, device in rest.devices.items()}
    return {**aps, **devices}


def _outlived(spans: DaySpans, places: Mapping[Place, Late]) -> Text:
    number, first = len(places), next(iter(places))[1]
    late = sum(found.readings for found in places.values())
    return Text(
        f"{spans.day}：{number} 所学校（{first} 等）的原始读数已不全，原汇总保留；迟到未计入 {late} 条",
        f"{spans.day}: of {number} schools ({first} …) readings are gone; what was counted before stands, "
        f"{late} that came late are not counted",
    )


def _kept_in_memory(error: StoreError) -> Text:
    return Text(
        f"日账无法写入数据库，仅保留在内存中：{error}",
        f"the day book cannot be written and is kept in memory: {error}",
    )
