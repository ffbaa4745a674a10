"""A workbook with its bad cells coloured, and what is wrong with each as a comment."""

from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.exceptions import InvalidFileException

from registry.notes import Notes
from registry.problems import Problem
from registry.sources import open_sources
from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text

_RED = PatternFill("solid", fgColor="FFFF9999")
_AUTHOR = "campus rules check"
_SUMMARY = Text("检查结果", "what is wrong")


def write_marked(registry: Path, out: Path, problems: Iterable[Problem], told: Iterable[str]) -> None:
    """Write a copy of the registry's workbook, or of its CSV files as one. Raises ConfigError."""
    if out.exists():
        text = Text("已存在，不覆盖", "is there already and is not overwritten")
        raise ConfigError(f"--mark {out}: {text}")
    book = _book(registry)
    for problem in problems:
        if problem.sheet in book.sheetnames:
            _mark(book, problem)
    summary = book.create_sheet(str(_SUMMARY), 0)
    summary.column_dimensions["A"].width = 120
    for line in told:
        summary.append([line])
    book.active = 0
    try:
        book.save(out)
    except OSError as error:
        why = os_reason(error)
        text = Text(f"无法写入：{why.zh}", f"cannot be written: {why.en}")
        raise ConfigError(f"--mark {out}: {text}") from error


def _book(registry: Path) -> Workbook:
    """The workbook itself where it is one of ours; else its sheets' texts."""
    sources = open_sources(registry, [], Notes())
    if sources.workbook is not None:
        try:
            return load_workbook(sources.workbook)
        except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError, TypeError):
            pass  # an older kind of workbook, or a damaged one: what could be read of it is written
    book = Workbook()
    book.remove(book.worksheets[0])
    for raw in (*sources.sheets.values(), *([sources.calendar] if sources.calendar else [])):
        sheet = book.create_sheet(raw.title)
        for row in raw.rows:
            for column, text in row.cells.items():
                sheet.cell(row=row.number, column=column + 1).value = text
    return book


def _mark(book: Workbook, problem: Problem) -> None:
    if not problem.row:
        return
    cell = book[problem.sheet].cell(row=problem.row, column=(problem.column or 0) + 1)
    if type(cell).__name__ == "MergedCell":
        return
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.fill = _RED
    cell.comment = Comment(f"{before}{problem.what}", _AUTHOR)
