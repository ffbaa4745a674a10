"""A row of a ledger read as a line: an asset with what is sure of it, or why it is none."""

import re

from edge_agent.ledger import cells
from edge_agent.ledger.amounts import money, pieces
from edge_agent.ledger.contradictions import compare_twins, look_for_wide
from edge_agent.ledger.details import asset_number, optional, serial, status
from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.line import Line, Outcome
from edge_agent.ledger.plain import is_number, tidy
from edge_agent.ledger.shifted import SHIFTED_FROM, is_shifted
from edge_agent.ledger.valuing import valued

_DAY = re.compile(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?")


def read_line(row: HeadedRow) -> Outcome:
    """The row as a line of the ledger. What is told of it is also in `row.problems`."""
    number, shown, destroyed = asset_number(row)
    name = tidy(row.text("name"))
    if is_number(name):
        row.wrong += 1 if number or not shown else SHIFTED_FROM
    count = pieces(row)
    total, price = money(row, "value"), money(row, "unit_value")
    line = Line(row=row.row.number, cell=row.cell("asset", "name"), number=number, shown=shown, name=name)
    _describe(row, line)
    if destroyed:
        row.tell("destroyed", "asset")
    if (unread := _why_unread(row, line)) is not None:
        return unread
    if not name and "name" in row.layout.columns and not any(character.isdigit() for character in shown):
        row.doubt(line, "conflict", "words_only", "asset")
    outcome = valued(row, line, count, total, price)
    outcome.number = number
    if outcome.line is not None:
        compare_twins(row, outcome.line)
        look_for_wide(row, outcome.line)
    return outcome


def _describe(row: HeadedRow, line: Line) -> None:
    line.acquired = optional(row, "acquired", cells.acquired, "bad_date")
    line.category = optional(row, "category", cells.category, "no_code")
    line.status = status(row, line)
    line.model, line.room = tidy(row.text("model")) or None, tidy(row.text("room")) or None
    row.wrong += bool(line.room and _DAY.fullmatch(line.room))
    line.serial = serial(row)


def _why_unread(row: HeadedRow, line: Line) -> Outcome | None:
    """Why nothing of the row is believed; None where it is."""
    if is_shifted(row):
        return row.unread("shifted")
    if row.bad_pieces:
        return row.unread("bad_quantity", "quantity")
    if not line.name and not line.shown:
        return row.unread("nameless", "value", "unit_value")
    return None
