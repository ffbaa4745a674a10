"""What charts need beside an answer, filled in from the answer itself and from the registry's names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from contract import Measurement, Point, Value
from registry import Registry

_Values = Mapping[str, Value | None]
UNLISTED = "（未登记）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """Where names come from, and what each indicator's code is about (the standard's own items)."""

    registry: Registry
    items: Mapping[str, str]

    def fill(self, point: Point) -> Point:
        """The point with every field that is empty and can be told from the others, or from its tags."""
        blanks = _blanks(point.measurement)
        if not blanks:
            return point
        known = dict(zip(point.measurement.tag_names, point.tags, strict=True))
        values: dict[str, Value | None] = {
            **dict(zip(point.measurement.field_names, point.fields, strict=True)),
            **known,
        }
        fields = list(point.fields)
        for place, tell in blanks:
            if fields[place] is None:
                fields[place] = tell(self, values)
        return point._replace(fields=tuple(fields))

    def school(self, code: str) -> str:
        school = self.registry.schools.get(code)
        return school.name if school else f"{code}{UNLISTED}"

    def room(self, school: str, code: str) -> str:
        """Without a name of its own a room is called by its code."""
        room = next((room for room in self.registry.rooms_of.get(school, ()) if room.room == code), None)
        return (room.name or room.room) if room else f"{code}{UNLISTED}"


_Tell = Callable[[Charts, _Values], Value | None]


def _school_name(charts: Charts, values: _Values) -> str | None:
    """None where a row is about no school: what is the bureau's own."""
    return charts.school(str(values["school"])) if values["school"] else None


def _room_name(charts: Charts, values: _Values) -> str | None:
    code = values.get("room")
    return charts.room(str(values["school"]), str(code)) if code else None


_BY_NAME: dict[str, _Tell] = {
    "school_name": _school_name,
    "room_name": _room_name,
    "district_name": lambda charts, values: charts.registry.district_title(str(values["district"])).zh,
    "item": lambda charts, values: charts.items.get(str(values["indicator"])),
    "passed": lambda charts, values: int(values["verdict"] == "pass"),
    "known": lambda charts, values: int(values["verdict"] != "undetermined"),
}
_NUMBER = "_number"


@cache
def _blanks(measurement: Measurement) -> tuple[tuple[int, _Tell], ...]:
    """The fields of a table that can be filled in, each with the way to do it."""
    found: list[tuple[int, _Tell]] = []
    for place, name in enumerate(measurement.field_names):
        if name in _BY_NAME:
            found.append((place, _BY_NAME[name]))
        elif name.endswith(_NUMBER):
            found.append((place, _number_of(name.removesuffix(_NUMBER))))
    return tuple(found)


def _number_of(text: str) -> _Tell:
    def tell(_: Charts, values: _Values) -> float | None:
        exact = values.get(text)
        # For a chart's pixels only; every decision was made before this.
        return None if exact is None else float(Fraction(str(exact)))

    return tell
