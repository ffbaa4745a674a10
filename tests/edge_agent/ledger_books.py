"""Workbooks of the ledger cases: written from a description, so that a case is text and can be read."""

import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font


def build_folder(case: Path, target: Path) -> Path:
    """The case's input: its files as they stand, workbooks made from their `.xlsx.toml`."""
    target.mkdir()
    for file in sorted((case / "input").iterdir()):
        if file.name.endswith(".toml"):
            write_book(
                tomllib.loads(file.read_text(encoding="utf-8")), target / file.name.removesuffix(".toml")
            )
        else:
            (target / file.name).write_bytes(file.read_bytes())
    return target


def write_book(description: dict[str, Any], path: Path) -> None:
    """[[sheet]]: name, state, rows, merged, hidden and struck rows, hidden columns, formats, dimension."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for about in description["sheet"]:
        sheet = book.create_sheet(about["name"])
        sheet.sheet_state = about.get("state", "visible")
        for row in about["rows"]:
            sheet.append([None if cell == "" else cell for cell in row])
        for column, code in about.get("formats", {}).items():
            for cell in sheet[column]:
                cell.number_format = code
        for span in about.get("merged", ()):
            sheet.merge_cells(span)
        for number in about.get("struck_rows", ()):
            for cell in sheet[number]:
                cell.font = Font(strike=True)
        for number in about.get("hidden_rows", ()):
            sheet.row_dimensions[number].hidden = True
        for column in about.get("hidden_columns", ()):
            sheet.column_dimensions[column].hidden = True
    book.save(path)
    for number, about in enumerate(description["sheet"], 1):
        if "dimension" in about:
            _rewrite(path, f"xl/worksheets/sheet{number}.xml", about["dimension"])


def _rewrite(path: Path, part: str, dimension: str) -> None:
    """Give a sheet the size that a program forgot to correct."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stale = f'<dimension ref="{dimension}"'.encode()
    parts[part] = re.sub(rb'<dimension ref="[^"]*"', stale, parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
