"""Days before an evaluation's window: of some of them readings came late, and some nobody counted in time.

When all of a month is counted that is told: its readings may expire then, and not before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contract import Point
from contract.daybook import BEYOND_MS, COUNTED
from registry import Registry
from rules.daybook.basis import NO_SCHOOL_DAY, Terms
from rules.daybook.book import BookMemory, open_book
from rules.daybook.deciding import wanted
from rules.daybook.entry import Place
from rules.daybook.folding import Key
from rules.daybook.questions import DaySpans, spans_of
from rules.daybook.records import Touches, Written, begin_of, read_records
from rules.daybook.share import Share
from rules.standards.standard import Standard
from rules.stored.retirements import read_retirements
from store import Query, Select, Store
from store.periods import period_of, span_of

# So many days are held in memory at a time.
_DAYS = 10


def count_arrears(
    store: Store, registry: Registry, standard: Standard, *, before: date, now_ms: int, share: Share
) -> Sequence[date]:
    """Count those before `before` that something touched since, as long as that is known: it expires with
    the readings. Returns them, oldest first. Raises store.Unavailable."""
    touches = Touches(store, 0, begin_of(registry.calendar, before))
    if touches.oldest_ms is None:
        return []
    terms = Terms.of(registry, standard, read_retirements(store, until_ms=now_ms + 1))
    arrears = _Arrears(store, terms, touches, before, now_ms, share)
    behind = arrears.behind()
    found, memory = sorted(behind), BookMemory()
    for at in range(0, len(found), _DAYS):
        days = found[at : at + _DAYS]
        open_book(
            store, registry, standard, days, until_ms=now_ms + 1, now_ms=now_ms, memory=memory, share=share
        )
    # Looked at again: another program may have written last, of less than had come by then.
    counted = list(arrears.counted(arrears.behind() if behind else {}))
    if counted and not memory.unwritten.entries:
        store.write(counted)
    return found


@dataclass(frozen=True, slots=True)
class _Arrears:
    """A look at what touched the days before one, as it was when it was read."""

    store: Store
    terms: Terms
    touches: Touches
    before: date
    now_ms: int
    share: Share

    def behind(self) -> Mapping[date, set[Place]]:
        """Days of which anything is to be made anew, and of which schools."""
        calendar = self.terms.calendar
        first = calendar.day_of(self.touches.oldest_ms or 0)
        written = read_records(self.store, begin_of(calendar, first), begin_of(calendar, self.before))
        days = (first + timedelta(days=number) for number in range((self.before - first).days))
        begun = (spans for day in days if (spans := spans_of(calendar, day, until_ms=self.now_ms + 1)))
        found = {spans.day: set(self._behind(spans, written)) for spans in begun}
        for day, place in self._closed(written):
            found.setdefault(day, set()).add(place)
        return {day: places for day, places in found.items() if places}

    def _behind(self, spans: DaySpans, written: Mapping[Key, Written]) -> Iterator[Place]:
        begin, end = spans.whole.begin_ms, spans.whole.end_ms
        counted_by = self.terms.counted_by(spans)
        for place in filter(self.share.counts, self.touches.places(begin, end)):
            covers, found = self.touches.digest(place, begin, end), written.get((begin, place))
            decision = wanted(
                spans,
                found.record if found else None,
                covers=covers,
                counted_by=counted_by,
                derived_by=self.terms.derived_by(place[1], spans),
                resting=False,
                revise=True,
            )
            if covers and decision != "nothing":
                yield place

    def _closed(self, written: Mapping[Key, Written]) -> Iterator[tuple[date, Place]]:
        """Days that were counted, and are no school days any more."""
        calendar = self.terms.calendar
        for (begin, place), found in written.items():
            day = calendar.day_of(begin)
            stands = found.record.counted_by != NO_SCHOOL_DAY and self.share.counts(place)
            if stands and not calendar.is_school_day(day):
                yield day, place

    def counted(self, behind: Mapping[date, set[Place]]) -> Iterator[Point]:
        """What is to be told of whole months, where it is not told already."""
        calendar = self.terms.calendar
        open_of: dict[Place, set[int]] = defaultdict(set)
        for day, places in behind.items():
            for place in places:
                open_of[place] |= set(_months(begin_of(calendar, day), calendar.end_of(day)))
        told = _told(self.store)
        until_ms = begin_of(calendar, self.before)
        for begin in _months((self.touches.oldest_ms or 0) - BEYOND_MS, until_ms - BEYOND_MS):
            end = span_of(period_of("readings", begin))[1] + BEYOND_MS
            for place in filter(self.share.counts, self.touches.places(begin, end)):
                digest = self.touches.month_digest(place, begin, end)
                if end <= until_ms and begin not in open_of[place] and told.get((begin, place)) != digest:
                    yield Point(COUNTED, place, begin, (digest,))


def _months(begin_ms: int, end_ms: int) -> Iterator[int]:
    """Begins of the UTC months that a span lies in."""
    moment = begin_ms
    while moment < end_ms:
        begin, moment = span_of(period_of("readings", moment))
        yield begin


def _told(store: Store) -> Mapping[Key, str]:
    rows = store.query(Query(measurement=COUNTED, select=(Select("touched"),), group_by=COUNTED.tag_names))
    return {
        (row.time or 0, (row.tags["district"], row.tags["school"])): str(row.values["touched"])
        for row in rows
    }
