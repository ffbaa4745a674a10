"""Readings beside the registry: what was heard of that it does not name, and what it names without a device.

A room map with a slip in it leaves readings outside every figure: they are told, with the likely match.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from registry import Registry
from rules.facts.facts import Facts, RoomFacts
from rules.judging.multimedia import displays_here
from rules.words import Reason, reason

What = Literal["school", "room", "no_room", "no_display", "no_access_point"]
_ALIKE = 0.5  # of two names, by difflib's ratio: R1 is like R101


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Something that readings and registry do not agree on.

    school, room: a code that the registry does not have; no_room: devices without any room; no_display,
    no_access_point: a room that should have one and of which no device is known. readings: so many wait.
    """

    what: What
    school: str
    room: str = ""
    readings: int = 0
    likely: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        if self.likely:
            return reason(
                f"unmatched.{self.what}_likely",
                room=self.room,
                school=self.school,
                readings=self.readings,
                likely=self.likely,
            )
        return reason(f"unmatched.{self.what}", room=self.room, school=self.school, readings=self.readings)


def unmatched(registry: Registry, facts: Facts) -> tuple[Unmatched, ...]:
    """Unknown schools first, then school by school unknown rooms, devices without one, rooms without."""
    return (
        *_unknown_schools(registry, facts),
        *_rooms(registry, facts),
        *_without(registry, facts),
    )


def _unknown_schools(registry: Registry, facts: Facts) -> Iterator[Unmatched]:
    strangers = facts.heard - registry.schools.keys()
    waiting: Counter[str] = Counter()
    for (school, _), seen in facts.rooms.items():
        if school in strangers:
            waiting[school] += _readings(seen)
    for school in sorted(strangers):
        yield Unmatched(
            what="school",
            school=school,
            readings=waiting[school],
            likely=_alike(school, registry.schools, at_least=0.85),
        )


def _rooms(registry: Registry, facts: Facts) -> Iterator[Unmatched]:
    known = {(room.school_code, room.room) for room in registry.rooms}
    for school, room in sorted(facts.rooms.keys() - known):
        if school not in registry.schools:
            continue
        readings = _readings(facts.rooms[school, room])
        if room:
            likely = _alike(room, [listed.room for listed in registry.rooms_of[school]])
            yield Unmatched(what="room", school=school, room=room, readings=readings, likely=likely)
        else:
            yield Unmatched(what="no_room", school=school, readings=readings)


def _without(registry: Registry, facts: Facts) -> Iterator[Unmatched]:
    """Only of schools that are heard of: elsewhere nothing is mapped yet."""
    for school in registry.schools:
        if school not in facts.heard:
            continue
        for room in registry.rooms_of[school]:
            seen = facts.room(school, room.room)
            if room.multimedia and not displays_here(seen):
                yield Unmatched(what="no_display", school=school, room=room.room)
            if room.coverage != "none" and not seen.aps and not seen.samples:
                yield Unmatched(what="no_access_point", school=school, room=room.room)


def _readings(seen: RoomFacts) -> int:
    polls = sum(ap.polls for ap in seen.aps) + sum(display.polls for display in seen.displays)
    return polls + len(seen.samples)


def _alike(name: str, names: Iterable[str], *, at_least: float = _ALIKE) -> tuple[str, ...]:
    return tuple(get_close_matches(name, sorted(names), n=2, cutoff=at_least))
