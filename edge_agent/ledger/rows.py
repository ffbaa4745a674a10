"""The rows below headings: which are lines, which are totals, and which are neither."""

from edge_agent.ledger.amounts import printed
from edge_agent.ledger.headed import HeadedRow
from edge_agent.ledger.line import Line, Outcome
from edge_agent.ledger.lines import read_line
from edge_agent.ledger.plain import tidy, title
from edge_agent.ledger.shifted import may_hold_a_name
from edge_agent.ledger.table import Table
from edge_agent.ledger.titles import Field
from edge_agent.ledger.totals import Totals
from edge_agent.ledger.words import is_carried, is_signature, is_total
from tables.codes import spelling

# What a line of the ledger says beside a name and an amount, where the ledger has such columns.
_DESCRIBING: tuple[Field, ...] = ("asset", "category", "model", "room", "serial", "acquired", "status")
_MAX_PERSONS = 5000
# A form is numbered beforehand with so many digits at most.
_NUMBERING_DIGITS = 5


class Rows:
    """Adds to a table what its rows come to, one after the other."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._totals: list[Totals] = []
        self._negative: list[Outcome] = []

    def begin(self, tables: int) -> None:
        """Headings of so many tables, side by side; the same ones on the next page leave the sums."""
        if len(self._totals) != tables:
            self._totals = [Totals() for _ in range(tables)]

    def take(self, row: HeadedRow, place: int, *, section: str) -> None:
        """A row of the table at a place. section: what is told of lines below a title of things that may not
        count; empty below others."""
        totals = self._totals[place]
        if self._is_no_line(row, totals):
            return
        outcome = read_line(row)
        self._note_persons(row)
        if outcome.line is None:
            self._without_line(row, outcome, totals)
        elif not self._is_unnamed_total(row, outcome.line, totals):
            self._add(row, outcome.line, section)
            totals.add(outcome.line)

    def settle(self) -> None:
        """Negative lines take from others, once all are there."""
        for outcome in self._negative:
            _owe(self._table.lines, outcome)

    def _add(self, row: HeadedRow, line: Line, section: str) -> None:
        if section:
            line.doubt = line.doubt or "status"
            self._table.tell(section, row.row)
        if row.row.hidden:
            line.doubt = line.doubt or "hidden"
            self._table.tell("hidden_row", row.row)
        if may_hold_a_name(row):
            line.name, line.model, line.room, line.serial = "", None, None, None
            self._table.tell("personal", row.row)
        self._table.problems += row.problems
        self._table.lines.append(line)

    def _is_unnamed_total(self, row: HeadedRow, line: Line, totals: Totals) -> bool:
        """Whether a line is a total, whatever it is called: 计算机类 and the sum of the lines above."""
        if not totals.fits(line.value_fen):
            return False
        if line.doubt == "conflict" and not line.name:
            self._total(row, totals)
            return True
        if line.says_only_name:
            # Below one line, or where nothing else is ever said, who knows.
            described = row.layout.has(*_DESCRIBING)
            if described and totals.several:
                self._total(row, totals)
                return True
            if described or totals.several:
                line.doubt = line.doubt or "conflict"
                self._table.tell("like_total", row.row)
        return False

    def _without_line(self, row: HeadedRow, outcome: Outcome, totals: Totals) -> None:
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
            if kind == "nameless" and _only_numbers(row) and totals.fits(printed(row)):
                self._total(row, totals)
                return
            if kind == "nothing" and _is_numbering(row):
                return
            if kind == "nameless" and not printed(row):
                return  # numbered beforehand, or a formula that gives 0
            self._table.unread += 1
            totals.open_end()
        self._table.problems += outcome.problems

    def _is_no_line(self, row: HeadedRow, totals: Totals) -> bool:
        """Totals, signatures, and the headings of sections."""
        own = row.row.own
        asset, name = row.text("asset"), row.text("name")
        labels = [asset] if asset else list(own.values())[:3]
        if any(is_total(text) for text in labels) or (not asset and name and is_total(name)):
            if any(is_carried(text) for text in own.values()):
                totals.open_end()
            self._total(row, totals)
            return True
        if printed(row) is not None:
            return False
        if not own or (not _is_code(asset) and any(is_signature(text) for text in own.values())):
            return True
        return len(own) == 1 and _is_section(row)

    def _total(self, row: HeadedRow, totals: Totals) -> None:
        self._table.totals += 1
        amount = printed(row)
        if amount is None:
            return
        difference = totals.check(amount)
        if difference > 0:
            self._table.unread += 1
            self._table.tell("total_more", row.row)
        elif difference < 0:
            self._table.tell("total_less", row.row)

    def _note_persons(self, row: HeadedRow) -> None:
        for column in row.columns("person"):
            text = tidy(row.under(column))
            if text and len(self._table.persons) < _MAX_PERSONS:
                self._table.persons.add(text)


def _is_section(row: HeadedRow) -> bool:
    """Whether what stands alone in a row heads a section: it is no name or number without the rest."""
    ((column, text),) = row.row.own.items()
    in_name = any(named.index == column and column > row.layout.first for named in row.columns("name"))
    return not _is_code(text) and not in_name


def _is_code(text: str) -> bool:
    plain = title(text)
    return plain.isascii() and any(character.isdigit() for character in plain)


def _only_numbers(row: HeadedRow) -> bool:
    return all(not any(character.isalpha() for character in spelling(text)) for text in row.cells.values())


def _is_numbering(row: HeadedRow) -> bool:
    """A line of a form that was numbered beforehand and never filled in."""
    number = title(row.text("asset"))
    return number.isdecimal() and len(number) <= _NUMBERING_DIGITS and len(row.cells) <= 2


def _owe(lines: list[Line], outcome: Outcome) -> None:
    """A negative line takes from others: from its own number, else nobody knows from which."""
    same = [line for line in lines if outcome.number and line.number == outcome.number]
    for line in same if sum(line.value_fen for line in same) >= outcome.negative_fen else lines:
        line.doubt = line.doubt or "negative"
