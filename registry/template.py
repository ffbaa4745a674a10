"""An empty registry to fill in: a workbook whose columns know what they take, with an explanation."""

import io
from pathlib import Path
from typing import Any

import xlsxwriter

from registry.calendar_sheet import CALENDAR
from registry.columns import Column, SheetTable
from registry.sheets import SCHOOLS, SHEETS, STATISTICS, WIDE
from registry.template_words import CALENDAR_ROWS, EXAMPLE_ROWS, EXPLANATION
from registry.vocabulary import FIGURES
from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text, language

WORKBOOK = "registry.xlsx"
# So many rows below the header keep their format and their list of choices.
_ROWS = 5000
_MOST_LIST = 255  # characters that a spreadsheet takes as a list of choices
_WIDTHS = {"name": 24, "measure": 36, "note": 24, "words": 18, "categories": 18}
_GIVEN, _MAY = Text("必填", "must be given"), Text("可不填", "may be empty")


def write_template(folder: Path) -> Path:
    """Write registry.xlsx; raises ConfigError where one is there already."""
    file = folder / WORKBOOK
    if file.exists():
        text = Text(
            "已存在，不覆盖，请换一个文件夹", "is there already and is not overwritten; name another folder"
        )
        raise ConfigError(f"{file}: {text}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(workbook())
    except OSError as error:
        why = os_reason(error)
        text = Text(f"无法写入：{why.zh}", f"cannot be written: {why.en}")
        raise ConfigError(f"{folder}: {text}") from error
    return file


def workbook() -> bytes:
    """Explanation, example and the empty sheets; what a column means stands as a comment at its title."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        plain = {"bold": True, "border": 1, "valign": "vcenter", "text_wrap": True}
        formats = {
            "asked": book.add_format(plain | {"bg_color": "#FFE699"}),
            "other": book.add_format(plain | {"bg_color": "#D9E2F3"}),
            "text": book.add_format({"num_format": "@"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "line": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _explain(book, formats)
        _example(book, formats)
        for table in SHEETS:
            _sheet(book, formats, table, _columns(table))
        calendar = _sheet(book, formats, CALENDAR, CALENDAR.columns)
        for row, cells in enumerate(CALENDAR_ROWS, start=1):
            calendar.write_row(row, 0, cells)
    return content.getvalue()


def _columns(table: SheetTable) -> tuple[Column, ...]:
    """A sheet's columns; of the statistics a line a school, with the figures in columns."""
    if table.name != "statistics":
        return table.columns
    wanted = [
        f"{stage}{item}"
        for item, facts in FIGURES.items()
        for stage in (("primary_", "junior_") if facts.by_stage else ("",))
    ]
    figures = {column.name: column for column in WIDE}
    name = next(column for column in SCHOOLS if column.name == "name")
    return (STATISTICS[0], name, *(figures[wide] for wide in wanted), STATISTICS[-1])


def _sheet(book: Any, formats: dict[str, Any], table: SheetTable, columns: tuple[Column, ...]) -> Any:
    sheet = book.add_worksheet(table.title)
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(columns):
        # Codes are text: as numbers they would lose their zeros.
        sheet.set_column(number, number, _width(column), formats["text"] if column.text_only else None)
        sheet.write_string(0, number, column.title, formats["asked" if column.required else "other"])
        sheet.write_comment(
            0, number, f"{_GIVEN if column.required else _MAY}\n{column.meaning}", {"x_scale": 2}
        )
        if (listed := _listed(column)) is not None:
            rule: dict[str, Any] = {"validate": "list", "source": listed, "ignore_blank": True}
            if column.others:
                rule["error_type"] = "information"
            sheet.data_validation(1, number, _ROWS, number, rule)
    return sheet


def _explain(book: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(str(Text("说明", "readme")))
    sheet.set_column(0, 0, 100, formats["line"])
    title, *lines = EXPLANATION
    sheet.write_string(0, 0, str(title), formats["title"])
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, str(line), formats["line"])


def _example(book: Any, formats: dict[str, Any]) -> None:
    """A school as it is filled in, sheet by sheet. Nothing here is read."""
    sheet = book.add_worksheet(str(Text("示例", "example")))
    sheet.set_column(0, 20, 16)
    row = 0
    tables = {table.name: table for table in (*SHEETS, CALENDAR)}
    for name, rows in EXAMPLE_ROWS.items():
        table = tables[name]
        columns = {column.name: column for column in (*table.columns, *WIDE, *SCHOOLS)}
        sheet.write_string(row, 0, table.title, formats["title"])
        for number, column in enumerate(rows[0]):
            sheet.write_string(row + 1, number, columns[str(column)].title, formats["other"])
        for line in rows[1:]:
            row += 1
            sheet.write_row(row + 1, 0, line)
        row += 3


def _width(column: Column) -> int:
    return _WIDTHS.get(column.name, max(12, 2 * len(column.title) + 2))


def _listed(column: Column) -> list[str] | None:
    """The choices in the language of the form; a list that is too long is left out."""
    words = [word for word in column.choices if not word.isascii()] or list(column.choices)
    if column.name == "indicator":
        words = [word for word in column.choices if word.isupper()] + ["无线"]
    elif language() == "en" and column.name not in {"kind", "ownership", "weekday"}:
        words = [word for word in column.choices if word.isascii()] or words
    return words if words and len(",".join(words)) <= _MOST_LIST else None
