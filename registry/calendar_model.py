"""What a calendar says, checked whole, whichever file or sheet it came from."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from registry.calendar import Calendar, Slot, Term
from runtime.language import Text
from runtime.problems import problem_text
from runtime.toml_lines import Path as KeyPath

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(Text("未知时区", "no such time zone")) from error
    return name


def _clock(text: object) -> time | None:
    """ "24:00" is the end of the day."""
    if text == "24:00":
        return None
    try:
        if isinstance(text, str) and len(text) == len("08:00"):
            return time.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(Text('时间应写成 "08:00"', 'write a time as "08:00"'))


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Span(_Table):
    name: str
    first: date
    last: date


class _Makeup(_Table):
    day: date
    follows: Weekday | None = None  # whose timetable the day has; without it, its own weekday's


class _Slot(_Table):
    name: str
    begin: Annotated[time, BeforeValidator(_clock)]
    end: Annotated[time | None, BeforeValidator(_clock)]


class CalendarModel(_Table):
    timezone: Annotated[str, AfterValidator(_zone)]
    school_days: list[Weekday] = Field(min_length=1)
    term: list[_Span] = Field(min_length=1)
    holiday: list[_Span] = []
    makeup: list[_Makeup] = []
    slot: list[_Slot] = Field(min_length=1)


# The longest is a summer; a slip in the year makes more than ten months of it.
_LONGEST_HOLIDAY = 300


class Wrong(Exception):
    """What is wrong, by key: the key's path, the reason and the value that was found."""

    def __init__(self, found: list[tuple[KeyPath, Text, str]]) -> None:
        super().__init__()
        self.found = found


def calendar_of(values: Mapping[str, Any]) -> Calendar:
    """Raises Wrong with everything that is wrong."""
    try:
        file = CalendarModel.model_validate(values)
    except ValidationError as error:
        raise Wrong([_told(detail) for detail in error.errors(include_url=False)]) from error
    if found := [(key, what, "") for key, what in _contradictions(file)]:
        raise Wrong(found)
    return _calendar(file)


def _told(detail: Any) -> tuple[KeyPath, Text, str]:
    given = detail["input"]
    shown = (
        ""
        if detail["type"] in {"missing", "extra_forbidden"} or isinstance(given, dict | list)
        else str(given)
    )
    text = problem_text(detail)
    return detail["loc"], Text(text, text), shown


def _calendar(file: CalendarModel) -> Calendar:
    def spans(given: list[_Span]) -> tuple[Term, ...]:
        return tuple(Term(name=span.name, first=span.first, last=span.last) for span in given)

    return Calendar(
        zone=ZoneInfo(file.timezone),
        school_weekdays=frozenset(WEEKDAYS.index(day) for day in file.school_days),
        terms=spans(file.term),
        holidays=spans(file.holiday),
        makeup_days=frozenset(makeup.day for makeup in file.makeup),
        lesson_slots=tuple(Slot(name=slot.name, begin=slot.begin, end=slot.end) for slot in file.slot),
        followed=tuple(
            (makeup.day, WEEKDAYS.index(makeup.follows)) for makeup in file.makeup if makeup.follows
        ),
    )


def _contradictions(file: CalendarModel) -> Iterator[tuple[KeyPath, Text]]:
    for name, spans in (("term", file.term), ("holiday", file.holiday)):
        for index, span in enumerate(spans):
            if span.last < span.first:
                yield (name, index, "last"), Text("结束早于开始", f"{span.last} lies before {span.first}")
            elif name == "holiday" and (days := (span.last - span.first).days + 1) > _LONGEST_HOLIDAY:
                what = Text(f"放假 {days} 天，请核对年份", f"a holiday of {days} days: look at the year")
                yield (name, index, "first"), what
    terms = sorted(enumerate(file.term), key=lambda pair: pair[1].first)
    for (_, earlier), (index, later) in pairwise(terms):
        if later.first <= earlier.last:
            yield ("term", index, "first"), Text("学期重叠", f"overlaps term {earlier.name}")
    for index, makeup in enumerate(file.makeup):
        if not any(term.first <= makeup.day <= term.last for term in file.term):
            yield ("makeup", index, "day"), Text("补课日不在任何学期内", f"{makeup.day} lies in no term")
        for holiday in file.holiday:
            if holiday.first <= makeup.day <= holiday.last:
                what = Text(f"补课日在假期“{holiday.name}”内", f"{makeup.day} lies in holiday {holiday.name}")
                yield ("makeup", index, "day"), what
        if any(
            before.day == makeup.day and before.follows != makeup.follows for before in file.makeup[:index]
        ):
            yield ("makeup", index, "day"), Text("该补课日另有课表", f"{makeup.day} follows another day too")
    for index, slot in enumerate(file.slot):
        if slot.end is not None and slot.end <= slot.begin:
            yield ("slot", index, "end"), Text("结束不晚于开始", f"{slot.end} is not after {slot.begin}")
    slots = sorted(enumerate(file.slot), key=lambda pair: pair[1].begin)
    for (_, before), (index, after) in pairwise(slots):
        if before.end is None or after.begin < before.end:
            yield ("slot", index, "begin"), Text("节次重叠", f"overlaps {before.name}")
