"""The query model: small enough to mean the same in InfluxQL and in SQL."""

from dataclasses import dataclass, field
from typing import Literal

from contract import Measurement, Value

Aggregate = Literal["count", "sum", "mean", "min", "max", "first", "last"]
Comparison = Literal["=", "!=", "<", "<=", ">", ">="]

_NUMERIC_ONLY: frozenset[Aggregate] = frozenset({"sum", "mean", "min", "max"})


@dataclass(frozen=True, slots=True)
class Select:
    """A field, or an aggregate of it. `first` and `last` are the oldest and newest known value."""

    field: str
    aggregate: Aggregate | None = None
    alias: str = ""

    @property
    def name(self) -> str:
        """The key of the value in a row: alias, else `rssi_dbm` or `rssi_dbm_mean`."""
        return self.alias or (f"{self.field}_{self.aggregate}" if self.aggregate else self.field)


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a tag or field. `=` with a tuple means: one of these."""

    column: str
    comparison: Comparison
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to read. All of `select` are aggregates or none is.

    series: only these, each by all of its tags in the order of the measurement; None: any.
    since/until: ms since 1970 UTC, since <= time < until.
    group_by: names of tags; each combination is a group.
    window_ms: aggregates per window of this length, windows begin at multiples of it since 1970.
    newest: only this many newest rows of each group (plain fields only). Where a group has several series,
    which of their rows of one time come first is each store's own choice.
    distinct: each value of the one plain field once a group, without a time and in no order.
    """

    measurement: Measurement
    select: tuple[Select, ...]
    group_by: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    series: tuple[tuple[str, ...], ...] | None = None
    since: int | None = None
    until: int | None = None
    window_ms: int | None = None
    newest: int | None = None
    distinct: bool = False

    def __post_init__(self) -> None:
        fields, tags = self.measurement.field_names, self.measurement.tag_names
        name = self.measurement.name
        if not self.select:
            raise ValueError(f"query of {name} selects nothing")
        for item in self.select:
            if item.field not in fields:
                raise ValueError(f"{name} has no field {item.field!r}")
            kind = self.measurement.column(item.field).type
            if item.aggregate in _NUMERIC_ONLY and kind not in {"integer", "float"}:
                raise ValueError(f"cannot take the {item.aggregate} of {name}.{item.field}, it is {kind}")
        if len({item.aggregate is None for item in self.select}) > 1:
            raise ValueError(f"query of {name} mixes plain fields and aggregates")
        if len({item.name for item in self.select}) < len(self.select):
            raise ValueError(f"query of {name} selects two things under one name")
        for tag in self.group_by:
            if tag not in tags:
                raise ValueError(f"{name} has no tag {tag!r} to group by")
        for condition in self.where:
            self.measurement.column(condition.column)
            if condition.column in tags and condition.comparison not in {"=", "!="}:
                raise ValueError(f"tag {condition.column!r} can only be compared with = and !=")
        if any(len(found) != len(tags) for found in self.series or ()):
            raise ValueError(f"a series of {name} is named by its tags: {', '.join(tags)}")
        bounded = self.since is not None and self.until is not None
        if self.window_ms is not None and (self.window_ms <= 0 or not self.aggregated or not bounded):
            raise ValueError("a window needs a positive length, aggregates, and since and until")
        if self.distinct and (self.aggregated or self.newest is not None or len(self.select) > 1):
            raise ValueError("distinct values are those of one plain field")
        if self.newest is not None and (self.newest <= 0 or self.aggregated):
            raise ValueError("newest needs a positive number and plain fields")

    @property
    def aggregated(self) -> bool:
        return self.select[0].aggregate is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an answer. `time` is the point's time, the window's beginning, or None for a whole group.

    Values that are not known are None. Groups and rows without any value are left out of an answer.
    """

    tags: dict[str, str] = field(default_factory=dict)
    time: int | None = None
    values: dict[str, Value | None] = field(default_factory=dict)
