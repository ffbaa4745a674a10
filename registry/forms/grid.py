"""A sheet of a form as a grid of cells with labels to their left and above them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from registry.cells import is_nothing, number
from registry.forms.facts import FORM, KNOWN, OLDER, SUBTOTAL
from tables.sheets import Sheet, column_letters, column_of

Place = tuple[int, int]  # row from 1, column from 0
# What people and programs put in front of a label: numbering of every kind, bullets, "of which".
_LEADING = re.compile(
    r"^(?:其中[:,、]?|[一二三四五六七八九十]+[、.,]|\([一二三四五六七八九十\d]+\)|[IVX]+[、.,]"
    r"|第?\d+(?:\.\d+)*[.、,)项-]?(?=\D)|[-—–])"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
# What is not seen, and marks that change no meaning.
_MARKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"'“”‘’·•*#※_]")
_FORM_LINES = 6
_UNIT_NOTE = re.compile("单位[^,。;]{0,6}[:为是]|计量单位|以[^,。;]{1,6}(?:为单位|计$)")
_SCHOOL_YEAR = re.compile(r"(20\d\d)(?:[-/—–~至](?:20)?\d\d)?学年")


def plain(text: str) -> str:
    """A label without blanks, marks, numbering, brackets and colon."""
    bare = bare_text(text)
    while (shorter := _LEADING.sub("", bare)) != bare:
        bare = shorter
    return _BRACKETS.sub("", bare).rstrip(":")


def bare_text(text: str) -> str:
    """Everything that is said, without blanks and marks, in the usual width."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text))


def is_label(text: str) -> bool:
    return number(text) is None and not is_nothing(text)


def place_of(address: str) -> Place | None:
    column, row = column_of(address), address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return (int(row), column) if column is not None and row.isdecimal() else None


def address_of(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"


@dataclass(slots=False, kw_only=True)
class Grid:
    """`joined`: texts that a merged cell above gives; `unsolved`: formulas without a result.

    `struck`: cells that are struck out; `hidden_rows`, `hidden_columns`: what is not seen when it is opened.
    """

    file: Path
    sheet: str
    cells: dict[Place, str] = field(default_factory=dict)
    joined: set[Place] = field(default_factory=set)
    unsolved: set[Place] = field(default_factory=set)
    struck: set[Place] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: frozenset[int] = frozenset()

    @property
    def where(self) -> str:
        return f"{self.file.name}/{self.sheet}" if self.sheet else self.file.name

    @cached_property
    def rows(self) -> tuple[int, ...]:
        return tuple(sorted({row for row, _ in self.cells}))

    @cached_property
    def columns(self) -> tuple[int, ...]:
        return tuple(sorted({column for _, column in self.cells}))

    def labels(self, row: int, before: int) -> tuple[str, ...]:
        """What the row is called, to the left of a column."""
        return tuple(
            plain(self.cells[row, column])
            for column in self.columns
            if column < before
            and (row, column) in self.cells
            and (row, column) not in self.joined
            and is_label(self.cells[row, column])
        )

    def above(self, place: Place) -> tuple[str, ...]:
        """The texts above a cell, the nearest last."""
        row, column = place
        return tuple(
            plain(text)
            for upper in self.rows
            if upper < row and is_label(text := self.cells.get((upper, column), ""))
            if text
        )

    def row_is(self, place: Place, names: Iterable[str]) -> bool:
        row, column = place
        labels, whole = self.labels(row, column), ""
        for name in names:
            if "+" not in name:
                if name in labels:
                    return True
                continue
            whole = whole or self._whole(row, column)
            if all(
                (word[1:] not in whole) if word[0] == "!" else (word in whole) for word in name.split("+")
            ):
                return True
        return False

    def _whole(self, row: int, column: int) -> str:
        """With brackets, what a merged cell above says, and the heading above that has no figures of its own:
        words that together name the row."""
        own = [self.cells.get((row, left), "") for left in range(column)]
        return bare_text(self._heading(row) + "".join(own))

    def _heading(self, row: int) -> str:
        """The nearest row above with a label and no figure."""
        for upper in reversed([other for other in self.rows if other < row]):
            texts = [self.cells[upper, column] for column in self.columns if (upper, column) in self.cells]
            labels = [text for text in texts if is_label(text)]
            if labels and len(labels) == len(texts):
                return labels[0]
        return ""

    def column_is(self, place: Place, names: Iterable[str]) -> bool:
        texts = self.above(place)
        known = tuple(names)
        return bool(texts) and any(text in known for text in texts) and texts[-1] in (*known, *SUBTOTAL)

    def beside(self, place: Place) -> str:
        """What stands to the left of a cell, where its own unit may stand."""
        row, column = place
        return " ".join(bare_text(self.cells.get((row, left), "")) for left in range(column))

    def above_it(self, place: Place) -> str:
        row, column = place
        return " ".join(bare_text(self.cells.get((upper, column), "")) for upper in range(1, row))

    def notes(self) -> str:
        """What is said of units anywhere on the sheet."""
        texts = (bare_text(text) for place, text in sorted(self.cells.items()) if place not in self.joined)
        return " ".join(text for text in texts if _UNIT_NOTE.search(text))

    @property
    def school_year(self) -> int | None:
        """The year in which the school year begins that the form is of; None where it does not say one."""
        top = " ".join(text for (row, _), text in self.cells.items() if row <= _FORM_LINES)
        for text in (top, self.sheet, self.file.stem):
            found = set(_SCHOOL_YEAR.findall(bare_text(text)))
            if found:
                return int(found.pop()) if len(found) == 1 else None
        return None

    def places(self) -> Iterator[Place]:
        return ((row, column) for row in self.rows for column in self.columns)


def read_grid(file: Path, sheet: Sheet) -> tuple[Grid, bool]:
    """The sheet, and whether all of its rows could be told apart. Raises Unreadable."""
    grid, whole = Grid(file=file, sheet=sheet.name), True
    for row in sheet.rows:
        whole &= not row.rest
        for column, text in row.cells.items():
            grid.cells[row.number, column] = text
        grid.joined |= {(row.number, column) for column in row.joined}
        grid.unsolved |= {(row.number, column) for column in row.unsolved}
        grid.struck |= {(row.number, column) for column in row.struck}
        if row.hidden:
            grid.hidden_rows.add(row.number)
    grid.hidden_columns = sheet.hidden_columns
    return grid, whole


def form_of(grid: Grid) -> str | None:
    """The form's number of today: by what the sheet says, its name, the file's name. None: no one form."""
    top = " ".join(text for (row, _), text in grid.cells.items() if row <= _FORM_LINES)
    for text in (top, grid.sheet, grid.file.stem):
        found = set(FORM.findall(unicodedata.normalize("NFKC", text)))
        if text.strip() in {*KNOWN, *OLDER, "112"}:
            found.add(text.strip())
        if found:
            number_found = found.pop()
            # 基础基112 holds what 教基1102续 does.
            today = "1102" if number_found == "112" else OLDER.get(number_found, number_found)
            return None if found else today
    return None
