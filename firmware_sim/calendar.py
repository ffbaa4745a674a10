"""When there are lessons, as a scenario says it."""

import datetime as dt
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from runtime.language import Text
from runtime.settings import Settings

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Period(Settings):
    """From the first day to the last, both included."""

    name: str
    first: dt.date
    last: dt.date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError(Text(f"{self.name} 结束早于开始", f"{self.name} ends before it begins"))
        return self


class Makeup(Settings):
    """A day off with lessons, in exchange for a holiday."""

    day: dt.date


class Slot(Settings):
    """One lesson of the day, local time."""

    name: str
    begin: dt.time
    end: dt.time


class Calendar(Settings):
    """When there are lessons."""

    timezone: str = "Asia/Shanghai"
    school_days: tuple[Weekday, ...]
    term: tuple[Period, ...] = Field(min_length=1)
    holiday: tuple[Period, ...] = ()
    makeup: tuple[Makeup, ...] = ()
    slot: tuple[Slot, ...] = Field(min_length=1)

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                Text("没有此时区，应形如 Asia/Shanghai", "no such time zone; write one like Asia/Shanghai")
            ) from error
        return name

    @field_validator("slot")
    @classmethod
    def _in_order(cls, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
        last = dt.time.min
        for slot in slots:
            if not last <= slot.begin < slot.end:
                raise ValueError(
                    Text(
                        f"{slot.name} 应晚于上一节开始，并在开始之后结束",
                        f"{slot.name} must begin after the lesson before it, and end after it begins",
                    )
                )
            last = slot.end
        return slots
