"""Spreadsheets of LibreOffice and, saved so, of Excel and WPS (.ods): with formats, merged cells, hidden and
struck lines. In a child process only: its sheets are kept in memory.
"""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from runtime.language import Text
from tables.merging import Filling, Merged
from tables.open_styles import OpenStyles
from tables.open_values import Cell, shown
from tables.sheets import DAMAGED, LAST_ROW, MAX_COLUMNS, PROTECTED, Row, Sheet, Unreadable
from tables.xml_stream import BROKEN, Attributes, chunks

# More cells with something in them are no table that a person made.
_MOST_CELLS = 1_500_000
_MANIFEST = "META-INF/manifest.xml"
_MEDIA_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_TOO_MANY = Text("单元格过多；请拆分后再放入", "has too many cells; split it")
# What is in the document and is no cell: remarks, pictures, what was changed, copies of other files' sheets.
_ASIDE = {
    *("table:tracked-changes", "office:annotation", "office:dde-links", "office:forms", "table:shapes"),
    *("draw:frame", "draw:custom-shape", "draw:control", "text:ruby-text", "table:dde-links"),
}
_CELLS = {"table:table-cell", "table:covered-table-cell"}
_GONE = {"collapse", "filter"}


def is_open_document(path: Path) -> bool:
    """Whether a zip file is a spreadsheet of this kind."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype").strip() if "mimetype" in names else _MEDIA_TYPE
            return "content.xml" in names and kind.startswith(_MEDIA_TYPE)
    except BROKEN:
        return False


def open_document(path: Path) -> Iterator[Sheet]:
    """Its sheets in order. Raises Unreadable."""
    styles = OpenStyles()
    reader = _Reader(styles)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if _MANIFEST in names and b"encryption-data" in archive.read(_MANIFEST):
                raise Unreadable(PROTECTED)
            if "styles.xml" in names:
                with archive.open("styles.xml") as file:
                    _parse(file, start=styles.start, text=styles.text, end=styles.end)
            with archive.open("content.xml") as file:
                _parse(file, start=reader.start, text=reader.text, end=reader.end)
    except BROKEN as error:
        raise Unreadable(DAMAGED) from error
    for number, found in enumerate(reader.sheets, 1):
        yield Sheet(
            number=number,
            name=found.name,
            hidden=found.hidden,
            hidden_columns=frozenset(found.hidden_columns),
            rows=found.rows(),
        )


def _parse(
    file: IO[bytes],
    *,
    start: Callable[[str, Attributes], None],
    text: Callable[[str], None],
    end: Callable[[str], None],
) -> None:
    """With prefixes: two attributes of one name stand beside each other. Raises ExpatError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    for chunk in chunks(file):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise expat.ExpatError("a document type has no place in a workbook")


@dataclass(slots=True, kw_only=True)
class _Line:
    """Rows that are alike, one below the other."""

    number: int
    times: int
    hidden: bool
    cells: dict[int, str] = field(default_factory=dict)
    unsolved: set[int] = field(default_factory=set)
    struck: set[int] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class _Found:
    """A sheet as far as it was read. styles: of the columns' cells that name none."""

    name: str
    hidden: bool
    lines: list[_Line] = field(default_factory=list)
    merged: Merged = field(default_factory=Merged)
    hidden_columns: set[int] = field(default_factory=set)
    styles: list[str] = field(default_factory=list)
    last: int = 0

    def rows(self) -> Iterator[Row]:
        filling = Filling(self.merged.sort())
        for line in self.lines:
            for number in range(line.number, min(line.number + line.times, LAST_ROW + 1)):
                row = filling.row(
                    number,
                    dict(line.cells),
                    hidden=line.hidden,
                    unsolved=line.unsolved,
                    struck=line.struck,
                )
                if row is not None:
                    yield row


class _Reader:
    """Turns the document's XML into sheets."""

    def __init__(self, styles: OpenStyles) -> None:
        self.sheets: list[_Found] = []
        self._styles = styles
        self._in_body = False
        self._aside = 0  # how deep within what is no cell
        self._line = _Line(number=1, times=1, hidden=False)
        self._row_style, self._column = "", 0
        self._cell: Cell | None = None
        self._times = 1
        self._left = _MOST_CELLS

    def start(self, tag: str, attributes: Attributes) -> None:
        if not self._in_body:
            self._in_body = tag == "office:spreadsheet"
            self._styles.start(tag, attributes)
        elif self._aside or tag in _ASIDE:
            self._aside += 1
        elif tag in _CELLS:
            self._begin_cell(attributes)
        elif self._cell is not None:
            self._cell.start(tag, attributes, self._styles)
        elif tag == "table:table":
            style = attributes.get("table:style-name", "")
            hidden = self._styles.is_hidden("table", style)
            self.sheets.append(_Found(name=attributes.get("table:name", ""), hidden=hidden))
        elif tag == "table:table-column":
            self._columns(attributes)
        elif tag == "table:table-row":
            self._begin_row(attributes)

    def text(self, data: str) -> None:
        if not self._in_body:
            self._styles.text(data)
        elif self._cell is not None and not self._aside:
            self._cell.text(data)

    def end(self, tag: str) -> None:
        if not self._in_body:
            self._styles.end(tag)
        elif self._aside:
            self._aside -= 1
        elif tag in _CELLS:
            self._end_cell()
        elif self._cell is not None:
            self._cell.end(tag)
        elif tag == "table:table-row":
            self._end_row()

    def _columns(self, attributes: Attributes) -> None:
        sheet = self.sheets[-1]
        first = len(sheet.styles)
        times = min(_times(attributes, "table:number-columns-repeated"), MAX_COLUMNS - first)
        sheet.styles += [attributes.get("table:default-cell-style-name", "")] * times
        style = attributes.get("table:style-name", "")
        if attributes.get("table:visibility") in _GONE or self._styles.is_hidden("table-column", style):
            sheet.hidden_columns |= set(range(first, first + times))

    def _begin_row(self, attributes: Attributes) -> None:
        style = attributes.get("table:style-name", "")
        self._line = _Line(
            number=self.sheets[-1].last + 1,
            times=_times(attributes, "table:number-rows-repeated"),
            hidden=attributes.get("table:visibility") in _GONE or self._styles.is_hidden("table-row", style),
        )
        self._row_style, self._column = attributes.get("table:default-cell-style-name", ""), 0

    def _end_row(self) -> None:
        line, sheet = self._line, self.sheets[-1]
        sheet.last += line.times
        if line.cells or line.unsolved:
            sheet.lines.append(line)
            self._left -= len(line.cells)
            if self._left < 0:
                raise Unreadable(_TOO_MANY)

    def _begin_cell(self, attributes: Attributes) -> None:
        columns = self.sheets[-1].styles
        usual = columns[self._column] if self._column < len(columns) else ""
        name = attributes.get("table:style-name") or self._row_style or usual
        self._cell = Cell(attributes=attributes, style=self._styles.of_cell(name))
        self._times = _times(attributes, "table:number-columns-repeated")
        down = _times(attributes, "table:number-rows-spanned") - 1
        right = _times(attributes, "table:number-columns-spanned") - 1
        if (down or right) and self._column < MAX_COLUMNS:
            place = self._line.number, self._column
            self.sheets[-1].merged.add(place, (place[0] + down, place[1] + right))

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, None
        if cell is None:
            return
        text = shown(cell)
        for column in range(self._column, min(self._column + self._times, MAX_COLUMNS)):
            if text:
                self._line.cells[column] = text
            elif cell.is_formula:
                self._line.unsolved.add(column)
            if text and cell.is_struck:
                self._line.struck.add(column)
        self._column += self._times


def _times(attributes: Attributes, name: str) -> int:
    said = attributes.get(name, "")
    return min(int(said), LAST_ROW) if said.isdecimal() and 0 < len(said) < 9 and int(said) else 1
