"""What stands where: rooms along corridors, access points under ceilings, points a survey visits."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from firmware_sim.chance import digest
from firmware_sim.scenario import Room, School

# One measuring point for every 20 m², as operators' acceptance documents for WLAN ask.
AREA_PER_POINT_M2 = 20
_ROOM_DEPTH_M = 8.0
_ROOMS_PER_FLOOR = 6
_FLOOR_HEIGHT_M = 3.6
# A playground lies this far from the building.
_OUTDOOR_DISTANCE_M = 60.0
# The handset is carried at 1 m, the access point hangs at 3 m.
_HANDSET_BELOW_AP_M = 2.0
# Serial numbers of access points that replaced others begin here.
_REPLACEMENTS = 5000


@dataclass(frozen=True, slots=True)
class Place:
    """A place in metres; `cell` is the room's number along its floor."""

    x: float
    y: float
    z: float
    floor: int
    cell: int
    outdoor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """An access point as it was bought and hung."""

    serial: str
    mac: bytes
    name: str
    room: Room
    place: Place
    number: int  # 1, 2, … in the school


@dataclass(frozen=True, slots=True, kw_only=True)
class Projector:
    """A projector as it was bought and hung; `number` is 1, 2, … in the school."""

    device: str
    room: Room
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A measuring point of a room."""

    room: Room
    name: str
    place: Place


class Layout:
    """One school's inventory. Nothing in it changes with time."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.rooms = school.rooms

    @cached_property
    def access_points(self) -> tuple[AccessPoint, ...]:
        found: list[AccessPoint] = []
        renewed = {change.room for change in self.school.replaced}
        for index, room in enumerate(self.rooms):
            for place in _spread(room, index, room.aps):
                found.append(self._access_point(room, place, len(found) + 1, new=room.code in renewed))
        return tuple(found)

    @cached_property
    def projectors(self) -> tuple[Projector, ...]:
        rooms = [room for room in self.rooms if room.projector != "none"]
        return tuple(
            Projector(device=f"PJ-{room.code}", room=room, number=number)
            for number, room in enumerate(rooms, 1)
        )

    def points(self) -> Iterator[Point]:
        """Every place a survey visits, room by room."""
        for index, room in enumerate(self.rooms):
            if room.coverage != "none":
                for number, place in enumerate(_spread(room, index, points_of(room)), 1):
                    below = Place(
                        place.x,
                        place.y,
                        place.z - _HANDSET_BELOW_AP_M,
                        place.floor,
                        place.cell,
                        place.outdoor,
                    )
                    yield Point(room=room, name=f"P{number}", place=below)

    @cached_property
    def replaced(self) -> dict[str, tuple[dt.date, AccessPoint]]:
        """Access points that were replaced: by the serial number of the new one, the day and the old one."""
        days = {change.room: change.day for change in self.school.replaced}
        return {
            ap.serial: (days[ap.room.code], self._access_point(ap.room, ap.place, ap.number))
            for ap in self.access_points
            if ap.room.code in days
        }

    def neighbours(self, place: Place) -> list[AccessPoint]:
        """Access points near enough to matter: two rooms to either side, one floor up or down."""
        return [
            ap
            for ap in self.access_points
            if ap.place.outdoor == place.outdoor
            and abs(ap.place.floor - place.floor) <= 1
            and abs(ap.place.cell - place.cell) <= 2
        ]

    def _access_point(self, room: Room, place: Place, number: int, *, new: bool = False) -> AccessPoint:
        """`new`: the one that was hung in place of another."""
        code, piece = self.school.code, number + (_REPLACEMENTS if new else 0)
        # Locally administered (bit 1 of the first octet): no maker's real address is used.
        mac = b"\x02" + digest(code, piece, "mac").to_bytes(8)[:3] + piece.to_bytes(2)
        name = _clip(f"{room.name}-AP{number:02d}", self.school.name_encoding)
        serial = f"21023SIM{code[:2]}{code[4:]}{piece:04d}"
        return AccessPoint(serial=serial, mac=mac, name=name, room=room, place=place, number=number)


def points_of(room: Room) -> int:
    """How many measuring points a room of this area has."""
    return max(1, math.ceil(room.area_m2 / AREA_PER_POINT_M2))


def wall_count(one: Place, other: Place) -> int:
    return abs(one.cell - other.cell)


def _spread(room: Room, index: int, count: int) -> list[Place]:
    """`count` places spread evenly over the room, at the ceiling."""
    area = float(room.area_m2)
    # A hall is square, a classroom is as deep as the building.
    depth = max(_ROOM_DEPTH_M, math.sqrt(area)) if area > 200 else min(_ROOM_DEPTH_M, math.sqrt(area))
    width = area / depth
    floor, cell = divmod(index, _ROOMS_PER_FLOOR)
    outdoor = room.coverage == "outdoor"
    left = cell * _ROOM_DEPTH_M * 1.2
    front = index * _OUTDOOR_DISTANCE_M if outdoor else 0.0
    columns = max(1, round(math.sqrt(count * width / depth)))
    rows = math.ceil(count / columns)
    return [
        Place(
            x=left + width * (number % columns + 0.5) / columns,
            y=front + depth * (number // columns + 0.5) / rows,
            z=0.0 if outdoor else floor * _FLOOR_HEIGHT_M,
            floor=0 if outdoor else floor,
            cell=cell,
            outdoor=outdoor,
        )
        for number in range(count)
    ]


def _clip(name: str, encoding: str) -> str:
    """At most 31 bytes, whole characters (hwWlanRadioInfoApName, HUAWEI-WLAN-AP-RADIO-MIB)."""
    prefix, dash, suffix = name.rpartition("-")
    while len(f"{prefix}{dash}{suffix}".encode(encoding)) > 31:
        prefix = prefix[:-1]
    return f"{prefix}{dash}{suffix}"
