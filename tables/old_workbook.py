"""Workbooks of the kind .xlsb, by way of calamine. In a child process only: it takes the whole file into
memory, and what is wrong in one may end it.

calamine does not say which rows are hidden or struck out, nor how a number is shown, so that none is taken
for it here: its sheets are `blind`, for whoever reads them to tell.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tables.number_formats import Style
from tables.sheet_xml import number_text
from tables.sheets import DAMAGED, MAX_COLUMNS, PROTECTED, Row, Sheet, Unreadable

Item = TypeVar("Item")


def open_old_workbook(path: Path) -> Iterator[Sheet]:
    """Its sheets in order. Raises Unreadable."""
    return _guarded(_sheets(path))


def _guarded(items: Iterator[Item]) -> Iterator[Item]:
    """On bytes that it did not expect the library panics, which is no Exception. Raises Unreadable."""
    try:
        yield from items
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(DAMAGED) from error


def _sheets(path: Path) -> Iterator[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise Unreadable(PROTECTED) from error
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(DAMAGED) from error
    for number, about in enumerate(book.sheets_metadata, 1):
        try:
            sheet = book.get_sheet_by_index(number - 1)
        except (CalamineError, OSError, ValueError):
            continue  # a chart
        yield Sheet(
            number=number,
            name=about.name,
            hidden=about.visible != SheetVisibleEnum.Visible,
            blind=True,
            rows=_guarded(_rows(sheet)),
        )


def _rows(sheet: Any) -> Iterator[Row]:
    if sheet.start is None:
        return
    first, left = sheet.start
    spans = [span for span in sheet.merged_cell_ranges or () if span[0][0] < span[1][0]]
    held: dict[tuple[int, int], str] = {}
    for index, values in enumerate(sheet.to_python(skip_empty_area=True), first):
        cells = {
            left + column: text for column, value in enumerate(values[:MAX_COLUMNS]) if (text := _text(value))
        }
        joined = set[int]()
        for (top, begin), (bottom, end) in spans:
            if not top <= index <= bottom:
                continue
            for column in range(begin, min(end, MAX_COLUMNS) + 1):
                if index == top:
                    held[top, column] = cells.get(column, "")
                elif column not in cells:
                    joined.add(column)
                    if above := held.get((top, column)):
                        cells[column] = above
        if any(column not in joined for column in cells):
            yield Row(number=index + 1, cells=cells, joined=frozenset(joined))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return number_text(repr(value), Style())
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value).strip()
