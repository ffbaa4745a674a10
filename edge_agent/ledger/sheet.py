"""One sheet as a ledger: its headings found, its rows read, what is none of it left out."""

from collections.abc import Mapping

from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.headings import Headings
from edge_agent.ledger.layout import side_by_side
from edge_agent.ledger.plain import tidy
from edge_agent.ledger.rows import Rows
from edge_agent.ledger.sections import Sections
from edge_agent.ledger.table import MAX_LINES, Table
from edge_agent.ledger.titles import Field, heading
from edge_agent.ledger.words import is_summary
from tables.codes import spelling
from tables.sheets import Row, Sheet, Unreadable

# A ledger may begin with its title, notes, and the date it was printed.
HEADER_WITHIN = 30
# Words in a sheet of explanations; a table has rows with several cells and numbers in them.
_TABLE_FROM = 2
_CELLS_SHOWN = 20


def read_table(sheet: Sheet, own: Mapping[str, Field]) -> Table | None:
    """None for a sheet without any content."""
    return _Reader(sheet, own).read()


class _Reader:
    def __init__(self, sheet: Sheet, own: Mapping[str, Field]) -> None:
        self._sheet, self._own = sheet, own
        self._table = Table(sheet=sheet.number, name=sheet.name, hidden=sheet.hidden)
        self._headings = Headings(sheet, own, self._table)
        self._sections = Sections(self._table)
        self._rows = Rows(self._table)

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
            self._table.tell("breaks_off")
        if empty:
            return None
        self._finish()
        return self._table

    def _take(self, row: Row) -> bool:
        """One row; False where the sheet need not be read on."""
        headings = self._headings
        if row.rest:
            self._table.unread += row.rest
            self._table.tell("quote", row, number=row.rest)
        if not row.cells:
            return True
        if headings.take(row):
            self._rows.begin(len(headings.layouts))
            return True
        if not headings.layouts:
            headings.above.append(row)
            return len(headings.above) < HEADER_WITHIN
        headings.note_unit(row)
        self._sections.note(row)
        if headings.elsewhere:
            self._other_row(row)
        elif not headings.is_below(row):
            headings.fresh = False
            self._lines(row)
        return len(self._table.lines) < MAX_LINES or self._too_many(row)

    def _lines(self, row: Row) -> None:
        tables = self._headings.layouts
        for place, part in side_by_side(tables, row):
            headed = HeadedRow(layout=tables[place], row=part, sheet=self._table.sheet)
            self._rows.take(headed, place, section=self._sections.told)

    def _other_row(self, row: Row) -> None:
        """A row of another table, whose headings are not known."""
        if len(row.cells) >= _TABLE_FROM and _has_number(row):
            self._table.left_out += 1
            if not any(problem.kind == "other_table" for problem in self._table.problems):
                self._table.tell("other_table", row)
                self._table.unread += 1

    def _too_many(self, row: Row) -> bool:
        self._table.unread += 1
        self._table.tell("too_many_lines", row)
        return False

    def _finish(self) -> None:
        table = self._table
        if not table.found:
            self._no_heading()
            return
        self._headings.tell_units()
        if self._sheet.blind and table.lines:
            table.tell("blind")
        self._rows.settle()
        if not table.lines and not table.unread:
            table.tell("empty")

    def _no_heading(self) -> None:
        above = self._headings.above
        rows = [row for row in above if len(row.cells) >= _TABLE_FROM]
        fullest = max(above, key=lambda row: len(row.cells), default=None)
        if fullest is not None:
            texts = list(fullest.cells.values())[:_CELLS_SHOWN]
            self._table.heading_seen = " | ".join(tidy(text) for text in texts)
        if (not any(map(_has_number, rows)) and len(rows) < _TABLE_FROM) or is_summary(self._table.name):
            self._table.tell("left_summary")
        else:
            self._table.unread += 1
            self._table.tell(self._why_no_heading(), fullest)

    def _why_no_heading(self) -> str:
        read = [heading(text, self._own) for row in self._headings.above for text in row.cells.values()]
        fields = {name for title in read if title for name, _ in title.fields}
        if any(title.foreign for title in read if title):
            return "foreign"
        return "only_net" if "net" in fields and "asset" in fields else "no_header"


def _has_number(row: Row) -> bool:
    """Whether one of the cells begins with a digit."""
    return any(spelling(text)[:1].isdigit() for text in row.cells.values())
