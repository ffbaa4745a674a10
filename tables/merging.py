"""Merged cells: where they stand, and what they give to the rows that they reach into."""

from bisect import bisect_right
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from tables.sheets import LAST_ROW, MAX_COLUMNS, Row

MAX_MERGED = 100_000


@dataclass(slots=True)
class Merged:
    """The merged cells that reach over several rows, by column: (first row, last row) in order.

    wide: those over several columns, by their first row: (first column, last column).
    """

    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    wide: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    count: int = 0

    def add(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """A merged cell from one place to another, both (row from 1, column from 0)."""
        if self.count >= MAX_MERGED:
            return
        if first[1] < last[1]:
            self.count += 1
            self.wide.setdefault(first[0], []).append((first[1], last[1]))
        if first[0] == last[0]:
            return
        for column in range(first[1], min(last[1], MAX_COLUMNS) + 1):
            self.count += 1
            self.spans.setdefault(column, []).append((first[0], last[0]))

    def sort(self) -> "Merged":
        for spans in self.spans.values():
            spans.sort()
        return self

    def above(self, column: int, row: int) -> int | None:
        """The row in which the merged cell begins that reaches into this one from above."""
        spans = self.spans[column]
        at = bisect_right(spans, (row, LAST_ROW + 1)) - 1
        return spans[at][0] if at >= 0 and spans[at][0] < row <= spans[at][1] else None


class Filling:
    """Gives rows, handed over from the top, what merged cells above say."""

    def __init__(self, merged: Merged) -> None:
        self._merged = merged
        self._held: dict[int, tuple[int, str]] = {}  # column → where a merged cell began, and its text

    def row(
        self,
        number: int,
        cells: dict[int, str],
        *,
        hidden: bool = False,
        unsolved: AbstractSet[int] = frozenset(),
        struck: AbstractSet[int] = frozenset(),
    ) -> Row | None:
        """The row as it is read; None where nothing of its own stands in it."""
        joined = set[int]()
        for column in self._merged.spans:
            if (begun := self._merged.above(column, number)) is None:
                if column in cells:
                    self._held[column] = (number, cells[column])
            elif column not in cells:
                joined.add(column)
                if self._held.get(column, (0, ""))[0] == begun:
                    cells[column] = self._held[column][1]
        if all(column in joined for column in cells):
            return None
        return Row(
            number=number,
            cells=cells,
            hidden=hidden,
            joined=frozenset(joined),
            unsolved=frozenset(unsolved),
            struck=frozenset(struck),
            wide=tuple(sorted(set(self._merged.wide.get(number, ())))),
        )
