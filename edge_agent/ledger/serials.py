"""One maker's number on several lines: perhaps one device that was moved, or given back and entered again."""

import re
from collections import defaultdict
from collections.abc import Sequence

from edge_agent.ledger.line import Line
from edge_agent.ledger.parts import Part

# A number that many lines have is a batch's, as long as that is usual in the ledger.
_MOST_LINES, _USUAL = 3, 5
_SHORTEST, _SHORTEST_DIGITS = 3, 5
_A_DAY = re.compile(r"(?:19|20)[0-9]{2}[-/.]?[0-9]{2}[-/.]?[0-9]{2}")


def doubt_one_device(parts: Sequence[Part]) -> None:
    """Of single things of one name and serial number the cheapest is sure; one in another room may be it.

    Those that stand together have rather the number of their delivery.
    """
    held: dict[tuple[str, str], list[tuple[Part, Line]]] = defaultdict(list)
    for part in parts:
        for line in part.counted:
            if line.serial and line.status != "scrapped" and line.quantity == 1 and _names_one(line.serial):
                held[line.serial, line.name].append((part, line))
    shared = sum(len(lines) for lines in held.values() if len(lines) > 1)
    batches = shared * _USUAL > sum(map(len, held.values()))
    for lines in held.values():
        if batches and len(lines) > _MOST_LINES:
            continue
        (_, sure), *others = sorted(lines, key=lambda pair: (pair[1].doubt is not None, pair[1].value_fen))
        for part, line in others:
            if line.doubt is None and line.room and sure.room and line.room != sure.room:
                line.doubt = "repeated"
                part.tell("same_serial", line)


def _names_one(serial: str) -> bool:
    """Whether it can be the number of one device: no filling, no day of production."""
    signs = [sign for sign in serial if sign.isalnum()]
    return (
        len(signs) >= (_SHORTEST_DIGITS if serial.isdecimal() else _SHORTEST)
        and len(set(signs)) > 1
        and any(sign.isdigit() for sign in signs)
        and not _A_DAY.fullmatch(serial)
    )
