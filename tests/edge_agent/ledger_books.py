"""Workbooks of the ledger cases: written from a description, so that a case is text and can be read."""

import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
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
    """[[sheet]]: name, state, rows, merged, hidden, flat and struck rows, hidden columns, formats, dimension;
    corrected: cells with a text that is struck out before the one that counts."""
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
        for place, (wrong, right) in about.get("corrected", {}).items():
            sheet[place] = CellRichText(TextBlock(InlineFont(strike=True), wrong), right)
        for number in about.get("hidden_rows", ()):
            sheet.row_dimensions[number].hidden = True
        for column in about.get("hidden_columns", ()):
            sheet.column_dimensions[column].hidden = True
    book.save(path)
    for number, about in enumerate(description["sheet"], 1):
        part = f"xl/worksheets/sheet{number}.xml"
        if "dimension" in about:  # the size that a program forgot to correct
            stale = f'<dimension ref="{about["dimension"]}"'.encode()
            _rewrite(path, part, rb'<dimension ref="[^"]*"', stale)
        for row in about.get("flat_rows", ()):
            _rewrite(path, part, b'<row r="%d"' % row, b'<row r="%d" ht="0" customHeight="1"' % row)


def _rewrite(path: Path, part: str, found: bytes, instead: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = re.sub(found, instead, parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
