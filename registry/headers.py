"""Which row of a sheet is its header, and which column it means by each title."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from registry.columns import Column, SheetTable
from registry.problems import Problem
from runtime.language import Text
from tables.sheets import Row

# A title, a subtitle and a few remarks may stand above the header.
LOOKED_AT = 30
# What is added to a title and changes nothing: marks, blanks, what must be filled in.
_ADDED = re.compile(r"[\s*:：]|必填|选填|可不填")
_UNIT = re.compile(r"\(([^()]*)\)$")
_FACTORS = {"万元": 10_000, "万": 10_000}
_PLAIN_UNITS = frozenset({"", "元", "人", "名", "间", "个", "班", "㎡", "m2", "平方米", "度", "10位", "6位"})
_CLOSE = 0.6


@dataclass(slots=True)
class Header:
    """The header's row, and by column what it means; `factors`: columns whose title has a unit of its own."""

    row: int
    columns: dict[int, Column] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    meant: set[str] = field(default_factory=set)  # columns whose title is misspelt: told where it stands
    factors: dict[int, int] = field(default_factory=dict)


def plain_title(title: str) -> str:
    """A title as it is compared: without blanks, marks and differences of width."""
    return _ADDED.sub("", unicodedata.normalize("NFKC", title)).lower()


def find_header(
    table: SheetTable, columns: Sequence[Column], rows: Sequence[Row], sheet: str, problems: list[Problem]
) -> Header | None:
    """The header among a sheet's first rows, its titles matched; None, told, where there is none."""
    names = {plain_title(name): column for column in columns for name in (column.name, *column.chinese)}
    best = max(rows[:LOOKED_AT], key=lambda row: _known(row, names), default=None)
    if best is None or not _known(best, names):
        problems.append(_no_header(table, sheet, rows))
        return None
    at = rows.index(best)
    groups = _groups(rows[at - 1]) if at else {}
    header = Header(row=best.number)
    for index, title in sorted(best.cells.items()):
        _match(table, header, sheet, index, title, names, groups, problems)
    there = list(header.columns.values())
    missing = [column for column in columns if column.required and column not in there]
    for column in missing:
        if column.name not in header.meant:
            what = Text(f"缺少“{column.title}”列", f"the column {column.title!r} is missing")
            problems.append(Problem(sheet=sheet, what=what, row=header.row, order=table.order))
    return None if missing else header


def _known(row: Row, names: Mapping[str, Column]) -> int:
    """How many of its cells are titles."""
    return sum(_lookup(title, names)[0] is not None for title in row.cells.values())


def _lookup(title: str, names: Mapping[str, Column]) -> tuple[Column | None, int]:
    """The column that a title means, and by how much its unit multiplies."""
    plain = plain_title(title)
    if found := names.get(plain):
        return found, 1
    unit = _UNIT.search(plain)
    if unit and (unit[1] in _FACTORS or unit[1] in _PLAIN_UNITS):
        return names.get(plain[: unit.start()]), _FACTORS.get(unit[1], 1)
    return None, 1


def _groups(row: Row) -> dict[int, str]:
    """What stands above each column, a title over several of them carried on to the right."""
    if not row.cells:
        return {}
    found, current = {}, ""
    for column in range(max(row.cells) + 64):
        current = row.cells.get(column, current)
        found[column] = current
    return found


def _match(
    table: SheetTable,
    header: Header,
    sheet: str,
    column: int,
    title: str,
    names: Mapping[str, Column],
    groups: Mapping[int, str],
    problems: list[Problem],
) -> None:
    header.titles[column] = title
    found, factor = _lookup(title, names)
    if found is None and groups.get(column):
        found, factor = _lookup(groups[column] + title, names)
    if found is None:
        if (meant := _meant(title, names)) is not None:
            header.meant.add(meant.name)
            problems.append(_at(table, header, sheet, column, _misspelt(meant)))
    elif found in header.columns.values():
        what = Text("该列出现两次，请只留一列", "this column is there twice; keep one")
        problems.append(_at(table, header, sheet, column, what))
    elif factor != 1 and not found.money:
        what = Text("该列不是金额，标题不应写万元", "is no sum of money; take the unit out of its title")
        problems.append(_at(table, header, sheet, column, what))
    else:
        header.columns[column] = found
        if factor != 1:
            header.factors[column] = factor


def _at(table: SheetTable, header: Header, sheet: str, column: int, what: Text) -> Problem:
    return Problem(
        sheet=sheet,
        what=what,
        row=header.row,
        column=column,
        header=header.titles[column],
        order=table.order,
    )


def _meant(title: str, names: Mapping[str, Column]) -> Column | None:
    """The column that a title nearly names: a slip. Other titles are the bureau's own, and are left out."""
    close = get_close_matches(plain_title(title), names, n=1, cutoff=_CLOSE)
    return names[close[0]] if close else None


def _misspelt(meant: Column) -> Text:
    return Text(
        f"未知的列，是否应为“{meant.title}”？若不是，请改名或删去该列",
        f"unknown column; is {meant.title!r} meant? If not, rename or remove it",
    )


def _no_header(table: SheetTable, sheet: str, rows: Sequence[Row]) -> Problem:
    wanted = "、".join(column.title for column in table.columns if column.required)
    if not rows:
        what = Text("是空的，请按模板填写", "is empty; fill it in as the template has it")
        return Problem(sheet=sheet, what=what, order=table.order)
    seen = "、".join(_first(rows[0].cells.values()))
    what = Text(
        f"没有找到表头，应有列 {wanted}；看到的第一行是 {seen}",
        f"no header was found; it needs the columns {wanted}; its first row says {seen}",
    )
    return Problem(sheet=sheet, what=what, order=table.order)


def _first(values: Iterable[str]) -> list[str]:
    return [value[:20] for value in values][:8]
