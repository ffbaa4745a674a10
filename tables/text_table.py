"""A table in a text file: whatever encoding and separator Excel, WPS or a handset chose."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from runtime.language import Text
from tables.sheets import MAX_COLUMNS, Row, Sheet, Unreadable

MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
SEPARATORS = ",\t;|，；"
# So many lines are looked at for the separator.
_LOOKED_AT = 20
# A cell with this many lines, or lines with separators in them, is a quotation mark that nobody closed.
_CELL_LINES = 8
csv.field_size_limit(1024 * 1024)


def open_text(path: Path, *, separator: str | None = None) -> list[Sheet]:
    """The file's one sheet. Raises Unreadable where it is no text."""
    return [Sheet(number=1, name="", rows=text_rows(decode(path.read_bytes()), separator=separator))]


def decode(raw: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 as Excel's "Unicode text", or GB18030."""
    encoding = _encoding(raw)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        pass
    if encoding == "utf-8-sig":
        # A text of UTF-8 that some program cut in the middle of a character.
        mended = raw.decode(encoding, "replace")
        if mended.count("\ufffd") * 1000 <= len(mended) + 3000 and re.search("[\u4e00-\u9fff]{2}", mended):
            return mended
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            pass
    raise Unreadable(
        Text(
            "不是 UTF-8、UTF-16 或 GB18030 文本；请在 Excel 或 WPS 中另存为 .xlsx",
            "neither UTF-8, UTF-16 nor GB18030 text; save it as .xlsx in Excel or WPS",
        )
    )


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Other texts have no zeros; in UTF-16 they stand beside every digit and line end.
    if low := raw[1::2].count(0):
        return "utf-16-le" if low > raw[::2].count(0) else "utf-16-be"
    return "utf-16-be" if raw[::2].count(0) else "utf-8-sig"


def text_rows(text: str, *, separator: str | None = None) -> Iterator[Row]:
    """The rows of a text, numbered as a spreadsheet would; empty ones are left out."""
    lines = text.splitlines()[:_LOOKED_AT]
    skipped = 0
    if lines and (named := _named_separator(lines[0])):
        separator, skipped = named, 1
    separator = separator or find_separator(lines)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(number=number, cells={}, rest=1)
            continue
        if number > skipped and (row := _row(number, cells, separator)) is not None:
            yield row


def _row(number: int, cells: Sequence[str], separator: str) -> Row | None:
    found = {column: plain for column, cell in enumerate(cells[:MAX_COLUMNS]) if (plain := cell.strip())}
    swallowed = max((_swallowed(cell, separator) for cell in cells), default=0)
    return Row(number=number, cells=found, rest=swallowed) if found or swallowed else None


def _swallowed(cell: str, separator: str) -> int:
    """How many rows of the file stand in this one cell."""
    if "\n" not in cell and "\r" not in cell:
        return 0
    lines = cell.splitlines()
    rows = sum(line.count(separator) >= 2 for line in lines[1:])
    return rows or (len(lines) if len(lines) > _CELL_LINES else 0)


def _named_separator(line: str) -> str | None:
    """Excel's own first line: sep=;"""
    plain = line.strip().strip('"').lower()
    return line.strip().strip('"')[4] if plain.startswith("sep=") and len(plain) == 5 else None


def find_separator(lines: Sequence[str]) -> str:
    """The separator with which most lines have the same number of cells; a comma where there is none."""

    def agreement(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines if line.count(separator)]
        usual = max(set(counts), key=counts.count, default=0)
        return counts.count(usual) if usual else 0, usual

    best = max(SEPARATORS, key=agreement)
    return best if agreement(best)[0] else ","
