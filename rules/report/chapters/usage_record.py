"""设备使用记录 of one school: a summary of its devices, and a page a room, every school day slot by slot."""

import re
from collections.abc import Collection, Sequence
from itertools import groupby

from registry import School
from registry.exact import rounded
from rules.answers.book import Book, Sheet
from rules.report.printing import NONE
from rules.report.report import RECORDS, Report
from rules.report.rooms import room_called
from rules.report.usage import NO_LESSON, SHORT, DeviceDay, DeviceUsage, SchoolUsage, SlotUse, rates

FOLDER = RECORDS
TYPES = {"projector": "投影机", "panel": "交互大屏"}
_MARKS: dict[SlotUse, tuple[str, str]] = {
    True: ("用", "used"),
    False: ("未", "middle"),
    None: ("缺", "faint"),
    NO_LESSON: ("休", "faint"),
}
_LEGEND = "注：用＝使用；未＝未使用；缺＝应答不足以判明；—＝该节尚未到。"
_WIDE = 12  # lessons a day from which a room's page lies on its side
_SUMMARY, _SHEET_NAME = "汇总", 31
_WEEKDAYS = "一二三四五六日"
_UNSAFE_SHEET = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def usage_books(report: Report) -> dict[str, bytes]:
    """A file a school, by its path in the report: evidence is handed in school by school."""
    return {f"{FOLDER}/{_file_name(usage.school)}.xlsx": _book(report, usage) for usage in report.usage or ()}


def _file_name(school: School) -> str:
    return f"{school.school_code}_{_UNSAFE.sub('_', school.name)[:40]}"


def _book(report: Report, usage: SchoolUsage) -> bytes:
    title = f"{usage.school.name}设备使用记录　{report.quarter.title}"
    book = Book(title, created=report.as_of)
    _summary(book.sheet(_SUMMARY), title, report, usage)
    _room_sheets(book, report, usage)
    return book.done()


def _note(report: Report, usage: SchoolUsage) -> str:
    code = usage.school.school_code
    note = f"学校标识码：{code}；教学日{len(usage.days)}天；{report.basis}。仅为设备计数，不含任何个人信息。"
    legend = "“休”为课表中该房间没有课的节次，不计入任何节次数。"
    return note + legend if usage.without_lessons else note


def _summary(sheet: Sheet, title: str, report: Report, usage: SchoolUsage) -> None:
    heads = (
        "序号",
        "房间",
        "设备",
        "类型",
        "应有节次",
        "有数据节次",
        "使用节次",
        "节次使用率",
        "询问次数",
        "应答次数",
        "采集完整率",
    )
    sheet.head(title, _note(report, usage), len(heads) - 1)
    sheet.row(2, heads, "head")
    row = 3
    for number, used in enumerate(usage.devices, 1):
        sheet.number(row, 0, number, "middle")
        device = used.device
        sheet.text(row, 1, _room_called(report, usage.school, device.room))
        sheet.text(row, 2, device.device, "code")
        sheet.text(row, 3, TYPES.get(device.type, device.type), "middle")
        _counts(sheet, row, 4, used.slots, used.total("known"), used.total("used"))
        found = rates([used], usage.rule)
        sheet.text(row, 7, SHORT if found.used is None else f"{rounded(found.used, 2)}%", "number")
        sheet.number(row, 8, used.total("polls"))
        sheet.number(row, 9, used.total("answered"))
        complete = f"{rounded(found.completeness, 2)}%" if found.completeness else NONE
        sheet.text(row, 10, complete, "number")
        row += 1
    note = (
        f"注：一节课内按应答次数折算开机不少于{usage.rule.used_minutes}分钟计为使用；使用率＝使用节次÷有数据节次；"
        "采集完整率＝有数据节次÷应有节次；"
        "应答不足的节次既不算使用也不算未用，采集完整率不足的为"
        f"“{SHORT}”。"
    )
    sheet.merge(row, 0, row, len(heads) - 1, note, "note")
    sheet.layout((6, 24, 18, 12, 10, 11, 10, 11, 10, 10, 11), head_rows=(2, 2), frozen_columns=3)


def _counts(sheet: Sheet, row: int, column: int, due: int, known: int, used: int) -> None:
    """Of lessons that nobody knows none was seen unused: no nought stands for them."""
    sheet.number(row, column, due)
    sheet.number(row, column + 1, known)
    if known:
        sheet.number(row, column + 2, used)
    else:
        sheet.text(row, column + 2, NONE, "middle")


def _room_sheets(book: Book, report: Report, usage: SchoolUsage) -> None:
    """A sheet and a page a room: what hangs at its door."""
    taken = {_SUMMARY}
    for room, devices in groupby(usage.devices, key=lambda used: used.device.room):
        called = _room_called(report, usage.school, room)
        name = _sheet_name(called, taken)
        taken.add(name)
        _room(book.sheet(name), f"{usage.school.name}　{called}", report, usage, list(devices))


def _room(
    sheet: Sheet, title: str, report: Report, usage: SchoolUsage, devices: Sequence[DeviceUsage]
) -> None:
    lessons = len(usage.slot_names)
    heads = ("日期", "星期", "设备", *usage.slot_names, "使用节次", "有数据节次", "应答/询问")
    sheet.head(f"{title}　设备使用记录　{report.quarter.title}", _note(report, usage), len(heads) - 1)
    sheet.row(2, heads, "head")
    row = 3
    for used in devices:
        for day in used.days:
            cells = (day.day.isoformat(), _WEEKDAYS[day.day.weekday()], used.device.device)
            sheet.row(row, cells, "code")
            _slots(sheet, row, day, lessons)
            row += 1
    sheet.merge(row, 0, row, len(heads) - 1, _LEGEND, "note")
    sheet.raw.set_row(2, 42)
    sheet.layout(
        (11, 5, 12, *[4.5] * lessons, 6, 6, 8),
        head_rows=(2, 2),
        frozen_columns=3,
        orientation="portrait" if lessons < _WIDE else "landscape",
        pages=len(devices),
    )


def _room_called(report: Report, school: School, code: str) -> str:
    if not code:
        return "未登记房间"
    # A room of a school that is merged into this one is called by its code.
    found = (room for room in report.registry.rooms_of[school.school_code] if room.room == code)
    return next((room_called(room) for room in found), code)


def _sheet_name(called: str, taken: Collection[str]) -> str:
    """As a workbook takes it: 31 characters, some signs not, none twice."""
    name = _UNSAFE_SHEET.sub("_", called).strip("'")[:_SHEET_NAME] or "_"
    number = 2
    while name.lower() in {other.lower() for other in taken}:
        end = f"~{number}"
        name, number = name[: _SHEET_NAME - len(end)] + end, number + 1
    return name


def _slots(sheet: Sheet, row: int, day: DeviceDay, number: int) -> None:
    for column, used in enumerate(day.slots, 3):
        sheet.text(row, column, *_MARKS[used])
    for column in range(3 + len(day.slots), 3 + number):
        sheet.text(row, column, NONE, "middle")  # the lesson was still to come
    if day.known:
        sheet.number(row, 3 + number, day.used)
    else:
        sheet.text(row, 3 + number, NONE, "middle")
    sheet.number(row, 4 + number, day.known)
    sheet.text(row, 5 + number, f"{day.answered}/{day.polls}" if day.polls else NONE, "middle")
