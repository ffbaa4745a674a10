"""What a line says of its thing: number, serial, state, and what else its value does not need."""

import re
from collections.abc import Callable
from typing import TypeVar

from edge_agent.ledger import cells
from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.line import Line
from edge_agent.ledger.plain import is_error, says_nothing
from edge_agent.ledger.titles import Field
from edge_agent.ledger.words import mentions_leaving
from edge_agent.personal import is_personal
from tables.codes import code, is_destroyed, spelling

Given = TypeVar("Given")


def asset_number(row: HeadedRow) -> tuple[str | None, str, bool]:
    """The number that names the thing, the number as it stands there, and whether Excel destroyed it."""
    shown = code(row.text("asset"))
    if says_nothing(shown) or not any(character.isalnum() for character in shown):
        return None, "", False
    if is_personal(shown):
        row.tell("personal", "asset")
        return None, "", False
    if is_destroyed(shown):
        return None, shown, True
    # A word is no number that another line could share.
    return (shown if any(character.isdigit() for character in shown) else None), shown, False


def serial(row: HeadedRow) -> str | None:
    """The maker's number, in capitals."""
    text = code(row.text("serial")).upper()
    if says_nothing(text):
        return None
    if is_destroyed(text):
        row.tell("serial_destroyed", "serial")
        return None
    return text


def optional(row: HeadedRow, name: Field, read: Callable[[str], Given | None], kind: str) -> Given | None:
    """A detail that the value does not need: dropped where it cannot be read, and that is told."""
    for column in row.columns(name):
        text = row.under(column)
        try:
            found = read(text)
        except cells.Odd:
            row.wrong += kind == "bad_date" and not is_error(text)
            row.tell(kind, at=column.index)
            continue
        if found is not None:
            return found
    return None


def status(row: HeadedRow, line: Line) -> cells.Status | None:
    """The state of use; a word not known, a remark or a line through it makes the line doubtful."""
    found: cells.Status | None = None
    for column in row.columns("status")[:1]:
        text = row.under(column)
        try:
            found = cells.status(text, asks="是否" in column.title or "否" in column.title)
        except cells.Odd:
            # One or two digits are a code that is not known; a longer number stands here by mistake.
            plain = spelling(text)
            row.wrong += any(character.isdigit() for character in plain) and not re.fullmatch(
                "[0-9]{1,2}", plain
            )
            row.doubt(line, "status", "bad_status", at=column.index)
    if found not in {"to_scrap", "scrapped"} and _seems_gone(row):
        row.doubt(line, "status", "gone", "gone", "remark")
    if row.row.struck:
        row.doubt(line, "status", "struck", at=min(row.row.struck))
    return found


def _seems_gone(row: HeadedRow) -> bool:
    gone = row.text("gone")
    if gone and not says_nothing(gone) and spelling(gone).lower() not in {"否", "n", "no", "未", "0"}:
        return True
    return mentions_leaving(row.text("remark"))
