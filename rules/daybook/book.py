"""The day book, opened at some days: what is missing or was touched since is counted first, and written.

What touched a day is read before its readings are, and kept with what was counted: a reading that comes
while we count leaves another touch behind, and the day is counted again. Of several programs that count the
same day the last to write wins; where that is not the one who saw the newest touch, it is counted once more.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry import Registry
from rules.daybook.basis import NO_SCHOOL_DAY, Terms
from rules.daybook.deciding import counted_further, due_until, wanted
from rules.daybook.entry import Place, SchoolDay, Unreadable, unpack_facts
from rules.daybook.folding import Counting, Folder, Key, Unwritten
from rules.daybook.questions import DaySpans, spans_of
from rules.daybook.records import Record, Touches, Written, begin_of, day_at, read_records
from rules.daybook.share import WHOLE, Share
from rules.standards.standard import Standard
from rules.stored.retirements import read_retirements
from store import Store

_log = logging.getLogger("rules.daybook")
# Today is counted again as readings come, in at most this share of the time.
_REST = 10

Say = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Page:
    """A school's day, and the moment up to which it is counted."""

    facts: SchoolDay
    until_ms: int

    @property
    def length_ms(self) -> int:
        """School hours of the day that are over."""
        hours = self.facts.hours
        return max(0, min(hours.end_ms, self.until_ms) - hours.begin_ms)


@dataclass(slots=True)
class BookMemory:
    """Facts read before, by the digest of their entry; a program that evaluates again and again keeps one."""

    facts: dict[Key, tuple[str, SchoolDay]] = field(default_factory=dict)
    unwritten: Unwritten = field(default_factory=Unwritten)
    rests_until_ms: int = 0


Book = Mapping[date, Mapping[Place, Page]]


def open_book(
    store: Store,
    registry: Registry,
    standard: Standard,
    days: Sequence[date],
    *,
    until_ms: int,
    now_ms: int,
    memory: BookMemory | None = None,
    share: Share = WHOLE,
    revise: bool = True,
    say: Say = lambda done, total: None,
) -> Book:
    """The pages of these days in order, counted as far as they lie before `until_ms`.

    Only schools of the share are counted; of the others stands what was written last. `now_ms`: what was
    decided later does not count. `revise`: entries that followed another calendar or other limits are written
    anew; else these are counted for this look alone, which asks what would be. Raises store.Unavailable.
    """
    if not days:
        return {}
    terms = Terms.of(registry, standard, read_retirements(store, until_ms=now_ms + 1))
    memory = memory or BookMemory()
    opening = _Opening(
        folder=Folder(store, terms, memory.unwritten),
        registered={(school.district, school.school_code) for school in registry.schools.values()},
        until_ms=until_ms,
        memory=memory,
        share=share,
        revise=revise,
    )
    return opening.pages(days, say)


@dataclass(slots=True, kw_only=True)
class _Opening:
    """One look into the book."""

    folder: Folder
    registered: set[Place]
    until_ms: int
    memory: BookMemory
    share: Share
    revise: bool
    written: dict[Key, Written] = field(default_factory=dict)

    def pages(self, days: Sequence[date], say: Say) -> Book:
        calendar, store = self.folder.terms.calendar, self.folder.store
        since, until = begin_of(calendar, days[0]), calendar.end_of(days[-1])
        self.folder.write_what_waits()
        touches = Touches(store, since, until)
        # What was stored before its touch was seen is there for sure only after the store's own delay.
        time.sleep(store.visible_after_s)
        texts = () if self.memory.facts else ("facts",)
        self.written = read_records(store, since, until, texts=texts)
        begun = [spans for day in days if (spans := spans_of(calendar, day, until_ms=self.until_ms))]
        if self.revise:
            self._void_others()
        book: dict[date, dict[Place, Page]] = {}
        for number, spans in enumerate(begun, 1):
            book[spans.day] = self._day(spans, touches)
            say(number, len(begun))
        begins = {spans.whole.begin_ms for spans in begun}
        self.memory.facts = {key: facts for key, facts in self.memory.facts.items() if key[0] in begins}
        return book

    def _void_others(self) -> None:
        """Days that are no school days any more."""
        calendar = self.folder.terms.calendar
        others: dict[int, list[Place]] = {}
        for (begin, place), found in self.written.items():
            day = day_at(calendar, begin)
            held = begin == begin_of(calendar, day) and calendar.is_school_day(day)
            if not held and found.record.counted_by != NO_SCHOOL_DAY and self.share.counts(place):
                others.setdefault(begin, []).append(place)
        for begin, places in others.items():
            self.folder.void(begin, places)

    def _day(self, spans: DaySpans, touches: Touches) -> dict[Place, Page]:
        begin, terms = spans.whole.begin_ms, self.folder.terms
        known = self.registered | self._recorded(begin) | touches.places(begin, spans.whole.end_ms)
        counted_by = terms.counted_by(spans)
        resting = self.until_ms < self.memory.rests_until_ms
        count: list[Counting] = []
        looks, derive = [], []
        stands: dict[Place, int] = {}
        for place in known:
            record = self._record((begin, place))
            if not self.share.counts(place):
                if record:
                    stands[place] = due_until(record, spans)
                continue
            covers = touches.digest(place, begin, spans.whole.end_ms)
            match wanted(
                spans,
                record,
                covers=covers,
                counted_by=counted_by,
                derived_by=terms.derived_by(place[1], spans),
                resting=resting,
                revise=self.revise,
            ):
                case "count":
                    count.append(Counting(place=place, covers=covers, record=record))
                case "look":
                    looks.append(place)
                case "later" if record:
                    stands[place] = record.until_ms
                case "derive":
                    derive.append(place)
                    stands[place] = spans.until_ms
                case _:
                    stands[place] = spans.until_ms
        pages = self._look(spans, looks) if looks else {}
        # What would be cannot be counted where readings are gone; what was counted then stands.
        stands |= {place: spans.until_ms for place in looks if place not in pages}
        pages |= self._stand(begin, stands)
        count += [
            Counting(place=place, covers=touches.digest(place, begin, spans.whole.end_ms), record=None)
            for place in stands.keys() - pages.keys()
            if self.share.counts(place)
        ]
        if count:
            pages |= self._count(spans, count)
        if derive:
            self.folder.derive(spans, derive)
        return {place: page for place, page in pages.items() if page.facts.known}

    def _look(self, spans: DaySpans, places: Sequence[Place]) -> dict[Place, Page]:
        """Counted for this look alone, where all readings are left that the entry knows."""
        found = self.folder.look(spans, [school for _, school in places])
        nothing = SchoolDay(hours=spans.hours)
        pages = {}
        for place in places:
            record, entry = self._record((spans.whole.begin_ms, place)), found.get(place)
            readings = entry.readings if entry else 0
            if record is None or counted_further(record, spans) or readings >= record.readings:
                pages[place] = Page(entry.facts if entry else nothing, spans.until_ms)
        return pages

    def _recorded(self, begin_ms: int) -> set[Place]:
        return {
            place
            for keys in (self.written, self.memory.unwritten.entries)
            for at, place in keys
            if at == begin_ms
        }

    def _record(self, key: Key) -> Record | None:
        if key in self.memory.unwritten.entries:
            return self.memory.unwritten.entries[key][0]
        found = self.written.get(key)
        return found.record if found else None

    def _count(self, spans: DaySpans, count: Sequence[Counting]) -> dict[Place, Page]:
        began, begin = time.monotonic(), spans.whole.begin_ms
        # A day seen for the first time may know schools that the registry does not. Where anything is written
        # of it, that may have outlived its readings.
        first_sight = not any(map(self.share.counts, self._recorded(begin)))
        made = self.folder.count(spans, count, everything=first_sight, share=self.share)
        heard = sum(not entry.empty for _, entry in made.values())
        if first_sight and heard:
            _log.info("day book: %s is counted for the first time, %d schools", spans.day, heard)
        for place, (record, entry) in made.items():
            self.memory.facts[begin, place] = record.digest, entry.facts
        if spans.until_ms < spans.hours.end_ms:
            self.memory.rests_until_ms = self.until_ms + round(_REST * 1000 * (time.monotonic() - began))
        return {place: Page(entry.facts, spans.until_ms) for place, (_, entry) in made.items()}

    def _stand(self, begin_ms: int, stands: Mapping[Place, int]) -> dict[Place, Page]:
        """Pages of entries that need no counting, each up to its moment."""
        facts: dict[Place, SchoolDay] = {}
        missing: set[Place] = set()
        for place in stands:
            known = self._facts((begin_ms, place))
            if known is None:
                missing.add(place)
            else:
                facts[place] = known
        if missing:
            for key, found in read_records(
                self.folder.store, begin_ms, begin_ms + 1, texts=("facts",)
            ).items():
                if key[1] in missing and (read := self._remember(key, found)) is not None:
                    facts[key[1]] = read
        return {place: Page(facts[place], until_ms) for place, until_ms in stands.items() if place in facts}

    def _facts(self, key: Key) -> SchoolDay | None:
        unwritten = self.memory.unwritten.entries.get(key)
        if unwritten:
            return unwritten[1].facts
        found = self.written[key]
        known = self.memory.facts.get(key)
        if known and known[0] == found.record.digest:
            return known[1]
        return self._remember(key, found) if found.facts else None

    def _remember(self, key: Key, found: Written) -> SchoolDay | None:
        """None: it cannot be read, and is counted again."""
        try:
            facts = unpack_facts(found.facts)
        except Unreadable as error:
            _log.warning("%s %s: %s", day_at(self.folder.terms.calendar, key[0]), key[1][1], error)
            return None
        self.memory.facts[key] = found.record.digest, facts
        return facts
