"""设施设备利用率: U1 lessons used, U2 time on, U3 rooms unused, U4 devices in order, U5 lessons per pupil.

A school's rate is the sum of its rooms over the sum of what could have been, never the mean of rates. A room
could be used in the lessons that the registry's timetable gives it, and in every lesson of the calendar where
the timetable does not name it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from registry import Registry, School
from registry.exact import plain, reaches, rounded
from registry.vocabulary import Verdict
from rules.facts.evidence import weakest
from rules.facts.facts import NOTHING_SEEN, DisplayFacts, Facts, RoomUseFacts
from rules.judging.multimedia import displays_here, is_faulty, may_be_multimedia
from rules.standards.standard import Standard
from rules.words import NOTHING, Reason, clock_reason, joined, reason

RateCode = Literal["U1", "U2", "U3", "U4", "U5"]
RATES: tuple[RateCode, ...] = get_args(RateCode)
_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate: what it is made of, and how much of what it should rest on is known.

    known, due: what it rests on, and what it should rest on (a room's lessons, device days, rooms, devices).
    enough: false below the standard's completeness (数据不足). verdict: only devices in order are judged.
    least, most: between these the rate lies, whatever is not known turns out to be; None: nothing is due.
    """

    code: RateCode
    numerator: Fraction
    denominator: Fraction
    known: int
    due: int
    enough: bool
    reason: Reason
    verdict: Verdict | None = None
    least: Fraction | None = None
    most: Fraction | None = None

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
        [
            (room.school_code, room.room)
            for member in members
            for room in registry.rooms_of[member.school_code]
            if may_be_multimedia(room, facts.room(room.school_code, room.room), standard.observation)
        ]
    )
    if not rooms:
        return None
    use = [facts.use[room] for room in rooms if room in facts.use]
    by_room = [displays_here(facts.rooms.get(room, NOTHING_SEEN)) for room in rooms]
    displays = [display for seen in by_room for display in seen]
    clocks = tuple(
        reason("clock.of_gateway", gateway=clock.gateway, why=clock_reason(clock.offset_ms))
        for member in members
        for clock in facts.clocks.get(member.school_code, ())
    )
    lessons = _lessons(standard, use, sum([facts.lessons_due(*room) for room in rooms]), clocks)
    return SchoolUtilisation(
        school=members[0],
        rooms=rooms,
        rates=(
            lessons,
            _time_on(standard, use, max(len(displays), len(rooms)) * len(facts.days)),
            _unused(standard, facts, rooms),
            _in_order(standard, displays, bare=sum(not seen for seen in by_room)),
            _per_pupil(lessons, members),
        ),
    )


def _lessons(standard: Standard, use: Iterable[RoomUseFacts], due: int, clocks: tuple[Reason, ...]) -> Rate:
    """U1: lessons in which a display of the room was on long enough / lessons known, over all rooms."""
    found = list(use)
    known = sum([counts.lessons_known for counts in found])
    used = sum([counts.lessons_used for counts in found])
    why = joined(
        reason("rate.lessons", used=used, known=known),
        _rests_on(found),
        reason("rate.clocks", gateways=clocks) if clocks else NOTHING,
    )
    return _rate(
        "U1",
        standard,
        Fraction(used),
        Fraction(known),
        known,
        due,
        why,
        bounds=_bounds(used, used + max(0, due - known), max(due, known)),
    )


def _rests_on(use: Iterable[RoomUseFacts]) -> Reason:
    """By what the rooms were seen in use, where that is no display's own word."""
    evidence = weakest(counts.evidence for counts in use)
    return NOTHING if evidence == "display" else reason(f"evidence.by_{evidence}")


def _time_on(standard: Standard, use: Iterable[RoomUseFacts], due: int) -> Rate:
    """U2: school hours in which a display was on / school hours in which it answered, in days."""
    found = list(use)
    days, on = (
        sum(counts.device_days for counts in found),
        sum([counts.on_days for counts in found], _NONE),
    )
    why = joined(reason("rate.time_on", on=rounded(on, 2), days=days), _rests_on(found))
    least = sum([counts.days_on_least for counts in found], _NONE)
    most = sum([counts.days_on_most for counts in found], Fraction(max(0, due - days)))
    bounds = _bounds(least, most, max(due, days))
    return _rate("U2", standard, on, Fraction(days), days, due, why, bounds=bounds)


def _unused(standard: Standard, facts: Facts, rooms: Iterable[tuple[str, str]]) -> Rate:
    """U3: rooms never used / rooms of which it is known, over the window's lessons.

    One lesson proves that a room was used; that it was not takes the standard's share of its lessons. A room
    that had no lesson is not asked about.
    """
    asked = [room for room in rooms if facts.lessons_due(*room) or not facts.lessons_over]
    known = unused_rooms(standard, facts, asked)
    idle = sum(known.values())
    why = reason("rate.unused", unused=idle, rooms=len(known), days=len(facts.days))
    used = len(known) - idle
    proven = sum(
        unused and facts.use[room].lessons_known >= facts.lessons_due(*room) for room, unused in known.items()
    )
    return _rate(
        "U3",
        standard,
        Fraction(idle),
        Fraction(len(known)),
        len(known),
        len(asked),
        why,
        bounds=_bounds(proven, len(asked) - used, len(asked)),
    )


def unused_rooms(
    standard: Standard, facts: Facts, rooms: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], bool]:
    """The rooms that U3 rests on, as (school code, room), and whether no lesson of the window used them."""
    share, days = standard.utilisation.min_completeness, len(facts.days) or 1
    wanted = min(standard.utilisation.idle_school_days, len(facts.days))
    found: dict[tuple[str, str], bool] = {}
    for room in rooms:
        use = facts.use.get(room)
        if use is None or not ((due := facts.lessons_due(*room)) or not facts.lessons_over):
            continue
        # The lessons of as many school days as a room must stand unused for.
        enough = reaches(use.lessons_known * days, due * wanted, share)
        if use.lessons_used or (use.lessons_known and enough):
            found[room] = not use.lessons_used
    return found


def _in_order(standard: Standard, displays: Iterable[DisplayFacts], *, bare: int) -> Rate:
    """U4: devices that do not report a fault in every answer / devices that answered often enough.

    bare: rooms of which no display is known; the one that should be there is a device nobody heard. Of one
    that is only known to be present nobody knows whether it has a fault.
    """
    rule, observation = standard.utilisation, standard.observation
    found = list(displays)
    least = observation.min_polls
    known = [device for device in found if device.answered >= least and device.evidence == "display"]
    sound = sum(device.faulty < device.answered for device in known)
    # A fault in every answer proves one only where hardly anything was not heard.
    proven = sum(is_faulty(device, observation) for device in known)
    devices = len(found) + bare
    silent, unproven = devices - len(known), len(known) - sound - proven
    limit = rule.serviceable_share
    verdict = in_order(sound, silent + unproven, devices, limit)
    why = joined(
        reason("rate.in_order", sound=sound, devices=len(known), percent=plain(limit * 100)),
        reason("rate.silent", devices=silent) if silent else NOTHING,
        reason("rate.unproven", devices=unproven) if unproven else NOTHING,
    )
    return _rate(
        "U4",
        standard,
        Fraction(sound),
        Fraction(len(known)),
        len(known),
        devices,
        why,
        verdict=verdict,
        bounds=_bounds(sound, sound + silent + unproven, devices),
    )


_Bounds = tuple[Fraction | None, Fraction | None]


def _bounds(least: Fraction | int, most: Fraction | int, of: int) -> _Bounds:
    return (Fraction(least, of), Fraction(most, of)) if of else (None, None)


def in_order(sound: int, silent: int, devices: int, limit: Fraction) -> Verdict:
    """The answer that stands however the silent devices turn out to be."""
    if devices and reaches(sound, devices, limit):
        return "pass"
    return "fail" if devices and not reaches(sound + silent, devices, limit) else "undetermined"


def share_known(known: int, due: int) -> Fraction:
    """采集完整率, 0 to 1."""
    return Fraction(min(known, due), due) if due else _NONE


def _per_pupil(lessons: Rate, members: Iterable[School]) -> Rate:
    """U5: lessons used / pupils of all stages."""
    counts = [member.pupils(stage) for member in members for stage in member.stages]
    known = [count for count in counts if count is not None]
    pupils = sum(known) if len(known) == len(counts) else 0
    lessons_all = max(lessons.known, lessons.due)
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
        least=lessons.least * lessons_all / pupils if lessons.least is not None and pupils else None,
        most=lessons.most * lessons_all / pupils if lessons.most is not None and pupils else None,
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
    bounds: _Bounds = (None, None),
) -> Rate:
    enough = reaches(*((min(known, due), due) if due else (0, 1)), standard.utilisation.min_completeness)
    if not enough:
        percent = rounded(share_known(known, due) * 100, 2)
        why = joined(reason("rate.incomplete", percent=percent), why)
    return Rate(
        code=code,
        numerator=numerator,
        denominator=denominator,
        known=known,
        due=due,
        enough=enough,
        reason=why,
        verdict=verdict,
        least=bounds[0],
        most=bounds[1],
    )
