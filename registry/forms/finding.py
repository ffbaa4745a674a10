"""Finds a figure's cells in a form by their labels; the usual address only decides between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from registry.cells import number
from registry.forms.facts import SHARED_BY_STAGES, Part
from registry.forms.grid import Grid, Place, address_of, place_of, plain
from runtime.language import Text

_JUNIOR, _SENIOR = {"初中", "普通初中", "初中部"}, {"高中", "普通高中", "高中部"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number and where it stands."""

    grid: Grid
    place: Place
    value: Fraction

    @property
    def address(self) -> str:
        return address_of(self.place)


class NotFound(Exception):
    """A figure is not in the form, or cannot be told; `what` says why."""

    def __init__(self, what: Text) -> None:
        super().__init__(what)
        self.what = what


def find_all(parts: Sequence[Part], grids: Sequence[Grid]) -> list[Cell]:
    """The cell of every part, in order. Raises NotFound."""
    cells = [find(part, grid) for part, grid in zip(parts, grids, strict=True)]
    if len({(cell.grid.where, cell.place) for cell in cells}) < len(cells):
        raise NotFound(
            Text(f"{cells[0].grid.where}：只找到其中一列", f"{cells[0].grid.where}: one of its columns only")
        )
    return cells


def find(part: Part, grid: Grid) -> Cell:
    """The one cell where both labels meet. Raises NotFound."""
    labelled = [place for place in _allowed(part, grid) if _meets(part, grid, place)]
    hint = place_of(part.hint)
    if not labelled:
        labelled = [_by_hint(part, grid, hint)]
    chosen = [hint] if hint in labelled and hint is not None else labelled
    values = {_value(grid, place) for place in chosen}
    if len(values) > 1:
        cells = ", ".join(map(address_of, chosen))
        raise NotFound(
            Text(
                f"{grid.where}：“{part.rows[0]}”有几处且数值不同（{cells}），未取",
                f"{grid.where}: several cells with different numbers ({cells}) fit; none is taken",
            )
        )
    if hint is not None and hint not in chosen and _rivals(grid, chosen[0], hint):
        raise NotFound(
            Text(
                f"{grid.where}：标签指向 {address_of(chosen[0])}，通常的 {part.hint} 却不同，未取",
                f"{grid.where}: labels say {address_of(chosen[0])}, the usual cell {part.hint} differs",
            )
        )
    return Cell(grid=grid, place=chosen[0], value=values.pop())


def _meets(part: Part, grid: Grid, place: Place) -> bool:
    """Forms are printed either way round."""
    return (grid.row_is(place, part.rows) and grid.column_is(place, part.columns)) or (
        grid.row_is(place, part.columns) and grid.column_is(place, part.rows)
    )


def _by_hint(part: Part, grid: Grid, hint: Place | None) -> Place:
    """The usual cell, where its row has the right name and its column has none."""
    allowed = hint is not None and hint in set(_allowed(part, grid))
    if hint is not None and allowed and grid.row_is(hint, part.rows) and not grid.above(hint):
        return hint
    raise NotFound(
        Text(
            f"{grid.where}：没有标签为“{part.rows[0].replace('+', '…')}”和“{part.columns[0]}”的单元格",
            f"{grid.where}: no cell has the labels of {part.form} for it",
        )
    )


def _rivals(grid: Grid, chosen: Place, hint: Place) -> bool:
    """Whether the usual cell stands in the same row under no heading, and says something else."""
    if hint[0] != chosen[0] or grid.above(hint):
        return False
    other = number(grid.cells.get(hint, ""))
    return other is not None and other != _value(grid, chosen)


def _value(grid: Grid, place: Place) -> Fraction:
    text = grid.cells.get(place, "")
    where = f"{grid.where}!{address_of(place)}"
    if place in grid.struck or place[0] in grid.hidden_rows or place[1] in grid.hidden_columns:
        raise NotFound(Text(f"{where}：被隐藏或划去，未取", f"{where}: is hidden or struck out; not taken"))
    if place in grid.unsolved:
        raise NotFound(Text(f"{where}：公式没有保存结果", f"{where}: a formula without its result"))
    if not text or place in grid.joined:
        raise NotFound(Text(f"{where}：为空", f"{where}: is empty"))
    value = number(text)
    if value is None or value < 0:
        raise NotFound(Text(f"{where}：不是数字", f"{where}: is no number"))
    return value


def _allowed(part: Part, grid: Grid) -> Iterable[Place]:
    """Every cell; of a form that counts 初中 and 高中, only those of 初中."""
    if part.form not in SHARED_BY_STAGES:
        return list(grid.places())
    named: dict[int, set[str]] = {}
    for (row, _), text in grid.cells.items():
        for stage, words in (("junior", _JUNIOR), ("senior", _SENIOR)):
            if plain(text) in words:
                named.setdefault(row, set()).add(stage)
    if any(len(stages) > 1 for stages in named.values()):
        raise NotFound(
            Text(
                f"{grid.where}：初中与高中并列，无法分开",
                f"{grid.where}: junior and senior stand side by side and cannot be told apart",
            )
        )
    if not any("senior" in stages for stages in named.values()):
        return list(grid.places())
    begun: set[str] = set()
    junior = set()
    for row in grid.rows:
        begun = named.get(row, begun)
        if begun == {"junior"}:
            junior.add(row)
    return [place for place in grid.places() if place[0] in junior]
