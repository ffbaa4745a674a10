"""Registries for tests: the small one as a folder and as a workbook, changed as a case asks."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from registry import RegistryError, read_registry
from registry.sheets import SHEETS

CASES = Path(__file__).parents[1] / "cases" / "registry"
SMALL = CASES.parent / "rules" / "small"


def small(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "registry"))


def refused(path: Path) -> str:
    with pytest.raises(RegistryError) as caught:
        read_registry(path)
    return str(caught.value)


def problems(path: Path) -> list[str]:
    """Every line that is told, without the summary."""
    return [line for line in refused(path).splitlines() if not line.startswith("共 ")]


def workbook(folder: Path, change: Callable[[Workbook], None] = lambda _: None) -> Path:
    """The small registry as one XLSX file, codes as text and figures as numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in (table for table in SHEETS if not table.optional):
        sheet = book.create_sheet(table.name)
        text = (SMALL / f"{table.name}.csv").read_text(encoding="utf-8-sig")
        for line in text.splitlines():
            cells = [
                cell if len(cell) == 10 or not _numeric(cell) else float(cell) for cell in line.split(",")
            ]
            sheet.append([None if cell == "" else cell for cell in cells])
    change(book)
    shutil.copy(SMALL / "calendar.toml", folder)
    path = folder / "registry.xlsx"
    book.save(path)
    return path


def _numeric(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit() and len(cell) != 6
