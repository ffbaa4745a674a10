"""A query as SQL over SQLite's two tables of a measurement: `<name>_series` is `s`, `<name>` is `p`."""

import json
from collections.abc import Iterable, Sequence

from contract import Value
from store.query import Condition, Query, Select

# A condition, and the values of its question marks.
_Clause = tuple[str, tuple[Value, ...]]


def compile_sql(query: Query, *, absent: Iterable[str] = ()) -> tuple[str, list[Value]]:
    """A query as one SQL statement: the group's tags, time, then the selected values.

    absent: fields that the file does not have yet; they are missing in every row of it.
    """
    sql, parameters = _compile(query)
    for field in absent:
        sql = sql.replace(f'p."{field}"', "NULL")
    return sql, parameters


def _compile(query: Query) -> tuple[str, list[Value]]:
    tags = query.measurement.tag_names
    of_series = [condition_sql(clause, "s") for clause in query.where if clause.column in tags]
    of_series += [] if query.series is None else [_series_sql(tags, query.series)]
    others = [condition_sql(clause, "p") for clause in query.where if clause.column not in tags]
    of_rows = [*_span(query), *others]
    series, rows = _joined(of_series), _joined(of_rows)
    parameters = [value for _, values in (*of_series, *of_rows) for value in values]
    groups = [f's."{tag}"' for tag in query.group_by]
    name = query.measurement.name
    if query.newest is not None:
        return _compile_newest(query, groups, series, rows), parameters
    # CROSS JOIN keeps SQLite from turning the tables round where a field is compared, and reading everything.
    source = f'FROM "{name}_series" s CROSS JOIN "{name}" p WHERE p.series = s.id AND {series} AND {rows}'
    if query.aggregated:
        return _compile_aggregates(query, groups, source), parameters
    if query.distinct:
        columns = _columns(query, groups).replace("p.time AS time", "NULL AS time")
        return f"SELECT DISTINCT {columns} {source} AND ({_known(query)})", parameters
    return _compile_rows(query, groups, source), parameters


def _span(query: Query) -> list[_Clause]:
    bounds = (("p.time >= ?", query.since), ("p.time < ?", query.until))
    return [(text, (bound,)) for text, bound in bounds if bound is not None]


def condition_sql(condition: Condition, table: str) -> _Clause:
    """Several values are one of them; with !=, none of them. The values are parameters."""
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    negated = condition.comparison == "!="
    operator = "<>" if negated else condition.comparison
    parts = [f'{table}."{condition.column}" {operator} ?' for _ in values]
    return f"({(' AND ' if negated else ' OR ').join(parts) or 'FALSE'})", values


def _series_sql(tags: Sequence[str], series: Sequence[tuple[str, ...]]) -> _Clause:
    """One parameter however many they are: SQLite takes no more than 32,766."""
    keys = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(tags)))
    columns = ", ".join(f's."{tag}"' for tag in tags)
    return f"(({columns}) IN (SELECT {keys} FROM json_each(?)))", (json.dumps(series),)


def _joined(clauses: Iterable[_Clause]) -> str:
    return " AND ".join(["TRUE", *(text for text, _ in clauses)])


def _compile_rows(query: Query, groups: list[str], source: str) -> str:
    columns, order = _columns(query, groups), _order(groups)
    return f"SELECT {columns} {source} AND ({_known(query)}) ORDER BY {order}"


def _compile_newest(query: Query, groups: list[str], series: str, rows: str) -> str:
    """Each series is walked back along the primary key (series, time) until it has given its newest rows.

    Within the walk `p` is the row looked at, outside it is a row that was chosen.
    Of rows of one group and time, those of the greater tags count as newer: the same answer every time.
    """
    name, newest = query.measurement.name, query.newest
    times = (
        f'SELECT p.time FROM "{name}" p WHERE p.series = s.id AND {rows} AND ({_known(query)}) '
        f"ORDER BY p.time DESC LIMIT {newest}"
    )
    # CROSS JOIN keeps SQLite from turning the tables round, which would ask for the times at every row.
    tables = f'"{name}_series" s CROSS JOIN "{name}" p'
    source = f"FROM {tables} WHERE {series} AND p.series = s.id AND p.time IN ({times})"
    columns = _columns(query, groups)
    others = [f's."{tag}" DESC' for tag in sorted(query.measurement.tag_names) if tag not in query.group_by]
    if not others:
        return f"SELECT {columns} {source} ORDER BY {_order(groups)}"
    partition = f"PARTITION BY {', '.join(groups)} " if groups else ""
    names = ", ".join([*_keys(groups), "time", *(f'"{item.name}"' for item in query.select)])
    return (
        f"SELECT {names} FROM (SELECT {columns}, "
        f"row_number() OVER ({partition}ORDER BY {', '.join(['p.time DESC', *others])}) AS rank {source}) "
        f"WHERE rank <= {newest} ORDER BY {_order(groups)}, rank"
    )


def _columns(query: Query, groups: list[str]) -> str:
    tags = [f'{group} AS "g{index}"' for index, group in enumerate(groups)]
    values = [f'p."{item.field}" AS "{item.name}"' for item in query.select]
    return ", ".join([*tags, "p.time AS time", *values])


def _known(query: Query) -> str:
    return " OR ".join(f'p."{item.field}" IS NOT NULL' for item in query.select)


def _keys(groups: list[str]) -> list[str]:
    return [f'"g{index}"' for index in range(len(groups))]


def _order(groups: list[str]) -> str:
    return ", ".join([*_keys(groups), "time"])


def _compile_aggregates(query: Query, groups: list[str], source: str) -> str:
    window = f"p.time - p.time % {query.window_ms}" if query.window_ms else None
    partition = [*groups, *([window] if window else [])]
    # first and last: the value beside the extreme time among rows where the field is known.
    inner = [f'{group} AS "g{index}"' for index, group in enumerate(groups)]
    inner.append(f"{window or 'NULL'} AS time")
    fields = sorted({item.field for item in query.select})
    inner += [f'p."{field}" AS "{field}"' for field in fields]
    over = f"PARTITION BY {', '.join(partition)} " if partition else ""
    for item in query.select:
        if item.aggregate in {"first", "last"}:
            direction = "ASC" if item.aggregate == "first" else "DESC"
            inner.append(
                f'first_value(p."{item.field}") OVER ({over}ORDER BY p."{item.field}" IS NULL, '
                f'p.time {direction}) AS "{item.aggregate} {item.field}"'
            )
    keys = [f'"g{index}"' for index in range(len(groups))]
    outer = [_aggregate_sql(item) for item in query.select]
    known = " OR ".join(f'count("{field}") > 0' for field in fields)
    grouping = [*keys, "time"]
    return (
        f"SELECT {', '.join([*keys, 'time', *outer])} FROM (SELECT {', '.join(inner)} {source}) "
        f"GROUP BY {', '.join(grouping)} HAVING {known} ORDER BY {', '.join(grouping)}"
    )


def _aggregate_sql(item: Select) -> str:
    if item.aggregate in {"first", "last"}:
        return f'max("{item.aggregate} {item.field}")'
    function = "avg" if item.aggregate == "mean" else item.aggregate
    return f'{function}("{item.field}")'
