"""A row under the headings of its table: what stands in each field, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_agent.files.problems import Problem
from edge_agent.ledger.layout import Column, Layout
from edge_agent.ledger.line import Doubt, Line, Outcome
from edge_agent.ledger.titles import Field
from tables.sheets import Row, column_letters


@dataclass(slots=True, kw_only=True)
class HeadedRow:
    """`sheet` is the sheet's number; the other fields fill as the row is read.

    wrong: cells of the wrong kind. broken: a value is an error of the spreadsheet. bad_pieces: under the
    quantity stands what is none.
    """

    layout: Layout
    row: Row
    sheet: int
    problems: list[Problem] = field(default_factory=list)
    wrong: int = 0
    broken: bool = False
    bad_pieces: bool = False

    @property
    def cells(self) -> Mapping[int, str]:
        """What stands in the row, by column."""
        return self.row.cells

    def columns(self, name: Field) -> tuple[Column, ...]:
        """The columns for a field, the best first."""
        return self.layout.columns.get(name, ())

    def under(self, column: Column) -> str:
        """What stands under this heading; nothing is an empty text."""
        return self.row.cells.get(column.index, "")

    def text(self, name: Field) -> str:
        """The first column for the field that holds something."""
        return next((text for column in self.columns(name) if (text := self.under(column))), "")

    def cell(self, *names: Field) -> str:
        """The place of the first of these fields that the table has, as `C7`; else its first column's."""
        for name in names:
            for column in self.columns(name):
                return f"{column_letters(column.index)}{self.row.number}"
        return f"{column_letters(self.layout.first)}{self.row.number}"

    def tell(self, kind: str, *names: Field, at: int | None = None) -> None:
        """A problem, at a column or where one of these fields holds something."""
        present = [
            column.index for name in names for column in self.columns(name) if column.index in self.row.cells
        ]
        where = at if at is not None else present[0] if present else None
        cell = self.cell(*names) if where is None else f"{column_letters(where)}{self.row.number}"
        seen = "" if where is None else self.row.cells.get(where, "")
        self.problems.append(Problem(kind=kind, sheet=self.sheet, cell=cell, seen=seen))

    def doubt(self, line: Line, doubt: Doubt, kind: str, *names: Field, at: int | None = None) -> None:
        """The line may or may not count; its first doubt stays."""
        line.doubt = line.doubt or doubt
        self.tell(kind, *names, at=at)

    def unread(self, kind: str, *names: Field, at: int | None = None) -> Outcome:
        """The line is left out, for one reason that is told; details do not matter then."""
        self.problems = []
        self.tell(kind, *names, at=at)
        return Outcome(problems=self.problems)
