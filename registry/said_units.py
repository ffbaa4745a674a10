"""A unit of money outside of titles and cells: 单位：万元 above a table, or in a note below it."""

import re
from collections.abc import Sequence

from registry.columns import SheetTable
from registry.headers import Header, plain_title
from registry.notes import Notes
from registry.problems import Problem
from runtime.language import Text
from tables.sheets import Row

_SAID = re.compile(
    r"单位[^百千万元]{0,4}([百千万])元|以([百千万])元为单位|^\(?(?:金额|人民币)?:?([百千万])元\)?$"
)
# Of a size that no column of a registry has.
_OTHER = re.compile(r"单位[^。;]{0,6}?(?:亩|公顷|[百千万](?:人|名|间|平方米|平米|m2|㎡))")
_SIZES = {"百": 100, "千": 1000, "万": 10_000}
# A line with more cells is one of the table's, or its headings.
_MOST_CELLS = 2


def take_units(
    table: SheetTable, header: Header, rows: Sequence[Row], sheet: str, problems: list[Problem], notes: Notes
) -> None:
    """Above the table it counts for the sums whose titles name none; elsewhere it is told as a problem."""
    sums = [
        index for index, column in header.columns.items() if column.money and not _says_unit(header, index)
    ]
    mixed = any(column.name == "value" for column in header.columns.values())
    for row in rows:
        if row.number != header.row and any(_OTHER.search(text) for text in _aside(row)):
            what = Text(
                "此处写了另一种单位；请把数字换算成人、间、平方米，并删去此行",
                "another unit stands here: convert the figures to persons, rooms or m², and delete this line",
            )
            problems.append(Problem(sheet=sheet, what=what, row=row.number, order=table.order))
    for row in rows:
        size = _said(row) if row.number != header.row else None
        if size is None or not (sums or mixed):
            continue
        if row.number < header.row and not mixed:
            header.factors |= dict.fromkeys(sums, size)
            notes.add(
                sheet, Text("金额按表上方所写的单位计", "sums are in the unit that stands above the table")
            )
            return
        what = Text(
            "此处写了金额单位，无法知道对哪些数字有效；请写进列名或各单元格，并删去此行",
            "a unit of money stands here, nobody knows for which figures: write it into title or cells",
        )
        problems.append(Problem(sheet=sheet, what=what, row=row.number, order=table.order))
        return


def _said(row: Row) -> int | None:
    found = next((found for text in _aside(row) if (found := _SAID.search(text))), None)
    return _SIZES[found[1] or found[2] or found[3]] if found else None


def _aside(row: Row) -> list[str]:
    """The texts of a line that is none of the table's; blanks and colons are gone from their plain form."""
    texts = [plain_title(text) for column, text in row.cells.items() if column not in row.joined]
    return texts if len(texts) <= _MOST_CELLS else []


def _says_unit(header: Header, index: int) -> bool:
    return index in header.factors or "元" in header.titles[index]
