"""What schools and rooms are called: the part of the registry that the board shows."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from registry import Registry, read_registry
from registry.districts import district_title
from registry.stamp import files_stamp
from runtime import UserError
from runtime.language import Text

log = logging.getLogger(__name__)
_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolName:
    """A school as its people call it."""

    name: str
    kind: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomName:
    """A room as its people call it, and its number; the area is decimal text in m²."""

    name: str
    kind: str = ""
    area_m2: str = ""
    number: str = ""

    @property
    def title(self) -> str:
        """The name, with the number where the name does not hold it: rooms are found by it."""
        return self.name if self.number in self.name else f"{self.name} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Schools by code, rooms by (school code, room). What is not there is shown by its code."""

    schools: Mapping[str, SchoolName] = field(default_factory=dict)
    rooms: Mapping[tuple[str, str], RoomName] = field(default_factory=dict)
    # The whole registry, which the shortfall register needs; None where only names are known.
    registry: Registry | None = None

    def school(self, code: str) -> SchoolName:
        return self.schools.get(code) or SchoolName(name=code)

    def room(self, school: str, room: str) -> RoomName:
        return self.rooms.get((school, room)) or RoomName(name=room)

    def district(self, code: str) -> Text:
        return self.registry.district_title(code) if self.registry else district_title(code, {})

    def today(self, now_ms: int) -> date:
        """The day of a moment by the registry's calendar."""
        if self.registry:
            return self.registry.calendar.day_of(now_ms)
        return datetime.fromtimestamp(now_ms / 1000, _CHINA).date()


def read_names(path: Path) -> Names:
    """The names in a registry: a folder of CSV or one XLSX; raises RegistryError, a ValueError."""
    registry = read_registry(path)
    return Names(
        schools={
            school.school_code: SchoolName(name=school.name, kind=school.kind, unit=school.unit or "")
            for school in registry.schools.values()
        },
        rooms={
            (room.school_code, room.room): RoomName(
                name=room.name or room.room,
                kind=room.kind or "",
                area_m2=_decimal(room.area_m2),
                number=room.room,
            )
            for room in registry.rooms
        },
        registry=registry,
    )


def _decimal(number: Fraction | None) -> str:
    return "" if number is None else f"{float(number):.1f}".removesuffix(".0")


class FollowedNames:
    """The names in a registry, read again when one of its files has changed.

    `read` raises ValueError where the registry cannot be used. The first time that stops the board; later
    the names stay as they were, and the log says once what is wrong.
    """

    def __init__(self, path: Path, read: Callable[[Path], Names]) -> None:
        self._path = path
        self._read = read
        self._stamp = files_stamp(path)
        self._names = read(path)

    def __call__(self) -> Names:
        stamp = files_stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._names = self._read(self._path)
            except (UserError, ValueError, OSError) as error:
                log.warning("the changed registry is not used: %s", error)
            else:
                log.info("registry read again, %d schools", len(self._names.schools))
        return self._names
