"""Rooms as people call them: by name with the number, not by a bare number."""

from collections.abc import Iterable

from registry import Room
from rules.report.printing import first_of

_NAMED = 3  # so many are named, then how many there are


def room_called(room: Room) -> str:
    if room.name and room.name != room.room:
        return f"{room.name}（{room.room}）"
    return f"{room.room}室" if room.room.isdigit() else room.room


def rooms_called(rooms: Iterable[Room]) -> str:
    return first_of([room_called(room) for room in rooms], _NAMED, "间")
