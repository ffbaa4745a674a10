"""Where a line contradicts itself: two columns of one heading, books and count, a cell under two headings."""

from edge_agent.ledger.amounts import number_in
from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.line import Line
from edge_agent.ledger.titles import NUMBERS


def compare_twins(row: HeadedRow, line: Line) -> None:
    """What the books say beside what was counted, and columns that have one heading twice."""
    if (counted := number_in(row, "counted", 0)) is not None and counted != line.quantity:
        row.doubt(line, "quantity", "two_quantities", "counted")
    for name in ("quantity", "unit_value"):
        first, *others = row.columns(name) or (None,)
        for at, other in enumerate(others, 1):
            # Two columns of one heading, or two whose headings are only roughly known.
            if first is None or other is None or (other.title, other.rank) != (first.title, first.rank):
                continue
            said, elsewhere = number_in(row, name, 0), number_in(row, name, at)
            if said is not None and elsewhere is not None and said != elsewhere:
                row.doubt(line, "conflict", "two_columns", at=other.index)


def look_for_wide(row: HeadedRow, line: Line) -> None:
    """One merged cell under the price and the value is one of them, and nobody knows which."""
    places = {column.index for name in NUMBERS for column in row.columns(name)}
    for first, last in row.row.wide:
        if first in row.cells and sum(first <= place <= last for place in places) > 1:
            row.doubt(line, "conflict", "wide", at=first)
