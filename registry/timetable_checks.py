"""What is wrong in the timetable sheet though every single cell can be read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from registry.calendar import Calendar
from registry.checks import REPEATED, repeated
from registry.problems import Problem
from registry.records import Record
from runtime.language import Text

_SHEET = "timetable"
_DAYS = "一二三四五六日"


def timetable_problems(records: Mapping[str, list[Record]], calendar: Calendar | None) -> Iterator[Problem]:
    """Rooms and slots that do not exist, dates the wrong way round, lessons given twice."""
    lessons = records[_SHEET]
    # Where no room could be read, every line would only say so again.
    if records["rooms"]:
        yield from _unknown_rooms(lessons, records["rooms"], records["schools"])
    if calendar is not None:
        yield from _wrong_slots(lessons, calendar)
    yield from _wrong_dates(lessons)
    yield from _repeated(lessons)


def _unknown_rooms(lessons: list[Record], rooms: list[Record], schools: list[Record]) -> Iterator[Problem]:
    known = {(room.values["school_code"], room.values["room"]) for room in rooms}
    codes = {school.values["school_code"] for school in schools}
    for lesson in lessons:
        code, room = lesson.values["school_code"], lesson.values["room"]
        # An unknown school has been told, and so has a room whose school's code cannot be read.
        if code not in codes or None in {code, room} or {(code, room), (None, room)} & known:
            continue
        what = Text("房间表中该学校没有此房间", "is no room of this school in the rooms sheet")
        yield lesson.problem("room", what, room)


def _wrong_slots(lessons: list[Record], calendar: Calendar) -> Iterator[Problem]:
    times = Counter(slot.name for slot in calendar.lesson_slots)
    listed = "、".join(times)
    for lesson in lessons:
        slot = lesson.values["slot"]
        if slot is not None and slot not in times:
            what = Text(
                f"校历中没有此节次，应为其中之一：{listed}", f"is none of the calendar's slots: {listed}"
            )
            yield lesson.problem("slot", what, slot)
        elif times[slot] > 1:
            what = Text(
                f"校历中有 {times[slot]} 个同名节次，请先改名",
                f"is what {times[slot]} of the calendar's slots are called; rename them",
            )
            yield lesson.problem("slot", what, slot)


def _wrong_dates(lessons: list[Record]) -> Iterator[Problem]:
    for lesson in lessons:
        first, last = lesson.values["first"], lesson.values["last"]
        if first is not None and last is not None and last < first:
            what = Text(f"早于起始日期 {first}", f"lies before the first day, {first}")
            yield lesson.problem("last", what, str(last))


def _repeated(lessons: list[Record]) -> Iterator[Problem]:
    """The same lesson again on the same days; in another part of the term it is another line's right."""
    told: dict[tuple[Any, ...], list[Record]] = {}
    for lesson in lessons:
        key = tuple(lesson.values[name] for name in ("school_code", "room", "weekday", "slot"))
        if not lesson.sound or None in key:
            continue
        before = told.setdefault(key, [])
        twice = next((other for other in before if _overlap(other, lesson)), None)
        if twice is None:
            before.append(lesson)
            continue
        _, room, weekday, slot = key
        yield lesson.problem("slot", REPEATED, repeated(f"{room} 周{_DAYS[weekday]} {slot}", twice.row))


def _overlap(lesson: Record, other: Record) -> bool:
    return _first(lesson) <= _last(other) and _first(other) <= _last(lesson)


def _first(lesson: Record) -> date:
    return lesson.values["first"] or date.min


def _last(lesson: Record) -> date:
    return lesson.values["last"] or date.max
