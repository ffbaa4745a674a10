"""设备使用记录: in which lessons of a quarter each display was used. Counts of devices, and no person.

What counts as use, and how much must be known to say so, is the standard's, as for U1; a lesson about which
too little is known is no data, which is neither used nor unused. Where the registry's timetable names a room,
a slot without a lesson of its own is none, and counts nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from registry import Registry, School
from registry.calendar import Interval
from registry.timetable import RoomKey
from rules.daybook.book import Page
from rules.daybook.lessons import display_used
from rules.facts.days import open_window
from rules.facts.evidence import as_accepted
from rules.facts.polled import displays
from rules.report.quarter import Quarter
from rules.standards.standard import Evidence, Standard, Utilisation
from rules.stored.retirements import Retirements
from store import Store

NoLesson = Literal["no lesson"]
NO_LESSON: Final = "no lesson"
SlotUse = bool | NoLesson | None
_DeviceKey = tuple[str, str, str, str]
SHORT: Final = "数据不足"  # where too little is known for a rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a device stands and what it is."""

    room: str
    device: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDay:
    """One school day of one device: every slot is True (used), False, None (no data) or no lesson, once over.

    polls and answered are of the whole school hours.
    """

    day: date
    slots: tuple[SlotUse, ...]
    polls: int
    answered: int

    @property
    def used(self) -> int:
        return self.slots.count(True)

    @property
    def lessons(self) -> int:
        return len(self.slots) - self.slots.count(NO_LESSON)

    @property
    def known(self) -> int:
        return self.lessons - self.slots.count(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUsage:
    """A device with its days; a school day without any reading of it is a day of no data."""

    device: Device
    days: tuple[DeviceDay, ...]

    def total(self, what: str) -> int:
        """The sum of `lessons`, `used`, `known`, `polls` or `answered` over the days."""
        return sum(int(getattr(day, what)) for day in self.days)

    @property
    def slots(self) -> int:
        return self.total("lessons")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Percent of the known lessons that were used (None: 数据不足), and of all lessons that are known."""

    used: Fraction | None
    completeness: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolUsage:
    """A school's devices, by room; `slot_names` head the days' slots."""

    school: School
    rule: Utilisation
    slot_names: tuple[str, ...]
    days: tuple[date, ...]
    devices: tuple[DeviceUsage, ...]

    @property
    def without_lessons(self) -> bool:
        """Whether a timetable leaves any slot of any device without a lesson."""
        return any(NO_LESSON in day.slots for device in self.devices for day in device.days)


def rates(devices: Iterable[DeviceUsage], rule: Utilisation) -> Rates:
    """Sums over sums, never the mean of rates."""
    found = list(devices)
    due = sum(device.slots for device in found)
    known, used = (sum(device.total(what) for device in found) for what in ("known", "used"))
    enough = known and known >= rule.min_completeness * due
    return Rates(
        used=Fraction(100 * used, known) if enough else None,
        completeness=Fraction(100 * known, due) if due else None,
    )


def usage_of(
    store: Store, registry: Registry, standard: Standard, quarter: Quarter, *, as_of: date, until_ms: int
) -> tuple[SchoolUsage, ...]:
    """Every school of the registry with its displays of the quarter, before `until_ms`.

    What never answered and is no longer asked is no device: it was asked by mistake.
    Raises store.Unavailable.
    """
    calendar, rule = registry.calendar, standard.utilisation
    accepts = standard.observation.evidence
    days = [day for day in _days(quarter.first, as_of) if calendar.is_school_day(day)]
    over = {day: calendar.named_slots(day, until_ms=until_ms) for day in days}
    window = open_window(store, registry, standard, days, until_ms=until_ms, now_ms=until_ms, revise=False)
    real = {
        (*room, display.device, display.type)
        for room, shown in displays(window, Retirements(), as_of, standard.observation).items()
        for display in shown
        if display.answered or display.here
    }
    found: dict[_DeviceKey, dict[date, DeviceDay]] = defaultdict(dict)
    for number, window_day in enumerate(window.days):
        for school, pages in window.schools.items():
            page = pages[number]
            if page is None:
                continue
            for key, device_day in _day(
                window_day.day, page, rule, len(over[window_day.day]), accepts
            ).items():
                if (school, *key) in real:
                    found[(school, *key)][window_day.day] = device_day
    by_school: dict[str, list[DeviceUsage]] = defaultdict(list)
    for (code, room, device, kind), known in sorted(found.items()):
        heard = (known.get(day) or _silent(day, len(over[day])) for day in days)
        whole = tuple(_lessons_only(registry, (code, room), use, over[use.day]) for use in heard)
        place = Device(room=room, device=device, type=kind)
        by_school[code].append(DeviceUsage(device=place, days=whole))
    names = tuple(slot.name for slot in calendar.lesson_slots)
    return tuple(
        SchoolUsage(
            school=school, rule=rule, slot_names=names, days=tuple(days), devices=tuple(by_school[code])
        )
        for code, school in registry.schools.items()
        if code in by_school
    )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _silent(day: date, slots: int) -> DeviceDay:
    return DeviceDay(day=day, slots=(None,) * slots, polls=0, answered=0)


def _lessons_only(
    registry: Registry, room: RoomKey, use: DeviceDay, over: Sequence[tuple[str, Interval]]
) -> DeviceDay:
    """The day with the slots marked in which the room has no lesson, where the timetable names the room."""
    timetable = registry.timetable
    if not timetable.names(room):
        return use
    weekday = registry.calendar.weekday_of(use.day)
    slots = tuple(
        used if timetable.has(room, name, use.day, weekday=weekday) else NO_LESSON
        for (name, _), used in zip(over, use.slots, strict=True)
    )
    return replace(use, slots=slots)


def _day(
    day: date, page: Page, rule: Utilisation, slots: int, accepts: Sequence[Evidence]
) -> dict[tuple[str, str, str], DeviceDay]:
    """A lesson that is over and not counted yet is no data."""
    spans = [Interval(begin_ms=lesson.begin_ms, end_ms=lesson.end_ms) for lesson in page.facts.lessons]
    found = {}
    for key, counted in page.facts.devices.items():
        counts = as_accepted(key[2], counted, accepts)
        interval_ms = page.facts.interval_ms("room_device", key[1]) or 0
        used = [
            display_used(counts.answers(number), span, interval_ms, rule) for number, span in enumerate(spans)
        ]
        found[key] = DeviceDay(
            day=day,
            slots=(*used[:slots], *(None,) * (slots - len(used))),
            polls=counts.polls,
            answered=counts.answered,
        )
    return found
