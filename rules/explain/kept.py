"""Since when raw readings are there: what lies before rests on the day book and leads down no further."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from contract import MEASUREMENTS
from registry import Registry
from registry.calendar import Calendar
from rules.daybook.records import begin_of, read_records
from rules.explain.explanation import Node
from rules.facts.facts import Facts
from rules.words import Reason, reason
from store import Condition, Item, Span, Store, Tally

# A field that every reading has.
_ALWAYS = {"access_point": "state", "room_device": "reachable"}


def with_kept(node: Node, store: Store, registry: Registry, facts: Facts, schools: Iterable[str]) -> Node:
    """The explanation, and beside it since when readings of its window are there, where some are gone.

    Raises store.Unavailable.
    """
    wanted = set(schools)
    first = _first_counted(facts, wanted)
    if first is None:
        return node
    begin_ms = begin_of(registry.calendar, first)
    oldest = _oldest_ms(store, wanted, Span(begin_ms, facts.until_ms))
    why = _since(oldest, first, _counted_from(store, wanted, begin_ms), registry.calendar)
    if why is None:
        return node
    return replace(node, parts=(*node.parts, Node(level="readings", name="", reason=why)))


def _since(oldest: int | None, first: date, counted_from: int | None, calendar: Calendar) -> Reason | None:
    """None where all of the first day is there that was counted."""
    if oldest is None:
        return reason("seen.readings_gone", first=first.isoformat())
    if (since := calendar.day_of(oldest)) > first:
        return reason("seen.readings_since", since=since.isoformat(), first=first.isoformat())
    if counted_from is None or oldest <= counted_from:
        return None
    moment = datetime.fromtimestamp(oldest / 1000, UTC).astimezone(calendar.zone)
    return reason("seen.readings_since_hour", since=f"{moment:%Y-%m-%d %H:%M}")


def _counted_from(store: Store, schools: set[str], begin_ms: int) -> int | None:
    """The first reading of a day that the day book knows."""
    found = read_records(store, begin_ms, begin_ms + 1, texts=("facts", "rest"), schools=sorted(schools))
    rests = [written.entry().rest for written in found.values()]
    aps = [ap.first_ms for rest in rests for ap in rest.aps.values()]
    return min([*aps, *(device.first_ms for rest in rests for device in rest.devices.values())], default=None)


def _first_counted(facts: Facts, schools: set[str]) -> date | None:
    """The first day of the window of which an access point or a display was counted."""
    rooms = [room for (school, _), room in facts.rooms.items() if school in schools]
    days = [ap.first_day for room in rooms for ap in room.aps]
    days += [display.first_day for room in rooms for display in room.displays]
    return min((day for day in days if day is not None), default=None)


def _oldest_ms(store: Store, schools: set[str], span: Span) -> int | None:
    """The first reading that is there, from the first day on."""
    tallies = [
        Tally(
            measurement=MEASUREMENTS[kind],
            group_by=("school",),
            items=(Item(name="first", function="first_ms", field=field, span=span),),
            where=(Condition("school", "=", tuple(sorted(schools))),),
        )
        for kind, field in _ALWAYS.items()
    ]
    found = [values["first"] for tallied in store.tally(tallies) for values in tallied.values()]
    return min((moment for moment in found if isinstance(moment, int)), default=None)
