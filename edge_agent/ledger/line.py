"""A line of a ledger: an asset with what is sure of it; and what a row came to."""

import re
from dataclasses import dataclass, field
from typing import Literal

from edge_agent.files.problems import Problem
from edge_agent.ledger import cells
from edge_agent.ledger.problems import KINDS

Doubt = Literal["hidden", "repeated", "conflict", "status", "quantity", "version", "negative"]

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(slots=True, kw_only=True, eq=False)
class Line:
    """An asset. `number` is None where the ledger gives none, or one that Excel destroyed.

    `shown` is the number as it stands there; `out`: another part has this very line.
    """

    row: int
    cell: str
    number: str | None
    shown: str = ""
    name: str = ""
    category: str | None = None
    model: str | None = None
    room: str | None = None
    serial: str | None = None
    quantity: int = 1
    value_fen: int = 0
    acquired: str | None = None
    status: cells.Status | None = None
    doubt: Doubt | None = None
    out: bool = False

    @property
    def says_only_name(self) -> bool:
        """Whether nothing is said of the thing but a word or two: no number, kind, place or date."""
        word = not self.shown or (not self.name and bool(_CHINESE.search(self.shown)))
        said = (self.category, self.model, self.room, self.serial, self.acquired, self.status)
        return word and not any(said)

    def content(self) -> tuple[object, ...]:
        """Everything that is said of it, without its place."""
        return (*self.thing(), self.category, self.quantity, self.value_fen, self.acquired, self.status)

    def thing(self) -> tuple[object, ...]:
        """What it is and where it stands."""
        return (one_case(self.number), self.name, self.model, self.serial, self.room)


def one_case(number: str | None) -> str | None:
    """What two numbers have in common that differ in small and capital letters alone: they are one."""
    return number.casefold() if number is not None else None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a row came to: a line, more pieces and negative money of others, or nothing that counts."""

    line: Line | None = None
    problems: list[Problem] = field(default_factory=list)
    more_pieces: int = 0
    negative_fen: int = 0
    number: str | None = None

    @property
    def unread(self) -> bool:
        return any(KINDS[problem.kind].weight == "unread" for problem in self.problems)
