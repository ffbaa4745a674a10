"""One line of a ledger: an asset with what is sure of it, or why it is none."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeVar

from edge_agent.files.problems import Problem
from edge_agent.ledger import cells
from edge_agent.ledger.layout import Column, Layout
from edge_agent.ledger.plain import says_nothing, tidy
from edge_agent.ledger.problems import KINDS
from edge_agent.ledger.titles import Field
from edge_agent.ledger.words import mentions_leaving
from edge_agent.personal import is_personal
from tables.codes import code, is_destroyed, spelling
from tables.sheets import Row, column_letters

Doubt = Literal["hidden", "repeated", "conflict", "status", "quantity", "version", "negative"]
Given = TypeVar("Given")

_ERROR = re.compile(r"^#(?:REF!|VALUE!|N/A|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$|^#{3,}$")
_DAY = re.compile(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?")
_DATE_LIKE = re.compile(r"^[0-9]{4}[-/.年][0-9]{1,2}|^[0-9.]+$")
# So many cells of the wrong kind in one line are no slips: the line is shifted.
_SHIFTED_FROM = 2
_DESCRIBING: tuple[Field, ...] = ("name", "model")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NUMERIC_TITLE = re.compile(r"[值额价数率]|折旧|年限|月数")
_QUANTITY_TITLE = re.compile(r"[数量件台套个]")


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


class LineReader:
    """Reads one row under one layout."""

    def __init__(self, layout: Layout, row: Row, *, sheet: int) -> None:
        self._layout, self._row, self._sheet = layout, row, sheet
        self._problems: list[Problem] = []
        self._wrong = 0  # cells of the wrong kind
        self._broken = False  # a value that is an error of the spreadsheet
        self._bad_pieces = False

    def read(self) -> Outcome:
        """The row as a line of the ledger."""
        number, shown, destroyed = self._number()
        name = tidy(self._text("name"))
        if _is_number(name):
            self._wrong += 1 if number or not shown else _SHIFTED_FROM
        pieces = self._pieces()
        total, price = self._money("value"), self._money("unit_value")
        line = Line(
            row=self._row.number, cell=self._cell("asset", "name"), number=number, shown=shown, name=name
        )
        line.acquired = self._optional("acquired", cells.acquired, "bad_date")
        line.category = self._optional("category", cells.category, "no_code")
        line.status = self._status(line)
        line.model, line.room = tidy(self._text("model")) or None, tidy(self._text("room")) or None
        self._wrong += bool(line.room and _DAY.fullmatch(line.room))
        line.serial = self._serial()
        if destroyed:
            self._tell("destroyed", "asset")
        if self._shifted():
            return self._unread("shifted")
        if self._bad_pieces:
            return self._unread("bad_quantity", "quantity")
        if not name and not shown:
            return self._unread("nameless", "value", "unit_value")
        if (
            not name
            and "name" in self._layout.columns
            and not any(character.isdigit() for character in shown)
        ):
            self._doubt(line, "conflict", "words_only", "asset")
        outcome = self._valued(line, pieces, total, price)
        outcome.number = number
        if outcome.line is not None:
            self._compare_twins(outcome.line)
            self._look_for_wide(outcome.line)
        return outcome

    def _valued(
        self, line: Line, pieces: int | None, total: Decimal | None, price: Decimal | None
    ) -> Outcome:
        """With its value and pieces: the line's own total where there is one, else the price of each."""
        if (total or Decimal(0)) < 0 or (price or Decimal(0)) < 0 or (pieces or 0) < 0:
            self._tell("negative", "value", "unit_value", "quantity")
            owed = abs(total) if total is not None else abs(price or Decimal(0)) * abs(pieces or 1)
            return Outcome(problems=self._problems, negative_fen=cells.whole_fen(owed))
        if total is None and price is None:
            return self._without_value(line, pieces)
        if total is None:
            return self._priced(line, pieces, price or Decimal(0))
        line.quantity = self._known(line, pieces)
        total = self._settled(line, total, pieces)
        line.value_fen = cells.whole_fen(total)
        if price is not None and pieces and not self._agree(total, price, pieces):
            self._doubt(line, "conflict", "mismatch", "value", "unit_value")
            line.value_fen = cells.whole_fen(max(total, price * pieces))
        if pieces == 0 and total:
            self._doubt(line, "quantity", "zero_quantity", "quantity")
        return Outcome(line=line, problems=self._problems)

    def _settled(self, line: Line, total: Decimal, pieces: int | None) -> Decimal:
        """The value where several columns have one. The price of one beside the total of all is no doubt."""
        for column in self._columns("value")[1:]:
            text = self._row.cells.get(column.index, "")
            try:
                other = cells.fen(text, column.unit)
            except cells.Odd:
                continue
            slack = cells.half_a_digit(text, column.unit) + self._rounded("value")
            if other is None or column.index in self._row.joined or abs(other - total) <= slack:
                continue
            if pieces and abs(other - total * pieces) <= slack * pieces:
                total = other
            elif not pieces or abs(total - other * pieces) > slack * pieces:
                self._doubt(line, "conflict", "two_columns", at=column.index)
                total = max(total, other)
        return total

    def _priced(self, line: Line, pieces: int | None, price: Decimal) -> Outcome:
        if pieces is None:
            if "quantity" in self._layout.columns:
                return self._unread("bad_quantity" if self._text("quantity") else "no_quantity", "quantity")
            if (column := self._maybe_quantity(any_title=True)) is not None:
                return self._unread("quantity_column", at=column)
            if (told := self._several_told()) is not None:
                return self._unread("several", told)
        line.quantity = 1 if pieces is None else pieces
        line.value_fen = cells.whole_fen(price * line.quantity)
        if self._broken or self._wrong:
            self._tell("bad_total", "value")
        if pieces == 0 and price:
            line.value_fen = cells.whole_fen(price)
            self._doubt(line, "quantity", "zero_quantity", "quantity")
        return Outcome(line=line, problems=self._problems)

    def _without_value(self, line: Line, pieces: int | None) -> Outcome:
        money = [column.index for field in ("value", "unit_value") for column in self._columns(field)]
        if any(column in self._row.joined for column in money):
            return Outcome(more_pieces=pieces or 0)  # its value stands in the merged cell above
        if any(column in self._row.unsolved for column in money):
            return self._unread("formula", "value", "unit_value")
        if self._wrong or self._broken:
            return self._unread("bad_value", "value", "unit_value")
        return self._unread("no_value" if line.name else "nothing", "value", "unit_value")

    def _known(self, line: Line, pieces: int | None) -> int:
        if pieces is not None:
            return pieces
        if self._text("quantity"):
            self._doubt(line, "quantity", "some_quantity", "quantity")
        elif (
            "quantity" not in self._layout.columns
            and (column := self._maybe_quantity(any_title=False)) is not None
        ):
            self._doubt(line, "quantity", "some_quantity", at=column)
        elif (told := self._several_told()) is not None:
            self._doubt(line, "quantity", "several_here", told)
        return 1

    def _several_told(self) -> Field | None:
        """The field that speaks of several pieces where no quantity is given: 电脑(30台), ZC001-ZC030."""
        if cells.names_several(self._text("asset")):
            return "asset"
        return next((name for name in _DESCRIBING if cells.says_pieces(self._text(name))), None)

    def _maybe_quantity(self, *, any_title: bool) -> int | None:
        """A column with an unknown heading in which this line has a whole number: it may be the quantity."""
        for column, name in self._layout.unknown.items():
            text = spelling(self._row.cells.get(column, ""))
            if re.fullmatch(r"[0-9]{1,6}(?:\.0+)?", text) and (any_title or _QUANTITY_TITLE.search(name)):
                return column
        return None

    def _agree(self, total: Decimal, price: Decimal, pieces: int) -> bool:
        """To what rounding the price and the total can have done."""
        slack = pieces * self._rounded("unit_value") + self._rounded("value")
        return abs(total - price * pieces) <= slack

    def _rounded(self, name: Field) -> Decimal:
        column = self._columns(name)[0]
        return cells.half_a_digit(self._row.cells.get(column.index, ""), column.unit)

    # The fields

    def _number(self) -> tuple[str | None, str, bool]:
        shown = code(self._text("asset"))
        if says_nothing(shown) or not any(character.isalnum() for character in shown):
            return None, "", False
        if is_personal(shown):
            self._tell("personal", "asset")
            return None, "", False
        if is_destroyed(shown):
            return None, shown, True
        # A word is no number that another line could share.
        return (shown if any(character.isdigit() for character in shown) else None), shown, False

    def _pieces(self) -> int | None:
        try:
            pieces = cells.quantity(self._text("quantity"))
        except cells.Odd:
            # A name or a telephone number: the line is not to be trusted.
            self._bad_pieces = not cells.is_some(self._text("quantity"))
            return None
        return pieces

    def _compare_twins(self, line: Line) -> None:
        """What the books say beside what was counted, and columns that have one heading twice."""
        if (counted := self._number_in("counted", 0)) is not None and counted != line.quantity:
            self._doubt(line, "quantity", "two_quantities", "counted")
        for name in ("quantity", "unit_value"):
            first, *others = self._columns(name) or (None,)
            for at, other in enumerate(others, 1):
                # Two columns of one heading, or two whose headings are only roughly known.
                if first is None or other is None or (other.title, other.rank) != (first.title, first.rank):
                    continue
                one, two = self._number_in(name, 0), self._number_in(name, at)
                if one is not None and two is not None and one != two:
                    self._doubt(line, "conflict", "two_columns", at=other.index)

    def _look_for_wide(self, line: Line) -> None:
        """One merged cell under the price and the value is one of them, and nobody knows which."""
        names: tuple[Field, ...] = ("value", "unit_value", "quantity")
        places = {column.index for name in names for column in self._columns(name)}
        for first, last in self._row.wide:
            if first in self._row.cells and sum(first <= place <= last for place in places) > 1:
                self._doubt(line, "conflict", "wide", at=first)

    def _number_in(self, name: Field, at: int) -> Decimal | int | None:
        columns = self._columns(name)
        if at >= len(columns):
            return None
        text = self._row.cells.get(columns[at].index, "")
        try:
            return (
                cells.quantity(text) if name in {"quantity", "counted"} else cells.fen(text, columns[at].unit)
            )
        except cells.Odd:
            return None

    def _money(self, name: Field) -> Decimal | None:
        for column in self._columns(name):
            text = self._row.cells.get(column.index, "")
            if column.index in self._row.joined or says_nothing(text):
                continue
            if _ERROR.match(text):
                self._broken = True
                continue
            if is_personal(text):
                self._wrong += 1
                continue
            if name == "unit_value":
                text = re.sub(r"[/每][台套件个只张部组]$", "", text)
            try:
                return cells.fen(text, column.unit)
            except cells.Odd:
                self._wrong += 1
                if name == "unit_value":
                    self._tell("bad_price", at=column.index)
                return None
        return None

    def _optional(self, name: Field, read: Callable[[str], Given | None], kind: str) -> Given | None:
        """A detail that the value does not need: dropped where it cannot be read, and that is told."""
        for column in self._columns(name):
            text = self._row.cells.get(column.index, "")
            try:
                found = read(text)
            except cells.Odd:
                self._wrong += kind == "bad_date" and not _ERROR.match(text)
                self._tell(kind, at=column.index)
                continue
            if found is not None:
                return found
        return None

    def _status(self, line: Line) -> cells.Status | None:
        found: cells.Status | None = None
        for column in self._columns("status")[:1]:
            text = self._row.cells.get(column.index, "")
            try:
                found = cells.status(text, asks="是否" in column.title or "否" in column.title)
            except cells.Odd:
                # One or two digits are a code that is not known; a longer number stands here by mistake.
                plain = spelling(text)
                self._wrong += any(character.isdigit() for character in plain) and not re.fullmatch(
                    "[0-9]{1,2}", plain
                )
                self._doubt(line, "status", "bad_status", at=column.index)
        if found not in {"to_scrap", "scrapped"} and self._seems_gone():
            self._doubt(line, "status", "gone", "gone", "remark")
        if self._row.struck:
            self._doubt(line, "status", "struck", at=min(self._row.struck))
        return found

    def _seems_gone(self) -> bool:
        gone = self._text("gone")
        if gone and not says_nothing(gone) and spelling(gone).lower() not in {"否", "n", "no", "未", "0"}:
            return True
        return mentions_leaving(self._text("remark"))

    def _serial(self) -> str | None:
        text = code(self._text("serial")).upper()
        if says_nothing(text):
            return None
        if is_destroyed(text):
            self._tell("serial_destroyed", "serial")
            return None
        return text

    def _shifted(self) -> bool:
        """Whether the cells do not stand under their headings: then nothing of the line is believed."""
        last = self._layout.last
        stray = [text for column, text in self._row.cells.items() if last < column < last + 3]
        wrong = self._wrong + self._bad_pieces
        if wrong >= _SHIFTED_FROM or (stray and wrong):
            return True
        if any(_is_number(text) for text in stray):
            return True
        return self._has_cut_thousands(r"[0-9]{3}(?:\.[0-9]+)?" if stray else r"000|[0-9]{3}\.[0-9]+")

    def _has_cut_thousands(self, rest: str) -> bool:
        """Whether an amount was cut in two: 5,000 without quotation marks is a 5 and a cell of 000.

        `rest`: what is taken for the second half; 101 may be a room.
        """
        names: tuple[Field, ...] = ("value", "unit_value", "quantity")
        numbers = {column.index for name in names for column in self._columns(name)}
        # A number under a heading of its own is no half: 1 piece, 499.50 of net value.
        others = {column.index for column in self._columns("net")}
        others |= {column.index for column in self._columns("ignore") if _NUMERIC_TITLE.search(column.title)}
        others |= {at for at, said in self._layout.unknown.items() if _NUMERIC_TITLE.search(said)}
        return any(
            re.fullmatch(r"[0-9]{1,3}", self._row.cells.get(at, ""))
            and re.fullmatch(rest, self._row.cells.get(at + 1, ""))
            and at + 1 not in numbers | others
            for at in numbers
        )

    def suspicious(self) -> bool:
        """Whether a column of persons holds a number or a date, so that a name may stand elsewhere."""
        return any(
            _DATE_LIKE.match(spelling(self._row.cells.get(column.index, "")))
            for column in self._columns("person")
            if "电话" not in column.title and "手机" not in column.title and "证" not in column.title
        )

    # Telling

    def _columns(self, name: Field) -> tuple[Column, ...]:
        return self._layout.columns.get(name, ())

    def _text(self, name: Field) -> str:
        """The first column for the field that holds something."""
        for column in self._columns(name):
            if text := self._row.cells.get(column.index, ""):
                return text
        return ""

    def _cell(self, *names: Field) -> str:
        for name in names:
            for column in self._columns(name):
                return f"{column_letters(column.index)}{self._row.number}"
        return f"{column_letters(self._layout.first)}{self._row.number}"

    def _tell(self, kind: str, *names: Field, at: int | None = None) -> None:
        present = [
            column.index
            for name in names
            for column in self._columns(name)
            if column.index in self._row.cells
        ]
        where = at if at is not None else present[0] if present else None
        cell = self._cell(*names) if where is None else f"{column_letters(where)}{self._row.number}"
        seen = "" if where is None else self._row.cells.get(where, "")
        self._problems.append(Problem(kind=kind, sheet=self._sheet, cell=cell, seen=seen))

    def _doubt(self, line: Line, doubt: Doubt, kind: str, *names: Field, at: int | None = None) -> None:
        line.doubt = line.doubt or doubt
        self._tell(kind, *names, at=at)

    def _unread(self, kind: str, *names: Field, at: int | None = None) -> Outcome:
        """The line is left out, for one reason that is told; details do not matter then."""
        self._problems = []
        self._tell(kind, *names, at=at)
        return Outcome(problems=self._problems)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9][0-9.,]*", spelling(text)))
