"""One school day's counts, made by the store; days that are over are remembered."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from contract import MEASUREMENTS
from rules.calendar import Calendar, Interval
from rules.facts import AssetFacts
from rules.standard import Utilisation
from store import Condition, Query, Row, Select, Store

# A day that is over is counted again after this time: a gateway may deliver it late.
RECOUNT_MS = 3_600_000

Key = tuple[str, ...]
# A telling of a ledger: district, school, gateway, and its time.
Telling = tuple[str, str, str, int]

AP_TAGS = ("school", "room", "ap")
DEVICE_TAGS = ("school", "room", "device", "type")
COLLECTOR_TAGS = ("school", "collector")

_DISPLAY = Condition("type", "=", ("projector", "panel"))
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

    lessons: of every room with displays (school, room), the lessons about which something is known, and
    those of them in which a display was used. slots: how many lessons were over.
    """

    counts: dict[str, dict[Key, int]]
    last_states: dict[Key, str]
    lessons: dict[Key, Lessons]
    slots: int
    counted_ms: int


@dataclass(slots=True)
class DayMemory:
    """Days counted and ledgers read before; a program that evaluates again and again keeps one."""

    days: dict[date, Day] = field(default_factory=dict)
    rule: Utilisation | None = None
    tellings: dict[Telling, tuple[AssetFacts, ...]] = field(default_factory=dict)

    def forget_all_but(self, days: tuple[date, ...]) -> None:
        self.days = {day: counted for day, counted in self.days.items() if day in days}


def count_day(
    store: Store,
    day: date,
    calendar: Calendar,
    rule: Utilisation,
    *,
    until_ms: int,
    now_ms: int,
    memory: DayMemory,
) -> Day | None:
    """Everything counted within the day's school hours, as far as they lie before `until_ms`.

    None where they have not begun. `rule` says when a lesson's display was used.
    """
    hours = calendar.school_hours(day)
    if hours is None or hours.begin_ms >= until_ms:
        return None
    if memory.rule != rule:
        memory.days, memory.rule = {}, rule
    known = memory.days.get(day)
    if known is not None and now_ms - known.counted_ms < RECOUNT_MS:
        return known
    since, until = hours.begin_ms, min(hours.end_ms, until_ms)
    counts = {name: _count(store, question, since, until) for name, question in COUNTS.items()}
    # A lesson is looked at when it is over.
    slots = [slot for slot in calendar.slots(day) if slot.end_ms <= until_ms]
    counted = Day(
        counts=counts,
        last_states=_last_states(store, since, until),
        lessons=_lessons(store, slots, rule) if counts["power_known"] else {},
        slots=len(slots),
        counted_ms=now_ms,
    )
    if hours.end_ms <= until_ms:
        memory.days[day] = counted
    return counted


def _lessons(store: Store, slots: list[Interval], rule: Utilisation) -> dict[Key, Lessons]:
    found: dict[Key, Lessons] = {}
    for slot in slots:
        known = _count(store, COUNTS["power_known"], slot.begin_ms, slot.end_ms)
        lit = _count(store, COUNTS["power_on"], slot.begin_ms, slot.end_ms) if known else {}
        rooms: dict[Key, bool] = {}
        for key, answers in known.items():
            if answers >= rule.min_slot_samples:
                used = was_used(lit.get(key, 0), answers, slot, rule)
                rooms[key[:2]] = rooms.get(key[:2], False) or used
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
