"""Line protocol by recipes: which types a point's fields have decides how its line is put together.

A recipe is made once for each table and combination of types that fits it, so a field of a wrong type finds
none. What has no recipe is not wrong yet: it is written the plain way, which also says why not.
"""

from collections.abc import Callable
from types import NoneType
from typing import Any

from contract import Column, Measurement, Value

# (fields) -> `seq=1i,up=true`, or None where a number is beyond what can be stored.
Recipe = Callable[[tuple[Any, ...]], str | None]
Types = tuple[type, ...]

# Readings of one kind are of a few shapes. Whoever sends ever new ones is written the plain way.
_MOST_RECIPES = 200
# What is put for the column number N of each type in the line, and what must be true of it.
_WRITTEN: dict[tuple[str, type], tuple[str, str]] = {
    ("integer", int): ("{{v{0}}}i", "-LIMIT <= v{0} < LIMIT"),
    ("boolean", bool): ("{{'true' if v{0} else 'false'}}", ""),
    ("text", str): ("{{quoted(v{0})}}", ""),
    ("float", float): ("{{v{0}!r}}", "v{0} - v{0} == 0"),
}


class Recipes:
    """The recipes of one table. quoted: how a text is written, which may raise ValueError."""

    def __init__(self, measurement: Measurement, quoted: Callable[[str], str]) -> None:
        self._measurement = measurement
        self._quoted = quoted
        self._by_types: dict[Types, Recipe | None] = {}

    def text(self, fields: tuple[Value | None, ...]) -> str | None:
        """The fields of a line; None: take the plain way."""
        types = tuple(map(type, fields))
        recipe = self._by_types.get(types)
        if recipe is None:
            if types in self._by_types or len(self._by_types) >= _MOST_RECIPES:
                return None
            recipe = self._by_types[types] = self._made(types)
            if recipe is None:
                return None
        return recipe(fields)

    def _made(self, types: Types) -> Recipe | None:
        """A function whose body is one condition and one f-string: nothing is looked up for each field."""
        columns = self._measurement.fields
        written = [
            (place, column, _WRITTEN.get((column.type, found)))
            for place, (column, found) in enumerate(zip(columns, types, strict=False))
            if found is not NoneType
        ]
        if len(types) != len(columns) or not written:
            return None
        line, conditions = [], []
        for place, column, row in written:
            if row is None or not _is_plain_name(column):
                return None
            line.append(f"{column.name}={row[0].format(place)}")
            conditions.append(row[1].format(place))
        names = ", ".join(f"v{place}" for place in range(len(types)))
        holds = " and ".join(condition for condition in conditions if condition) or "True"
        source = f'def recipe(fields):\n ({names},) = fields\n if {holds}:\n  return f"{",".join(line)}"\n'
        known: dict[str, Any] = {"LIMIT": 2**63, "quoted": self._quoted}
        exec(source, known)  # noqa: S102 made of our own table's names alone, none of which came from outside
        made: Recipe = known["recipe"]
        return made


def _is_plain_name(column: Column) -> bool:
    return column.name.isascii() and column.name.isidentifier()
