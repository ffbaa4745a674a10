"""Which cells of a sheet of seven indicators hold what: six columns an indicator, under its own title."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.cells import tidy
from registry.headers import LOOKED_AT, plain_title
from registry.vocabulary import Item
from tables.sheets import Row

_HEADS: Mapping[str, frozenset[str]] = {
    "value": frozenset({"实际值", "实际", "指标值", "完成值"}),
    "numerator": frozenset({"分子", "分子数"}),
    "pupils": frozenset({"学生数", "在校生数", "在校学生数", "分母", "在校生"}),
}
# What an indicator's title speaks of, whatever its code and the rest of its words.
_ITEMS: tuple[tuple[re.Pattern[str], Item], ...] = (
    (re.compile("高于规定学历|高学历"), "qualified_teachers"),
    (re.compile("骨干教师"), "backbone_teachers"),
    (re.compile("(体育|艺术|音乐|美术).*教师"), "arts_pe_teachers"),
    (re.compile("教学及辅助用房"), "teaching_area_m2"),
    (re.compile("运动场|体育场|体育运动"), "sports_area_m2"),
    (re.compile("仪器设备"), "equipment_cny"),
    (re.compile("多媒体教室"), "multimedia_rooms"),
)
_SCHOOL = frozenset({"学校", "学校名称", "单位", "单位名称", "名称"})
_CODE = frozenset({"学校标识码", "标识码", "学校代码", "学校(机构)标识码"})
_ABOVE = 3  # a head of two or three rows
HEAD_ROWS = LOOKED_AT + _ABOVE  # the head ends among these
_TOTAL = re.compile(r"(合计|总计|小计|平均|共计)$")
# Fewer indicators than this are some other table.
_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One indicator's columns. per: 100 where it is said for a hundred pupils."""

    item: Item
    per: int
    title: str
    value: int
    numerator: int
    pupils: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The sheet's head ends in row `head`; `untold`: titles of indicators that are not ours."""

    head: int
    school: int
    number: int | None
    code: int | None
    blocks: tuple[Block, ...]
    untold: tuple[str, ...]


def layout_of(rows: Sequence[Row]) -> Layout | None:
    """None where the sheet is another one."""
    for at, row in enumerate(rows[:LOOKED_AT]):
        heads = {column: _head(text) for column, text in row.cells.items()}
        if sum(head == "numerator" for head in heads.values()) < _LEAST:
            continue
        above = rows[max(0, at - _ABOVE) : at]
        blocks, untold = _blocks(heads, above)
        school = _column([*above, row], _SCHOOL)
        if len(blocks) < _LEAST or school is None:
            continue
        return Layout(
            head=row.number,
            school=school,
            number=_column([*above, row], frozenset({"序号"})),
            code=_column([*above, row], _CODE),
            blocks=blocks,
            untold=untold,
        )
    return None


def is_total(row: Row) -> bool:
    """A line of sums: its name may stand in any of the first cells."""
    first = next(iter(text for _, text in sorted(row.cells.items())), "")
    return bool(_TOTAL.search(re.sub(r"\s|[:：]", "", tidy(first))))


def _head(text: str) -> str | None:
    plain = re.sub(r"\([^()]*\)", "", plain_title(text))
    return next((name for name, words in _HEADS.items() if plain in words), None)


def _column(rows: Sequence[Row], names: frozenset[str]) -> int | None:
    found = [column for row in rows for column, text in row.cells.items() if plain_title(text) in names]
    return min(found, default=None)


def _blocks(
    heads: Mapping[int, str | None], above: Sequence[Row]
) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """An indicator begins where a title stands above its columns, and ends at the next title."""
    found: list[Block] = []
    untold: list[str] = []
    for title, columns in _titled(heads, above):
        by_head = {head: column for column in reversed(columns) if (head := heads.get(column))}
        if "numerator" not in by_head:
            continue
        item = next((item for pattern, item in _ITEMS if pattern.search(title)), None)
        if item is None or set(by_head) != set(_HEADS) or item in {block.item for block in found}:
            untold.append(title)
            continue
        per = 100 if re.search("每百|百名|百人", title) else 1
        found.append(Block(item=item, per=per, title=title, **by_head))
    return tuple(found), tuple(untold)


def _titled(heads: Mapping[int, str | None], above: Sequence[Row]) -> Iterator[tuple[str, list[int]]]:
    current, columns = "", list[int]()
    for column in range(max(heads) + 1):
        told = [tidy(row.cells[column]) for row in above if row.cells.get(column)]
        title = next((text for text in reversed(told) if _item_like(text)), "")
        if title and title != current:
            if columns:
                yield current, columns
            current, columns = title, []
        if current and column in heads:
            columns.append(column)
    if columns:
        yield current, columns


def _item_like(text: str) -> bool:
    """An indicator's title: one of ours, or a code in front."""
    return bool(re.match(r"[A-Z]\d", text)) or any(pattern.search(text) for pattern, _ in _ITEMS)
