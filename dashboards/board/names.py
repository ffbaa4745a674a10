"""What schools and rooms are called: the part of the registry that the board shows."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from registry import Registry, read_registry

log = logging.getLogger(__name__)


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
    # The whole registry, which the shortfall register needs; None where only names are known.
    registry: Registry | None = None

    def school(self, code: str) -> SchoolName:
        return self.schools.get(code) or SchoolName(name=code)

    def room(self, school: str, room: str) -> RoomName:
        return self.rooms.get((school, room)) or RoomName(name=room)


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
                name=room.name or room.room, kind=room.kind or "", area_m2=_decimal(room.area_m2)
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
        self._state = _state(path)
        self._names = read(path)

    def __call__(self) -> Names:
        state = _state(self._path)
        if state != self._state:
            self._state = state
            try:
                self._names = self._read(self._path)
            except (ValueError, OSError) as error:
                log.warning("the changed registry is not used: %s", error)
            else:
                log.info("registry read again, %d schools", len(self._names.schools))
        return self._names


def _state(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of the registry's files: different as soon as one is saved."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue  # deleted between listing and looking: different already
        found.append((file.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
