"""The newest stock-take (盘点) of a school's things, beside what the network and the ledgers say.

It is shown and turns nothing: no verdict, no figure and no rate of use reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rules.stored.stocktakes import StockLine, Stocktake
from runtime.language import Text
from tables.codes import spelling

Told = Literal["seen", "elsewhere", "absent", "broken"]
TOLD: dict[Told, Text] = {
    "seen": Text("在", "there"),
    "elsewhere": Text("移位", "in another room"),
    "absent": Text("不在", "not there"),
    "broken": Text("损坏", "broken"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A school's newest line of each thing. found: seen by people, in no list. unclear: lines whose numbers
    now name several things. takes: the files that were handed in, the newest first."""

    by_device: Mapping[str, StockLine] = field(default_factory=dict)
    by_asset: Mapping[str, StockLine] = field(default_factory=dict)
    found: tuple[StockLine, ...] = ()
    unclear: tuple[StockLine, ...] = ()
    takes: tuple[Stocktake, ...] = ()


def told_of(line: StockLine, room: str | None) -> Told:
    """In a word, beside the room in which a list has it."""
    if line.outcome == "absent":
        return "absent"
    if line.broken:
        return "broken"
    return "elsewhere" if line.room and spelling(line.room) != spelling(room or "") else "seen"
