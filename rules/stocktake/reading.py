"""Filled sheets of a stock-take: the files and sheets that are read, and those that are not."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from registry.problems import Problem
from rules.stocktake.entries import SheetsRead
from rules.stocktake.marks import Cross
from rules.stocktake.sheet_lines import SheetReader
from rules.stocktake.titles import (
    LOOKED_AT,
    Heading,
    find_heading,
    meaning,
)
from runtime.errors import os_reason
from runtime.language import Text
from tables.opening import open_sheets
from tables.sheets import Row, Sheet, Unreadable

_EXPLAINING = frozenset({"说明", "填表说明", "示例", "readme"})
_TEXTS = (".csv", ".tsv", ".txt")


def read_file(path: Path, *, cross: Cross | None = None) -> SheetsRead:
    """Every sheet of a file; what is wrong with it is in `problems`, so that all is told at once."""
    try:
        content = path.read_bytes()
    except OSError as error:
        read = SheetsRead(path=path, hash="")
        why = os_reason(error)
        read.problems.append(
            Problem(sheet=path.name, what=Text(f"无法读取：{why.zh}", f"cannot be read: {why.en}"))
        )
        return read
    read = SheetsRead(path=path, hash=hashlib.sha256(content).hexdigest()[:16])
    if path.suffix.lower() in _TEXTS and not content.rstrip(b"\0").endswith((b"\n", b"\r")):
        what = _NO_END
        read.notes.append(Problem(sheet=path.name, what=what))
    headed = 0
    try:
        for sheet in open_sheets(path):
            headed += _sheet(read, sheet, cross)
    except Unreadable as error:
        read.problems.append(Problem(sheet=path.name, what=error.text))
        return read
    if len(read.days) == 1:
        # A sheet of scans has none of its own: it is of the day that stands on the sheet beside it.
        (day,) = read.days
        read.entries = [replace(entry, day=entry.day or day) for entry in read.entries]
    if not headed and not read.problems:
        read.problems.append(Problem(sheet=path.name, what=_NO_HEADING))
    return read


_NO_END = Text("末尾没有换行，最后一行可能不完整", "has no line end; its last line may be cut off")
_NO_HEADING = Text(
    "没有找到盘点表的表头（资产编号、设备或序列号，以及 盘点 或 扫码 列）",
    "has no headings of a stock-take (asset, device or serial, and a column result or scan)",
)


def _sheet(read: SheetsRead, sheet: Sheet, cross: Cross | None) -> bool:
    """Reads one sheet; whether it is one of a stock-take."""
    title = f"{read.path.name} {sheet.name}".strip()
    rows = iter(sheet.rows)
    first = list(islice(rows, LOOKED_AT))
    heading = find_heading(first)
    if heading is None or not heading.is_of_a_stock_take:
        if first and sheet.name.strip().lower() not in _EXPLAINING:
            what = Text("未读：没有盘点或扫码列", "is not read: no column result or scan")
            read.notes.append(Problem(sheet=title, what=what))
        return False
    if sheet.hidden:
        what = Text(
            "是隐藏的工作表，未读；请取消隐藏或删除", "is a hidden sheet, not read; show or delete it"
        )
        read.problems.append(Problem(sheet=title, what=what))
        return True
    reader = SheetReader(read, title, heading, cross, _day_above(first, heading))
    reader.tell_columns()
    for row in chain(first, rows):
        if row.number > heading.row:
            reader.line(row)
    return True


def _day_above(rows: Sequence[Row], heading: Heading) -> tuple[int, int, str] | None:
    """Where a day stands above the table, behind 盘点日期."""
    for row in rows:
        if row.number >= heading.row:
            return None
        for column, text in sorted(row.cells.items()):
            label, mark, value = text.replace("：", ":").partition(":")
            if meaning(label) != "day" or column in row.joined:
                continue
            if mark and value.strip():
                return row.number, column, value.strip()
            right = [place for place in sorted(row.cells) if place > column]
            if right and not _asks_for_nothing(row.cells[right[0]]):
                return row.number, right[0], row.cells[right[0]]
    return None


def _asks_for_nothing(text: str) -> bool:
    """Whether what stands beside is another label, or a line to write on."""
    return text.rstrip().endswith((":", "：")) or not text.strip("_＿ ")
