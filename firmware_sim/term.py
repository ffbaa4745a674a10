"""What befell the schools of a scenario in a term. Days are local; both ends of a spell are in it."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from firmware_sim.calendar import Calendar, Weekday
from firmware_sim.faults import Plant
from runtime.language import Text
from runtime.settings import Settings

Share = Annotated[float, Field(ge=0, le=1)]
M = TypeVar("M")


class Spell(Settings):
    """From the first day to the last; a missing end is open."""

    first: dt.date | None = None
    last: dt.date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError(Text(f"{self.last} 早于 {self.first}", f"{self.last} is before {self.first}"))
        return self


class Planted(Spell):
    """Something broken in one room: always, or from one day to another."""

    room: str
    fault: Plant


class Replaced(Settings):
    """On this day all access points of a room were replaced by new ones."""

    room: str
    day: dt.date


class Away(Spell):
    """The gateway had no way to the broker; what it observed comes when it is back."""


class WrongClock(Spell):
    """The gateway's clock was so many seconds behind (negative: ahead)."""

    behind_s: int = Field(ge=-86_400, le=86_400)


class LessonsShape(Settings):
    """How the use of displays differs over the week: each a factor of the scenario's share of lessons.

    What is not named has the whole share.
    """

    by_slot: tuple[Share, ...] = ()
    by_weekday: Mapping[Weekday, Share] = {}

    def factor(self, weekday: Weekday, slot: int) -> float:
        of_slot = self.by_slot[slot] if slot < len(self.by_slot) else 1.0
        return of_slot * self.by_weekday.get(weekday, 1.0)


class SchoolTerm(Settings):
    """What befell one school."""

    planted: tuple[Planted, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    away: tuple[Away, ...] = ()
    clocks: tuple[WrongClock, ...] = ()


class Term(Settings):
    """A term of the scenario: its own calendar, and what befell the schools, by school code.

    `today` is the day on which it is told; told on another day, everything moves by whole weeks.
    """

    today: dt.date
    calendar: Calendar
    lessons_share: Share = 0.6
    lessons_shape: LessonsShape = LessonsShape()
    schools: Mapping[str, SchoolTerm] = {}

    def on(self, day: dt.date) -> "Term":
        """The same term as told on `day`: weekdays stay what they are."""
        weeks = (_monday(day) - _monday(self.today)).days
        return moved(self, weeks)


def moved(value: M, days: int) -> M:
    """A part of a scenario with all its dates so many days later."""
    changed: object = value
    if isinstance(value, dt.date):
        changed = value + dt.timedelta(days=days)
    elif isinstance(value, tuple):
        changed = tuple(moved(part, days) for part in value)
    elif isinstance(value, Mapping):
        changed = {key: moved(part, days) for key, part in value.items()}
    elif isinstance(value, Settings):
        changed = value.model_copy(update={name: moved(part, days) for name, part in value})
    return changed  # type: ignore[return-value]  # mypy cannot see that each branch keeps its type


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
