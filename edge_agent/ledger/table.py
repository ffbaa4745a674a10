"""One sheet as a ledger: its headings found, its rows read, what is none of it left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edge_agent.files.problems import Problem
from edge_agent.ledger import cells
from edge_agent.ledger.layout import (
    Context,
    Layout,
    known_headings,
    layouts,
    numbers_columns,
    one_row,
    two_rows,
    with_units,
)
from edge_agent.ledger.lines import Line, LineReader, Outcome
from edge_agent.ledger.plain import tidy, title
from edge_agent.ledger.titles import Field, heading, is_unit_row, sheet_unit
from edge_agent.ledger.totals import Totals
from edge_agent.ledger.words import (
    is_carried,
    is_of_things_gone,
    is_of_things_in_use,
    is_of_things_that_do_not_count,
    is_signature,
    is_summary,
    is_total,
)
from tables.codes import spelling
from tables.sheets import Row, Sheet, Unreadable, column_letters

# A ledger may begin with its title, notes, and the date it was printed.
HEADER_WITHIN = 30
MAX_LINES = 50_000
# Words in a sheet of explanations; a table has rows with several cells and numbers in them.
# What a line of the ledger says beside a name and an amount, where the ledger has such columns.
_DESCRIBING: tuple[Field, ...] = ("asset", "category", "model", "room", "serial", "acquired", "status")
_TABLE_FROM = 2
_TITLE_CELLS = 2
_TITLE_LENGTH = 40
_MONEY: tuple[Field, ...] = ("value", "unit_value")


@dataclass(slots=True, kw_only=True)
class Table:
    """What a sheet gave. unread: lines that are there and could not be read; others are counted as left out.

    persons: what stands in columns of people, so that it can be kept from going out elsewhere.
    """

    sheet: int
    name: str
    hidden: bool = False
    titles: str = ""
    found: bool = False
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: int = 0
    left_out: int = 0
    totals: int = 0
    persons: set[str] = field(default_factory=set)
    heading_seen: str = ""
    mixed: bool = False
    """A section of it is of things in use, whatever its title says."""


def read_table(sheet: Sheet, own: Mapping[str, Field]) -> Table | None:
    """None for a sheet without any content."""
    return _Reader(sheet, own).read()


class _Reader:
    def __init__(self, sheet: Sheet, own: Mapping[str, Field]) -> None:
        self._sheet, self._own = sheet, own
        self._table = Table(sheet=sheet.number, name=sheet.name, hidden=sheet.hidden)
        self._context = Context(own=own, hidden_columns=sheet.hidden_columns)
        self._layouts: tuple[Layout, ...] = ()
        self._above: list[Row] = []
        self._pending: Row | None = None  # headings that alone make no table
        self._begun: Row | None = None  # the headings in force
        self._fresh = False  # nothing but headings so far
        self._elsewhere = False  # in another table of the sheet
        self._totals: list[Totals] = []
        self._negative: list[Outcome] = []
        self._section = ""  # what is told of lines below a title of things that may not count
        self._unit_row: tuple[Row, int] | None = None  # a unit that no headings have followed yet

    def read(self) -> Table | None:
        empty = True
        try:
            for row in self._sheet.rows:
                empty = False
                if not self._take(row):
                    break
        except Unreadable:
            empty = False
            self._table.unread += 1
            self._tell("breaks_off")
        if empty:
            return None
        self._finish()
        return self._table

    def _take(self, row: Row) -> bool:
        """One row; False where the sheet need not be read on."""
        if row.rest:
            self._table.unread += row.rest
            self._tell("quote", row, number=row.rest)
        if not row.cells:
            return True
        if self._is_heading(row):
            return True
        self._note_title(row)
        if not self._layouts:
            self._above.append(row)
            return len(self._above) < HEADER_WITHIN
        if self._elsewhere:
            self._other_row(row)
        elif not (self._fresh and self._is_below_heading(row)):
            self._fresh = False
            for layout, part in self._parts(row):
                self._line(layout, part)
        return len(self._table.lines) < MAX_LINES or self._too_many(row)

    # Headings

    def _is_heading(self, row: Row) -> bool:
        known = known_headings(row, self._own)
        if known < 2 or (known < 3 and known < len(row.cells) - len(row.joined)):
            self._close_pending()
            return False
        found = layouts(one_row(row), self._context)
        before = self._row_before(row)
        self._pending = None
        if before is not None:
            paired = layouts(two_rows(before, row), self._context)
            # A group's name above makes the lower headings clearer: 账面 over 数量, 实盘 over 数量.
            found = paired if _richer(paired, found) else found
        if not found and not self._layouts and known * 2 < len(row.cells):
            return False
        if found:
            self._begin(found)
            self._begun = row
        else:
            self._pending = row
            if not self._layouts:
                self._above.append(row)
        return True

    def _row_before(self, row: Row) -> Row | None:
        """The row above, if it may be the upper half of these headings."""
        above = self._pending or (self._begun if self._fresh else None)
        if above is None and not self._layouts and self._above:
            above = self._above[-1]
        return above if above is not None and above.number < row.number <= above.number + 2 else None

    def _begin(self, found: tuple[Layout, ...]) -> None:
        if not self._layouts:
            texts = [tidy(text) for row in self._above for text in row.cells.values()]
            # A title stands alone; a row with more cells is half of the headings.
            titles = [row for row in self._above if len(row.cells) <= _TITLE_CELLS]
            self._table.titles = " ".join(tidy(text) for row in titles for text in row.cells.values())
            unit = next((unit for text in texts if (unit := sheet_unit(text))), None)
            if unit is not None:
                self._context = Context(own=self._own, hidden_columns=self._sheet.hidden_columns, unit=unit)
                found = tuple(_in_unit(layout, unit) for layout in found)
        elif self._unit_row is not None:
            unit, self._unit_row = self._unit_row[1], None
            self._context = Context(own=self._own, hidden_columns=self._sheet.hidden_columns, unit=unit)
            found = tuple(_in_unit(layout, unit) for layout in found)
        elif self._context.unit is not None:
            found = tuple(_in_unit(layout, self._context.unit) for layout in found)
        self._layouts, self._fresh, self._elsewhere = found, True, False
        if len(self._totals) != len(found):  # the same headings on the next page leave the sums as they are
            self._totals = [Totals() for _ in found]
        self._table.found = True

    def _note_title(self, row: Row) -> None:
        """What stands alone between or below the lines: of which things the next ones are, or a unit."""
        own = [text for column, text in row.cells.items() if column not in row.joined]
        if len(own) > _TITLE_CELLS:
            return
        if self._layouts and (unit := next((unit for text in own if (unit := sheet_unit(text))), None)):
            self._unit_row = (row, unit)
        if len(own) != 1:
            return
        if self._layouts and is_of_things_that_do_not_count(own[0]):
            self._section = "not_ours"
        elif len(own[0]) > _TITLE_LENGTH or is_signature(own[0]):
            return
        elif is_of_things_in_use(own[0]):
            self._table.mixed |= bool(self._layouts) and is_of_things_gone(self._table.titles)
            self._section = ""
        elif is_of_things_gone(own[0]) and self._layouts:
            self._section = "gone_section"

    def _tell_units(self) -> None:
        """A unit below the table, or between its lines: nobody can tell which of them it is about."""
        if self._unit_row is None:
            return
        row, unit = self._unit_row
        columns = [
            column
            for layout in self._layouts
            for name in _MONEY
            for column in layout.columns.get(name, ())
            if not column.says_unit
        ]
        if any(column.unit != unit for column in columns):
            self._table.unread += 1
            self._tell("unit_elsewhere", row)
            for line in self._table.lines:
                line.doubt = line.doubt or "conflict"

    def _close_pending(self) -> None:
        """Headings were seen that no value or name belongs to: another table begins."""
        if self._pending is not None and self._layouts:
            self._elsewhere = not self._fresh
        self._pending = None

    def _is_below_heading(self, row: Row) -> bool:
        """Rows that belong to the headings: 1 2 3, 元 台, or the names below a group's name."""
        texts = [text for column, text in row.cells.items() if column not in row.joined]
        if numbers_columns(row) or not texts:
            return True
        if is_unit_row(texts):
            self._layouts = tuple(with_units(layout, row) for layout in self._layouts)
            return True
        return False

    def _parts(self, row: Row) -> Iterator[tuple[Layout, Row]]:
        """The row under each of the tables that stand side by side."""
        bounds = [0, *(layout.first for layout in self._layouts[1:]), 10**6]
        for layout, low, high in zip(self._layouts, bounds, bounds[1:], strict=False):
            if len(self._layouts) == 1:
                yield layout, row
                continue
            cut = {column: text for column, text in row.cells.items() if low <= column < high}
            if cut:
                yield (
                    layout,
                    Row(
                        number=row.number,
                        cells=cut,
                        hidden=row.hidden,
                        joined=row.joined,
                        unsolved=row.unsolved,
                        struck=row.struck,
                        wide=row.wide,
                    ),
                )

    # Lines

    def _line(self, layout: Layout, row: Row) -> None:
        totals = self._totals[self._layouts.index(layout)]
        if self._is_no_line(layout, row, totals):
            return
        reader = LineReader(layout, row, sheet=self._table.sheet)
        outcome = reader.read()
        self._note_persons(layout, row)
        if outcome.line is None:
            self._without_line(layout, row, outcome, totals)
            return
        line = outcome.line
        if line.doubt == "conflict" and not line.name and totals.fits(line.value_fen):
            self._total(layout, row, totals)  # 计算机类 and the sum of the lines above
            return
        if totals.fits(line.value_fen) and line.says_only_name:
            # A total, whatever it is called; below one line, or where nothing else is ever said, who knows.
            described = layout.has(*_DESCRIBING)
            if described and totals.several:
                self._total(layout, row, totals)
                return
            if described or totals.several:
                line.doubt = line.doubt or "conflict"
                self._tell("like_total", row)
        if self._section:
            line.doubt = line.doubt or "status"
            self._tell(self._section, row)
        if row.hidden:
            line.doubt = line.doubt or "hidden"
            self._tell("hidden_row", row)
        if reader.suspicious():
            line.name, line.model, line.room, line.serial = "", None, None, None
            self._tell("personal", row)
        self._table.problems += outcome.problems
        self._table.lines.append(line)
        totals.add(line)

    def _without_line(self, layout: Layout, row: Row, outcome: Outcome, totals: Totals) -> None:
        if outcome.more_pieces:
            if self._table.lines:
                self._table.lines[-1].quantity += outcome.more_pieces
            return
        if outcome.negative_fen:
            self._negative.append(outcome)
            self._table.left_out += 1
            totals.open_end()
        elif outcome.unread:
            kind = outcome.problems[0].kind
            if kind == "nameless" and _only_numbers(row) and totals.fits(_money(layout, row)):
                self._total(layout, row, totals)
                return
            if kind == "nothing" and _is_numbering(layout, row):
                return
            if kind == "nameless" and not _money(layout, row):
                return  # numbered beforehand, or a formula that gives 0
            self._table.unread += 1
            totals.open_end()
        self._table.problems += outcome.problems

    def _is_no_line(self, layout: Layout, row: Row, totals: Totals) -> bool:
        """Totals, signatures, and the headings of sections."""
        own = {column: text for column, text in row.cells.items() if column not in row.joined}
        asset, name = _text(layout, row, "asset"), _text(layout, row, "name")
        labels = [asset] if asset else list(own.values())[:3]
        if any(is_total(text) for text in labels) or (not asset and name and is_total(name)):
            if any(is_carried(text) for text in own.values()):
                totals.open_end()
            self._total(layout, row, totals)
            return True
        if _money(layout, row) is not None:
            return False
        if not own or (not _is_code(asset) and any(is_signature(text) for text in own.values())):
            return True
        ((column, text),) = own.items() if len(own) == 1 else ((-1, ""),)
        in_name = any(
            named.index == column and column > layout.first for named in layout.columns.get("name", ())
        )
        return len(own) == 1 and not _is_code(text) and not in_name

    def _total(self, layout: Layout, row: Row, totals: Totals) -> None:
        self._table.totals += 1
        printed = _money(layout, row)
        if printed is None:
            return
        difference = totals.check(printed)
        if difference > 0:
            self._table.unread += 1
            self._tell("total_more", row)
        elif difference < 0:
            self._tell("total_less", row)

    def _note_persons(self, layout: Layout, row: Row) -> None:
        for column in layout.columns.get("person", ()):
            text = tidy(row.cells.get(column.index, ""))
            if text and len(self._table.persons) < 5000:
                self._table.persons.add(text)

    # The rest of the sheet

    def _other_row(self, row: Row) -> None:
        if len(row.cells) >= _TABLE_FROM and any(spelling(text)[:1].isdigit() for text in row.cells.values()):
            self._table.left_out += 1
            if not any(problem.kind == "other_table" for problem in self._table.problems):
                self._tell("other_table", row)
                self._table.unread += 1

    def _too_many(self, row: Row) -> bool:
        self._table.unread += 1
        self._tell("too_many_lines", row)
        return False

    def _finish(self) -> None:
        table = self._table
        if not table.found:
            self._no_heading()
            return
        self._tell_units()
        if self._sheet.blind and table.lines:
            self._tell("blind")
        for outcome in self._negative:
            _owe(table.lines, outcome)
        if not table.lines and not table.unread:
            self._tell("empty")

    def _no_heading(self) -> None:
        rows = [row for row in self._above if len(row.cells) >= _TABLE_FROM]
        numbers = sum(any(spelling(text)[:1].isdigit() for text in row.cells.values()) for row in rows)
        fullest = max(self._above, key=lambda row: len(row.cells), default=None)
        if fullest is not None:
            self._table.heading_seen = " | ".join(tidy(text) for text in list(fullest.cells.values())[:20])
        if (numbers < 1 and len(rows) < _TABLE_FROM) or is_summary(self._table.name):
            self._tell("left_summary")
        else:
            self._table.unread += 1
            self._tell(self._why_no_heading(), fullest)

    def _why_no_heading(self) -> str:
        read = [heading(text, self._own) for row in self._above for text in row.cells.values()]
        fields = {name for title in read if title for name, _ in title.fields}
        if any(title.foreign for title in read if title):
            return "foreign"
        return "only_net" if "net" in fields and "asset" in fields else "no_header"

    def _tell(self, kind: str, row: Row | None = None, *, number: int = 1) -> None:
        cell = "" if row is None else f"{column_letters(min(row.cells, default=0))}{row.number}"
        seen = "" if row is None else " | ".join(list(row.cells.values())[:20])
        self._table.problems.append(
            Problem(kind=kind, sheet=self._table.sheet, cell=cell, number=number, seen=seen)
        )


def _richer(paired: tuple[Layout, ...], alone: tuple[Layout, ...]) -> bool:
    return sum(len(layout.columns) for layout in paired) > sum(len(layout.columns) for layout in alone)


def _in_unit(layout: Layout, unit: int) -> Layout:
    """Money columns whose heading names no unit take the sheet's."""
    return with_units(layout, Row(number=0, cells={}), default=unit)


def _text(layout: Layout, row: Row, name: Field) -> str:
    return next(
        (text for column in layout.columns.get(name, ()) if (text := row.cells.get(column.index, ""))), ""
    )


def _money(layout: Layout, row: Row) -> int | None:
    """The amount in the row's value column, in fen."""
    for name in ("value", "unit_value"):
        for column in layout.columns.get(name, ()):
            text = row.cells.get(column.index, "")
            if column.index in row.joined or not text:
                continue
            try:
                amount = cells.fen(text, column.unit)
            except cells.Odd:
                continue
            if amount is not None:
                return cells.whole_fen(amount)
    return None


def _is_code(text: str) -> bool:
    plain = title(text)
    return plain.isascii() and any(character.isdigit() for character in plain)


def _only_numbers(row: Row) -> bool:
    return all(not any(character.isalpha() for character in spelling(text)) for text in row.cells.values())


def _is_numbering(layout: Layout, row: Row) -> bool:
    """A line of a form that was numbered beforehand and never filled in."""
    number = title(_text(layout, row, "asset"))
    return number.isdecimal() and len(number) <= 5 and len(row.cells) <= 2


def _owe(lines: list[Line], outcome: Outcome) -> None:
    """A negative line takes from others: from its own number, else nobody knows from which."""
    same = [line for line in lines if outcome.number and line.number == outcome.number]
    for line in same if sum(line.value_fen for line in same) >= outcome.negative_fen else lines:
        line.doubt = line.doubt or "negative"
