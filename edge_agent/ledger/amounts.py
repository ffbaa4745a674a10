"""What stands under the headings of money and quantity."""

import re
from decimal import Decimal

from edge_agent.ledger import cells
from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.plain import is_error, says_nothing
from edge_agent.ledger.titles import MONEY, Field
from edge_agent.personal import is_personal


def pieces(row: HeadedRow) -> int | None:
    """The quantity; None where there is none, or none that can be read."""
    try:
        return cells.quantity(row.text("quantity"))
    except cells.Odd:
        # A name or a telephone number: the line is not to be trusted.
        row.bad_pieces = not cells.is_some(row.text("quantity"))
        return None


def money(row: HeadedRow, name: Field) -> Decimal | None:
    """The amount in the first column for the field that says one, in fen, not rounded."""
    for column in row.columns(name):
        text = row.under(column)
        if column.index in row.row.joined or says_nothing(text):
            continue
        if is_error(text):
            row.broken = True
            continue
        if is_personal(text):
            row.wrong += 1
            continue
        if name == "unit_value":
            text = re.sub(r"[/每][台套件个只张部组]$", "", text)
        try:
            return cells.fen(text, column.unit)
        except cells.Odd:
            row.wrong += 1
            if name == "unit_value":
                row.tell("bad_price", at=column.index)
            return None
    return None


def number_in(row: HeadedRow, name: Field, at: int) -> Decimal | int | None:
    """What the column at this place for the field says: pieces, or money in fen; None where nothing."""
    columns = row.columns(name)
    if at >= len(columns):
        return None
    text = row.under(columns[at])
    try:
        return cells.quantity(text) if name in {"quantity", "counted"} else cells.fen(text, columns[at].unit)
    except cells.Odd:
        return None


def rounded(row: HeadedRow, name: Field) -> Decimal:
    """What rounding may have taken from the best column for a field of money, in fen."""
    column = row.columns(name)[0]
    return cells.half_a_digit(row.under(column), column.unit)


def printed(row: HeadedRow) -> int | None:
    """The amount under the value, else under the price, to the fen; what is no amount is passed over."""
    for name in MONEY:
        for column in row.columns(name):
            text = row.under(column)
            if column.index in row.row.joined or not text:
                continue
            try:
                amount = cells.fen(text, column.unit)
            except cells.Odd:
                continue
            if amount is not None:
                return cells.whole_fen(amount)
    return None
