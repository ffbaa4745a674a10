"""An empty registry to fill in: a workbook whose columns know what they take, and a calendar to correct."""

import io
from pathlib import Path

import xlsxwriter

from registry.calendar_file import FILE
from registry.columns import SHEETS, Column
from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text

WORKBOOK = "registry.xlsx"
# So many rows below the header keep their format and their list of choices.
_ROWS = 5000
_MOST_LIST = 255  # characters that a spreadsheet takes as a list of choices
_WIDTHS = {"name": 24, "measure": 36, "note": 24, "words": 18, "categories": 18}

CALENDAR = """\
# 校历:请按本区校历修改 / the school calendar: put in your own dates.
timezone = "Asia/Shanghai"
school_days = ["mon", "tue", "wed", "thu", "fri"]

# 学期 / terms
[[term]]
name = "2026-2027-1"
first = 2026-09-01
last = 2027-01-22

# 放假,逐个填写 / holidays, one by one
[[holiday]]
name = "国庆节"
first = 2026-10-01
last = 2026-10-07

# 调休上课日 / days of school on a weekend
[[makeup]]
day = 2026-10-10
# follows = "fri"  # 按周几的课表上课 / whose lessons of the timetable; without it, its own weekday's

# 节次,不可重叠 / lessons, which may not overlap
[[slot]]
name = "第1节"
begin = "08:00"
end = "08:40"

[[slot]]
name = "第2节"
begin = "08:50"
end = "09:30"
"""


def write_template(folder: Path) -> tuple[Path, Path]:
    """Write registry.xlsx and calendar.toml; raises ConfigError where one is there already."""
    files = folder / WORKBOOK, folder / FILE
    for file in files:
        if file.exists():
            text = Text("已存在,不覆盖", "is there already and is not overwritten; name another folder")
            raise ConfigError(f"{file}: {text}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files[0].write_bytes(workbook())
        files[1].write_text(CALENDAR, encoding="utf-8")
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(
            f"{folder}: {Text(f'无法写入：{why.zh}', f'cannot be written: {why.en}')}"
        ) from error
    return files


def workbook() -> bytes:
    """The empty sheets; what a column means stands as a comment at its header."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        plain = {"bold": True, "border": 1, "valign": "vcenter", "text_wrap": True}
        asked = book.add_format(plain | {"bg_color": "#FFE699"})
        other = book.add_format(plain | {"bg_color": "#D9E2F3"})
        text = book.add_format({"num_format": "@"})
        for table in SHEETS:
            sheet = book.add_worksheet(table.chinese)
            sheet.freeze_panes(1, 0)
            for number, column in enumerate(table.columns):
                # Codes are text: as numbers they would lose their zeros.
                sheet.set_column(number, number, _width(column), text if column.text_only else None)
                sheet.write_string(0, number, column.chinese[0], asked if column.required else other)
                sheet.write_comment(0, number, _comment(column), {"x_scale": 2})
                if (listed := _listed(column)) is not None:
                    rule = {
                        "validate": "list",
                        "source": listed,
                        "ignore_blank": True,
                        "error_type": "information" if column.others else "stop",
                    }
                    sheet.data_validation(1, number, _ROWS, number, rule)
    return content.getvalue()


def _width(column: Column) -> int:
    return _WIDTHS.get(column.name, max(12, 2 * len(column.chinese[0]) + 2))


def _comment(column: Column) -> str:
    given = Text("必填", "must be given") if column.required else Text("可不填", "may be empty")
    return f"{column.name}\n{given}\n{column.meaning}"


def _listed(column: Column) -> list[str] | None:
    """The choices in the form's own words; a list that is too long is left out."""
    words = [word for word in column.choices if not word.isascii()] or list(column.choices)
    if column.name == "indicator":
        words = [word for word in column.choices if word.isupper()] + ["无线"]
    return words if words and len(",".join(words)) <= _MOST_LIST else None
