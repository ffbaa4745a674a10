"""Whether a form's figure is in the form's own unit: money in 万元, areas in m², people one by one."""

import re

from registry.forms.facts import Figure
from registry.forms.finding import Cell
from registry.forms.grid import bare_text

_MONEY = re.compile("[百千万亿]?元")
_AREAS = re.compile("亩|公顷|平方公里|平方千米|[百千万](?:平方米|平米|m2)")
_COUNTS = re.compile("[百千万](?:人|名|间|个)")


def has_usual_unit(figure: Figure, cell: Cell) -> bool:
    """Of money the nearest that is said counts: beside the figure, above it, then anywhere on the sheet."""
    grid, place = cell.grid, cell.place
    own, said = bare_text(grid.cells[place]), (grid.beside(place), grid.above_it(place), grid.notes())
    if figure.ten_thousands:
        units = next((found for text in said if (found := set(_MONEY.findall(text)))), {"万元"})
        return units == {"万元"} and not re.search("[万亿元]", own)
    other = _AREAS if figure.item.endswith("_m2") else _COUNTS
    # No school has ten thousand of anything else: what is shown so is money, or a slip.
    return not re.search("[万亿]", own) and not any(other.search(text) for text in (own, *said))
