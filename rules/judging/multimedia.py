"""网络多媒体教室 as observed: a display at work in the room, on the campus network, in the last school days.

A display that was on and without a fault when it answered over the network proves both halves of the
definition at once (networked, and able to show content to a class). Silence proves nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from registry import Registry, Room, School
from rules.facts.facts import DisplayFacts, Facts, RoomFacts
from rules.standards.standard import Observation
from rules.words import NOTHING, Reason, joined, reason

Seen = Literal["working", "not_working", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUse:
    """Whether one room was seen to be a networked multimedia room."""

    school_code: str
    room: str
    declared: bool | None
    seen: Seen
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class SchoolUse:
    """The rooms of a school (and those merged into it) that are, or are said to be, multimedia rooms."""

    rooms: tuple[RoomUse, ...]

    def count(self, seen: Seen) -> int:
        return self._counts[seen]

    @cached_property
    def _counts(self) -> Counter[Seen]:
        return Counter(room.seen for room in self.rooms)


def rooms_in_use(registry: Registry, members: Iterable[School], facts: Facts, rule: Observation) -> SchoolUse:
    """Every room that is declared a multimedia room or has a display that was heard of."""
    found: list[RoomUse] = []
    for member in members:
        for room in registry.rooms_of[member.school_code]:
            seen = facts.room(member.school_code, room.room)
            if room.multimedia or seen.displays:
                found.append(judge_room(room, seen, rule))
    return SchoolUse(rooms=tuple(found))


def judge_room(room: Room, facts: RoomFacts, rule: Observation) -> RoomUse:
    """One display at work is enough; all of them must be proven idle or faulty for a no."""
    answers = [_judge_display(display, rule) for display in facts.displays]
    for wanted in ("working", "unknown", "not_working"):
        for seen, why in answers:
            if seen == wanted:
                return _use(room, seen, joined(why, _network(facts, seen)))
    return _use(room, "unknown", reason("display.none"))


def _judge_display(display: DisplayFacts, rule: Observation) -> tuple[Seen, Reason]:
    device, answered = display.device, display.answered
    if display.working:
        return "working", reason("display.working", device=device, working=display.working, answered=answered)
    if not answered:
        return "unknown", reason("display.silent", device=device, polls=display.polls)
    if answered >= rule.min_polls and display.faulty == answered:
        return "not_working", reason("display.faulty", device=device, answered=answered)
    days, of = display.days_answered, rule.school_days
    if days >= rule.answered_days_share * of:
        return "not_working", reason("display.never_on", device=device, days=days, school_days=of)
    return "unknown", reason("display.not_yet_on", device=device, days=days, school_days=of)


def _network(facts: RoomFacts, seen: Seen) -> Reason:
    up = [ap for ap in facts.aps if ap.up]
    return reason("display.ap_up", ap=up[0].ap) if seen == "working" and up else NOTHING


def _use(room: Room, seen: Seen, why: Reason) -> RoomUse:
    return RoomUse(
        school_code=room.school_code, room=room.room, declared=room.multimedia, seen=seen, reason=why
    )
