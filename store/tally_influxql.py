"""A tally as InfluxQL statements of one request: what shares rows and span shares a statement."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from contract import ColumnType, Value
from store.influx_answer import READ
from store.influxql import condition_influxql, identifier
from store.query import Condition
from store.tally import Item, Newest, Span, Tallied, TalliedValue, Tally, TallyFunction

_CALLS: dict[TallyFunction, str] = {
    "count": "count({})",
    "sum": "sum({})",
    "min": "min({})",
    "max": "max({})",
    "p95": "percentile({}, 95)",
    "first_ms": "first({})",
    "last": "last({})",
}
# These choose a point and have its time: each has a statement to itself.
_ALONE: frozenset[TallyFunction] = frozenset({"p95", "first_ms", "last"})


def statements(tally: Tally) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """Each statement with the items that it answers, in the order of its columns."""
    together: dict[tuple[tuple[Condition, ...], Span], list[Item]] = defaultdict(list)
    for item in tally.items:
        if item.function in _ALONE:
            yield _statement(tally, (item,)), (item,)
        else:
            together[item.where, item.span].append(item)
    for items in together.values():
        yield _statement(tally, tuple(items)), tuple(items)


def add_series(found: Tallied, tally: Tally, items: tuple[Item, ...], series: dict[str, Any]) -> None:
    """Take one series of a statement's answer into what was found."""
    group = tuple(series.get("tags", {}).get(tag, "") for tag in tally.group_by)
    for time, *cells in series.get("values", ()):
        for item, cell in zip(items, cells, strict=True):
            if cell is not None and (value := _value(tally, item, int(time), cell)) is not None:
                found.setdefault(group, {})[item.name] = value


def in_order(found: Tallied) -> Tallied:
    return dict(sorted(found.items()))


def _value(tally: Tally, item: Item, time: int, cell: Value) -> TalliedValue | None:
    if item.function == "count":
        return int(cell) or None
    if item.function == "first_ms":
        return time
    kind: ColumnType = tally.measurement.column(item.field).type
    value = READ[kind](cell)
    return Newest(time, value) if item.function == "last" else value


def _statement(tally: Tally, items: Iterable[Item]) -> str:
    asked = list(items)
    span, where = asked[0].span, asked[0].where
    selected = ", ".join(
        f"{_CALLS[item.function].format(identifier(item.field))} AS {identifier(item.name)}" for item in asked
    )
    conditions = [
        *(condition_influxql(condition) for condition in (*tally.where, *where)),
        f"time >= {span.begin}ms",
        f"time < {span.end}ms",
    ]
    groups = ", ".join(identifier(tag) for tag in tally.group_by)
    return (
        f"SELECT {selected} FROM {identifier(tally.measurement.name)} "
        f"WHERE {' AND '.join(conditions)} GROUP BY {groups}"
    )
