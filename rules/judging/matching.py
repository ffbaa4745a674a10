"""Readings beside the registry: what was heard of that it does not name, and what it names without a device.

A room map with a slip in it leaves readings outside every figure: they are told, with the likely match.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from registry import Registry
from rules.facts.heard import Heard, HeardRoom
from rules.words import NOTHING, Reason, joined, reason

What = Literal["school", "district", "room", "no_room", "no_display", "no_access_point"]
_NOTHING_HEARD = HeardRoom()
_ALIKE = 0.5  # of two names, by difflib's ratio: R1 is like R101


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Something that readings and registry do not agree on.

    school, room: a code that the registry does not have; no_room: devices without any room; no_display,
    no_access_point: a room that should have one and of which no device is known; district: a gateway says
    another (`room`) than the registry. readings: so many wait. gateways: those of an unknown school.
    """

    what: What
    school: str
    room: str = ""
    readings: int = 0
    likely: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        likely = reason("unmatched.likely", likely=self.likely) if self.likely else NOTHING
        if self.what == "room" and not self.likely:
            likely = reason("unmatched.mend")
        gateways = reason("unmatched.gateways", gateways=self.gateways) if self.gateways else NOTHING
        what = reason(f"unmatched.{self.what}", room=self.room, school=self.school, readings=self.readings)
        return joined(what, likely, gateways)


def unmatched(registry: Registry, heard: Heard) -> tuple[Unmatched, ...]:
    """Unknown schools first, then school by school unknown rooms, devices without one, rooms without."""
    return (
        *_unknown_schools(registry, heard),
        *_other_districts(registry, heard),
        *_rooms(registry, heard),
        *_without(registry, heard),
    )


def _unknown_schools(registry: Registry, heard: Heard) -> Iterator[Unmatched]:
    strangers = heard.schools - registry.schools.keys()
    waiting: Counter[str] = Counter()
    for (school, _), room in heard.rooms.items():
        if school in strangers:
            waiting[school] += room.readings
    for school in sorted(strangers):
        yield Unmatched(
            what="school",
            school=school,
            readings=waiting[school],
            likely=alike_schools(school, registry),
            gateways=tuple(sorted(heard.gateways.get(school, ()))),
        )


def _other_districts(registry: Registry, heard: Heard) -> Iterator[Unmatched]:
    """A gateway whose address names another district than the registry: pages by district miss it."""
    for code, school in registry.schools.items():
        for district in sorted(heard.districts.get(code, frozenset()) - {school.district}):
            yield Unmatched(what="district", school=code, room=district, likely=(school.district,))


def _rooms(registry: Registry, heard: Heard) -> Iterator[Unmatched]:
    known = {(room.school_code, room.room) for room in registry.rooms}
    for school, room in sorted(heard.rooms.keys() - known):
        if school not in registry.schools:
            continue
        readings = heard.rooms[school, room].readings
        if room:
            likely = alike(room, [listed.room for listed in registry.rooms_of[school]])
            yield Unmatched(what="room", school=school, room=room, readings=readings, likely=likely)
        else:
            yield Unmatched(what="no_room", school=school, readings=readings)


def _without(registry: Registry, heard: Heard) -> Iterator[Unmatched]:
    """Only of schools that are heard of: elsewhere nothing is mapped yet."""
    for school in registry.schools:
        if school not in heard.schools:
            continue
        for room in registry.rooms_of[school]:
            seen = heard.rooms.get((school, room.room), _NOTHING_HEARD)
            if room.multimedia and not seen.display:
                yield Unmatched(what="no_display", school=school, room=room.room)
            if room.coverage != "none" and not seen.access_point:
                yield Unmatched(what="no_access_point", school=school, room=room.room)


def alike_schools(code: str, registry: Registry) -> tuple[str, ...]:
    """Codes of the registry that differ from this one by a slip."""
    return alike(code, registry.schools, at_least=0.85)


def alike(name: str, names: Iterable[str], *, at_least: float = _ALIKE) -> tuple[str, ...]:
    """Names that this one may stand for, the likeliest first."""
    return tuple(get_close_matches(name, sorted(names), n=2, cutoff=at_least))
