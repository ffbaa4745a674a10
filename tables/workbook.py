"""A workbook of Excel 2007 and later (.xlsx, .xlsm, and .et of today): read as a stream, by what is there.

Nothing in the file is believed about its size: neither a <dimension>, nor a row's number, nor a count of
strings. Rows come one after the other, so that a sheet of any length needs the same memory.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from runtime.language import Text
from tables.number_formats import Style, read_styles
from tables.sheet_xml import SheetReader, read_ranges, unescaped
from tables.sheets import Row, Sheet, Unreadable
from tables.xml_stream import BROKEN, Attributes, read_xml

# The texts of a ledger of 50,000 lines have some 5 MB; a workbook that says more is no ledger.
MAX_STRINGS_CHARACTERS = 32 * 1024**2
MAX_SHEETS = 200
_DAMAGED = Text(
    "工作簿已损坏；请在 Excel 或 WPS 中打开后另存",
    "the workbook is damaged; open it in Excel or WPS and save it again",
)


@dataclass(slots=True)
class _Found:
    """What the workbook says of itself, as far as it matters."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)  # name, relation, hidden
    targets: dict[str, str] = field(default_factory=dict)
    from_1904: bool = False


def open_workbook(path: Path) -> Iterator[Sheet]:
    """Its sheets in order; each must be read before the next. Raises Unreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = _contents(archive)
            strings = _strings(archive)
            styles = read_styles(archive)
            for number, (name, relation, hidden) in enumerate(found.sheets[:MAX_SHEETS], 1):
                part = found.targets.get(relation, "")
                if part not in archive.namelist():
                    continue  # a chart, or nothing
                yield _sheet(archive, part, number, name, hidden, strings, styles, from_1904=found.from_1904)
    except BROKEN as error:
        raise Unreadable(_DAMAGED) from error
    if len(found.sheets) > MAX_SHEETS:
        raise Unreadable(
            Text(
                f"有 {len(found.sheets)} 张表，只读前 {MAX_SHEETS} 张",
                f"only its first {MAX_SHEETS} sheets are read",
            )
        )


def is_workbook(path: Path) -> bool:
    """Whether a zip file is a workbook of this kind."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith("xl/workbook.xml") for name in archive.namelist())
    except BROKEN:
        return False


def _sheet(
    archive: zipfile.ZipFile,
    part: str,
    number: int,
    name: str,
    hidden: bool,
    strings: list[str],
    styles: list[Style],
    *,
    from_1904: bool,
) -> Sheet:
    with archive.open(part) as file:
        merged, hidden_columns = read_ranges(file)
    reader = SheetReader(strings=strings, styles=styles, merged=merged, from_1904=from_1904)
    return Sheet(
        number=number,
        name=name,
        hidden=hidden,
        hidden_columns=hidden_columns,
        rows=_rows(archive.open(part), reader),
    )


def _rows(file: IO[bytes], reader: SheetReader) -> Iterator[Row]:
    try:
        with file:
            yield from reader.rows(file)
    except BROKEN as error:
        raise Unreadable(_DAMAGED) from error


def _contents(archive: zipfile.ZipFile) -> _Found:
    found = _Found()
    names = archive.namelist()
    book = next((name for name in names if name.lower().endswith("xl/workbook.xml")), None)
    if book is None:
        raise Unreadable(
            Text(
                "不是 Excel 工作簿；请另存为 .xlsx 或 .csv", "is no Excel workbook; save it as .xlsx or .csv"
            )
        )
    folder = PurePosixPath(book).parent

    def relation(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            full = PurePosixPath(target.lstrip("/")) if target.startswith("/") else folder / target
            found.targets[attributes.get("Id", "")] = str(full)

    def sheet(tag: str, attributes: Attributes) -> None:
        if tag == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            found.sheets.append((attributes.get("name", ""), attributes.get("id", ""), hidden))
        elif tag == "workbookPr":
            found.from_1904 = attributes.get("date1904", "0") in {"1", "true"}

    relations = str(folder / "_rels" / "workbook.xml.rels")
    if relations in names:
        with archive.open(relations) as file:
            read_xml(file, start=relation)
    with archive.open(book) as file:
        read_xml(file, start=sheet)
    return found


def _strings(archive: zipfile.ZipFile) -> list[str]:
    """The texts that cells refer to by number; of each its runs, without the reading aid above them, and
    without those that are struck out, as long as others are not."""
    name = next((name for name in archive.namelist() if name.lower().endswith("xl/sharedstrings.xml")), None)
    if name is None:
        return []
    found: list[str] = []
    parts: list[str] = []
    gone: list[str] = []
    inside = {"t": False, "rPh": False}
    struck = False
    room = MAX_STRINGS_CHARACTERS

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal struck
        if tag in inside:
            inside[tag] = True
        elif tag == "si":
            parts.clear()
            gone.clear()
        elif tag == "r":
            struck = False
        elif tag == "strike":
            struck = attributes.get("val", "1") not in {"0", "false"}

    def text(data: str) -> None:
        if inside["t"] and not inside["rPh"]:
            (gone if struck else parts).append(data)

    def end(tag: str) -> None:
        nonlocal room, struck
        if tag in inside:
            inside[tag] = False
        elif tag == "r":
            struck = False
        elif tag == "si":
            found.append(unescaped("".join(parts) or "".join(gone)))
            room -= len(found[-1]) + 16
            if room < 0:
                raise Unreadable(
                    Text("工作簿中的文字过多；请只保留台账后另存", "too much text; save the ledger alone")
                )

    with archive.open(name) as file:
        read_xml(file, start=start, text=text, end=end)
    return found
