"""The headings of a sheet, found while it is read from top to bottom, and the unit of its money."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from edge_agent.ledger.layout import (
    Column,
    Context,
    Layout,
    known_headings,
    layouts,
    numbers_columns,
    one_row,
    two_rows,
    with_units,
)
from edge_agent.ledger.plain import tidy
from edge_agent.ledger.table import Table
from edge_agent.ledger.titles import MONEY, Field, is_unit_row, sheet_unit
from tables.sheets import Row, Sheet

# A title stands alone; a row with more cells is half of the headings.
_TITLE_CELLS = 2


class Headings:
    """The tables in force, side by side, and what of the rows around them belongs to headings.

    above: the rows before the first headings. fresh: nothing but headings so far. elsewhere: the rows stand
    in another table of the sheet, whose headings are not known.
    """

    def __init__(self, sheet: Sheet, own: Mapping[str, Field], table: Table) -> None:
        self.layouts: tuple[Layout, ...] = ()
        self.above: list[Row] = []
        self.fresh = False
        self.elsewhere = False
        self._table, self._own = table, own
        self._context = Context(own=own, hidden_columns=sheet.hidden_columns)
        self._pending: Row | None = None  # headings that alone make no table
        self._begun: Row | None = None  # the headings in force
        self._unit_row: tuple[Row, int] | None = None  # a unit that no headings have followed yet

    def take(self, row: Row) -> bool:
        """Whether the row is one of headings; the tables below it are in force from here."""
        known = known_headings(row, self._own)
        if known < 2 or (known < 3 and known < len(row.cells) - len(row.joined)):
            self._close_pending()
            return False
        found = self._found(row)
        self._pending = None
        if not found and not self.layouts and known * 2 < len(row.cells):
            return False
        if found:
            self._begin(found)
            self._begun = row
        else:
            self._pending = row
            if not self.layouts:
                self.above.append(row)
        return True

    def is_below(self, row: Row) -> bool:
        """Rows that belong to the headings: 1 2 3, 元 台, or the names below a group's name."""
        if not self.fresh:
            return False
        texts = list(row.own.values())
        if numbers_columns(row) or not texts:
            return True
        if is_unit_row(texts):
            self.layouts = tuple(with_units(layout, row) for layout in self.layouts)
            return True
        return False

    def note_unit(self, row: Row) -> None:
        """A unit that stands alone between or below the lines."""
        if len(row.own) <= _TITLE_CELLS and (unit := _unit_in(row.own.values())) is not None:
            self._unit_row = (row, unit)

    def tell_units(self) -> None:
        """A unit below the table, or between its lines: nobody can tell which of them it is about."""
        self._table.says_yuan = self._says_yuan()
        if self._unit_row is None:
            return
        row, unit = self._unit_row
        if any(column.unit != unit for column in self._without_unit()):
            self._table.unread += 1
            self._table.tell("unit_elsewhere", row)
            for line in self._table.lines:
                line.doubt = line.doubt or "conflict"

    def _found(self, row: Row) -> tuple[Layout, ...]:
        found = layouts(one_row(row), self._context)
        before = self._row_before(row)
        if before is None:
            return found
        # A group's name above makes the lower headings clearer: 账面 over 数量, 实盘 over 数量.
        paired = layouts(two_rows(before, row), self._context)
        return paired if _columns(paired) > _columns(found) else found

    def _row_before(self, row: Row) -> Row | None:
        """The row above, if it may be the upper half of these headings."""
        above = self._pending or (self._begun if self.fresh else None)
        if above is None and not self.layouts and self.above:
            above = self.above[-1]
        return above if above is not None and above.number < row.number <= above.number + 2 else None

    def _begin(self, found: tuple[Layout, ...]) -> None:
        unit = self._unit_of_next()
        if unit is not None:
            self._context = replace(self._context, unit=unit)
            found = tuple(_in_unit(layout, unit) for layout in found)
        if not self.layouts:
            titles = [row for row in self.above if len(row.cells) <= _TITLE_CELLS]
            self._table.titles = " ".join(tidy(text) for row in titles for text in row.cells.values())
        self.layouts, self.fresh, self.elsewhere = found, True, False
        self._table.found = True

    def _unit_of_next(self) -> int | None:
        """The unit that the next tables are in where their headings name none, in yuan."""
        if not self.layouts:
            return _unit_in(tidy(text) for row in self.above for text in row.cells.values())
        if self._unit_row is not None:
            unit, self._unit_row = self._unit_row[1], None
            return unit
        return self._context.unit

    def _close_pending(self) -> None:
        """Headings were seen that no value or name belongs to: another table begins."""
        if self._pending is not None and self.layouts:
            self.elsewhere = not self.fresh
        self._pending = None

    def _says_yuan(self) -> bool:
        """Whether 元 is written above all money, and nothing else anywhere above."""
        if self._context.unit is not None and self._context.unit != 1:
            return False
        columns = [
            column for layout in self.layouts for name in MONEY for column in layout.columns.get(name, ())
        ]
        named = all(column.says_unit for column in columns) or self._context.unit == 1
        return named and all(column.unit == 1 for column in columns)

    def _without_unit(self) -> Iterator[Column]:
        """The columns of money whose own heading names no unit."""
        for layout in self.layouts:
            for name in MONEY:
                yield from (column for column in layout.columns.get(name, ()) if not column.says_unit)


def _unit_in(texts: Iterable[str]) -> int | None:
    """The first unit of money that one of the texts names, in yuan."""
    return next((unit for text in texts if (unit := sheet_unit(text))), None)


def _in_unit(layout: Layout, unit: int) -> Layout:
    """Money columns whose heading names no unit take the sheet's."""
    return with_units(layout, Row(number=0, cells={}), default=unit)


def _columns(found: tuple[Layout, ...]) -> int:
    return sum(len(layout.columns) for layout in found)
