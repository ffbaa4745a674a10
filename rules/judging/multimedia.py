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
from runtime.said import said

Seen = Literal["working", "not_working", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUse:
    """Whether one room was seen to be a networked multimedia room."""

    school_code: str
    room: str
    declared: bool | None
    seen: Seen
    reason: str


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
    answers = [(display, *_judge_display(display, rule)) for display in facts.displays]
    for wanted in ("working", "unknown", "not_working"):
        for display, seen, reason in answers:
            if seen == wanted:
                return _use(room, seen, f"{display.device}：{reason}{_network(facts, seen)}")
    text = said("没有任何显示设备的数据", "no data of any display in this room")
    return _use(room, "unknown", text)


def _judge_display(display: DisplayFacts, rule: Observation) -> tuple[Seen, str]:
    answered, working = display.answered, display.working
    if working:
        return "working", said(
            f"{answered} 次应答中 {working} 次正常开机", f"on and well in {working} of {answered} answers"
        )
    if not answered:
        return "unknown", said(f"询问 {display.polls} 次均未应答", f"never answered in {display.polls} polls")
    if answered >= rule.min_polls and display.faulty == answered:
        return "not_working", said(
            f"{answered} 次应答全部报告故障", f"reported an error in all {answered} answers"
        )
    days = f"{display.days_answered}/{rule.school_days}"
    if display.days_answered >= rule.answered_days_share * rule.school_days:
        return "not_working", said(
            f"{days} 个教学日有应答，从未正常开机", f"answered on {days} school days, never seen on and well"
        )
    return "unknown", said(
        f"仅 {days} 个教学日有应答，尚未见其正常开机", f"answered on only {days} school days, not yet seen on"
    )


def _network(facts: RoomFacts, seen: Seen) -> str:
    up = [ap for ap in facts.aps if ap.up]
    if seen != "working" or not up:
        return ""
    return "；" + said(f"AP {up[0].ap} 在线", f"access point {up[0].ap} up")


def _use(room: Room, seen: Seen, reason: str) -> RoomUse:
    return RoomUse(
        school_code=room.school_code, room=room.room, declared=room.multimedia, seen=seen, reason=reason
    )
