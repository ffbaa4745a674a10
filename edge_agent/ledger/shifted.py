"""Whether the cells of a row stand under other headings than their own."""

import re

from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.plain import is_number
from edge_agent.ledger.titles import NUMBERS
from tables.codes import spelling

# So many cells of the wrong kind in one line are no slips: the line is shifted.
SHIFTED_FROM = 2
_DATE_LIKE = re.compile(r"^[0-9]{4}[-/.年][0-9]{1,2}|^[0-9.]+$")
_NUMERIC_TITLE = re.compile(r"[值额价数率]|折旧|年限|月数")


def is_shifted(row: HeadedRow) -> bool:
    """Whether the cells do not stand under their headings: then nothing of the line is believed."""
    last = row.layout.last
    stray = [text for column, text in row.cells.items() if last < column < last + 3]
    wrong = row.wrong + row.bad_pieces
    if wrong >= SHIFTED_FROM or (stray and wrong):
        return True
    if any(is_number(text) for text in stray):
        return True
    return _has_cut_thousands(row, r"[0-9]{3}(?:\.[0-9]+)?" if stray else r"000|[0-9]{3}\.[0-9]+")


def _has_cut_thousands(row: HeadedRow, rest: str) -> bool:
    """Whether an amount was cut in two: 5,000 without quotation marks is a 5 and a cell of 000.

    `rest`: what is taken for the second half; 101 may be a room.
    """
    numbers = {column.index for name in NUMBERS for column in row.columns(name)}
    # A number under a heading of its own is no half: 1 piece, 499.50 of net value.
    others = {column.index for column in row.columns("net")}
    others |= {column.index for column in row.columns("ignore") if _NUMERIC_TITLE.search(column.title)}
    others |= {at for at, said in row.layout.unknown.items() if _NUMERIC_TITLE.search(said)}
    return any(
        re.fullmatch(r"[0-9]{1,3}", row.cells.get(at, ""))
        and re.fullmatch(rest, row.cells.get(at + 1, ""))
        and at + 1 not in numbers | others
        for at in numbers
    )


def may_hold_a_name(row: HeadedRow) -> bool:
    """Whether a column of persons holds a number or a date, so that a name may stand elsewhere."""
    return any(
        _DATE_LIKE.match(spelling(row.under(column)))
        for column in row.columns("person")
        if "电话" not in column.title and "手机" not in column.title and "证" not in column.title
    )
