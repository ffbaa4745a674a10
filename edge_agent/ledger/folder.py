"""A folder of files as one ledger: every file opened, every sheet read, and what came of each told."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from edge_agent.files.problems import Problem
from edge_agent.files.stopped import STOPPED
from edge_agent.ledger.line import Line
from edge_agent.ledger.parts import Part, settle
from edge_agent.ledger.persons import scrub
from edge_agent.ledger.serials import doubt_one_device
from edge_agent.ledger.sheet import read_table
from edge_agent.ledger.table import MAX_LINES, Table
from edge_agent.ledger.tiny import tell_tiny
from edge_agent.ledger.titles import Field
from runtime.language import Text
from tables.opening import open_sheets
from tables.sheets import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A line that goes out, under a key of its own."""

    key: str
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTold:
    """What a sheet came to. `why`: why the file could not be read.

    Names of files and sheets, headings, and what a problem has `seen` are for the school alone.
    """

    file: int
    sheet: int
    rows: int
    unread: int
    left_out: int
    problems: tuple[Problem, ...] = ()
    why: Text | None = None
    file_name: str = ""
    sheet_name: str = ""
    heading_seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRead:
    """A ledger as a whole."""

    assets: tuple[Asset, ...] = ()
    parts: tuple[PartTold, ...] = ()

    @property
    def unread(self) -> int:
        return sum(part.unread for part in self.parts)

    @property
    def left_out(self) -> int:
        return sum(part.left_out for part in self.parts)


@dataclass(slots=True)
class _Opened:
    """A file while it is read: its parts, and why it, or the rest of it, could not be read."""

    number: int
    name: str
    parts: list[Part] = field(default_factory=list)
    why: Text | None = None


def read_folder(
    paths: Sequence[Path],
    *,
    own: Mapping[str, Field] | None = None,
    skip: Iterable[int] = (),
    begin: Callable[[int], None] = lambda _: None,
) -> FolderRead:
    """Read all files as one ledger. `skip`: numbers of files, from 1, that ended a reader before."""
    opened: list[_Opened] = []
    room = MAX_LINES
    for number, path in enumerate(paths, 1):
        begin(number)
        file = _Opened(number, path.name)
        if number in skip:
            file.why = STOPPED
        else:
            _open(file, path, own or {})
        room -= sum(len(part.table.lines) for part in file.parts)
        if room < 0:
            file.parts, file.why = (
                [],
                Text("台账总行数超出上限，此文件未读", "too many lines in all: this file is left out"),
            )
        opened.append(file)
    parts = [part for file in opened for part in file.parts]
    settle(parts)
    doubt_one_device(parts)
    tell_tiny(parts)
    _scrub(opened)
    return FolderRead(assets=_assets(opened), parts=tuple(told for file in opened for told in _told(file)))


def _open(file: _Opened, path: Path, own: Mapping[str, Field]) -> None:
    try:
        for sheet in open_sheets(path):
            table = read_table(sheet, own)
            if table is not None:
                file.parts.append(Part(file=file.number, file_name=path.stem, table=table))
    except Unreadable as error:
        file.why = error.text
    except MemoryError:
        file.parts, file.why = [], STOPPED
    # A workbook's empty or explaining sheets are no ledger that could not be read, where another one is.
    if file.parts and not any(part.table.found for part in file.parts) and file.why is None:
        for part in file.parts:
            _ask_for_headings(part.table)


def _ask_for_headings(table: Table) -> None:
    """A file without any ledger in it: what was taken for an explanation is told as not understood."""
    if not table.unread:
        table.unread = 1
        table.problems = [Problem(kind="no_header", sheet=table.sheet, seen=table.heading_seen)]


def _scrub(opened: Sequence[_Opened]) -> None:
    persons = {name for file in opened for part in file.parts for name in part.table.persons}
    for file in opened:
        for part in file.parts:
            for line in scrub(part.counted, persons):
                part.tell("personal", line)


def _assets(opened: Sequence[_Opened]) -> tuple[Asset, ...]:
    used: Counter[str] = Counter()
    found: list[Asset] = []
    for file in opened:
        for part in file.parts:
            for line in part.counted:
                key = _key(line)
                used[key] += 1
                found.append(Asset(key=key if used[key] == 1 else f"{key}#{used[key]}", line=line))
    return tuple(found)


def _key(line: Line) -> str:
    """The asset's number; without one, a key that stays the same as long as the line does."""
    if line.shown:
        plain = "".join(c if c.isprintable() else " " for c in line.shown).replace("\\", "/").strip()
        if len(plain) <= 56:
            return plain or "?"
        return f"{plain[:40]}~{_digest(plain)}"
    return f"无编号-{_digest(repr(line.content()))}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()


def _told(file: _Opened) -> Iterable[PartTold]:
    for part in file.parts:
        table = part.table
        yield PartTold(
            file=file.number,
            sheet=table.sheet,
            rows=len(part.counted),
            unread=table.unread,
            left_out=table.left_out,
            problems=(*table.problems, *part.problems),
            file_name=file.name,
            sheet_name=table.name,
            heading_seen=table.heading_seen,
        )
    if file.why is not None or not file.parts:
        why = file.why or Text("文件是空的", "the file is empty")
        yield PartTold(
            file=file.number,
            sheet=0,
            rows=0,
            unread=1,
            left_out=0,
            problems=(Problem(kind="file"),),
            why=why,
            file_name=file.name,
        )
