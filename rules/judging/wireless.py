"""无线网络全覆盖: by point, by room, by school. Two things make a room covered, and both are kept apart.

A survey in which enough points are strong enough (信号达标), and serving access points that were up in
school hours (有信号源). No standard gives figures for schools; the profile is the standard file's.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from registry import Registry, Room, School
from registry.exact import plain, reaches, rounded_ratio
from registry.vocabulary import AreaClass, Verdict
from rules.facts.facts import AccessPointFacts, Facts, RoomFacts, Sample
from rules.standards.standard import Wireless
from rules.words import Reason, first_of, joined, reason

_WORST: tuple[Verdict, ...] = ("fail", "undetermined", "pass")
_NAMED = 3  # so many weak points or rooms are named in a reason; the figures say how many there are


class RoomCoverage(NamedTuple):
    """One room's answer with the counts behind it; None where nothing is known.

    A named tuple, as a district has thousands and a frozen dataclass takes four times as long to make.
    """

    room: Room
    area_class: AreaClass
    verdict: Verdict
    reason: Reason
    points: int
    points_covered: int
    points_required: int | None
    worst_rssi_dbm: int | None
    ap_samples: int
    ap_up: int
    signal_source: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCoverage:
    """One school's answer: covered when every one of the `required` rooms is.

    `rooms` is empty where nothing was observed.
    """

    school: School
    verdict: Verdict
    reason: Reason
    required: int
    rooms: tuple[RoomCoverage, ...]

    def count(self, verdict: Verdict) -> int:
        return [room.verdict for room in self.rooms].count(verdict)

    @property
    def completeness(self) -> Fraction | None:
        """Share of the required rooms that have an answer."""
        known = len(self.rooms) - self.count("undetermined")
        return Fraction(known, self.required) if self.required else None


class _Answer(NamedTuple):
    verdict: Verdict
    reason: Reason


class _Polls(NamedTuple):
    """How often access points should have been asked, told their state, and were up."""

    due: int
    known: int
    up: int


class _Point(NamedTuple):
    """One measuring point: whether it is covered (None: cannot be told), and the best signal heard there."""

    name: str
    covered: bool | None
    level: int | None
    samples: list[Sample]


_NOT_OBSERVED = _Answer("undetermined", reason("wireless.not_observed"))
_NOTHING_REQUIRED = _Answer("undetermined", reason("wireless.nothing_required"))


def judge_school(
    registry: Registry, members: tuple[School, ...], facts: Facts | None, rule: Wireless
) -> SchoolCoverage:
    """A school with those merged into it; without facts nothing can be said."""
    required = [
        room
        for member in members
        for room in registry.rooms_of[member.school_code]
        if room.coverage != "none"
    ]
    if facts is None or not required:
        answer, rooms = _NOT_OBSERVED if required else _NOTHING_REQUIRED, tuple[RoomCoverage, ...]()
    else:
        rooms = tuple([judge_room(room, facts, rule) for room in required])
        answer = _school_answer(rooms)
    return SchoolCoverage(
        school=members[0],
        verdict=answer.verdict,
        reason=answer.reason,
        required=len(required),
        rooms=rooms,
    )


def judge_room(room: Room, facts: Facts, rule: Wireless) -> RoomCoverage:
    """A room is covered when its survey and its access points say so; either can refuse it alone."""
    if room.coverage == "none":
        raise ValueError(f"room {room.room} of {room.school_code} needs no coverage")
    seen = facts.room(room.school_code, room.room)
    limit = _limit(room.coverage, rule)
    points = [_judge_point(name, samples, limit, rule) for name, samples in _by_point(seen.samples).items()]
    answers = [point.covered for point in points]
    levels = [point.level for point in points if point.level is not None]
    required = _points_required(room.area_m2, rule) if room.area_m2 is not None else None
    aps = _serving(room, seen, facts)
    survey = _survey_answer(points, answers, required, limit, facts, rule)
    polls = _polls(aps)
    service = _service_answer(aps, polls, rule)
    return RoomCoverage(
        room=room,
        area_class=room.coverage,
        verdict=_both(survey.verdict, service.verdict),
        reason=_worst_first(survey, service),
        points=len(points),
        points_covered=answers.count(True),
        points_required=required,
        worst_rssi_dbm=min(levels) if levels else None,
        ap_samples=polls.known,
        ap_up=polls.up,
        signal_source=_signal_source(aps),
    )


def _survey_answer(
    points: list[_Point],
    answers: list[bool | None],
    required: int | None,
    limit: int,
    facts: Facts,
    rule: Wireless,
) -> _Answer:
    if not points:
        return _Answer("undetermined", reason("survey.none", since=facts.survey_since.isoformat()))
    number, covered, weak = max(required or 0, len(points)), answers.count(True), answers.count(False)
    counts = reason("survey.points", covered=covered, number=number)
    if required is None:
        return _Answer("undetermined", joined(reason("survey.no_area"), counts))
    if not reaches(number - weak, number, rule.points_share):
        named = first_of([_level(point) for point in points if point.covered is False], _NAMED)
        why = reason(
            "survey.weak", covered=covered, number=number, points=named, rssi_dbm=limit, snr_db=rule.snr_db
        )
        return _Answer("fail", why)
    if len(points) < required:
        return _Answer("undetermined", reason("survey.too_few", number=len(points), required=required))
    if not reaches(covered, number, rule.points_share):
        return _Answer("undetermined", joined(counts, reason("survey.no_snr", number=answers.count(None))))
    return _Answer("pass", counts)


def _points_required(area_m2: Fraction, rule: Wireless) -> int:
    """One point for every m2_per_point begun: whole numbers, rounded up."""
    area, below = area_m2.as_integer_ratio()
    each, of = rule.m2_per_point.as_integer_ratio()
    return max(1, -(-area * of // (below * each)))


def _polls(aps: tuple[AccessPointFacts, ...]) -> _Polls:
    """Of all serving access points together: one of two that is down halves the room's figure."""
    due = known = up = 0
    for ap in aps:
        due += ap.due
        known += ap.known
        up += ap.up
    return _Polls(due, known, up)


def _service_answer(aps: tuple[AccessPointFacts, ...], asked: _Polls, rule: Wireless) -> _Answer:
    if not aps:
        return _Answer("undetermined", reason("service.unknown"))
    polls, known, up = asked
    if known < rule.min_polls or not reaches(known, polls, rule.min_known_share):
        return _Answer("undetermined", reason("service.too_few_polls", known=known, polls=polls))
    percent, polls = _percent(up, known), max(polls, known)
    if reaches(up, polls, rule.availability):
        return _Answer("pass", reason("service.up", percent=percent))
    limit = _exact_percent(*rule.availability.as_integer_ratio())
    if reaches(up + polls - known, polls, rule.availability):
        # Of all that was due: what is not known could still turn it either way.
        return _Answer(
            "undetermined", reason("service.open", percent=percent, known=known, polls=polls, limit=limit)
        )
    down = tuple([ap.ap for ap in aps if ap.up < ap.known])
    return _Answer("fail", reason("service.down", percent=percent, limit=limit, aps=down))


@lru_cache(1 << 12)
def _percent(part: int, whole: int) -> str:
    """A district's access points are asked equally often: few percentages differ."""
    return rounded_ratio((100 * part, whole), 2)


@cache
def _exact_percent(part: int, whole: int) -> str:
    return plain(Fraction(100 * part, whole))


def _school_answer(rooms: tuple[RoomCoverage, ...]) -> _Answer:
    failing = [room for room in rooms if room.verdict == "fail"]
    unknown = [room for room in rooms if room.verdict == "undetermined"]
    covered = len(rooms) - len(failing) - len(unknown)
    counts = reason("wireless.rooms", covered=covered, number=len(rooms))
    if failing:
        why = joined(counts, reason("wireless.not_covered", rooms=_names(failing)))
        if unknown:
            why = joined(why, reason("wireless.others_not_known", number=len(unknown)))
        return _Answer("fail", why)
    if len(unknown) == len(rooms):
        return _Answer("undetermined", reason("wireless.none_known", number=len(rooms)))
    if unknown:
        return _Answer("undetermined", joined(counts, reason("wireless.not_known", rooms=_names(unknown))))
    return _Answer("pass", counts)


def _names(rooms: list[RoomCoverage]) -> tuple[str | Reason, ...]:
    return first_of([room.room.room for room in rooms], _NAMED)


def _serving(room: Room, seen: RoomFacts, facts: Facts) -> tuple[AccessPointFacts, ...]:
    """The room's own access points; where it has none, those that were heard best at its points."""
    own = tuple([ap for ap in seen.aps if ap.here])
    if own:
        return own
    heard = dict.fromkeys(sample.ap for sample in seen.samples if sample.ap)
    found = [facts.aps.get((room.school_code, ap)) for ap in heard]
    return tuple(ap for ap in found if ap is not None)


def _signal_source(aps: Iterable[AccessPointFacts]) -> bool | None:
    states = [ap.last_state for ap in aps if ap.last_state not in {None, "unknown"}]
    return "up" in states if states else None


def _by_point(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    points: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        points[sample.point].append(sample)
    return points


def _judge_point(name: str, samples: list[Sample], limit: int, rule: Wireless) -> _Point:
    """The best band counts: covered if one is, unknown if one might be."""
    covered: bool | None = False
    level: int | None = None
    for sample in samples:
        heard = sample.rssi_dbm
        if heard is None:
            continue
        if level is None or heard > level:
            level = heard
        if heard >= limit and not covered:
            if sample.snr_db is None:
                covered = None
            elif sample.snr_db >= rule.snr_db:
                covered = True
    return _Point(name, covered, level, samples)


def _level(point: _Point) -> Reason:
    level, samples = point.level, point.samples
    if level is None:
        return reason("survey.silent_point", point=point.name)
    noise = max((s.snr_db for s in samples if s.rssi_dbm == level and s.snr_db is not None), default=None)
    if noise is None:
        return reason("survey.point", point=point.name, rssi_dbm=level)
    return reason("survey.point_snr", point=point.name, rssi_dbm=level, snr_db=noise)


def _limit(coverage: AreaClass, rule: Wireless) -> int:
    limits = rule.limit_dbm
    return limits.key if coverage == "key" else limits.minor if coverage == "minor" else limits.outdoor


def _both(verdict: Verdict, other: Verdict) -> Verdict:
    if "fail" in (verdict, other):
        return "fail"
    return "undetermined" if "undetermined" in (verdict, other) else "pass"


def _worst_first(answer: _Answer, other: _Answer) -> Reason:
    """Both reasons, that of the worse answer first."""
    if answer.verdict != other.verdict and _WORST.index(other.verdict) < _WORST.index(answer.verdict):
        return joined(other.reason, answer.reason)
    return joined(answer.reason, other.reason)
