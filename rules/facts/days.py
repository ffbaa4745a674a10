"""One school day's counts, made by the store; days that are over are remembered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from contract import DISPLAY_TYPES, MEASUREMENTS
from registry.calendar import Calendar, Interval
from registry.timetable import RoomKey, Timetable
from rules.facts.facts import AssetFacts
from rules.standards.standard import Utilisation
from store import Condition, Query, Row, Select, Store

# A day that is over is counted again after this time: a gateway may deliver it late.
RECOUNT_MS = 3_600_000

Key = tuple[str, ...]
# A telling of a ledger: district, school, gateway, and its time.
Telling = tuple[str, str, str, int]

AP_TAGS = ("school", "room", "ap")
DEVICE_TAGS = ("school", "room", "device", "type")
COLLECTOR_TAGS = ("school", "collector")

_DISPLAY = Condition("type", "=", DISPLAY_TYPES)
_ANSWERED = Condition("reachable", "=", True)
_ON = Condition("power", "=", "on")
_LIT = Condition("power", "=", ("on", "warming"))
_ERROR = Condition("condition", "=", "error")


@dataclass(frozen=True, slots=True)
class Count:
    """A counting question to the store: rows that meet the conditions, per group of tags."""

    measurement: str
    field: str
    group_by: tuple[str, ...]
    where: tuple[Condition, ...] = ()


COUNTS = {
    "ap_polls": Count("access_point", "state", AP_TAGS),
    "ap_up": Count("access_point", "state", AP_TAGS, (Condition("state", "=", "up"),)),
    "ap_unknown": Count("access_point", "state", AP_TAGS, (Condition("state", "=", "unknown"),)),
    "polls": Count("room_device", "reachable", DEVICE_TAGS, (_DISPLAY,)),
    "answered": Count("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED)),
    "on": Count("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED, _ON)),
    # A condition that is not reported is no error, so errors are counted and taken off what was on.
    "on_faulty": Count("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED, _ON, _ERROR)),
    "faulty": Count("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED, _ERROR)),
    "power_known": Count("room_device", "power", DEVICE_TAGS, (_DISPLAY,)),
    "power_on": Count("room_device", "power", DEVICE_TAGS, (_DISPLAY, _LIT)),
    "rounds": Count("collector_run", "status", COLLECTOR_TAGS),
    "rounds_ok": Count("collector_run", "status", COLLECTOR_TAGS, (Condition("status", "=", "ok"),)),
}


class Lessons(NamedTuple):
    """Lessons of one room."""

    known: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The counts of one school day, by question and group, and each access point's last state.

    lessons: of every room with displays (school, room), its lessons about which something is known, and
    those of them in which a display was used. slots: how many lessons were over; own: how many of them each
    room has that the timetable names.
    """

    counts: dict[str, dict[Key, int]]
    last_states: dict[Key, str]
    lessons: dict[Key, Lessons]
    slots: int
    own: dict[Key, int]
    counted_ms: int


@dataclass(slots=True)
class DayMemory:
    """Days counted and ledgers read before; a program that evaluates again and again keeps one."""

    days: dict[date, Day] = field(default_factory=dict)
    basis: tuple[Utilisation, Calendar, Timetable] | None = None
    tellings: dict[Telling, tuple[AssetFacts, ...]] = field(default_factory=dict)

    def forget_all_but(self, days: tuple[date, ...]) -> None:
        self.days = {day: counted for day, counted in self.days.items() if day in days}


def count_day(
    store: Store,
    day: date,
    calendar: Calendar,
    timetable: Timetable,
    rule: Utilisation,
    *,
    until_ms: int,
    now_ms: int,
    memory: DayMemory,
) -> Day | None:
    """Everything counted within the day's school hours, as far as they lie before `until_ms`.

    None where they have not begun. `rule` says when a lesson's display was used, `timetable` which lessons
    a room has. Days counted under another rule, calendar or timetable are forgotten.
    """
    hours = calendar.school_hours(day)
    if hours is None or hours.begin_ms >= until_ms:
        return None
    basis = (rule, calendar, timetable)
    if memory.basis != basis:
        memory.days, memory.basis = {}, basis
    known = memory.days.get(day)
    if known is not None and now_ms - known.counted_ms < RECOUNT_MS:
        return known
    since, until = hours.begin_ms, min(hours.end_ms, until_ms)
    counts = {name: _count(store, question, since, until) for name, question in COUNTS.items()}
    # A lesson is looked at when it is over.
    slots = calendar.named_slots(day, until_ms=until_ms)
    weekday = calendar.weekday_of(day)

    def has(room: RoomKey, slot: str) -> bool:
        return timetable.has(room, slot, day, weekday=weekday)

    counted = Day(
        counts=counts,
        last_states=_last_states(store, since, until),
        lessons=_lessons(store, slots, has, rule) if counts["power_known"] else {},
        slots=len(slots),
        own={room: sum(has(room, name) for name, _ in slots) for room in timetable.rooms},
        counted_ms=now_ms,
    )
    if hours.end_ms <= until_ms:
        memory.days[day] = counted
    return counted


def _lessons(
    store: Store,
    slots: Iterable[tuple[str, Interval]],
    has: Callable[[RoomKey, str], bool],
    rule: Utilisation,
) -> dict[Key, Lessons]:
    found: dict[Key, Lessons] = {}
    for name, slot in slots:
        known = _count(store, COUNTS["power_known"], slot.begin_ms, slot.end_ms)
        lit = _count(store, COUNTS["power_on"], slot.begin_ms, slot.end_ms) if known else {}
        rooms: dict[RoomKey, bool] = {}
        for key, answers in known.items():
            room = (key[0], key[1])
            if answers >= rule.min_slot_samples and has(room, name):
                used = was_used(lit.get(key, 0), answers, slot, rule)
                rooms[room] = rooms.get(room, False) or used
        for room, used in rooms.items():
            before = found.get(room, Lessons(0, 0))
            found[room] = Lessons(before.known + 1, before.used + used)
    return found


def was_used(lit: int, answers: int, slot: Interval, rule: Utilisation) -> bool:
    """On for so many minutes: the share of answers in which it was on, times the lesson's length."""
    return lit * (slot.end_ms - slot.begin_ms) >= rule.used_minutes * 60_000 * answers


def _count(store: Store, question: Count, since: int, until: int) -> dict[Key, int]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS[question.measurement],
            select=(Select(question.field, "count", "n"),),
            group_by=question.group_by,
            where=question.where,
            since=since,
            until=until,
        )
    )
    return {group_key(row, question.group_by): int(row.values["n"] or 0) for row in rows}


def _last_states(store: Store, since: int, until: int) -> dict[Key, str]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["access_point"],
            select=(Select("state", "last", "state"),),
            group_by=AP_TAGS,
            since=since,
            until=until,
        )
    )
    return {group_key(row, AP_TAGS): str(row.values["state"]) for row in rows}


def group_key(row: Row, tags: tuple[str, ...]) -> Key:
    """A row's group as a tuple, in the order asked for."""
    return tuple(row.tags.get(tag, "") for tag in tags)
