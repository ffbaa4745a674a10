"""The day book of many days out of one: a term without the half a thousand million readings behind it."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from campus.bench.term.storing import store_all
from contract import Point
from registry import Registry
from rules.daybook.basis import Terms
from rules.daybook.deriving import derive
from rules.daybook.entry import Entry
from rules.daybook.folding import TEXTS
from rules.daybook.questions import DaySpans, spans_of
from rules.daybook.records import begin_of, read_records, record_of, record_points
from rules.standards.standard import Standard
from rules.stored.retirements import Retirements
from store import Store

# Any whole number from here on is a moment: counts of a day are far below.
_MOMENT_MS = 1_000_000_000_000
_SAY_EVERY = 10
T = TypeVar("T")


def spread(
    store: Store,
    registry: Registry,
    standard: Standard,
    day: dt.date,
    others: Sequence[dt.date],
    *,
    say: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the day's entries and tables for other days, moved to their times; gives the number of points."""
    calendar, terms = registry.calendar, Terms.of(registry, standard, Retirements())
    begin = begin_of(calendar, day)
    entries = {
        place: found.entry()
        for (_, place), found in read_records(store, begin, begin + 1, texts=TEXTS).items()
    }
    written = 0
    for number, other in enumerate(others, 1):
        spans = spans_of(calendar, other, until_ms=calendar.end_of(other))
        if spans is None:
            continue
        points = list(_points(entries, terms, spans, spans.whole.begin_ms - begin))
        store_all(store, points)
        written += len(points)
        if number % _SAY_EVERY == 0:
            say(f"  {number} of {len(others)} days written")
    return written


def _points(
    entries: Mapping[tuple[str, str], Entry], terms: Terms, spans: DaySpans, later_ms: int
) -> Iterator[Point]:
    for place, entry in entries.items():
        moved = _moved(entry, later_ms)
        moved = replace(moved, rest=replace(moved.rest, weekday=spans.weekday))
        record = record_of(
            moved,
            until_ms=spans.until_ms,
            covers="",
            counted_by=terms.counted_by(spans),
            derived_by=terms.derived_by(place[1], spans),
        )
        yield from derive(place, spans.day, spans.whole.begin_ms, spans.until_ms, moved, terms.basis)
        yield from record_points(place, spans.whole.begin_ms, record, moved)


def _moved(value: T, later_ms: int) -> T:
    changed: Any = value
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        changed = value + later_ms if value >= _MOMENT_MS else value
    elif isinstance(value, tuple):
        moved = [_moved(part, later_ms) for part in value]
        changed = type(value)(*moved) if hasattr(value, "_fields") else tuple(moved)
    elif isinstance(value, Mapping):
        changed = {key: _moved(part, later_ms) for key, part in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _moved(getattr(value, field.name), later_ms) for field in fields(value)}
        changed = replace(value, **parts)
    return changed  # type: ignore[no-any-return]  # each branch keeps the type of what it was given
