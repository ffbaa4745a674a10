"""From a sheet's raw rows to records: headers matched, every cell read, every problem kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from registry.columns import Column, SheetTable
from runtime import UserError
from runtime.language import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the registry, and where. Row 0 is the sheet as a whole."""

    sheet: str
    row: int
    column: str
    text: Text | str

    def __str__(self) -> str:
        row = str(Text(f"第 {self.row} 行", f"row {self.row}")) if self.row else ""
        place = [self.sheet, row, self.column]
        return f"{' · '.join(part for part in place if part)}: {self.text}"


class RegistryError(UserError):
    """The registry cannot be used. `problems` is all that is wrong with it; nothing was loaded."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text; `number` where the spreadsheet holds a number rather than text."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of a sheet and its number there, from 1."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def empty(self) -> bool:
        return not any(cell.text for cell in self.cells)

    def cell(self, index: int) -> Cell:
        """The cell at an index; a row may end before the header does."""
        return self.cells[index] if index < len(self.cells) else Cell("")


@dataclass(slots=True)
class Record:
    """A row whose cells were read: values by column name, None where nothing is written."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    sound: bool = True  # False where a cell could not be read: its problem is already noted


def read_records(table: SheetTable, rows: Sequence[RawRow], problems: list[Problem]) -> list[Record]:
    """Every row below the header; what cannot be read is added to `problems`."""
    filled = [row for row in rows if not row.empty]
    if not filled:
        problems.append(Problem(table.name, 0, "", Text("没有表头", "has no header row")))
        return []
    header, *body = filled
    columns = _match_header(table, header, problems)
    return [_read_row(table, header, columns, row, problems) for row in body]


def _match_header(table: SheetTable, header: RawRow, problems: list[Problem]) -> dict[int, Column]:
    names = {name: column for column in table.columns for name in (column.name, *column.chinese)}
    matched: dict[int, Column] = {}
    for index, cell in enumerate(header.cells):
        if not cell.text:
            continue
        column = names.get(cell.text.replace("(", "（").replace(")", "）")) or names.get(cell.text.lower())
        if column is None:
            problems.append(Problem(table.name, header.number, cell.text, _unknown_header(cell.text, names)))
        elif column in matched.values():
            text = Text("该列出现两次", f"column {column.name} is given twice")
            problems.append(Problem(table.name, header.number, cell.text, text))
        else:
            matched[index] = column
    for column in table.columns:
        if column.required and column not in matched.values():
            title = column.chinese[0]
            text = Text(f"缺少列 {title}", f"column {column.name} is missing")
            problems.append(Problem(table.name, header.number, title, text))
    return matched


def _unknown_header(title: str, names: dict[str, Column]) -> Text:
    close = get_close_matches(title, names, n=1, cutoff=0.5)
    if close:
        return Text(f"未知的列，是否应为“{close[0]}”？", f"unknown column; did you mean {close[0]!r}?")
    return Text("未知的列（备注请用“备注”列）", "unknown column (remarks belong in 'note')")


def _read_row(
    table: SheetTable, header: RawRow, columns: dict[int, Column], row: RawRow, problems: list[Problem]
) -> Record:
    record = Record(row.number, {column.name: None for column in table.columns})
    for index, column in columns.items():
        try:
            record.values[column.name] = _read_cell(column, row.cell(index))
        except ValueError as error:
            record.sound = False
            problems.append(Problem(table.name, row.number, column.chinese[0], str(error)))
    for index, cell in enumerate(row.cells):
        if cell.text and not header.cell(index).text:
            text = Text("该单元格没有表头", f"cell {cell.text!r} stands under no header")
            problems.append(Problem(table.name, row.number, f"#{index + 1}", text))
    return record


def _read_cell(column: Column, cell: Cell) -> Any:
    if not cell.text:
        if column.required:
            raise ValueError(Text("必须填写", "must be given"))
        return None
    if cell.number and column.text_only:
        hint = Text(
            "存成了数字，请把该列设为文本后重新填写", "is stored as a number; format the column as text"
        )
        raise ValueError(Text(f"“{cell.text}”{hint.zh}", f"{cell.text!r} {hint.en}"))
    return column.read(cell.text)
