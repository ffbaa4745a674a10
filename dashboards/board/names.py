"""What schools and rooms are called: the part of the registry that the board shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolName:
    """A school as its people call it."""

    name: str
    kind: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomName:
    """A room as its people call it; the area is decimal text in m²."""

    name: str
    kind: str = ""
    area_m2: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Schools by code, rooms by (school code, room). What is not there is shown by its code."""

    schools: Mapping[str, SchoolName] = field(default_factory=dict)
    rooms: Mapping[tuple[str, str], RoomName] = field(default_factory=dict)

    def school(self, code: str) -> SchoolName:
        return self.schools.get(code) or SchoolName(name=code)

    def room(self, school: str, room: str) -> RoomName:
        return self.rooms.get((school, room)) or RoomName(name=room)
