"""设施设备利用率: U1 lessons used, U2 time on, U3 rooms unused, U4 devices in order, U5 lessons per pupil.

A school's rate is the sum of its rooms over the sum of what could have been, never the mean of rates. A room
could be used in the lessons that the registry's timetable gives it, and in every lesson of the calendar where
the timetable does not name it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from registry import Registry, School
from registry.exact import plain, rounded
from registry.vocabulary import Verdict
from rules.facts.facts import NOTHING_SEEN, DisplayFacts, Facts, RoomUseFacts
from rules.standards.standard import Standard
from rules.words import NOTHING, Reason, joined, reason

RateCode = Literal["U1", "U2", "U3", "U4", "U5"]
RATE_NAMES: dict[RateCode, str] = {
    "U1": "课时使用率",
    "U2": "开机时长率",
    "U3": "闲置率",
    "U4": "设备完好率",
    "U5": "生均使用课时",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate: what it is made of, and how much of what it should rest on is known.

    known, due: what it rests on, and what it should rest on (a room's lessons, device days, rooms, devices).
    enough: false below the standard's completeness (数据不足). verdict: only devices in order are judged.
    """

    code: RateCode
    numerator: Fraction
    denominator: Fraction
    known: int
    due: int
    enough: bool
    reason: Reason
    verdict: Verdict | None = None

    @property
    def completeness(self) -> Fraction:
        return share_known(self.known, self.due)

    @property
    def value(self) -> Fraction | None:
        """None where there is nothing to divide by, or too little is known."""
        return self.numerator / self.denominator if self.enough and self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolUtilisation:
    """The rates of a school with those merged into it, over its rooms with displays."""

    school: School
    rooms: tuple[tuple[str, str], ...]
    rates: tuple[Rate, ...]

    def of(self, code: RateCode) -> Rate:
        return next(rate for rate in self.rates if rate.code == code)


def utilisation_of(
    registry: Registry, standard: Standard, members: tuple[School, ...], facts: Facts
) -> SchoolUtilisation | None:
    """None for a school without any room that has or should have a display."""
    rooms = tuple(
        (room.school_code, room.room)
        for member in members
        for room in registry.rooms_of[member.school_code]
        if room.multimedia or facts.room(room.school_code, room.room).displays
    )
    if not rooms:
        return None
    use = [facts.use[room] for room in rooms if room in facts.use]
    displays = [display for room in rooms for display in facts.rooms.get(room, NOTHING_SEEN).displays]
    lessons = _lessons(standard, use, sum(facts.lessons_due(*room) for room in rooms))
    return SchoolUtilisation(
        school=members[0],
        rooms=rooms,
        rates=(
            lessons,
            _time_on(standard, use, max(len(displays), len(rooms)) * len(facts.days)),
            _unused(standard, facts, rooms),
            _in_order(standard, displays),
            _per_pupil(lessons, members),
        ),
    )


def _lessons(standard: Standard, use: Iterable[RoomUseFacts], due: int) -> Rate:
    """U1: lessons in which a display of the room was on long enough / lessons known, over all rooms."""
    found = list(use)
    known, used = sum(one.lessons_known for one in found), sum(one.lessons_used for one in found)
    why = reason("rate.lessons", used=used, known=known)
    return _rate("U1", standard, Fraction(used), Fraction(known), known, due, why)


def _time_on(standard: Standard, use: Iterable[RoomUseFacts], due: int) -> Rate:
    """U2: school hours in which a display was on / school hours in which it answered, in days."""
    found = list(use)
    days, on = sum(one.device_days for one in found), sum((one.on_days for one in found), Fraction(0))
    why = reason("rate.time_on", on=rounded(on, 2), days=days)
    return _rate("U2", standard, on, Fraction(days), days, due, why)


def _unused(standard: Standard, facts: Facts, rooms: Iterable[tuple[str, str]]) -> Rate:
    """U3: rooms never used / rooms known, over enough school days to say so.

    A room with lessons on some days only is watched on those; one that had no lesson is not asked about.
    """
    rule, days = standard.utilisation, len(facts.days)
    enough = rule.min_completeness * rule.idle_school_days
    asked = [room for room in rooms if facts.lessons_due(*room) or not facts.lessons_over]
    known = [
        facts.use[room]
        for room in asked
        if room in facts.use and facts.use[room].days_known >= enough * facts.share_of_days(*room)
    ]
    idle = sum(one.lessons_used == 0 for one in known)
    why = reason("rate.unused", unused=idle, rooms=len(known), days=days)
    return _rate("U3", standard, Fraction(idle), Fraction(len(known)), len(known), len(asked), why)


def unused_rooms(
    standard: Standard, facts: Facts, rooms: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], bool]:
    """The rooms that U3 rests on, as (school code, room), and whether no lesson of the window used them."""
    rule = standard.utilisation
    enough = rule.min_completeness * rule.idle_school_days
    return {
        room: facts.use[room].lessons_used == 0
        for room in rooms
        if room in facts.use
        and (facts.lessons_due(*room) or not facts.lessons_over)
        and facts.use[room].days_known >= enough * facts.share_of_days(*room)
    }


def _in_order(standard: Standard, displays: Iterable[DisplayFacts]) -> Rate:
    """U4: devices that do not report a fault in every answer / devices that answered often enough."""
    rule = standard.utilisation
    found = list(displays)
    known = [one for one in found if one.answered >= standard.observation.min_polls]
    sound = sum(one.faulty < one.answered for one in known)
    silent = len(found) - len(known)
    limit = rule.serviceable_share
    verdict = in_order(sound, silent, len(found), limit)
    why = joined(
        reason("rate.in_order", sound=sound, devices=len(known), percent=plain(limit * 100)),
        reason("rate.silent", devices=silent) if silent else NOTHING,
    )
    return _rate(
        "U4", standard, Fraction(sound), Fraction(len(known)), len(known), len(found), why, verdict=verdict
    )


def in_order(sound: int, silent: int, devices: int, limit: Fraction) -> Verdict:
    """The answer that stands however the silent devices turn out to be."""
    if devices and sound >= limit * devices:
        return "pass"
    return "fail" if devices and sound + silent < limit * devices else "undetermined"


def share_known(known: int, due: int) -> Fraction:
    """采集完整率, 0 to 1."""
    return min(Fraction(known, due), Fraction(1)) if due else Fraction(0)


def _per_pupil(lessons: Rate, members: Iterable[School]) -> Rate:
    """U5: lessons used / pupils of all stages."""
    counts = [member.pupils(stage) for member in members for stage in member.stages]
    known = [count for count in counts if count is not None]
    pupils = sum(known) if len(known) == len(counts) else 0
    why = (
        reason("rate.per_pupil", lessons=plain(lessons.numerator), pupils=pupils)
        if pupils
        else reason("missing.pupils")
    )
    return Rate(
        code="U5",
        numerator=lessons.numerator,
        denominator=Fraction(pupils),
        known=lessons.known,
        due=lessons.due,
        enough=lessons.enough,
        reason=why if lessons.enough else lessons.reason,
    )


def _rate(
    code: RateCode,
    standard: Standard,
    numerator: Fraction,
    denominator: Fraction,
    known: int,
    due: int,
    why: Reason,
    *,
    verdict: Verdict | None = None,
) -> Rate:
    completeness = share_known(known, due)
    enough = completeness >= standard.utilisation.min_completeness
    if not enough:
        why = joined(reason("rate.incomplete", percent=rounded(completeness * 100, 2)), why)
    return Rate(
        code=code,
        numerator=numerator,
        denominator=denominator,
        known=known,
        due=due,
        enough=enough,
        reason=why,
        verdict=verdict,
    )
