"""Readings that came when others of their day had expired: what is left would count less than was counted.

They stay out, and it is told how many of which school and day.
"""

from collections.abc import Mapping
from typing import NamedTuple

from contract import Point
from contract.daybook import LATE_DAY
from rules.daybook.entry import Entry, Place
from rules.daybook.questions import DaySpans


class Late(NamedTuple):
    """So many readings; where not exact, no more than that."""

    readings: int
    exact: bool


def late_readings(left: Entry, counted: Entry, *, touched: bool) -> Late:
    """left: what is there now. counted: what stands. touched: whether anything came since. Pure.

    What expires of a day is its first month of UTC, so that of the second all are there that were counted.
    """
    if left.rest.early is not None and counted.rest.early is not None:
        more = (left.readings - left.rest.early) - (counted.readings - counted.rest.early)
        if more >= 0:
            return Late(more, True)
    # Gone otherwise, as with a file that was lost; or counted by a version that did not tell months apart.
    return Late(left.readings if touched else 0, False)


def late_points(spans: DaySpans, found: Mapping[Place, Late]) -> list[Point]:
    return [
        Point(LATE_DAY, place, spans.whole.begin_ms, (spans.day.isoformat(), late.readings, int(late.exact)))
        for place, late in found.items()
        if late.readings
    ]
