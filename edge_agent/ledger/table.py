"""What a sheet gave as a ledger: its lines, its problems, and how much of it was read."""

from dataclasses import dataclass, field

from edge_agent.files.problems import Problem
from edge_agent.ledger.line import Line
from tables.sheets import Row, column_letters

MAX_LINES = 50_000
# As many cells of a row as the school's log shows.
_CELLS_SHOWN = 20


@dataclass(slots=True, kw_only=True)
class Table:
    """What a sheet gave. unread: lines that are there and could not be read; others are counted as left out.

    says_yuan: 元 is written above its money.
    persons: what stands in columns of people, so that it can be kept from going out elsewhere.
    """

    sheet: int
    name: str
    hidden: bool = False
    titles: str = ""
    found: bool = False
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: int = 0
    left_out: int = 0
    totals: int = 0
    says_yuan: bool = False
    persons: set[str] = field(default_factory=set)
    heading_seen: str = ""
    mixed: bool = False
    """A section of it is of things in use, whatever its title says."""

    def tell(self, kind: str, row: Row | None = None, *, number: int = 1) -> None:
        """A problem of the sheet, at the first cell of a row where it is one row's."""
        cell = "" if row is None else f"{column_letters(min(row.cells, default=0))}{row.number}"
        seen = "" if row is None else " | ".join(list(row.cells.values())[:_CELLS_SHOWN])
        self.problems.append(Problem(kind=kind, sheet=self.sheet, cell=cell, number=number, seen=seen))
