"""Forms of a part of a school (校区) under the code of the whole: told, never taken for the whole."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from registry.cells import is_nothing
from registry.forms.facts import NAME
from registry.forms.grid import Grid, bare_text, plain
from registry.forms.identity import stated
from runtime.language import Text

# Labels with a campus behind them.
_LABELS = ("校区", "校区名称", "所属校区", "填报校区", "所在校区", "校区全称")
_NONE = {"", "无", "否", "0", "1", "单一校区", "合计", "汇总", "总计", "全部", "所有"}
# 西校区, 东疆校区, 本部: a sign before says which one it is. 多校区, 校区数 and 学校区县 name none.
_ONE = re.compile(
    r"[^\W_多各分个有无否含全两双几和与及跨学高是按以的同在于由如为等凡单](?<!学校)校区(?![数个名代地面情间总编所域县划长])"
    r"|本部$|本部\)"
)
# All of them together: 各校区合计, 含东校区、西校区. 不含西校区 leaves one out.
_ALL = re.compile(
    r"(?:各|全部|所有|两|[0-9一二三四五六]个)校区|全校|(?<!不)(?:含|包括)[^()]*校区"
    r"|(?<!不含)(?<!不包括)(?:东西|南北|新老|[三四五六])校区(?:合计|合并|汇总)"
)
# What is a unit of its own although only its brackets say so.
_SECTION = re.compile(r"\([^()]*(?:分校|分部|教学点)[^()]*\)")
# Titles are short; what is longer explains the form.
_TOP_LINES, _LONGEST_TITLE = 6, 40

Schools = Mapping[str, Sequence[Grid]]


def whole_schools(schools: Schools, apart: Collection[str]) -> tuple[dict[str, list[Grid]], list[Text]]:
    """Of each school the sheets that are of all of it; and what is said of the others.

    apart: codes of campuses that are schools of their own.
    """
    names = {code: _names(grids) for code, grids in schools.items()}
    whole: dict[str, list[Grid]] = {}
    told: list[Text] = []
    for code, grids in schools.items():
        others = set[str]().union(*(names[other] for other in names if other != code))
        own = code in apart or _is_told_apart(names[code], others)
        parts = [None if own else campus_of(grid) or _of_its_file(grid, grids) for grid in grids]
        told += [_of_a_part(grid, code, part) for grid, part in zip(grids, parts, strict=True) if part]
        kept = [grid for grid, part in zip(grids, parts, strict=True) if not part]
        if not _are_one(found := _names(kept)):
            told.append(_of_several(code, sorted(found)))
        elif kept:
            whole[code] = kept
    return whole, told


def campus_of(grid: Grid) -> str | None:
    """The one campus that a sheet is of, as it says it; None where it is of a school."""
    for each in stated(grid, _LABELS):
        said = bare_text(each.text)
        if said not in _NONE and not is_nothing(said) and not _ALL.search(said):
            return said
    return next((said for text in _titles(grid) if (said := bare_text(text)) and names_a_campus(said)), None)


def _of_its_file(grid: Grid, grids: Sequence[Grid]) -> str | None:
    """The campus that the other sheets name where this one names nothing: those of its file, else all."""
    if _names([grid]):
        return None
    beside = _names([other for other in grids if other.file == grid.file]) or _names(grids)
    return min(beside) if beside and all(map(names_a_campus, beside)) else None


def names_a_campus(said: str) -> bool:
    """Whether a name, as bare text, is one campus's and not the whole school's."""
    return bool(_ONE.search(said)) and not _ALL.search(said)


def _titles(grid: Grid) -> Iterator[str]:
    """What names a sheet as a whole: its school, the first cells of its top, its own name and those of
    its file and folder."""
    yield from (each.text for each in stated(grid, NAME))
    for row in grid.rows:
        if row > _TOP_LINES:
            break
        first = next(column for column in grid.columns if (row, column) in grid.cells)
        if (row, first) not in grid.joined and len(grid.cells[row, first]) <= _LONGEST_TITLE:
            yield grid.cells[row, first]
    yield from (grid.sheet, grid.file.stem, grid.file.parent.name)


def _names(grids: Sequence[Grid]) -> set[str]:
    return {bare_text(each.text) for grid in grids for each in stated(grid, NAME)}


def _is_told_apart(names: set[str], others: set[str]) -> bool:
    """Whether every name is a campus of a school that has another code: then this code is its own."""
    bases = [_ONE.split(name)[0] for name in names if names_a_campus(name)]
    return (
        bool(names)
        and len(bases) == len(names)
        and all(
            any(base.startswith(plain(other)) for other in others if not names_a_campus(other))
            for base in bases
        )
    )


def _are_one(names: set[str]) -> bool:
    """Whether the names may be one school's: 滨海新区 may stand before it, another name in brackets."""
    longest = max(names, key=len, default="")
    return all(
        longest.endswith(name) or (plain(name) == plain(longest) and not _SECTION.search(longest + name))
        for name in names
    )


def _of_a_part(grid: Grid, code: str, part: str) -> Text:
    return Text(
        f"{grid.where}：是校区的报表（{part}），标识码却是学校的 {code}，未取；请交全校合计的报表，"
        f"校区自有标识码的请加 --own-school {code}",
        f"{grid.where}: is of a campus ({part}) under the code {code} of a school; not taken: give the forms "
        f"of the whole school, or --own-school {code} where that code is the campus's own",
    )


def _of_several(code: str, names: Sequence[str]) -> Text:
    zh, en = "、".join(names), ", ".join(names)
    return Text(
        f"{code}：报表写着几所学校（{zh}），未取；请核对标识码和名称",
        f"{code}: its forms name several schools ({en}); none is taken: look at their codes and names",
    )
