"""设备使用记录 of one school: a summary of its devices, and every school day slot by slot."""

import re

from registry import School
from registry.exact import rounded
from rules.report.book import Book, Sheet
from rules.report.printing import NONE
from rules.report.report import RECORDS, Report
from rules.report.usage import NO_LESSON, SHORT, DeviceDay, SchoolUsage, SlotUse, rates

FOLDER = RECORDS
TYPES = {"projector": "投影机", "panel": "交互大屏"}
_MARKS: dict[SlotUse, tuple[str, str]] = {
    True: ("用", "good"),
    False: ("未用", "middle"),
    None: ("无数据", "open"),
    NO_LESSON: ("无课", "middle"),
}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def usage_books(report: Report) -> dict[str, bytes]:
    """A file a school, by its path in the report: evidence is handed in school by school."""
    return {f"{FOLDER}/{_file_name(usage.school)}.xlsx": _book(report, usage) for usage in report.usage or ()}


def _file_name(school: School) -> str:
    return f"{school.school_code}_{_UNSAFE.sub('_', school.name)[:40]}"


def _book(report: Report, usage: SchoolUsage) -> bytes:
    title = f"{usage.school.name}设备使用记录　{report.quarter.title}"
    book = Book(title, created=report.as_of)
    _summary(book.sheet("汇总"), title, report, usage)
    _days(book.sheet("逐日"), title, report, usage)
    return book.done()


def _note(report: Report, usage: SchoolUsage) -> str:
    code = usage.school.school_code
    note = f"学校标识码：{code}；教学日{len(usage.days)}天；{report.basis}。仅为设备计数，不含任何个人信息。"
    legend = "“无课”为课表中该房间没有课的节次，不计入任何节次数。"
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
        sheet.text(row, 1, device.room or NONE)
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
    sheet.layout((6, 14, 18, 12, 10, 11, 10, 11, 10, 10, 11), head_rows=(2, 2), frozen_columns=3)


def _counts(sheet: Sheet, row: int, column: int, due: int, known: int, used: int) -> None:
    """Of lessons that nobody knows none was seen unused: no nought stands for them."""
    sheet.number(row, column, due)
    sheet.number(row, column + 1, known)
    if known:
        sheet.number(row, column + 2, used)
    else:
        sheet.text(row, column + 2, NONE, "middle")


def _days(sheet: Sheet, title: str, report: Report, usage: SchoolUsage) -> None:
    heads = ("日期", "房间", "设备", *usage.slot_names, "使用节次", "有数据节次", "应答/询问")
    sheet.head(title, _note(report, usage), len(heads) - 1)
    sheet.row(2, heads, "head")
    rows = sorted(
        ((day.day, used.device.room, used.device.device, day) for used in usage.devices for day in used.days),
        key=lambda row: row[:3],
    )
    for row, (date, room, device, day) in enumerate(rows, 3):
        sheet.row(row, (date.isoformat(), room or NONE, device), "code")
        _slots(sheet, row, day, len(usage.slot_names))
    sheet.layout((12, 14, 18, *[9] * len(usage.slot_names), 10, 11, 11), head_rows=(2, 2), frozen_columns=3)


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
