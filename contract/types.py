"""Measurements, their columns, and points: the form in which readings reach a store."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Value = int | float | bool | str
ColumnType = Literal["integer", "float", "boolean", "text"]
# How long a point is kept, by what it is; contract/retention.py says what each means and for how long.
Kept = Literal["readings", "states", "days", "records"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One tag or field: its type, unit (UCUM where there is one), valid range and meaning."""

    name: str
    type: ColumnType
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOtherwise:
    """Points of a measurement that are kept as another class: those whose column has one of these values."""

    column: str
    values: frozenset[str]
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A table of points. A point's identity is (measurement, tags, time).

    kept: the class of retention, which every new table has to name; `otherwise`: those of its points that
    belong to another.
    """

    name: str
    kept: Kept
    tags: tuple[Column, ...]
    fields: tuple[Column, ...]
    meaning: str = ""
    otherwise: tuple[KeptOtherwise, ...] = ()
    tag_names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    field_names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Names are asked for with every point."""
        object.__setattr__(self, "tag_names", tuple(column.name for column in self.tags))
        object.__setattr__(self, "field_names", tuple(column.name for column in self.fields))

    def column(self, name: str) -> Column:
        """The tag or field called `name`; KeyError names the measurement."""
        for column in (*self.tags, *self.fields):
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")

    # Measurements are keys of caches on the path of every reading; each name stands for one table.
    def __hash__(self) -> int:
        return hash(self.name)


class Point(NamedTuple):
    """One row: tags and fields in the measurement's own order, time in ms since 1970 UTC.

    A tag that does not apply is "", a field that is not known is None.
    """

    measurement: Measurement
    tags: tuple[str, ...]
    time: int
    fields: tuple[Value | None, ...]
