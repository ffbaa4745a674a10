"""What is wrong in the timetable sheet though every single cell can be read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from registry.calendar import Calendar
from registry.sheets import Problem, Record
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
        text = Text(f"房间表中该学校没有房间 {room}", f"school {code} has no room {room} in the rooms sheet")
        yield Problem(_SHEET, lesson.row, "房间编号", text)


def _wrong_slots(lessons: list[Record], calendar: Calendar) -> Iterator[Problem]:
    times = Counter(slot.name for slot in calendar.lesson_slots)
    listed = "、".join(times)
    for lesson in lessons:
        slot = lesson.values["slot"]
        if slot is not None and slot not in times:
            text = Text(
                f"校历中没有节次“{slot}”，应为其中之一：{listed}",
                f"{slot!r} is none of the calendar's slots: {listed}",
            )
            yield Problem(_SHEET, lesson.row, "节次", text)
        elif times[slot] > 1:
            text = Text(
                f"校历中有 {times[slot]} 个节次“{slot}”，请先改名",
                f"the calendar has {times[slot]} slots called {slot!r}; rename them",
            )
            yield Problem(_SHEET, lesson.row, "节次", text)


def _wrong_dates(lessons: list[Record]) -> Iterator[Problem]:
    for lesson in lessons:
        first, last = lesson.values["first"], lesson.values["last"]
        if first is not None and last is not None and last < first:
            text = Text("结束日期早于起始日期", f"{last} lies before {first}")
            yield Problem(_SHEET, lesson.row, "结束日期", text)


def _repeated(lessons: list[Record]) -> Iterator[Problem]:
    """The same lesson again on the same days; in another part of the term it is another line's right."""
    told: dict[tuple[Any, ...], list[Record]] = {}
    for lesson in lessons:
        key = tuple(lesson.values[name] for name in ("school_code", "room", "weekday", "slot"))
        if not lesson.sound or None in key:
            continue
        before = told.setdefault(key, [])
        twice = next((one for one in before if _overlap(one, lesson)), None)
        if twice is None:
            before.append(lesson)
            continue
        code, room, weekday, slot = key
        what = f"{code} {room} 星期{_DAYS[weekday]} {slot}"
        text = Text(f"{what} 与第 {twice.row} 行重复", f"{what} is given twice, first in row {twice.row}")
        yield Problem(_SHEET, lesson.row, "节次", text)


def _overlap(one: Record, other: Record) -> bool:
    return _first(one) <= _last(other) and _first(other) <= _last(one)


def _first(lesson: Record) -> date:
    return lesson.values["first"] or date.min


def _last(lesson: Record) -> date:
    return lesson.values["last"] or date.max
