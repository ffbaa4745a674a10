"""Cells of few clients, hidden: two people in a room at night are two people.

What could be worked out from the rest is hidden with it: where one radio's count is hidden, so are those of
the access point's others. A count of none stays: it is nobody.
"""

from collections.abc import Iterable

from contract import AccessPoint, Radio, Reading


def hide_small(readings: Iterable[Reading], below: int) -> list[Reading]:
    """The readings without counts from 1 to `below` - 1; with 0 as they are."""
    found = list(readings)
    if below <= 1:
        return found
    few = {
        reading.ap
        for reading in found
        if isinstance(reading, AccessPoint | Radio) and _is_few(reading.clients, below)
    }
    return [_hidden(reading, few, below) for reading in found]


def _hidden(reading: Reading, few: set[str], below: int) -> Reading:
    if isinstance(reading, Radio) and reading.ap in few:
        return reading.model_copy(update={"clients": None})
    if isinstance(reading, AccessPoint) and _is_few(reading.clients, below):
        return reading.model_copy(update={"clients": None})
    return reading


def _is_few(count: int | None, below: int) -> bool:
    return count is not None and 0 < count < below
