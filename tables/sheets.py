"""What every reader of files gives: sheets, and their rows one after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from runtime.language import Text

# A column further right than this is nobody's: a stray blank in XFD1 is a habit of spreadsheets.
MAX_COLUMNS = 256
# A spreadsheet has no row beyond this.
LAST_ROW = 1_048_576


class Unreadable(Exception):
    """A file, or the rest of a sheet, cannot be read. Says why, without a word of what is in it."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


DAMAGED = Text(
    "工作簿无法打开；请在 Excel 或 WPS 中另存为 .xlsx",
    "the workbook cannot be opened; save it as .xlsx in Excel or WPS",
)
PROTECTED = Text(
    "工作簿有密码保护；请去掉密码后另存", "the workbook is protected by a password; save it without one"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the cells that hold something, by column from 0, as text.

    `joined`: columns whose text stands there because a merged cell reaches down into this row. `unsolved`:
    columns with a formula whose result the file does not hold. `rest`: further rows of the file that an
    unclosed quotation mark swallowed. struck: columns whose text is struck out. wide: first and last columns
    of merged cells that reach over several columns.
    """

    number: int
    cells: Mapping[int, str]
    hidden: bool = False
    joined: frozenset[int] = frozenset()
    unsolved: frozenset[int] = frozenset()
    rest: int = 0
    struck: frozenset[int] = frozenset()
    wide: tuple[tuple[int, int], ...] = ()

    @property
    def own(self) -> Mapping[int, str]:
        """The cells without those that a merged cell from above fills."""
        return {column: text for column, text in self.cells.items() if column not in self.joined}


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A sheet of a workbook, or a text file's only table. Iterating may raise Unreadable half-way.

    blind: its reader does not see which rows are hidden or struck out.
    """

    number: int
    name: str
    rows: Iterator[Row]
    hidden: bool = False
    hidden_columns: frozenset[int] = field(default_factory=frozenset)
    blind: bool = False


def column_letters(column: int) -> str:
    """A, B, … Z, AA: how a spreadsheet calls the column, from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(reference: str) -> int | None:
    """The column of a cell's reference (C7 → 2); None where it is no reference."""
    column = 0
    for character in reference:
        if not ("A" <= character <= "Z"):
            break
        column = column * 26 + ord(character) - ord("A") + 1
        if column > 20_000:
            return None
    return column - 1 if column else None
