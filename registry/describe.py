"""The registry's sheets for people: tables in Markdown, made from what the reader accepts."""

from registry.calendar_sheet import CALENDAR
from registry.columns import Column, SheetTable
from registry.sheets import SHEETS
from runtime.language import Language, Text

_OPTIONAL = Text("可以没有。", "Optional.")
_HEAD = Text("| 表头 | 英文列名 | | 可填 | 说明 |", "| column | Chinese titles | | one of | meaning |")
_GIVEN = Text("必填", "always")


def markdown(language: Language = "en") -> str:
    """One section a sheet: its meaning, then a row for each column."""
    return "\n".join(_section(table, language) for table in (*SHEETS, CALENDAR))


def _section(table: SheetTable, language: Language) -> str:
    title = Text(f"### {table.chinese}（`{table.name}`）", f"### `{table.name}` ({table.chinese})")
    optional = (" " if language == "en" else "") + _OPTIONAL.of(language) if table.optional else ""
    lines = [title.of(language), "", table.meaning.of(language) + optional, ""]
    lines += [_HEAD.of(language), "|---|---|---|---|---|"]
    lines += [_row(column, language) for column in table.columns]
    return "\n".join([*lines, ""])


def _row(column: Column, language: Language) -> str:
    given = _GIVEN.of(language) if column.required else ""
    headers, choices = "、".join(column.chinese), "、".join(column.choices)
    names = (headers, f"`{column.name}`") if language == "zh" else (f"`{column.name}`", headers)
    return f"| {names[0]} | {names[1]} | {given} | {choices} | {column.meaning.of(language)} |"
