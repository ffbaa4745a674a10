"""What a line is worth: its own total, else the price of each by the pieces; or why nobody can tell."""

import re
from decimal import Decimal

from edge_agent.ledger import cells
from edge_agent.ledger.amounts import rounded
from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.line import Line, Outcome
from edge_agent.ledger.titles import MONEY, Field
from tables.codes import spelling

_DESCRIBING: tuple[Field, ...] = ("name", "model")
_QUANTITY_TITLE = re.compile(r"[数量件台套个]")


def valued(
    row: HeadedRow, line: Line, pieces: int | None, total: Decimal | None, price: Decimal | None
) -> Outcome:
    """With its value and pieces: the line's own total where there is one, else the price of each."""
    if (total or Decimal(0)) < 0 or (price or Decimal(0)) < 0 or (pieces or 0) < 0:
        row.tell("negative", "value", "unit_value", "quantity")
        owed = abs(total) if total is not None else abs(price or Decimal(0)) * abs(pieces or 1)
        return Outcome(problems=row.problems, negative_fen=cells.whole_fen(owed))
    if total is None and price is None:
        return _without_value(row, line, pieces)
    if total is None:
        return _priced(row, line, pieces, price or Decimal(0))
    line.quantity = _known(row, line, pieces)
    total = _settled(row, line, total, pieces)
    line.value_fen = cells.whole_fen(total)
    if price is not None and pieces and not _agree(row, total, price, pieces):
        row.doubt(line, "conflict", "mismatch", "value", "unit_value")
        line.value_fen = cells.whole_fen(max(total, price * pieces))
    if pieces == 0 and total:
        row.doubt(line, "quantity", "zero_quantity", "quantity")
    return Outcome(line=line, problems=row.problems)


def _settled(row: HeadedRow, line: Line, total: Decimal, pieces: int | None) -> Decimal:
    """The value where several columns have one. The price of one beside the total of all is no doubt."""
    for column in row.columns("value")[1:]:
        text = row.under(column)
        try:
            other = cells.fen(text, column.unit)
        except cells.Odd:
            continue
        slack = cells.half_a_digit(text, column.unit) + rounded(row, "value")
        if other is None or column.index in row.row.joined or abs(other - total) <= slack:
            continue
        if pieces and abs(other - total * pieces) <= slack * pieces:
            total = other
        elif not pieces or abs(total - other * pieces) > slack * pieces:
            row.doubt(line, "conflict", "two_columns", at=column.index)
            total = max(total, other)
    return total


def _priced(row: HeadedRow, line: Line, pieces: int | None, price: Decimal) -> Outcome:
    """By the price of each. How many there are must be known then."""
    if pieces is None:
        if "quantity" in row.layout.columns:
            return row.unread("bad_quantity" if row.text("quantity") else "no_quantity", "quantity")
        if (column := _maybe_quantity(row, any_title=True)) is not None:
            return row.unread("quantity_column", at=column)
        if (told := _several_told(row)) is not None:
            return row.unread("several", told)
    line.quantity = 1 if pieces is None else pieces
    line.value_fen = cells.whole_fen(price * line.quantity)
    if row.broken or row.wrong:
        row.tell("bad_total", "value")
    if pieces == 0 and price:
        line.value_fen = cells.whole_fen(price)
        row.doubt(line, "quantity", "zero_quantity", "quantity")
    return Outcome(line=line, problems=row.problems)


def _without_value(row: HeadedRow, line: Line, pieces: int | None) -> Outcome:
    """Further pieces of the line above, or why there is no value."""
    money = [column.index for name in MONEY for column in row.columns(name)]
    if any(column in row.row.joined for column in money):
        return Outcome(more_pieces=pieces or 0)  # its value stands in the merged cell above
    if any(column in row.row.unsolved for column in money):
        return row.unread("formula", "value", "unit_value")
    if row.wrong or row.broken:
        return row.unread("bad_value", "value", "unit_value")
    return row.unread("no_value" if line.name else "nothing", "value", "unit_value")


def _known(row: HeadedRow, line: Line, pieces: int | None) -> int:
    """How many pieces a total is for: 1 where nothing speaks of several."""
    if pieces is not None:
        return pieces
    if row.text("quantity"):
        row.doubt(line, "quantity", "some_quantity", "quantity")
    elif (
        "quantity" not in row.layout.columns and (column := _maybe_quantity(row, any_title=False)) is not None
    ):
        row.doubt(line, "quantity", "some_quantity", at=column)
    elif (told := _several_told(row)) is not None:
        row.doubt(line, "quantity", "several_here", told)
    return 1


def _several_told(row: HeadedRow) -> Field | None:
    """The field that speaks of several pieces where no quantity is given: 电脑(30台), ZC001-ZC030."""
    if cells.names_several(row.text("asset")):
        return "asset"
    return next((name for name in _DESCRIBING if cells.says_pieces(row.text(name))), None)


def _maybe_quantity(row: HeadedRow, *, any_title: bool) -> int | None:
    """A column with an unknown heading in which this line has a whole number: it may be the quantity."""
    for column, name in row.layout.unknown.items():
        text = spelling(row.cells.get(column, ""))
        if re.fullmatch(r"[0-9]{1,6}(?:\.0+)?", text) and (any_title or _QUANTITY_TITLE.search(name)):
            return column
    return None


def _agree(row: HeadedRow, total: Decimal, price: Decimal, pieces: int) -> bool:
    """To what rounding the price and the total can have done."""
    slack = pieces * rounded(row, "unit_value") + rounded(row, "value")
    return abs(total - price * pieces) <= slack
