"""Whose form a sheet is: what stands behind 学校标识码 and 学校名称."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.cells import SCHOOL_CODE, tidy
from registry.forms.facts import CODE, IDENTITY_HINTS, NAME
from registry.forms.grid import Grid, Place, address_of, place_of, plain
from runtime.language import Text

_COLON = re.compile(r"[:：]")
_CODE_BEHIND = re.compile(r"(\D*?(?:标识码|代码)\D{0,8}?)[:\s]*(\d{10})")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a form says of its school, and where."""

    grid: Grid
    place: Place
    text: str

    @property
    def address(self) -> str:
        return address_of(self.place)


def stated(grid: Grid, names: tuple[str, ...]) -> list[Stated]:
    """Everything that stands behind one of these labels, in its cell or in the next to the right."""
    found = []
    for (row, column), text in sorted(grid.cells.items()):
        label, behind = _parted(text)
        if plain(label) not in names or (row, column) in grid.joined:
            continue
        if behind:
            found.append(Stated(grid=grid, place=(row, column), text=behind))
            continue
        right = [other for other in grid.columns if other > column and (row, other) in grid.cells]
        if right:
            found.append(Stated(grid=grid, place=(row, right[0]), text=_boxes(grid, row, right)))
    return found


def _parted(text: str) -> tuple[str, str]:
    """A label and what stands behind it in its cell: after a colon; a code also after nothing."""
    if (code := _CODE_BEHIND.fullmatch(tidy(text))) is not None:
        return code[1], code[2]
    label, behind = (*_COLON.split(text, maxsplit=1), "")[:2]
    return label, behind.strip()


def _boxes(grid: Grid, row: int, columns: list[int]) -> str:
    """The next cell; where a form has a box for every digit, all of them."""
    digits = [tidy(grid.cells[row, column]) for column in columns]
    single = next((at for at, text in enumerate(digits) if not _DIGIT.fullmatch(text)), len(digits))
    return "".join(digits[:single]) if single > 1 else grid.cells[row, columns[0]]


def one(found: Sequence[Stated], names: tuple[str, ...]) -> Stated | None:
    """The one thing that is said; the usual cell decides between several. None: nothing, or not one."""
    if len({tidy(each.text) for each in found}) == 1:
        return found[0]
    usual = [each for each in found if each.place == place_of(IDENTITY_HINTS.get(names, ""))]
    return usual[0] if len(usual) == 1 else None


def by_school(grids: Iterable[Grid]) -> tuple[dict[str, list[Grid]], list[Text]]:
    """The sheets of each school, by code; and what is said of those that name none, or several.

    A sheet without a code belongs to the school whose name it has, or to the one school of its file.
    """
    waiting: list[Grid] = []
    schools: dict[str, list[Grid]] = {}
    lost: list[Text] = []
    for grid in grids:
        codes = {tidy(each.text).replace(" ", "") for each in stated(grid, CODE)}
        if not codes:
            waiting.append(grid)
        elif len(codes) == 1 and SCHOOL_CODE.fullmatch(code := codes.pop()):
            schools.setdefault(code, []).append(grid)
        else:
            lost.append(
                Text(
                    f"{grid.where}：学校标识码不是一个 10 位数字，未读",
                    f"{grid.where}: does not name one school by a code of ten digits; not read",
                )
            )
    names = _names(schools)
    for grid in waiting:
        owners = _owners(grid, schools, names)
        if len(owners) == 1:
            schools[owners.pop()].append(grid)
        else:
            lost.append(
                Text(
                    f"{grid.where}：不知道是哪所学校的（没有学校标识码），未读",
                    f"{grid.where}: does not say which school's it is (no code); not read",
                )
            )
    return schools, lost


def _names(schools: dict[str, list[Grid]]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for code, grids in schools.items():
        for grid in grids:
            for each in stated(grid, NAME):
                names.setdefault(tidy(each.text), set()).add(code)
    return names


def _owners(grid: Grid, schools: dict[str, list[Grid]], names: dict[str, set[str]]) -> set[str]:
    said = {tidy(each.text) for each in stated(grid, NAME)}
    if said:
        return set.union(*(names.get(name, set()) for name in said))
    return {code for code, grids in schools.items() if any(other.file == grid.file for other in grids)}
