"""Readings into the store, and after them which hours of which schools they touched.

Whoever counts a day looks first at what touched it and then at its readings, and remembers what it saw. So a
day that got a reading later is counted again, whenever that was, however many programs write, and whatever
their clocks say: only whether the number is the one that was seen matters, never which is greater. Nothing is
acknowledged before both are stored; a crash in between brings the readings once more, and their touch.

A touch goes along with the readings, too, so that they never stand there without one: a month that is dropped
in that moment would take them along, counted by nobody, and the touch would come too late to be stored.
"""

import secrets
from collections.abc import Sequence

from contract import Point
from contract.daybook import TOUCHED, touched_points
from store import Rejected, Store

_BITS = 62  # a field is a signed integer of 64 bits


def store_batch(store: Store, points: Sequence[Point]) -> list[Rejected]:
    """Store them; what the store refused comes back. Raises store.Unavailable: try all of it again."""
    touched = touched_points(points, secrets.randbits(_BITS))
    rejected = store.write([*touched, *points])
    number = secrets.randbits(_BITS)
    store.write([_again(touch, number) for touch in touched])
    return [refused for refused in rejected if refused.point.measurement is not TOUCHED]


def _again(touch: Point, number: int) -> Point:
    """The same hours under another number."""
    return touch._replace(fields=tuple([None if field is None else number for field in touch.fields]))
