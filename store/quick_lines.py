"""Points by recipes: the types of a point's fields decide whether they fit, and how its line is put together.

A recipe is made once for each table and combination of types that fits it, so a field of a wrong type finds
none. What has no recipe is not wrong yet: it is looked at the plain way, which also says why not.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, NamedTuple

from contract import Column, Measurement

Types = tuple[type, ...]
_Made = Callable[[tuple[Any, ...]], Any]

# Readings of one kind are of a few shapes. Whoever sends ever new ones is written the plain way.
_MOST_RECIPES = 200
# Numbers and texts come again and again: states, models, percentages.
_MOST_TEXTS, _LONGEST_KEPT = 100_000, 300
_INTEGERS = range(-(2**63), 2**63)


class _Way(NamedTuple):
    """written: what is put in the line for column number N; `fits`: what must be true of it before that."""

    written: str
    fits: str = ""


# Of the types that fit a column. Integers and texts are looked at when they are written for the first time.
_WRITTEN: dict[tuple[str, type], _Way] = {
    ("integer", int): _Way("{{integers[v{0}]}}"),
    ("boolean", bool): _Way("{{'true' if v{0} else 'false'}}"),
    ("text", str): _Way("{{texts[v{0}]}}"),
    ("float", float): _Way("{{v{0}!r}}", "v{0} - v{0} == 0"),
}
# Where nothing is written, only looked at.
_FITS: dict[tuple[str, type], _Way] = {
    **_WRITTEN,
    ("integer", int): _Way("", "v{0} in INTEGERS"),
}


class Texts(dict[Any, str]):
    """How values of one type are written. written: may raise ValueError; short texts are asked for once."""

    def __init__(self, written: Callable[[Any], str]) -> None:
        self._written = written

    def __missing__(self, value: Any) -> str:
        text = self._written(value)
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[value] = text
        return text


class _ByTypes(dict[Types, _Made | None], ABC):
    """One function of a point's fields for each combination of their types; None: take the plain way."""

    def __init__(self, measurement: Measurement) -> None:
        self._measurement = measurement

    def __missing__(self, types: Types) -> _Made | None:
        if len(self) >= _MOST_RECIPES:
            return None
        made = self[types] = self._made(types)
        return made

    @abstractmethod
    def _made(self, types: Types) -> _Made | None:
        """The function for a point whose fields are of these types."""

    def _ways(self, types: Types, table: Mapping[tuple[str, type], _Way]) -> list[tuple[int, Column, _Way]]:
        """Each field that is there, by its place; none where one is of another type."""
        columns = self._measurement.fields
        found = [
            (place, column, table.get((column.type, kind)))
            for place, (column, kind) in enumerate(zip(columns, types, strict=False))
            if kind is not NoneType
        ]
        if len(types) != len(columns) or not all(_is_plain_name(column) for column in columns):
            return []
        known = [(place, column, way) for place, column, way in found if way is not None]
        return known if len(known) == len(found) else []


class Recipes(_ByTypes):
    """(fields) -> `seq=1i,up=true`, or None where a number cannot be stored; may raise ValueError."""

    def __init__(self, measurement: Measurement, known: Mapping[str, Texts]) -> None:
        super().__init__(measurement)
        self._known = known

    def _made(self, types: Types) -> _Made | None:
        ways = self._ways(types, _WRITTEN)
        line = ",".join(f"{column.name}={way.written.format(place)}" for place, column, way in ways)
        return _function(len(types), ways, f'f"{line}"', self._known)


class Fits(_ByTypes):
    """(fields) -> True where all of them fit, for a store that takes them as they are."""

    def _made(self, types: Types) -> _Made | None:
        return _function(len(types), self._ways(types, _FITS), "True", {"INTEGERS": _INTEGERS})


def _function(
    width: int, ways: list[tuple[int, Column, _Way]], expression: str, known: Mapping[str, Any]
) -> _Made | None:
    """One condition and one expression: nothing is looked up for each field."""
    if not ways:
        return None
    names = ", ".join(f"v{place}" for place in range(width))
    holds = " and ".join(way.fits.format(place) for place, _, way in ways if way.fits) or "True"
    source = f"def made(fields):\n ({names},) = fields\n if {holds}:\n  return {expression}\n"
    names_in_it: dict[str, Any] = dict(known)
    exec(source, names_in_it)  # noqa: S102 made of our own table's names alone, none of which came from outside
    made: _Made = names_in_it["made"]
    return made


def _is_plain_name(column: Column) -> bool:
    return column.name.isascii() and column.name.isidentifier()
