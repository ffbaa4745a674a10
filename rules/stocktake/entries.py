"""What filled sheets of a stock-take say, line by line, and what of it could not be understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from registry.problems import Problem
from rules.stocktake.marks import Mark
from rules.stocktake.titles import (
    MARKS,
    Field,
)
from runtime.language import Text
from tables.sheets import column_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line, or one scanned number. place: its number in the file.

    listed: the state that the line was printed with. printed: the sheet has such a column at all.
    scanned: it stands by itself, whatever line it was scanned beside.
    """

    file: str
    sheet: str
    row: int
    place: int
    mark: Mark
    school: str = ""
    school_name: str = ""
    listed: str = ""
    room: str = ""
    asset: str = ""
    device: str = ""
    serial: str = ""
    name: str = ""
    note: str = ""
    day: date | None = None
    scanned: bool = False
    printed: bool = False
    columns: Mapping[Field, int] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def cell(self) -> str:
        """Where its mark stands, as the sheet and the cell are called."""
        column = next((self.columns[name] for name in ("scan", *MARKS) if name in self.columns), None)
        letters = "" if column is None else column_letters(column)
        return f"{self.sheet} {letters}{self.row}"

    def problem(self, what: Text, name: Field | None = None, found: str = "") -> Problem:
        column = None if name is None else self.columns.get(name)
        header = "" if column is None else self.titles.get(column, "")
        return Problem(
            sheet=self.sheet, what=what, row=self.row, column=column, header=header, found=found[:60]
        )


@dataclass(slots=True, kw_only=True)
class SheetsRead:
    """A file. problems: what is not taken; notes: what is told besides."""

    path: Path
    hash: str
    days: set[date] = field(default_factory=set)  # those that stand above its tables
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
