"""From a sheet's rows to records: every cell read, every problem kept, nothing left out without a word."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.cells import Misread, is_nothing
from registry.columns import Column, SheetTable
from registry.headers import Header, find_header, plain_title
from registry.notes import Notes
from registry.problems import Problem
from registry.said_units import take_units
from runtime.language import Text
from tables.sheets import Row

# A line of sums, and a line that speaks of the sheet instead of being one of it.
_TOTAL = re.compile(r"(合计|总计|小计|共计|累计|本页合计|全区合计|总数|total|sum)[:：]?", re.IGNORECASE)
_REMARK = re.compile(r"(注|备注|说明|填表|制表|审核|负责人|单位负责人|联系人|联系电话|日期)\S{0,6}[:：]")
_MONEY_UNIT = re.compile(r"[万亿元]")

_MERGED = Text(
    "合并单元格不能给出数字，请取消合并后分别填写",
    "a merged cell gives no figure; unmerge it",
)
_UNSOLVED = Text(
    "公式没有保存结果，请在 Excel 或 WPS 中打开后保存，或粘贴为数值",
    "the formula's result is not stored; open and save the file, or paste the value",
)
_REQUIRED = Text("必须填写", "must be given")
_NO_TITLE = Text("该列没有列名，请填写列名或清除内容", "the column has no title; give it one or empty it")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """A sheet as its file has it; `title` is its tab or its file."""

    title: str
    rows: Sequence[Row]
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()


@dataclass(slots=True, kw_only=True)
class Record:
    """A row whose cells were read: values by column name, None where nothing is written.

    places: where each column stands, by name; sound: no cell of it is unreadable, or told already.
    """

    table: SheetTable
    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    sound: bool = True

    def problem(self, name: str, what: Text, found: str = "") -> Problem:
        """Something wrong with what stands in a column."""
        return Problem(
            sheet=self.sheet,
            what=what,
            row=self.row,
            column=self.places.get(name),
            header=self.titles.get(name, ""),
            found=found,
            order=self.table.order,
        )


def read_records(
    table: SheetTable, columns: Sequence[Column], raw: RawSheet, problems: list[Problem], notes: Notes
) -> list[Record] | None:
    """Every row below the header; None where there is no header to read them by."""
    header = find_header(table, columns, raw.rows, raw.title, problems)
    if header is None:
        return None
    take_units(table, header, raw.rows, raw.title, problems, notes)
    places = {column.name: index for index, column in header.columns.items()}
    titles = {column.name: header.titles[index] for index, column in header.columns.items()}
    _tell_unread(header, raw, notes)
    _tell_hidden(header, raw, notes)
    found = []
    for row in raw.rows:
        if row.number <= header.row or _aside(row, header, raw, notes):
            continue
        record = Record(table=table, sheet=raw.title, row=row.number, places=places, titles=titles)
        record.values = dict.fromkeys(column.name for column in columns)
        _read_row(record, header, row, problems)
        found.append(record)
    return found


def _tell_unread(header: Header, raw: RawSheet, notes: Notes) -> None:
    unread = [
        title
        for index, title in sorted(header.titles.items())
        if index not in header.columns and plain_title(title) != "序号"
    ]
    if unread:
        names = "、".join(unread)
        notes.add(raw.title, Text(f"未读的列：{names}", f"columns that are not read: {names}"))


def _tell_hidden(header: Header, raw: RawSheet, notes: Notes) -> None:
    """What nobody sees who opens it counts all the same."""
    if raw.hidden:
        notes.add(raw.title, Text("隐藏的工作表已计入", "a hidden sheet is counted"))
    hidden = [header.titles[index] for index in sorted(header.columns) if index in raw.hidden_columns]
    if hidden:
        names = "、".join(hidden)
        notes.add(raw.title, Text(f"隐藏的列已计入：{names}", f"hidden columns are counted: {names}"))


def _aside(row: Row, header: Header, raw: RawSheet, notes: Notes) -> bool:
    """Whether a row is none of the table's lines. Each is told."""
    known = [index for index in sorted(header.columns) if row.cells.get(index)]
    first = next(iter(row.cells.values()), "") if row.cells else ""
    if _TOTAL.fullmatch(re.sub(r"\s", "", first)):
        notes.add(raw.title, Text("合计行未计", "lines of totals are left out"))
        return True
    if len(known) > 1 and all(
        plain_title(row.cells[index]) == plain_title(header.titles[index]) for index in known
    ):
        notes.add(raw.title, Text("重复的表头未计", "repeated headers are left out"))
        return True
    if len(row.cells) <= 2 and _REMARK.match(first):
        notes.add(raw.title, Text("表下的说明或签字行未计", "remarks and signatures below are left out"))
        return True
    if row.hidden:
        notes.add(raw.title, Text("隐藏的行已计入", "hidden lines are counted"))
    if row.struck:
        notes.add(raw.title, Text("划去的行已计入", "lines that are struck out are counted"))
    return False


def _read_row(record: Record, header: Header, row: Row, problems: list[Problem]) -> None:
    if row.rest:
        what = Text("引号没有成对，其后的内容无法分行", "a quotation mark is not closed; lines run together")
        problems.append(Problem(sheet=record.sheet, what=what, row=row.number, order=record.table.order))
        record.sound = False
        return
    for index, column in header.columns.items():
        cell = row.cells.get(index, "")
        try:
            if column.figure and cell and _is_shared(row, index, header):
                raise Misread(_MERGED)
            record.values[column.name] = _read_cell(column, cell, row, index, header.factors.get(index, 1))
        except Misread as error:
            record.sound = False
            problems.append(record.problem(column.name, error.what, "" if error.what is _REQUIRED else cell))
    for index, cell in row.cells.items():
        if index not in header.titles and index not in row.joined:
            problems.append(
                Problem(
                    sheet=record.sheet,
                    what=_NO_TITLE,
                    row=row.number,
                    column=index,
                    found=cell,
                    order=record.table.order,
                )
            )


def _is_shared(row: Row, index: int, header: Header) -> bool:
    """Whether a merged cell gives one figure to several of the table's columns."""
    return any(
        first <= index <= last and sum(first <= other <= last for other in header.columns) > 1
        for first, last in row.wide
    )


def _read_cell(column: Column, cell: str, row: Row, index: int, factor: int) -> Any:
    if index in row.unsolved:
        raise Misread(_UNSOLVED)
    if not cell or (is_nothing(cell) and column.name != "note"):
        if column.required:
            raise Misread(_REQUIRED)
        return None
    if index in row.joined and column.figure:
        raise Misread(_MERGED)
    value = column.read(cell)
    # A unit in the title counts for every cell that has none of its own.
    return value * factor if factor != 1 and not _MONEY_UNIT.search(cell) else value
