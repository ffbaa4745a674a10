"""Many aggregates of one table in one pass: each of its own rows, and over its own span of time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from contract import Measurement, Value
from store.query import Condition

# `last` is the newest known value with its time, `first_ms` the time of the oldest, `p95` the 95th percentile
# of whole numbers.
TallyFunction = Literal["count", "sum", "min", "max", "p95", "last", "first_ms"]


class Span(NamedTuple):
    """begin <= t < end, ms since 1970 UTC."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One aggregate of a field, of the rows in a span that meet the conditions; it is told by its name."""

    name: str
    function: TallyFunction
    field: str
    span: Span
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What to count of a table by groups of tags; `where` compares tags, an item's own conditions fields.

    apart: one of the groups' tags. There are many rows, and a store that is quicker so may read them for one
    of its values after the other.
    """

    measurement: Measurement
    group_by: tuple[str, ...]
    items: tuple[Item, ...]
    where: tuple[Condition, ...] = ()
    apart: str = ""

    def __post_init__(self) -> None:
        fields, tags = self.measurement.field_names, self.measurement.tag_names
        asked = {item.field for item in self.items} | {
            condition.column for item in self.items for condition in item.where
        }
        if wrong := sorted(asked - set(fields)):
            raise ValueError(f"{self.measurement.name} has no field {wrong[0]!r}")
        if wrong := sorted({*self.group_by, *(condition.column for condition in self.where)} - set(tags)):
            raise ValueError(f"{self.measurement.name} has no tag {wrong[0]!r}")
        if self.apart and self.apart not in self.group_by:
            raise ValueError(f"tally of {self.measurement.name} is not grouped by {self.apart!r}")
        if not self.items or any(item.span.begin >= item.span.end for item in self.items):
            raise ValueError(f"tally of {self.measurement.name} has no item, or an empty span")

    @property
    def cuts(self) -> list[int]:
        """Every begin and end of a span, in order."""
        return sorted({moment for item in self.items for moment in item.span})


class Newest(NamedTuple):
    """What `last` gives; of one time the greater value counts as newer, the same on every store."""

    time: int
    value: Value


TalliedValue = Value | Newest
# Groups of tags in the order asked for, with the values that are known by the items' names. A count of none
# is not there, as nothing is.
Tallied = dict[tuple[str, ...], dict[str, TalliedValue]]


def percentile_95(values: Iterable[int]) -> int | None:
    """By nearest rank, as InfluxQL's `percentile` has it."""
    found = sorted(values)
    place = (len(found) * 95 + 50) // 100 - 1
    return found[place] if place >= 0 else None


def joined(function: TallyFunction, parts: Sequence[Any]) -> Any:
    """One aggregate from those of its parts."""
    if function in {"count", "sum"}:
        return sum(parts)
    return min(parts) if function in {"min", "first_ms"} else max(parts)


# What can be told from all values of a field, of which there is one.
OF_LIST: Mapping[TallyFunction, Callable[[Sequence[Any]], Any]] = {
    "count": len,
    "sum": sum,
    "min": min,
    "max": max,
    "p95": percentile_95,
}
