"""The school calendar: which days are school days, and when their lessons are. Pure; times in ms UTC."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A look back never needs more than a school year with its holidays.
_LOOK_BACK_DAYS = 400
# Nothing is due of a school day before its first minute is over: nothing is asked more often.
_FIRST_DUE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term or a holiday: a name, the first and the last day."""

    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A lesson slot (节次), in local time; None ends at midnight."""

    name: str
    begin: time
    end: time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """begin_ms <= t < end_ms."""

    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Everything the bureau's calendar says; weekdays count from Monday = 0.

    followed: make-up days with the weekday whose timetable they have, where it is not their own.
    """

    zone: ZoneInfo
    school_weekdays: frozenset[int]
    terms: tuple[Term, ...]
    holidays: tuple[Term, ...]
    makeup_days: frozenset[date]
    lesson_slots: tuple[Slot, ...]
    followed: tuple[tuple[date, int], ...] = ()

    def is_school_day(self, day: date) -> bool:
        """Within a term, and a make-up day or a school weekday that is no holiday."""
        if not any(day in term for term in self.terms):
            return False
        if day in self.makeup_days:
            return True
        return day.weekday() in self.school_weekdays and not any(day in holiday for holiday in self.holidays)

    def weekday_of(self, day: date) -> int:
        """The weekday whose timetable a day has: its own, unless it is a make-up day that follows another."""
        return dict(self.followed).get(day, day.weekday())

    def slots(self, day: date) -> tuple[Interval, ...]:
        """The lessons of a day; none where it is no school day."""
        if not self.is_school_day(day):
            return ()
        return tuple(
            Interval(begin_ms=self._ms(day, slot.begin), end_ms=self._ms(day, slot.end))
            for slot in self.lesson_slots
        )

    def named_slots(self, day: date, *, until_ms: int) -> tuple[tuple[str, Interval], ...]:
        """The lessons of a day that are over at a moment, each with its slot's name."""
        names = (slot.name for slot in self.lesson_slots)
        return tuple(
            named for named in zip(names, self.slots(day), strict=False) if named[1].end_ms <= until_ms
        )

    def school_hours(self, day: date) -> Interval | None:
        """From the first lesson's begin to the last one's end: a break is school time too."""
        slots = self.slots(day)
        if not slots:
            return None
        return Interval(
            begin_ms=min(slot.begin_ms for slot in slots), end_ms=max(slot.end_ms for slot in slots)
        )

    def school_days_before(
        self, as_of: date, number: int, *, until_ms: int | None = None
    ) -> tuple[date, ...]:
        """The last `number` school days up to and including `as_of`, oldest first.

        until_ms: only those that have begun by then. Of a later one nothing is known, and nothing is missing.
        """
        found: list[date] = []
        for back in range(_LOOK_BACK_DAYS):
            day = as_of - timedelta(days=back)
            if self.is_school_day(day) and (until_ms is None or self._begun(day, until_ms)):
                found.append(day)
                if len(found) == number:
                    break
        return tuple(reversed(found))

    def _begun(self, day: date, until_ms: int) -> bool:
        hours = self.school_hours(day)
        return hours is not None and hours.begin_ms + _FIRST_DUE_MS <= until_ms

    def in_school_hours(self, moment_ms: int) -> bool:
        """Whether a moment lies between the first lesson's begin and the last one's end."""
        hours = self.school_hours(self.day_of(moment_ms))
        return hours is not None and hours.begin_ms <= moment_ms < hours.end_ms

    def school_ms(self, begin_ms: int, end_ms: int) -> int:
        """How much of a span lies in school hours; of a span over a year, its last part counts."""
        total, last = 0, self.day_of(end_ms)
        for back in range(min(_LOOK_BACK_DAYS, (last - self.day_of(begin_ms)).days + 1)):
            hours = self.school_hours(last - timedelta(days=back))
            if hours is not None:
                total += max(0, min(end_ms, hours.end_ms) - max(begin_ms, hours.begin_ms))
        return total

    def day_of(self, moment_ms: int) -> date:
        """The local date of a moment."""
        return datetime.fromtimestamp(moment_ms // 1000, self.zone).date()

    def end_of(self, day: date) -> int:
        """The moment at which a local day ends."""
        return self._ms(day, None)

    def _ms(self, day: date, moment: time | None) -> int:
        if moment is None:
            day, moment = day + timedelta(days=1), time()
        return int(datetime.combine(day, moment, self.zone).timestamp()) * 1000
