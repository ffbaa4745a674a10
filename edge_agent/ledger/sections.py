"""The titles between the lines of a sheet: of which things the next lines are."""

from edge_agent.ledger.table import Table
from edge_agent.ledger.words import (
    is_of_things_gone,
    is_of_things_in_use,
    is_of_things_that_do_not_count,
    is_signature,
)
from tables.sheets import Row

# A longer text that stands alone is a note.
_TITLE_LENGTH = 40


class Sections:
    """told: what is told of the lines below the last title, where such things may not count; else empty."""

    def __init__(self, table: Table) -> None:
        self.told = ""
        self._table = table

    def note(self, row: Row) -> None:
        """What stands alone in a row below the headings may be such a title."""
        own = list(row.own.values())
        if len(own) != 1:
            return
        (text,) = own
        if is_of_things_that_do_not_count(text):
            self.told = "not_ours"
        elif len(text) > _TITLE_LENGTH or is_signature(text):
            return
        elif is_of_things_in_use(text):
            self._table.mixed |= is_of_things_gone(self._table.titles)
            self.told = ""
        elif is_of_things_gone(text):
            self.told = "gone_section"
