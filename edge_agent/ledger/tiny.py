"""Amounts too small for what a ledger lists: most likely they stand in 万元, and nobody says so."""

from collections.abc import Sequence

from edge_agent.ledger.line import Line
from edge_agent.ledger.parts import Part

# A fixed asset costs hundreds at least; in 万元 that has decimals. Gifts are booked at a yuan.
_TINY_FEN, _NOMINAL_FEN = 1_000, 100


def tell_tiny(parts: Sequence[Part]) -> None:
    """Where most pieces of a part cost next to nothing its sum is open upwards."""
    for part in parts:
        if part.table.says_yuan or any(problem.kind == "unit_elsewhere" for problem in part.table.problems):
            continue  # said, or told already
        priced = [line for line in part.counted if line.value_fen and _of_a_piece(line) != _NOMINAL_FEN]
        tiny = [line for line in priced if _of_a_piece(line) < _TINY_FEN and line.value_fen % 100]
        if len(tiny) * 2 > len(priced):
            part.table.unread += len(tiny)
            part.tell("tiny", tiny[0], number=len(tiny))


def _of_a_piece(line: Line) -> int:
    return line.value_fen // max(1, line.quantity)
