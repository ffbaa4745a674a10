"""Points by recipes: the types of a point's fields decide whether they fit, and how its line is put together.

A recipe is made once for each table and combination of types that fits it, so a field of a wrong type finds
none. What has no recipe is not wrong yet: it is looked at the plain way, which also says why not.
"""

from collections.abc import Callable
from types import NoneType
from typing import Any

from contract import Column, Measurement, Value

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


class _ByTypes:
    """One function of a point's fields for each combination of their types that fits the table."""

    def __init__(self, measurement: Measurement, known: dict[str, Any]) -> None:
        self._measurement = measurement
        self._known = known
        self._by_types: dict[Types, Callable[[tuple[Any, ...]], Any] | None] = {}

    def answer(self, fields: tuple[Value | None, ...]) -> Any:
        """What the function says of the fields; None: take the plain way."""
        types = tuple(map(type, fields))
        made = self._by_types.get(types)
        if made is None:
            if types in self._by_types or len(self._by_types) >= _MOST_RECIPES:
                return None
            made = self._by_types[types] = self._made(types)
            if made is None:
                return None
        return made(fields)

    def _made(self, types: Types) -> Callable[[tuple[Any, ...]], Any] | None:
        """A function whose body is one condition and one expression: nothing is looked up for each field."""
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
        source = f"def made(fields):\n ({names},) = fields\n if {holds}:\n  return {self._expression(line)}\n"
        known = {"LIMIT": 2**63, **self._known}
        exec(source, known)  # noqa: S102 made of our own table's names alone, none of which came from outside
        made: Callable[[tuple[Any, ...]], Any] = known["made"]
        return made

    def _expression(self, line: list[str]) -> str:
        """line: each field as it is written."""
        raise NotImplementedError


class Recipes(_ByTypes):
    """The recipes of one table. quoted: how a text is written, which may raise ValueError."""

    def __init__(self, measurement: Measurement, quoted: Callable[[str], str]) -> None:
        super().__init__(measurement, {"quoted": quoted})

    def text(self, fields: tuple[Value | None, ...]) -> str | None:
        """The fields of a line; None: take the plain way."""
        found: str | None = self.answer(fields)
        return found

    def _expression(self, line: list[str]) -> str:
        return f'f"{",".join(line)}"'


class Fits(_ByTypes):
    """Whether fields fit one table, for a store that takes them as they are."""

    def __init__(self, measurement: Measurement) -> None:
        super().__init__(measurement, {})

    def surely(self, fields: tuple[Value | None, ...]) -> bool:
        """False: look at them the plain way."""
        return self.answer(fields) is True

    def _expression(self, line: list[str]) -> str:
        return "True"


def _is_plain_name(column: Column) -> bool:
    return column.name.isascii() and column.name.isidentifier()
