"""Workbooks of Excel 97 to 2003 and of older WPS (.xls, .et), by way of xlrd: with formats, merged cells,
hidden and struck lines. In a child process only: it takes the whole file into memory.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tables.merging import Filling, Merged
from tables.number_formats import Style, style_of
from tables.sheet_xml import number_text
from tables.sheets import DAMAGED, MAX_COLUMNS, PROTECTED, Row, Sheet, Unreadable

_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5


def open_excel_97(path: Path) -> list[Sheet]:
    """Its sheets in order. Raises Unreadable."""
    import xlrd

    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            book = xlrd.open_workbook(path, formatting_info=True, ragged_rows=True, logfile=nowhere)
        styles = [_style(book, form) for form in book.xf_list]
        return [_sheet(sheet, number, styles) for number, sheet in enumerate(book.sheets(), 1)]
    # Of a damaged file it meets whatever stands there: numbers beyond a list, its own asserts.
    except Exception as error:
        raise Unreadable(PROTECTED if "encrypted" in str(error) else DAMAGED) from error


def _style(book: Any, form: Any) -> Style:
    known = book.format_map.get(form.format_key)
    style = style_of(form.format_key, known.format_str if known is not None else "")
    return replace(style, struck=_is_struck(book, form.font_index))


def _is_struck(book: Any, font: int) -> bool:
    return 0 <= font < len(book.font_list) and bool(book.font_list[font].struck_out)


def _sheet(sheet: Any, number: int, styles: list[Style]) -> Sheet:
    merged = Merged()
    for top, bottom, left, right in sheet.merged_cells:
        merged.add((top + 1, left), (bottom, right - 1))
    hidden = {
        column
        for column, about in sheet.colinfo_map.items()
        if column < MAX_COLUMNS and (about.hidden or not about.width)
    }
    return Sheet(
        number=number,
        name=sheet.name,
        hidden=bool(sheet.visibility),
        hidden_columns=frozenset(hidden),
        rows=_rows(sheet, styles, Filling(merged.sort())),
    )


def _rows(sheet: Any, styles: list[Style], filling: Filling) -> Iterator[Row]:
    for index in range(sheet.nrows):
        about = sheet.rowinfo_map.get(index)
        cells, struck = dict[int, str](), set[int]()
        for column in range(min(sheet.row_len(index), MAX_COLUMNS)):
            number = sheet.cell_xf_index(index, column)
            style = styles[number] if 0 <= number < len(styles) else Style()
            text, is_struck = _shown(sheet, index, column, style)
            if text:
                cells[column] = text
                if is_struck:
                    struck.add(column)
        hidden = about is not None and bool(about.hidden or about.height == 0)
        row = filling.row(index + 1, cells, hidden=hidden, struck=struck)
        if row is not None:
            yield row


def _shown(sheet: Any, row: int, column: int, style: Style) -> tuple[str, bool]:
    """A cell as the spreadsheet shows it, and whether all of it is struck out."""
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == _TEXT:
        return _text(sheet, row, column, str(value), style)
    if kind in (_NUMBER, _DATE):
        return number_text(repr(value), style, from_1904=sheet.book.datemode == 1), style.struck
    if kind == _BOOLEAN:
        return str(int(value)), style.struck
    if kind == _ERROR:
        from xlrd.biffh import error_text_from_code

        return error_text_from_code.get(value, "#VALUE!"), style.struck
    return "", False


def _text(sheet: Any, row: int, column: int, text: str, style: Style) -> tuple[str, bool]:
    """Of a text's runs those that are not struck out, as long as there are any."""
    runs = sheet.rich_text_runlist_map.get((row, column), ())
    begins = [0, *(begin for begin, _ in runs), len(text)]
    struck = [style.struck, *(_is_struck(sheet.book, font) for _, font in runs)]
    kept = "".join(
        text[begin:end] for begin, end, gone in zip(begins[:-1], begins[1:], struck, strict=True) if not gone
    )
    return (kept.strip(), False) if kept.strip() else (text.strip(), any(struck))
