"""The registry's sheets for people: tables in Markdown, made from what the reader accepts."""

from registry.columns import SHEETS, Column, SheetTable


def markdown() -> str:
    """One section a sheet: its meaning, then a row for each column."""
    return "\n".join(_section(table) for table in SHEETS)


def _section(table: SheetTable) -> str:
    optional = " Optional." if table.optional else ""
    lines = [f"### `{table.name}` 〔{table.chinese}〕", "", table.meaning + optional, ""]
    lines += ["| column | 表头 header | | one of | meaning |", "|---|---|---|---|---|"]
    lines += [_row(column) for column in table.columns]
    return "\n".join([*lines, ""])


def _row(column: Column) -> str:
    given = "always" if column.required else ""
    headers, choices = "、".join(column.chinese), "、".join(column.choices)
    return f"| `{column.name}` | {headers} | {given} | {choices} | {column.meaning} |"
