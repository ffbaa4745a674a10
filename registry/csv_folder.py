"""Sheets from CSV files: UTF-8 (with or without a mark) or GB18030, as spreadsheets in schools save them."""

import csv
from pathlib import Path

from registry.columns import SHEETS, SheetTable
from registry.sheets import Cell, Problem, RawRow
from runtime.errors import os_reason
from runtime.language import Text

# utf-8-sig also reads files without the mark. GB18030 contains GBK and GB 2312.
_ENCODINGS = ("utf-8-sig", "gb18030")


def read_csv_folder(folder: Path, problems: list[Problem]) -> dict[str, list[RawRow] | None]:
    """The rows of every sheet in a folder of CSV files; None where there is none, a problem noted."""
    return {table.name: _read_sheet(folder, table, problems) for table in SHEETS}


def _read_sheet(folder: Path, table: SheetTable, problems: list[Problem]) -> list[RawRow] | None:
    names = [f"{name}.csv" for name in (table.name, table.chinese)]
    present = [folder / name for name in names if (folder / name).is_file()]
    if not present and table.optional:
        return None
    if len(present) != 1:
        text = (
            Text(f"找不到文件 {names[0]}", f"file {names[0]} is missing")
            if not present
            else Text("中英文文件名同时存在", f"both {names[0]} and {names[1]} are there; keep one")
        )
        problems.append(Problem(table.name, 0, "", text))
        return None
    return _read_file(present[0], table, problems)


def _read_file(path: Path, table: SheetTable, problems: list[Problem]) -> list[RawRow] | None:
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        why = os_reason(error)
        wrong = Text(f"无法读取 {path.name}：{why.zh}", f"cannot read {path.name}: {why.en}")
        problems.append(Problem(table.name, 0, "", wrong))
        return None
    if text is None:
        wrong = Text(
            "编码无法识别，请另存为 CSV UTF-8", "is neither UTF-8 nor GB18030 text; save it as CSV UTF-8"
        )
        problems.append(Problem(table.name, 0, "", wrong))
        return None
    rows: list[RawRow] = []
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            wrong = Text("CSV 格式有误", f"not valid CSV: {error}")
            problems.append(Problem(table.name, number, "", wrong))
            return rows
        rows.append(RawRow(number, tuple(Cell(cell.strip()) for cell in cells)))


def _decode(data: bytes) -> str | None:
    # UTF-16 text decodes as GB18030 without complaint; its NUL bytes give it away.
    if b"\0" in data:
        return None
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
