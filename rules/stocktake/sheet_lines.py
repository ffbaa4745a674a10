"""The lines of one sheet of a stock-take, as entries."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from registry.cells import Misread
from registry.cells import day as read_day
from registry.problems import Problem
from rules.stocktake.entries import Entry, SheetsRead
from rules.stocktake.marks import Cross, Mark, Unclear, joined, result, ticked
from rules.stocktake.titles import (
    MARKS,
    NAMES,
    Field,
    Heading,
    heading_again,
)
from runtime.language import Text
from tables.codes import code, is_destroyed, spelling
from tables.sheets import Row, Unreadable

# A district of 174 schools has some 50,000 devices.
MOST_LINES = 200_000
_MOST_TEXT = 200
# A question is answered with 无; a heading that asks for remarks is not.
_ASKING = ("是否", "在否", "在不在", "有无", "实物")
_ERRORS = ("#REF", "#VALUE", "#N/A", "#NAME", "#NUM", "#NULL", "#DIV", "###")
_OTHER_TABLE = Text(
    "下面另有一张没有盘点列的表，未读", "a table below has no column result or scan; it is not read"
)


class SheetReader:
    """The lines of one sheet below its headings."""

    def __init__(
        self,
        read: SheetsRead,
        title: str,
        heading: Heading,
        cross: Cross | None,
        day: tuple[int, int, str] | None,
    ) -> None:
        self._read, self._title, self._heading, self._cross = read, title, heading, cross
        # Where both ways have a column of their own, an x in one of them is a tick.
        self._apart = heading.has("there") and heading.has("absent")
        self._day = self._above(day)
        self._skipping = False

    def tell_columns(self) -> None:
        for column in self._heading.unknown:
            what = Text("此列未读", "this column is not read")
            self._note(what, self._heading.row, column)

    def line(self, row: Row) -> None:
        """Adds what a row says: an entry of its marks, and one for each scanned number."""
        if len(self._read.entries) >= MOST_LINES:
            raise Unreadable(
                Text(f"超过 {MOST_LINES} 行；请拆分", f"has more than {MOST_LINES} lines; split it")
            )
        if row.rest:
            what = Text(
                "引号没有闭合，吞掉了后面的行；请另存为 .xlsx",
                "an unclosed quotation mark has swallowed the lines behind; save it as .xlsx",
            )
            self._problem(what, row.number, None)
            return
        again = heading_again(row, self._heading)
        if again is not None:
            self._begin_again(again)
            return
        if self._skipping:
            return
        used = [column for columns in self._heading.columns.values() for column in columns]
        if not any(column in row.cells for column in used) and not row.unsolved & set(used):
            return
        if self._unusable(row):
            return
        scanned = any(row.cells.get(column) for column in self._columns("scan"))
        alone = not any(row.cells.get(column) for name in NAMES for column in self._columns(name))
        if scanned and alone:
            self._marked(row, self._scans(row, alone=True))
        else:
            self._read.entries += self._scans(row, alone=False)
            if self._heading.has(*MARKS):
                self._marked(row, None)

    def _begin_again(self, heading: Heading) -> None:
        """The headings once more, as at the top of a printed page; or a table below with other columns."""
        self._skipping = not heading.is_of_a_stock_take
        if self._skipping:
            what = _OTHER_TABLE
            self._note(what, heading.row, None)
        elif heading is not self._heading:
            self._heading = heading
            self._apart = heading.has("there") and heading.has("absent")
            self.tell_columns()

    def _unusable(self, row: Row) -> bool:
        """A cell that does not hold what is seen in it: told, and the line is not taken."""
        bad = False
        for name, columns in self._heading.columns.items():
            for column in columns:
                if name == "aside":
                    continue
                text = row.cells.get(column, "")
                if column in row.unsolved:
                    what = Text(
                        "是没有结果的公式；请写成值", "is a formula without a result; write the value"
                    )
                elif column in row.struck and text:
                    what = Text("已划掉；请删除该行或取消删除线", "is struck out; delete the line or undo it")
                elif text.startswith(_ERRORS):
                    what = Text("是表格的错误值；请改正", "is an error value; mend it")
                elif len(text) > _MOST_TEXT and name != "note":
                    what = Text(f"超过 {_MOST_TEXT} 个字", f"has more than {_MOST_TEXT} characters")
                else:
                    continue
                self._problem(what, row.number, column, text)
                bad = True
        return bad

    def _marked(self, row: Row, scanned: list[Entry] | None) -> None:
        """The line's own marks; `scanned`: what they are about, where nothing else in the line names it."""
        try:
            mark = joined(list(self._marks(row)))
        except _Told:
            return
        except Unclear as error:
            self._problem(error.what, row.number, None)
            return
        if scanned is not None:
            self._read.entries += [replace(entry, mark=mark) for entry in scanned if mark.says_something]
            self._read.entries += [entry for entry in scanned if not mark.says_something]
        elif (entry := self._entry(row, mark)) is not None:
            self._read.entries.append(entry)

    def _marks(self, row: Row) -> Iterator[Mark]:
        for name in MARKS:
            for column in self._heading.columns.get(name, ()):
                text = row.cells.get(column, "")
                try:
                    yield self._mark(name, text, self._heading.titles[column])
                except Unclear as error:
                    self._problem(error.what, row.number, column, text)
                    raise _Told from error

    def _mark(self, name: Field, text: str, title: str) -> Mark:
        if not text:
            return Mark()
        if name == "moved_to":
            plain = spelling(text)
            return (
                Mark() if plain in {"-", "—", "/", "无"} else Mark(there=True, moved=True, room=text.strip())
            )
        if name == "result" or name == "there":
            cross = "there" if name == "there" and self._apart else self._cross
            asks = name == "there" or any(word in title for word in _ASKING)
            return result(text, cross=cross, asks=asks)
        is_ticked = ticked(text)
        if name == "absent":
            return Mark(there=False) if is_ticked else Mark()
        return Mark(broken=name == "broken" and bool(is_ticked), moved=name == "moved" and bool(is_ticked))

    def _entry(self, row: Row, mark: Mark) -> Entry | None:
        try:
            asset, device, serial = (self._number(row, name) for name in NAMES)
            day = self._day_of(row)
        except _Told:
            return None
        columns = self._places(row)
        return self._made(row, mark, day=day, columns=columns, asset=asset, device=device, serial=serial)

    def _scans(self, row: Row, *, alone: bool) -> list[Entry]:
        """An entry for each scanned number; beside a printed line it stands only because there was room."""
        found: list[Entry] = []
        for column in self._columns("scan"):
            text = row.cells.get(column, "")
            if not text:
                continue
            if is_destroyed(code(text)):
                self._problem(_DESTROYED, row.number, column, text)
                continue
            try:
                day = self._day_of(row)
            except _Told:
                continue
            places: dict[Field, int] = {**self._places(row), "scan": column}
            entry = self._made(
                row,
                Mark(there=True),
                day=day,
                columns=places,
                serial=code(text),
                scanned=True,
                room=self._text(row, "room") if alone else "",
                name=self._text(row, "name") if alone else "",
            )
            found.append(replace(entry, place=entry.place + len(found)))
        return found

    def _made(
        self,
        row: Row,
        mark: Mark,
        *,
        day: date | None,
        columns: Mapping[Field, int],
        asset: str = "",
        device: str = "",
        serial: str = "",
        scanned: bool = False,
        room: str | None = None,
        name: str | None = None,
    ) -> Entry:
        return Entry(
            file=self._read.hash,
            sheet=self._title,
            row=row.number,
            place=len(self._read.entries),
            mark=mark,
            school=code(self._text(row, "school")),
            school_name=self._text(row, "school_name"),
            listed=self._text(row, "state"),
            room=self._text(row, "room") if room is None else room,
            asset=asset,
            device=device,
            serial=serial,
            name=self._text(row, "name") if name is None else name,
            note="" if scanned else self._text(row, "note"),
            day=day,
            scanned=scanned,
            printed=self._heading.has("state"),
            columns=columns,
            titles=self._heading.titles,
        )

    def _number(self, row: Row, name: Field) -> str:
        """A number that names the thing; one that a spreadsheet has destroyed names nothing, and is told."""
        found = ""
        for column in self._columns(name):
            text = code(row.cells.get(column, ""))
            if not text or text in {"-", "—", "/", "无"}:
                continue
            if is_destroyed(text):
                others = [other for other in NAMES if other != name and self._text(row, other)]
                if others:
                    self._note(_DESTROYED, row.number, column, text)
                    continue
                self._problem(_DESTROYED, row.number, column, text)
                raise _Told
            if found and spelling(found).upper() != spelling(text).upper():
                what = Text("两列中的编号不同；请只留一个", "two columns have different numbers; keep one")
                self._problem(what, row.number, column, text)
                raise _Told
            found = text
        return found

    def _day_of(self, row: Row) -> date | None:
        for column in self._columns("day"):
            if text := row.cells.get(column, ""):
                return self._read_day(text, row.number, column)
        return self._day

    def _above(self, day: tuple[int, int, str] | None) -> date | None:
        if day is None:
            return None
        number, column, text = day
        try:
            found = self._read_day(text, number, column)
        except _Told:
            return None
        self._read.days.add(found)
        return found

    def _read_day(self, text: str, number: int, column: int) -> date:
        try:
            return read_day(text)
        except Misread as error:
            self._problem(error.what, number, column, text)
            raise _Told from error

    def _columns(self, name: Field) -> tuple[int, ...]:
        return self._heading.columns.get(name, ())

    def _text(self, row: Row, name: Field) -> str:
        texts = (row.cells.get(column, "") for column in self._columns(name))
        return next((text.strip().removeprefix("'") for text in texts if text.strip()), "")

    def _places(self, row: Row) -> dict[Field, int]:
        """The column of each field in this line: the first that holds something, else the first."""
        return {
            name: next((column for column in columns if column in row.cells), columns[0])
            for name, columns in self._heading.columns.items()
            if name != "scan" and name != "aside"
        }

    def _problem(self, what: Text, number: int, column: int | None, found: str = "") -> None:
        self._read.problems.append(self._told(what, number, column, found))

    def _note(self, what: Text, number: int, column: int | None, found: str = "") -> None:
        self._read.notes.append(self._told(what, number, column, found))

    def _told(self, what: Text, number: int, column: int | None, found: str) -> Problem:
        header = "" if column is None else self._heading.titles.get(column, "")
        return Problem(
            sheet=self._title, what=what, row=number, column=column, header=header, found=found[:60]
        )


class _Told(Exception):
    """A line cannot be taken; why is among the problems."""


_DESTROYED = Text(
    "表格软件把编号改成了数字，后面的位数已丢失；请把该列设为文本后重新扫码或填写",
    "a spreadsheet made a number of this code and lost its last digits; make the column text, scan it again",
)
