"""Sheets from one XLSX workbook. Formulas and merged cells are refused: their values cannot be trusted."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from registry.columns import SHEETS, SheetTable
from registry.sheets import Cell, Problem, RawRow
from runtime.language import Text


def read_workbook(path: Path, problems: list[Problem]) -> dict[str, list[RawRow] | None]:
    """The rows of every sheet in a workbook; None where that cannot be said, a problem noted."""
    try:
        workbook = load_workbook(path)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        text = Text("无法作为 XLSX 打开", f"cannot be opened as XLSX: {error}")
        problems.append(Problem(path.name, 0, "", text))
        return dict.fromkeys((table.name for table in SHEETS), None)
    sheets = {sheet.title.strip(): sheet for sheet in workbook.worksheets}
    return {table.name: _read_sheet(table, sheets, problems) for table in SHEETS}


def _read_sheet(
    table: SheetTable, sheets: Mapping[str, Worksheet], problems: list[Problem]
) -> list[RawRow] | None:
    present = [sheets[name] for name in (table.name, table.chinese) if name in sheets]
    if not present and table.optional:
        return None
    if len(present) != 1:
        text = (
            Text(f"缺少工作表 {table.name}（{table.chinese}）", f"sheet {table.name} is missing")
            if not present
            else Text("中英文工作表同时存在", f"both {table.name} and {table.chinese} are there; keep one")
        )
        problems.append(Problem(table.name, 0, "", text))
        return None
    sheet = present[0]
    for merged in sheet.merged_cells.ranges:
        text = Text(f"合并单元格 {merged.coord}，请取消合并", f"merged cells {merged.coord}; unmerge them")
        problems.append(Problem(table.name, merged.min_row, "", text))
    rows = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        rows.append(RawRow(number, tuple(_read_cell(table, number, cell, problems) for cell in cells)))
    return rows


def _read_cell(table: SheetTable, row: int, cell: XlsxCell | MergedCell, problems: list[Problem]) -> Cell:
    value = cell.value
    if value is None:
        return Cell("")
    if cell.data_type in {"f", "e"}:
        wrong = (
            Text(f"公式 {value}，请粘贴为数值", f"formula {value}; paste its value instead")
            if cell.data_type == "f"
            else Text(f"错误值 {value}", f"error value {value}")
        )
        problems.append(Problem(table.name, row, cell.coordinate, wrong))
        return Cell("")
    if isinstance(value, bool):
        return Cell("1" if value else "0")
    if isinstance(value, int | float):
        # repr is the shortest decimal that means this number: what was typed.
        text = repr(value)
        return Cell(text.removesuffix(".0"), number=True)
    return Cell(str(value).strip())
