"""Days before an evaluation's window: of some of them readings came late, and some nobody counted in time."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from registry import Registry
from rules.daybook.basis import Terms
from rules.daybook.book import open_book
from rules.daybook.deciding import wanted
from rules.daybook.folding import Key
from rules.daybook.questions import DaySpans, spans_of
from rules.daybook.records import Touches, Written, begin_of, read_records
from rules.daybook.share import Share
from rules.standards.standard import Standard
from rules.stored.retirements import read_retirements
from store import Store

# So many days are held in memory at a time.
_DAYS = 10


def count_arrears(
    store: Store, registry: Registry, standard: Standard, *, before: date, now_ms: int, share: Share
) -> Sequence[date]:
    """Count those before `before` that something touched since, as long as that is known: it expires with
    the readings. Returns them, oldest first. Raises store.Unavailable."""
    found = _in_arrears(store, registry, standard, before=before, now_ms=now_ms, share=share)
    for at in range(0, len(found), _DAYS):
        days = found[at : at + _DAYS]
        open_book(store, registry, standard, days, until_ms=now_ms + 1, now_ms=now_ms, share=share)
    return found


def _in_arrears(
    store: Store, registry: Registry, standard: Standard, *, before: date, now_ms: int, share: Share
) -> list[date]:
    calendar = registry.calendar
    end_ms = begin_of(calendar, before)
    touches = Touches(store, 0, end_ms)
    if touches.oldest_ms is None:
        return []
    first = calendar.day_of(touches.oldest_ms)
    written = read_records(store, begin_of(calendar, first), end_ms)
    terms = Terms.of(registry, standard, read_retirements(store, until_ms=now_ms + 1))
    days = (first + timedelta(days=number) for number in range((before - first).days))
    begun = [spans for day in days if (spans := spans_of(calendar, day, until_ms=now_ms + 1))]
    return [spans.day for spans in begun if _is_behind(spans, touches, written, terms, share)]


def _is_behind(
    spans: DaySpans, touches: Touches, written: Mapping[Key, Written], terms: Terms, share: Share
) -> bool:
    """Whether anything is to be made anew of a school that the day was touched of."""
    begin, end = spans.whole.begin_ms, spans.whole.end_ms
    counted_by = terms.counted_by(spans)
    for place in filter(share.counts, touches.places(begin, end)):
        covers, found = touches.digest(place, begin, end), written.get((begin, place))
        decision = wanted(
            spans,
            found.record if found else None,
            covers=covers,
            counted_by=counted_by,
            derived_by=terms.derived_by(place[1], spans),
            resting=False,
            revise=True,
        )
        if covers and decision != "nothing":
            return True
    return False
