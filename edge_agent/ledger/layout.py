"""Which columns of a table hold what: headings in one row or two, and tables that stand side by side."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from edge_agent.ledger.plain import title
from edge_agent.ledger.titles import MONEY, UNITS, Field, Heading, heading, unit_of_group
from tables.codes import spelling
from tables.sheets import Row

_NAMED: tuple[Field, ...] = ("asset", "name")
# 栏次 甲 乙 丙, A B C or 1 2 3 below the headings number the columns.
# Below such a group, 数量 and 金额 are not those of the books.
_OTHER_GROUP = re.compile(
    r"实盘|盘点|清查|实际|评估|折旧|盘盈|盘亏|差异|净值|减少|增加|处置|期初|年初|上期|上年|本期|本年"
)
_ORDINALS = tuple("甲乙丙丁戊己庚辛壬癸")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that was understood. unit: yuan per unit of money."""

    index: int
    title: str
    rank: int
    unit: int = 1
    says_unit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One table's columns by field, the best first; `unknown` are headings that nobody knows."""

    columns: Mapping[Field, tuple[Column, ...]]
    unknown: Mapping[int, str] = field(default_factory=dict)
    first: int = 0
    last: int = 10**6

    def has(self, *fields: Field) -> bool:
        return any(field in self.columns for field in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the sheet and the school's settings say about headings."""

    own: Mapping[str, Field] = field(default_factory=dict)
    hidden_columns: frozenset[int] = frozenset()
    unit: int | None = None


def layouts(cells: Mapping[int, Sequence[str]], context: Context) -> tuple[Layout, ...]:
    """The tables under these headings; none where they are no ledger's.

    `cells` are, by column, the wordings of a heading, the fullest first.
    """
    blocks = [_layout(block, context) for block in _blocks(cells, context)]
    return tuple(block for block in blocks if block.has(*MONEY) and block.has(*_NAMED))


def one_row(row: Row) -> dict[int, tuple[str, ...]]:
    """The headings of a row."""
    return {column: (text,) for column, text in row.cells.items()}


def two_rows(upper: Row, lower: Row) -> dict[int, tuple[str, ...]]:
    """Headings in two rows: 账面 over 数量 and 原值. A group's name reaches to the right until the next."""
    found: dict[int, tuple[str, ...]] = {}
    group = ""
    for column in range(max([*upper.cells, *lower.cells], default=-1) + 1):
        group = upper.cells.get(column, group)
        below = lower.cells.get(column, "")
        if below and below != upper.cells.get(column):
            found[column] = (group + below,) if _OTHER_GROUP.search(group) else (group + below, below)
        elif above := upper.cells.get(column):
            found[column] = (above,)
    return found


def known_headings(row: Row, own: Mapping[str, Field]) -> int:
    """How many of the row's cells are headings; 0 where one of them is a number."""
    texts = [text for column, text in row.cells.items() if column not in row.joined]
    read = [(text, heading(text, own)) for text in texts]
    if any(known is None and spelling(text)[:1].isdigit() for text, known in read):
        return 0
    return sum(known is not None for _, known in read)


def numbers_columns(row: Row) -> bool:
    """Whether the row only numbers the columns."""
    texts = [title(text).strip("()") for text in row.cells.values()]
    texts = [text for text in texts if text not in {"栏次", "行次", "序号", "列次"}]
    if len(texts) < 3:
        return False
    letters = [text for text in texts if text in _ORDINALS or (len(text) == 1 and text.isalpha())]
    digits = [int(text) for text in texts if text.isdecimal() and len(text) < 4]
    counted = digits == list(range(digits[0], digits[0] + len(digits))) if digits else True
    return len(letters) + len(digits) == len(texts) and counted and (not digits or digits[0] <= 2)


def side_by_side(tables: Sequence[Layout], row: Row) -> Iterator[tuple[int, Row]]:
    """The row under each of the tables that stand side by side, with the table's place among them."""
    if len(tables) == 1:
        yield 0, row
        return
    bounds = [0, *(layout.first for layout in tables[1:]), 10**6]
    for place, (low, high) in enumerate(pairwise(bounds)):
        cut = {column: text for column, text in row.cells.items() if low <= column < high}
        if cut:
            yield place, replace(row, cells=cut, rest=0)


def _blocks(cells: Mapping[int, Sequence[str]], context: Context) -> Iterable[Mapping[int, Sequence[str]]]:
    """The headings, cut where the same ones begin again further right."""
    plain = {column: title(texts[0]) for column, texts in cells.items()}
    counts = Counter(plain.values())
    again = [column for column, text in sorted(plain.items()) if counts[text] > 1]
    fields = {field for column in again for field, _ in _fields(heading(plain[column], context.own))}
    if not fields & set(_NAMED) or not fields & set(MONEY):
        return [cells]
    starts = [column for column, text in sorted(plain.items()) if text == plain[again[0]]]
    bounds = [*starts[1:], 10**6]
    begun = [0, *starts[1:]]
    return [
        {column: texts for column, texts in cells.items() if low <= column < high}
        for low, high in zip(begun, bounds, strict=True)
    ]


def _layout(cells: Mapping[int, Sequence[str]], context: Context) -> Layout:
    found: dict[Field, list[Column]] = {}
    unknown: dict[int, str] = {}
    ambiguous: list[tuple[int, Heading, str]] = []
    for column, texts in sorted(cells.items()):
        read = next((known for text in texts if (known := heading(text, context.own))), None)
        if read is not None and read.unit is None and len(texts) > 1:
            read = read._replace(unit=unit_of_group(texts[0]))
        if read is None or (read.foreign and read.fields[0][0] in MONEY):
            unknown[column] = texts[0]
        elif len(read.fields) > 1:
            ambiguous.append((column, read, texts[0]))
        else:
            _add(found, read.fields[0], column, read, texts[0], context)
    for column, read, text in ambiguous:
        free = next((field for field in read.fields if field[0] not in found), read.fields[-1])
        _add(found, free, column, read, text, context)
    return Layout(
        columns={
            name: tuple(
                sorted(
                    columns,
                    key=lambda column: (column.index in context.hidden_columns, column.rank, column.index),
                )
            )
            for name, columns in found.items()
        },
        unknown=unknown,
        first=min(cells, default=0),
        last=max(cells, default=0),
    )


def _add(
    found: dict[Field, list[Column]],
    place: tuple[Field, int],
    column: int,
    read: Heading,
    text: str,
    context: Context,
) -> None:
    name, rank = place
    unit = read.unit or context.unit or 1
    found.setdefault(name, []).append(
        Column(index=column, title=text, rank=rank, unit=unit, says_unit=read.unit is not None)
    )


def _fields(read: Heading | None) -> tuple[tuple[Field, int], ...]:
    return read.fields if read else ()


def with_units(layout: Layout, row: Row, *, default: int = 1) -> Layout:
    """The same columns, with the units of money that a row below the headings, or the sheet, gives them."""

    def of(column: Column) -> Column:
        named = UNITS.get(title(row.cells.get(column.index, "")).strip("()"))
        if column.says_unit:
            return column
        if named is not None and column.index in row.cells:
            return replace(column, unit=named, says_unit=True)
        return replace(column, unit=default if default != 1 else column.unit)

    columns = {
        name: tuple(of(column) for column in several) if name in MONEY else several
        for name, several in layout.columns.items()
    }
    return replace(layout, columns=columns)
