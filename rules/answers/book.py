"""A workbook in memory: the formats and the print set-up that all sheets share. No formula, no clock."""

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from fractions import Fraction
from math import ceil
from typing import Any, Literal

import xlsxwriter

from registry.exact import for_cell, rounded, rounded_root
from rules.answers.figure import Figure

_LINE_HEIGHT = 13.5  # points, at 10 points of type
A3, A4 = 8, 9  # paper numbers of the file format
# Excel prints with the reader's own font where this one is missing.
_FONT = "宋体"
_GRID = {"border": 1, "valign": "vcenter", "font_name": _FONT, "font_size": 10}
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "align": "center", "valign": "vcenter", "font_name": "黑体", "font_size": 16},
    "note": {"font_name": _FONT, "font_size": 9, "valign": "vcenter", "text_wrap": True},
    "wrapped": {"font_name": _FONT, "font_size": 10, "valign": "top", "text_wrap": True},
    "head": _GRID | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#D9E2F3"},
    "text": _GRID | {"text_wrap": True},
    # "@" keeps a school code text: as a number it would lose leading zeros.
    "code": _GRID | {"num_format": "@", "align": "center"},
    "middle": _GRID | {"align": "center"},
    "number": _GRID | {"align": "right"},
    "two": _GRID | {"align": "right", "num_format": "0.00"},
    "money": _GRID | {"align": "right", "num_format": "#,##0.00"},
    "three": _GRID | {"align": "right", "num_format": "0.000"},
    "good": _GRID | {"align": "center", "font_color": "#006100"},
    "bad": _GRID | {"align": "center", "font_color": "#9C0006", "bg_color": "#FFC7CE"},
    "used": _GRID | {"align": "center", "bold": True, "bg_color": "#D9D9D9"},
    "faint": _GRID | {"align": "center", "font_color": "#7F7F7F"},
    "open": _GRID | {"align": "center", "font_color": "#7F6000", "bg_color": "#FFEB9C"},
    "over": _GRID | {"align": "right", "num_format": "0.000", "font_color": "#9C0006", "bg_color": "#FFC7CE"},
}
VERDICT_STYLES = {"pass": "good", "fail": "bad", "undetermined": "open"}


class Book:
    """One workbook; `done` gives its bytes, the same for the same content."""

    def __init__(self, title: str, *, created: date) -> None:
        self._bytes = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self._bytes,
            {
                "in_memory": True,
                # What a school is called must never run as a formula or become a link.
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.book.set_properties({"title": title, "created": datetime.combine(created, time())})
        self._formats: dict[str, Any] = {}

    def style(self, name: str) -> Any:
        """A format of the table above; `near3` and so on: a number with that many decimals, marked."""
        if name not in self._formats:
            self._formats[name] = self.book.add_format(_properties(name))
        return self._formats[name]

    def figure_format(self, figure: Figure) -> Any:
        before, after = (f'"{part}"' if part else "" for part in figure.around)
        digits = "0." + "0" * figure.places if figure.places else "0"
        shown = f"{before}{digits}{after}"
        if figure.sign:
            shown = f"+{shown};-{shown};{shown}"
        if shown not in self._formats:
            self._formats[shown] = self.book.add_format(STYLES["number"] | {"num_format": shown})
        return self._formats[shown]

    def sheet(self, name: str) -> "Sheet":
        return Sheet(self, self.book.add_worksheet(name))

    def done(self) -> bytes:
        self.book.close()
        return self._bytes.getvalue()


class Sheet:
    """One worksheet, written cell by cell with named styles."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book = book
        self.raw = sheet
        # Row, first and last column, text.
        self._wrapped: list[tuple[int, int, int, str]] = []

    def text(self, row: int, column: int, text: str, style: str = "text") -> None:
        self.raw.write_string(row, column, text, self._book.style(style))
        if style in {"text", "head"}:
            self._wrapped.append((row, column, column, text))

    def number(
        self, row: int, column: int, value: Fraction | int | str, style: str = "number", *, places: int = 4
    ) -> None:
        """A number cell, rounded exactly first: the file can hold a binary float only, the verdict never.

        What the cell shows is the exact figure rounded once; text is taken as it is.
        """
        if isinstance(value, str):
            self.raw.write_number(row, column, float(value), self._book.style(style))
        else:
            exact = Fraction(value)
            self._rounded(row, column, lambda kept: rounded(exact, kept), style, places)

    def figure(self, row: int, column: int, figure: Figure) -> None:
        """A number where it is one, with what stands around it as the cell's format; else its text."""
        value = figure.value
        if value is None:
            self.text(row, column, figure.text, "number")
        else:
            text = for_cell(lambda kept: rounded(value, kept), figure.places, places=4)
            self.raw.write_number(row, column, float(text), self._book.figure_format(figure))

    def root(self, row: int, column: int, squared: Fraction, style: str, *, places: int = 6) -> None:
        """The same for the root of a figure."""
        self._rounded(row, column, lambda kept: rounded_root(squared, kept), style, places)

    def _rounded(self, row: int, column: int, at: Callable[[int], str], style: str, places: int) -> None:
        shown = _places_of(style)
        text = at(places) if shown is None else for_cell(at, shown, places=places)
        self.raw.write_number(row, column, float(text), self._book.style(style))

    def row(self, row: int, cells: Sequence[str], style: str = "text", *, first: int = 0) -> None:
        for column, cell in enumerate(cells, first):
            self.text(row, column, cell, style)

    def merge(
        self, row: int, column: int, last_row: int, last_column: int, text: str, style: str = "head"
    ) -> None:
        if (row, column) == (last_row, last_column):
            self.text(row, column, text, style)
        else:
            self.raw.merge_range(row, column, last_row, last_column, text, self._book.style(style))
            if style in {"note", "head"} and row == last_row:
                self._wrapped.append((row, column, last_column, text))

    def head(self, title: str, note: str, last_column: int) -> None:
        """Rows 1 and 2: the title across the table, and what it rests on."""
        self.merge(0, 0, 0, last_column, title, "title")
        self.raw.set_row(0, 28)
        self.merge(1, 0, 1, last_column, note, "note")

    def layout(
        self,
        widths: Sequence[float],
        *,
        head_rows: tuple[int, int],
        frozen_columns: int = 0,
        paper: int = A4,
        orientation: Literal["landscape", "portrait"] = "landscape",
        pages: int = 0,
    ) -> None:
        """Call it last. Column widths, and rows as high as their longest text asks for: not every program
        finds that out by itself. Printed on one page's width and so many pages (0: as many as it takes); head
        rows (from 0) repeated and frozen."""
        for column, width in enumerate(widths):
            self.raw.set_column(column, column, width)
        lines: dict[int, int] = {}
        for row, column, last, text in self._wrapped:
            room = sum(widths[column : last + 1]) - 1
            lines[row] = max(lines.get(row, 1), ceil(_width(text) / room))
        for row, number in lines.items():
            if number > 1:
                self.raw.set_row(row, _LINE_HEIGHT * number + 1.5)
        self.raw.freeze_panes(head_rows[1] + 1, frozen_columns)
        if orientation == "landscape":
            self.raw.set_landscape()
        self.raw.set_paper(paper)
        self.raw.fit_to_pages(1, pages)
        self.raw.repeat_rows(*head_rows)
        self.raw.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        # Codes are text on purpose: no green corner on every one of them.
        self.raw.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self.raw.set_footer("&C第 &P 页，共 &N 页")


def _properties(style: str) -> dict[str, Any]:
    if style.startswith("near"):
        return STYLES["open"] | {"align": "right", "num_format": "0." + "0" * int(style[4:])}
    return STYLES[style]


def _places_of(style: str) -> int | None:
    """How many decimals a style shows; None: all that there are."""
    shown = _properties(style).get("num_format", "")
    return len(shown.partition(".")[2]) if shown.startswith("0") else None


def _width(text: str) -> int:
    """In columns' units: a Chinese character is as wide as two digits."""
    return sum(1 if ord(letter) < 0x1100 else 2 for letter in text)
