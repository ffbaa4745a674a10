"""One answer out of several places: what each is asked, and how their rows become the rows of all.

No point is in two places, so that counts and sums are those of the places added up.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from contract import Value
from store.query import Query, Row, Select

Ask = Callable[[Query], list[Row]]
_Key = tuple[tuple[str, ...], int | None]
_Values = Sequence[Value | None]


def ask_all(places: Sequence[Ask], query: Query) -> list[Row]:
    """What one place that held it all would answer, whatever is where."""
    if len(places) == 1:
        return places[0](query)
    if not query.aggregated:
        rows = [row for ask in places for row in ask(query)]
        if query.distinct:
            return _once(rows, query)
        return _newest(rows, query) if query.newest else _in_order(rows, query)
    if any(item.aggregate in {"first", "last"} for item in query.select):
        return _counted(query, places)
    parts = _parts(query)
    asked = replace(query, select=tuple(part for _, some in parts for part in some))
    found: dict[_Key, list[Row]] = defaultdict(list)
    for ask in places:
        for row in ask(asked):
            found[_key(row, query)].append(row)
    return _in_order([_row(key, query, parts, rows) for key, rows in found.items()], query)


def _key(row: Row, query: Query) -> _Key:
    return tuple(row.tags[tag] for tag in query.group_by), row.time


def _in_order(rows: list[Row], query: Query) -> list[Row]:
    return sorted(rows, key=lambda row: (*(row.tags[tag] for tag in query.group_by), row.time or 0))


def _once(rows: list[Row], query: Query) -> list[Row]:
    (item,) = query.select
    return list({(_key(row, query), row.values[item.name]): row for row in rows}.values())


def _newest(rows: list[Row], query: Query) -> list[Row]:
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[_key(row, query)[0]].append(row)
    kept = [
        row
        for group in groups.values()
        for row in sorted(group, key=lambda row: row.time or 0, reverse=True)[: query.newest]
    ]
    return _in_order(kept, query)


_Parts = list[tuple[Select, tuple[Select, ...]]]


def _parts(query: Query) -> _Parts:
    """Each aggregate with what has to be asked for it: a mean is a sum over a count."""
    found: _Parts = []
    for number, item in enumerate(query.select):
        if item.aggregate == "mean":
            asked: tuple[Select, ...] = (
                Select(item.field, "sum", f"part{number}s"),
                Select(item.field, "count", f"part{number}n"),
            )
        else:
            asked = (Select(item.field, item.aggregate, f"part{number}"),)
        found.append((item, asked))
    return found


def _row(key: _Key, query: Query, parts: _Parts, rows: list[Row]) -> Row:
    values: dict[str, Value | None] = {}
    for item, asked in parts:
        if item.aggregate == "mean":
            total, number = (_joined([row.values[part.name] for row in rows], "sum") for part in asked)
            values[item.name] = float(total or 0) / int(number) if number else None
        else:
            how = "sum" if item.aggregate == "count" else item.aggregate
            values[item.name] = _joined([row.values[asked[0].name] for row in rows], str(how))
    return Row(dict(zip(query.group_by, key[0], strict=True)), key[1], values)


def _joined(values: _Values, how: str) -> Value | None:
    known = [value for value in values if isinstance(value, int | float)]
    if not known:
        return None
    return sum(known) if how == "sum" else min(known) if how == "min" else max(known)


def _counted(query: Query, places: Sequence[Ask]) -> list[Row]:
    """The first and last known value: no aggregate says when it was, so that the rows themselves are read."""
    fields = tuple(Select(field) for field in dict.fromkeys(item.field for item in query.select))
    plain = replace(query, select=fields, window_ms=None)
    groups: dict[_Key, list[Row]] = defaultdict(list)
    for row in _in_order([row for ask in places for row in ask(plain)], plain):
        time = row.time or 0
        window = None if query.window_ms is None else time - time % query.window_ms
        groups[_key(row, query)[0], window].append(row)
    found = []
    for (tags, window), rows in groups.items():
        values = {
            item.name: _aggregate(item, [row.values[item.field] for row in rows]) for item in query.select
        }
        found.append(Row(dict(zip(query.group_by, tags, strict=True)), window, values))
    return _in_order(found, query)


def _aggregate(item: Select, values: _Values) -> Value | None:
    known = [value for value in values if value is not None]
    if item.aggregate == "count":
        return len(known)
    if not known:
        return None
    if item.aggregate in {"first", "last"}:
        return known[0 if item.aggregate == "first" else -1]
    numbers = [value for value in known if isinstance(value, int | float)]
    if item.aggregate == "mean":
        return sum(numbers) / len(numbers)
    return _joined(numbers, str(item.aggregate))
