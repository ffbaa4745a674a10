"""The demonstration's clock: the real one, so much ahead or behind that there is something to see."""

import datetime as dt
import time
from dataclasses import dataclass

from firmware_sim import Scenario
from firmware_sim.timetable import Timetable

# The demonstration opens in this lesson of the day, so long after it has begun.
_LESSON, _INTO_S = 2, 20 * 60
# Nobody has holidays so long that there was no lesson in so many days.
_LOOK_BACK_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftedClock:
    """The real clock, so many seconds away from now."""

    ahead_s: float

    def __call__(self) -> float:
        return time.time() + self.ahead_s

    def ms(self) -> int:
        return round(self() * 1000)


def in_lesson(scenario: Scenario) -> tuple[Scenario, ShiftedClock]:
    """The district on the last day on which its third lesson has begun, and a clock that shows that lesson.

    A scenario without a term of its own is as it stands, at the real time.
    """
    if scenario.term is None:
        return scenario, ShiftedClock(ahead_s=0.0)
    now = time.time()
    today = Timetable(scenario.term.calendar, seed=0, share=0).day(now)
    for back in range(_LOOK_BACK_DAYS):
        day = today - dt.timedelta(days=back)
        told = scenario.on(day)
        timetable = Timetable(told.calendar, seed=0, share=0)
        slots = told.calendar.slot
        moment = timetable.moment(day, slots[min(_LESSON, len(slots) - 1)].begin) + _INTO_S
        if timetable.is_school_day(day) and moment <= now:
            return told, ShiftedClock(ahead_s=moment - now)
    return scenario.on(today), ShiftedClock(ahead_s=0.0)
