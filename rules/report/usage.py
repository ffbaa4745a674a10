"""设备使用记录: in which lesson slots of a quarter each room device was in use. Counts, and no person.

A slot is used when the device was on for at least ten minutes of it, told from the share of its answers
that said so; a slot in which it never answered is no data, which is neither used nor unused.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from contract import MEASUREMENTS
from rules.calendar import Interval
from rules.registry import Registry, School
from rules.report.quarter import Quarter
from store import Condition, Query, Select, Store

# No source sets a number for "used"; ten minutes is this project's choice, printed with the record.
USED_MS = 10 * 60_000
_TYPES = ("projector", "panel", "class_pc")  # what reports whether it is on
_TAGS = ("school", "room", "device", "type")
_ANSWERED = Condition("reachable", "=", True)
_COUNTS = {"polls": (), "answered": (_ANSWERED,), "on": (_ANSWERED, Condition("power", "=", "on"))}

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a device stands and what it is."""

    room: str
    device: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDay:
    """One school day of one device: every lesson slot is True (used), False, or None (no data)."""

    day: date
    slots: tuple[bool | None, ...]
    polls: int
    answered: int

    @property
    def used(self) -> int:
        return self.slots.count(True)

    @property
    def known(self) -> int:
        return len(self.slots) - self.slots.count(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUsage:
    """A device with its days; a school day without any reading of it is a day of no data."""

    device: Device
    days: tuple[DeviceDay, ...]

    def total(self, what: str) -> int:
        """The sum of `used`, `known`, `polls` or `answered` over the days."""
        return sum(int(getattr(day, what)) for day in self.days)

    @property
    def slots(self) -> int:
        return sum(len(day.slots) for day in self.days)

    @property
    def rate(self) -> Fraction | None:
        """Percent of the slots with data in which it was used."""
        known = self.total("known")
        return Fraction(100 * self.total("used"), known) if known else None

    @property
    def completeness(self) -> Fraction | None:
        """Percent of the quarter's slots that have data."""
        return Fraction(100 * self.total("known"), self.slots) if self.slots else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolUsage:
    """A school's devices, by room; `slot_names` head the days' slots."""

    school: School
    slot_names: tuple[str, ...]
    days: tuple[date, ...]
    devices: tuple[DeviceUsage, ...]


def usage_of(
    store: Store, registry: Registry, quarter: Quarter, *, as_of: date, now_ms: int
) -> tuple[SchoolUsage, ...]:
    """Every school of the registry that any device was heard of in the quarter. Raises store.Unavailable."""
    calendar = registry.calendar
    days = [day for day in _days(quarter.first, as_of) if calendar.is_school_day(day)]
    found: dict[_Key, dict[date, DeviceDay]] = defaultdict(dict)
    for day in days:
        slots = [slot for slot in calendar.slots(day) if slot.begin_ms <= now_ms]
        for key, one in _day(store, day, slots, now_ms).items():
            found[key][day] = one
    by_school: dict[str, list[DeviceUsage]] = defaultdict(list)
    for (code, room, device, kind), known in sorted(found.items()):
        number = {day: sum(slot.begin_ms <= now_ms for slot in calendar.slots(day)) for day in days}
        whole = tuple(
            known.get(day) or DeviceDay(day=day, slots=(None,) * number[day], polls=0, answered=0)
            for day in days
        )
        by_school[code].append(DeviceUsage(device=Device(room=room, device=device, type=kind), days=whole))
    names = tuple(slot.name for slot in calendar.lesson_slots)
    return tuple(
        SchoolUsage(school=school, slot_names=names, days=tuple(days), devices=tuple(by_school[code]))
        for code, school in registry.schools.items()
        if code in by_school
    )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _day(store: Store, day: date, slots: list[Interval], now_ms: int) -> dict[_Key, DeviceDay]:
    counted = [_slot(store, slot, now_ms) for slot in slots]
    keys = {key for counts in counted for key in counts["polls"]}
    return {
        key: DeviceDay(
            day=day,
            slots=tuple(
                _used(slot, counts["answered"].get(key, 0), counts["on"].get(key, 0))
                for slot, counts in zip(slots, counted, strict=True)
            ),
            polls=sum(counts["polls"].get(key, 0) for counts in counted),
            answered=sum(counts["answered"].get(key, 0) for counts in counted),
        )
        for key in keys
    }


def _slot(store: Store, slot: Interval, now_ms: int) -> dict[str, dict[_Key, int]]:
    """Three countings by the store: raw readings of a quarter never travel."""
    return {name: _count(store, slot, now_ms, where) for name, where in _COUNTS.items()}


def _count(store: Store, slot: Interval, now_ms: int, where: tuple[Condition, ...]) -> dict[_Key, int]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["room_device"],
            select=(Select("reachable", "count", "n"),),
            group_by=_TAGS,
            where=(Condition("type", "=", _TYPES), *where),
            since=slot.begin_ms,
            until=min(slot.end_ms, now_ms + 1),
        )
    )
    return {_key(row.tags): int(row.values["n"] or 0) for row in rows}


def _key(tags: dict[str, str]) -> _Key:
    return tags["school"], tags.get("room", ""), tags["device"], tags["type"]


def _used(slot: Interval, answered: int, on: int) -> bool | None:
    """On for on/answered of the slot's length: whole numbers multiplied crosswise."""
    return None if not answered else on * (slot.end_ms - slot.begin_ms) >= USED_MS * answered
