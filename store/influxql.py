"""A query as InfluxQL, the language that every InfluxDB generation and openGemini understand."""

import re
from collections import defaultdict
from collections.abc import Sequence

from contract import Value
from store.query import Condition, Query

_ESCAPED = re.compile(r"[\\'\"\n]")
_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n"}


def compile_influxql(query: Query) -> str:
    """One SELECT statement."""
    aggregate = "distinct" if query.distinct else None
    selected = ", ".join(
        (
            f"{call}({identifier(item.field)})"
            if (call := item.aggregate or aggregate)
            else identifier(item.field)
        )
        + f" AS {identifier(item.name)}"
        for item in query.select
    )
    parts = [f"SELECT {selected} FROM {identifier(query.measurement.name)}"]
    conditions = [condition_influxql(condition) for condition in query.where]
    if query.series is not None:
        conditions.append(_series_influxql(query.measurement.tag_names, query.series))
    if query.since is not None:
        conditions.append(f"time >= {query.since}ms")
    if query.until is not None:
        conditions.append(f"time < {query.until}ms")
    if conditions:
        parts.append(f"WHERE {' AND '.join(conditions)}")
    groups = [identifier(tag) for tag in query.group_by]
    if query.window_ms is not None:
        groups.append(f"time({query.window_ms}ms)")
    if groups:
        parts.append(f"GROUP BY {', '.join(groups)}")
    if query.window_ms is not None:
        parts.append("fill(none)")
    if query.newest is not None:
        parts.append(f"ORDER BY time DESC LIMIT {query.newest}")
    return " ".join(parts)


def condition_influxql(condition: Condition) -> str:
    """Several values are one of them; with !=, none of them."""
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if not values:
        # No value is one of none: a comparison that no time satisfies.
        return "time < 0"
    column = identifier(condition.column)
    parts = [f"{column} {condition.comparison} {literal(value)}" for value in values]
    joint = " AND " if condition.comparison == "!=" else " OR "
    return f"({joint.join(parts)})" if len(parts) > 1 else parts[0]


def _series_influxql(tags: Sequence[str], series: Sequence[tuple[str, ...]]) -> str:
    """Series that differ in one tag alone stand together: a server joins the answers to every comparison."""
    apart = max(range(len(tags)), key=lambda place: len({found[place] for found in series}))
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for found in series:
        together[found[:apart] + found[apart + 1 :]].append(found[apart])
    others = (*tags[:apart], *tags[apart + 1 :])
    groups = []
    for same, values in together.items():
        conditions = [Condition(tag, "=", value) for tag, value in zip(others, same, strict=True)]
        conditions.append(Condition(tags[apart], "=", tuple(values)))
        groups.append(" AND ".join(map(condition_influxql, conditions)))
    return f"({' OR '.join(f'({group})' for group in groups)})" if groups else "time < 0"


def literal(value: Value) -> str:
    """A value as a query holds it, with nothing in it that could end it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{_escaped(value)}'"
    return repr(value)


def identifier(name: str) -> str:
    return f'"{_escaped(name)}"'


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
