"""Since when raw readings are there: what lies before rests on the day book and leads down no further."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from contract import MEASUREMENTS
from registry import Registry
from registry.calendar import Interval
from rules.explain.explanation import Node
from rules.facts.facts import Facts
from rules.words import reason
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
    oldest = _oldest_ms(store, wanted, registry.calendar.school_hours(first), facts.until_ms)
    since = None if oldest is None else registry.calendar.day_of(oldest)
    if since == first:
        return node
    why = (
        reason("seen.readings_gone", first=first.isoformat())
        if since is None
        else reason("seen.readings_since", since=since.isoformat(), first=first.isoformat())
    )
    return replace(node, parts=(*node.parts, Node(level="readings", name="", reason=why)))


def _first_counted(facts: Facts, schools: set[str]) -> date | None:
    """The first day of the window of which an access point or a display was counted."""
    rooms = [room for (school, _), room in facts.rooms.items() if school in schools]
    days = [ap.first_day for room in rooms for ap in room.aps]
    days += [display.first_day for room in rooms for display in room.displays]
    return min((day for day in days if day is not None), default=None)


def _oldest_ms(store: Store, schools: set[str], hours: Interval | None, until_ms: int) -> int | None:
    """The first reading that is there, from the school hours of the first day on."""
    if hours is None or hours.begin_ms >= until_ms:
        return None
    tallies = [
        Tally(
            measurement=MEASUREMENTS[kind],
            group_by=("school",),
            items=(
                Item(name="first", function="first_ms", field=field, span=Span(hours.begin_ms, until_ms)),
            ),
            where=(Condition("school", "=", tuple(sorted(schools))),),
        )
        for kind, field in _ALWAYS.items()
    ]
    found = [values["first"] for tallied in store.tally(tallies) for values in tallied.values()]
    return min((moment for moment in found if isinstance(moment, int)), default=None)
