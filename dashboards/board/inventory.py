"""Every device of the district beside the ledgers, as a page: first and last seen, in which ledger."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from dashboards.board.names import Names
from dashboards.board.words import page_words
from rules.inventory.counted import TOLD
from rules.inventory.lines import STATES, State, kind_name, lines_of, to_csv
from rules.inventory.matching import SchoolInventory
from rules.inventory.reading import read_inventory
from rules.mapping.reading import Compared, read_compared
from runtime.language import Language
from store import Store

Line = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPage:
    """`lines` as `rules inventory` has them; None where the board knows names but no registry."""

    now_ms: int
    schools: tuple[SchoolInventory, ...]
    lines: tuple[Line, ...] | None
    csv: str
    compared: Compared | None = None

    @property
    def counts(self) -> dict[State, int]:
        counted = Counter(line["state"] for line in self.lines or ())
        return {state: counted[state] for state in STATES}

    @property
    def without_ledger(self) -> int:
        return sum(bool(school.devices) and not school.ledger for school in self.schools)

    @property
    def in_part(self) -> int:
        """Schools of whose ledger some lines could not be read."""
        return sum(school.ledger and not school.whole for school in self.schools)

    @property
    def last_stocktake(self) -> str | None:
        days = [take.day.isoformat() for school in self.schools for take in school.counted.takes]
        return max(days, default=None)

    @property
    def counted_schools(self) -> int:
        return sum(bool(school.counted.takes) for school in self.schools)

    @property
    def untaken(self) -> int:
        """Cells of each school's newest stock-take that were not understood, and not taken."""
        return sum(school.counted.takes[0].untaken for school in self.schools if school.counted.takes)

    @property
    def unclear(self) -> int:
        return sum(len(school.counted.unclear) for school in self.schools)


def read_page(store: Store, names: Names, *, now_ms: int) -> InventoryPage:
    """Raises store.Unavailable."""
    if names.registry is None:
        return InventoryPage(now_ms=now_ms, schools=(), lines=None, csv="")
    schools = read_inventory(store, names.registry, now_ms=now_ms)
    lines = [line for school in schools for line in lines_of(school, names.registry)]
    order = list(STATES)
    # What does not agree first.
    order.append(order.pop(0))
    lines.sort(key=lambda line: (order.index(line["state"]), line["school_code"], line["room"] or ""))
    csv = to_csv(schools, names.registry)
    compared = read_compared(store, names.registry, now_ms=now_ms)
    return InventoryPage(now_ms=now_ms, schools=schools, lines=tuple(lines), csv=csv, compared=compared)


def line_text(language: Language, line: Line) -> str:
    """What a line is found by."""
    words = page_words(language)
    parts = [words[f"inventory.{line['state']}"], kind_name(line["kind"], language) if line["kind"] else ""]
    if line["last_stocktake"]:
        parts.append(told(language, line))
    keys = ("name", "school_code", "room", "device", "serial", "model", "asset", "asset_name")
    return " ".join([*parts, *(str(line[key]) for key in keys if line[key])])


def told(language: Language, line: Line) -> str:
    """What people saw of it at the last stock-take, and in which room where that is another."""
    words = TOLD[line["last_stocktake"]].of(language)
    room = line["last_stocktake_room"]
    return f"{words} {room}" if room and room != line["room"] else words
