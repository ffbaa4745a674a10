"""One sheet's XML: its rows as a stream, its merged cells and hidden columns."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import IO
from xml.parsers import expat

from tables.merging import Filling, Merged
from tables.number_formats import Style, moment
from tables.sheets import LAST_ROW, MAX_COLUMNS, Row, column_of
from tables.xml_stream import Attributes, chunks, make_parser

_PLAIN = Style()
# Merged cells and hidden columns stand behind and before the rows; they are looked up by themselves.
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})\"")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
_ATTRIBUTE = re.compile(rb"(\w+)=\"([^\"]*)\"")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TAIL = 512
# A cell's text beyond this is no cell of a table.
_MAX_TEXT = 4096


def read_ranges(file: IO[bytes]) -> tuple[Merged, frozenset[int]]:
    """The merged cells and the hidden columns, without parsing the rows."""
    merged, hidden = Merged(), set[int]()
    tail = b""
    for chunk in chunks(file):
        data = tail + chunk
        for found in _MERGE.finditer(data):
            first, last = column_of(found[1].decode()), column_of(found[3].decode())
            if first is not None and last is not None:
                merged.add((int(found[2]), first), (int(found[4]), last))
        for found in _COLUMN.finditer(data):
            hidden |= _hidden(found[0])
        tail = _unfinished(data)
    return merged.sort(), frozenset(hidden)


def _unfinished(data: bytes) -> bytes:
    """The last tag of a piece where its end is still to come."""
    at = data.rfind(b"<")
    return data[at:] if at >= 0 and data.find(b">", at) < 0 and len(data) - at < _TAIL else b""


def _hidden(tag: bytes) -> set[int]:
    attributes = dict(_ATTRIBUTE.findall(tag))
    if attributes.get(b"hidden") not in {b"1", b"true"} and attributes.get(b"width") not in {b"0", b"0.0"}:
        return set()
    try:
        first, last = int(attributes[b"min"]), int(attributes[b"max"])
    except (KeyError, ValueError):
        return set()
    return set(range(first - 1, min(last, MAX_COLUMNS)))


class SheetReader:
    """Turns a sheet's XML into rows."""

    def __init__(
        self, *, strings: Sequence[str], styles: Sequence[Style], merged: Merged, from_1904: bool
    ) -> None:
        self._strings, self._styles = strings, styles
        self._filling, self._from_1904 = Filling(merged), from_1904
        self._done: list[Row] = []
        self._number, self._hidden = 0, False
        self._column, self._type, self._style = -1, "n", _PLAIN
        self._inside, self._kept = "", 0
        self._text: list[str] = []
        self._gone: list[str] = []  # of its runs those that are struck out
        self._struck_run = False
        self._formula = False
        self._reset()

    def rows(self, file: IO[bytes]) -> Iterator[Row]:
        """The rows that hold something, in the file's order. Raises ExpatError where the XML breaks off."""
        parser = make_parser(start=self._start, text=self._data, end=self._end)
        for chunk in chunks(file):
            try:
                parser.Parse(chunk, False)
            except expat.ExpatError:
                yield from self._done
                raise
            yield from self._done
            self._done = []
        parser.Parse(b"", True)
        yield from self._done

    def _reset(self) -> None:
        self._cells: dict[int, str] = {}
        self._unsolved: set[int] = set()
        self._struck: set[int] = set()
        self._column = -1

    def _start(self, tag: str, attributes: Attributes) -> None:
        if tag == "row":
            self._number = _row_number(attributes.get("r"), self._number)
            # A row without any height is one that nobody sees.
            self._hidden = attributes.get("hidden") in {"1", "true"} or attributes.get("ht") in {"0", "0.0"}
            self._reset()
        elif tag == "c":
            self._column = _next(column_of(attributes.get("r", "")), self._column)
            self._text, self._gone, self._formula, self._kept = [], [], False, 0
            self._struck_run = False
            if self._column < MAX_COLUMNS:
                self._type = attributes.get("t", "n")
                self._style = self._style_of(attributes.get("s"))
        elif self._column >= MAX_COLUMNS:
            return
        elif tag == "f":
            self._formula = True
        elif tag == "strike":
            self._struck_run = attributes.get("val", "1") not in {"0", "false"}
        elif tag in {"v", "t", "rPh"} and self._inside != "rPh":
            self._inside = tag

    def _data(self, data: str) -> None:
        if self._inside in {"v", "t"} and self._kept < _MAX_TEXT:
            (self._gone if self._struck_run else self._text).append(data)
            self._kept += len(data)

    def _end(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""
        elif tag == "r":
            self._struck_run = False
        elif tag == "c" and self._column < MAX_COLUMNS:
            self._cell("".join(self._text or self._gone)[:_MAX_TEXT])
        elif tag == "row":
            self._row()

    def _cell(self, raw: str) -> None:
        shown = self._shown(raw)
        if shown:
            self._cells[self._column] = shown
            if self._style.struck:
                self._struck.add(self._column)
        elif self._formula:
            self._unsolved.add(self._column)

    def _shown(self, raw: str) -> str:
        if self._type == "s":
            index = int(raw) if raw.isdecimal() and len(raw) < 9 else -1
            # A number of no text: the file is damaged there, and an error of the spreadsheet says so.
            return self._strings[index].strip() if 0 <= index < len(self._strings) else "#REF!"
        if self._type == "n":
            return number_text(raw.strip(), self._style, from_1904=self._from_1904)
        return unescaped(raw).strip()

    def _row(self) -> None:
        row = self._filling.row(
            self._number, self._cells, hidden=self._hidden, unsolved=self._unsolved, struck=self._struck
        )
        if row is not None:
            self._done.append(row)
        self._reset()

    def _style_of(self, index: str | None) -> Style:
        number = int(index) if index and index.isdecimal() and len(index) < 9 else -1
        return self._styles[number] if 0 <= number < len(self._styles) else _PLAIN


def unescaped(text: str) -> str:
    """Characters that XML cannot hold stand there as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def number_text(raw: str, style: Style, *, from_1904: bool = False) -> str:
    """A number as the spreadsheet shows it: its fifteen digits, a date, or a code with its zeros."""
    if not raw:
        return ""
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return raw
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return raw
    if style.date and (day := moment(float(number), from_1904=from_1904)) is not None:
        return day
    # Fifteen significant digits are all that a spreadsheet keeps; the rest is binary noise.
    shown = Decimal(format(float(number), ".15g"))
    if style.percent:
        shown *= 100
    plain = format(shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown, "f")
    padded = plain.zfill(style.digits) if style.digits and plain.isdecimal() else plain
    return f"{style.before}{padded}{'%' if style.percent else ''}{style.behind}"


def _row_number(text: str | None, before: int) -> int:
    """As the file says where it can be; a number beyond all rows is that of the next."""
    if text and text.isdecimal() and len(text) <= 7 and before < int(text) <= LAST_ROW:
        return int(text)
    return before + 1


def _next(column: int | None, before: int) -> int:
    return before + 1 if column is None else column
