"""When there are lessons, and when a room shows something: pure functions of calendar, seed and time."""

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import get_args
from zoneinfo import ZoneInfo

from firmware_sim.calendar import Calendar, Weekday
from firmware_sim.chance import chance
from firmware_sim.term import LessonsShape

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
# Between two lessons a teacher leaves the projector on.
_BRIDGED_BREAK_S = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One lesson of one day."""

    day: dt.date
    slot: int


Interval = tuple[float, float]


class Timetable:
    """The calendar of a scenario, and the weekly timetable its seed makes of it."""

    def __init__(
        self, calendar: Calendar, *, seed: int, share: float, shape: LessonsShape | None = None
    ) -> None:
        self._calendar = calendar
        self._seed = seed
        self._share = share
        self._shape = shape or LessonsShape()
        self._zone = ZoneInfo(calendar.timezone)
        self._lesson_in = lru_cache(maxsize=256)(self._lesson)
        self.spans = lru_cache(maxsize=100_000)(self._spans)
        self.is_school_day = lru_cache(maxsize=1_000)(self._is_school_day)
        self.shows = lru_cache(maxsize=10_000)(self._shows)

    def _is_school_day(self, day: dt.date) -> bool:
        calendar = self._calendar
        if not any(term.first <= day <= term.last for term in calendar.term):
            return False
        if any(makeup.day == day for makeup in calendar.makeup):
            return True
        if any(holiday.first <= day <= holiday.last for holiday in calendar.holiday):
            return False
        return _WEEKDAYS[day.weekday()] in calendar.school_days

    def lesson(self, time: float) -> Lesson | None:
        """The lesson under way at `time` (seconds UTC)."""
        return self._lesson_in(int(time // 60))

    def day(self, time: float) -> dt.date:
        """The school's date at `time`."""
        return dt.datetime.fromtimestamp(time, self._zone).date()

    def span(self, first: dt.date | None, last: dt.date | None) -> Interval:
        """From the beginning of one day to the end of another; a missing end is open."""
        midnight = dt.time()
        return (
            self.moment(first, midnight) if first else -math.inf,
            self.moment(last + dt.timedelta(days=1), midnight) if last else math.inf,
        )

    def _shows(self, school: str, room: str, day: dt.date) -> tuple[Interval, ...]:
        """When the room's display is meant to be on that day; short breaks between such lessons included."""
        if not self.is_school_day(day):
            return ()
        return tuple(
            (self.moment(day, begin), self.moment(day, end))
            for begin, end in self.spans(school, room, day.weekday())
        )

    def week(self, school: str, room: str, *, share: float) -> Iterator[tuple[int, int]]:
        """The room's lessons of a week where it has this share of them, as weekday (Monday = 0) and slot."""
        made_up = {makeup.day.weekday() for makeup in self._calendar.makeup}
        for weekday, name in enumerate(_WEEKDAYS):
            if name in self._calendar.school_days or weekday in made_up:
                for slot in range(len(self._calendar.slot)):
                    if self._drawn(school, room, weekday, slot) < share:
                        yield weekday, slot

    @cached_property
    def begins(self) -> float:
        """The first day of the first term, seconds UTC."""
        return self.moment(min(term.first for term in self._calendar.term), dt.time())

    def school_days_before(self, day: dt.date) -> tuple[int, ...]:
        """How many Mondays, Tuesdays, … with lessons there were from the first term's first day to `day`."""
        days, totals = self._history
        index = bisect_right(days, day - dt.timedelta(days=1))
        return totals[index - 1] if index else (0,) * 7

    @cached_property
    def _history(self) -> tuple[list[dt.date], list[tuple[int, ...]]]:
        day = min(term.first for term in self._calendar.term)
        last = max(term.last for term in self._calendar.term)
        days: list[dt.date] = []
        totals: list[tuple[int, ...]] = []
        count = [0] * 7
        while day <= last:
            count[day.weekday()] += self.is_school_day(day)
            days.append(day)
            totals.append(tuple(count))
            day += dt.timedelta(days=1)
        return days, totals

    def _lesson(self, minute: int) -> Lesson | None:
        """The lesson in this minute since 1970, if any."""
        local = dt.datetime.fromtimestamp(minute * 60, self._zone)
        if not self.is_school_day(local.date()):
            return None
        for index, slot in enumerate(self._calendar.slot):
            if slot.begin <= local.time() < slot.end:
                return Lesson(day=local.date(), slot=index)
        return None

    def _spans(self, school: str, room: str, weekday: int) -> tuple[tuple[dt.time, dt.time], ...]:
        """The same as `shows`, in local time: a room's timetable is the same every week."""
        found: list[tuple[dt.time, dt.time]] = []
        for index, slot in enumerate(self._calendar.slot):
            share = self._share * self._shape.factor(_WEEKDAYS[weekday], index)
            if self._drawn(school, room, weekday, index) >= share:
                continue
            if found and seconds_between(found[-1][1], slot.begin) <= _BRIDGED_BREAK_S:
                found[-1] = (found[-1][0], slot.end)
            else:
                found.append((slot.begin, slot.end))
        return tuple(found)

    def _drawn(self, school: str, room: str, weekday: int, slot: int) -> float:
        return chance(self._seed, school, room, weekday, slot, "shows")

    def moment(self, day: dt.date, time: dt.time) -> float:
        return dt.datetime.combine(day, time, self._zone).timestamp()


def seconds_between(begin: dt.time, end: dt.time) -> float:
    """From one time of a day to another."""
    day = dt.date.min
    return (dt.datetime.combine(day, end) - dt.datetime.combine(day, begin)).total_seconds()
