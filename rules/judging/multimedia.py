"""网络多媒体教室 as observed: a display at work in the room, on the campus network, in the last school days.

A display that was on and without a fault when it answered over the network proves both halves of the
definition at once (networked, and able to show content to a class). Silence proves nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from registry import Registry, Room, School
from registry.exact import reaches
from rules.facts.evidence import weakest
from rules.facts.facts import DisplayFacts, Facts, RoomFacts
from rules.standards.standard import Evidence, Observation
from rules.words import NOTHING, Reason, joined, reason

RoomState = Literal["working", "not_working", "unknown"]


_RESTS_ON: Mapping[Evidence, str] = {"presence": "display.by_presence", "watts": "display.by_watts"}


class MultimediaRoom(NamedTuple):
    """Whether one room was seen to be a networked multimedia room."""

    school_code: str
    room: str
    declared: bool | None
    seen: RoomState
    reason: Reason
    evidence: Evidence = "display"


@dataclass(frozen=True, kw_only=True)
class MultimediaRooms:
    """The rooms of a school (and those merged into it) that are, or may be, multimedia rooms.

    blank: rooms of which the registry does not say whether they are, and in which nothing was looked at.
    """

    rooms: tuple[MultimediaRoom, ...]
    blank: int = 0

    @property
    def rests_on(self) -> Evidence:
        """The weakest evidence by which any of them was seen at work."""
        return weakest(room.evidence for room in self.rooms if room.seen == "working")

    def count(self, seen: RoomState) -> int:
        return self._counts[seen]

    @cached_property
    def _counts(self) -> Counter[RoomState]:
        return Counter(room.seen for room in self.rooms)


def rooms_in_use(
    registry: Registry, members: Iterable[School], facts: Facts, rule: Observation
) -> MultimediaRooms:
    """Every room that is marked a multimedia room, or is not marked and has a display.

    A room that is marked as none is none, whatever display stands in it.
    """
    found: list[MultimediaRoom] = []
    blank = 0
    for member in members:
        for room in registry.rooms_of[member.school_code]:
            seen = facts.room(member.school_code, room.room)
            if may_be_multimedia(room, seen, rule):
                found.append(judge_room(room, seen, rule))
            elif room.multimedia is None and not _is_no_classroom(room, rule):
                blank += 1
    return MultimediaRooms(rooms=tuple(found), blank=blank)


def may_be_multimedia(room: Room, facts: RoomFacts, rule: Observation) -> bool:
    """Marked as one; or not marked, no room of another use by its kind, and a display stands in it."""
    if room.multimedia is not None:
        return room.multimedia
    return bool(displays_here(facts)) and not _is_no_classroom(room, rule)


def displays_here(facts: RoomFacts) -> tuple[DisplayFacts, ...]:
    """The displays that stand in the room now."""
    return tuple([display for display in facts.displays if display.here])


def _is_no_classroom(room: Room, rule: Observation) -> bool:
    kind = room.kind or ""
    return "教室" not in kind and any(word in kind for word in rule.no_multimedia_kinds)


def judge_room(room: Room, facts: RoomFacts, rule: Observation) -> MultimediaRoom:
    """One display at work is enough; all of them must be proven idle or faulty for a no.

    Where no display answered at all, what stands in for them may prove a room at work, and never idle.
    """
    displays = displays_here(facts)
    answers = [(*_judge_display(display, rule), display.evidence) for display in displays]
    if not any(display.answered for display in displays):
        others = [(*_judge_display(one, rule), one.evidence) for one in facts.stand_ins if one.here]
        answers = [answer for answer in others if answer[0] == "working"] + answers
    for wanted in ("working", "unknown", "not_working"):
        for seen, why, evidence in answers:
            if seen != wanted:
                continue
            if seen == "working" and room.multimedia is None and room.kind is None:
                # A display at work in a room of which nobody says what it is: an office has one, too.
                return _use(room, "unknown", joined(why, reason("display.unmarked")))
            unmarked = reason("display.by_use", kind=room.kind or "") if room.multimedia is None else NOTHING
            rests_on = reason(_RESTS_ON[evidence]) if seen == "working" and evidence in _RESTS_ON else NOTHING
            return _use(room, seen, joined(why, rests_on, _network(facts, seen), unmarked), evidence)
    return _use(room, "unknown", reason("display.none"))


def _judge_display(display: DisplayFacts, rule: Observation) -> tuple[RoomState, Reason]:
    device, answered = display.device, display.answered
    if not answered:
        return "unknown", reason("display.silent", device=device, polls=display.polls)
    days, of = display.days_answered, rule.school_days
    if not reaches(days, display.days_due, rule.min_known_share):
        return "unknown", reason("display.too_silent", device=device, days=days, due=display.days_due)
    if display.working:
        return "working", reason("display.working", device=device, working=display.working, answered=answered)
    # What was not heard is too short for a lesson's use; else it might have been seen at work just then.
    if is_faulty(display, rule):
        said = reason("display.faulty", device=device, answered=answered)
        return "not_working", joined(said, _unheard(display))
    if reaches(display.days_whole, of, rule.answered_days_share):
        said = reason("display.never_on", device=device, days=days, school_days=of)
        return "not_working", joined(said, _unheard(display))
    return "unknown", reason("display.not_yet_on", device=device, days=display.days_whole, school_days=of)


def is_faulty(display: DisplayFacts, rule: Observation) -> bool:
    """A fault in every answer, of which hardly any is missing since it was first asked."""
    return (
        display.answered >= rule.min_polls
        and display.faulty == display.answered
        and reaches(display.days_whole, display.days_due, rule.answered_days_share)
    )


def _unheard(display: DisplayFacts) -> Reason:
    polls = max(0, display.due - display.answered)
    return reason("display.unheard", polls=polls) if polls else NOTHING


def _network(facts: RoomFacts, seen: RoomState) -> Reason:
    up = [ap for ap in facts.aps if ap.up and ap.here]
    return reason("display.ap_up", ap=up[0].ap) if seen == "working" and up else NOTHING


def _use(room: Room, seen: RoomState, why: Reason, evidence: Evidence = "display") -> MultimediaRoom:
    return MultimediaRoom(room.school_code, room.room, room.multimedia, seen, why, evidence)
