"""A tally from the rows themselves, group by group: where a server takes longer to find a percentile than to
hand its rows over."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from store.influxql import condition_influxql, identifier
from store.tally import Item, Newest, Tallied, TalliedValue, Tally, percentile_95

_Group = tuple[str, ...]
_Rows = tuple[list[int], list[list[Any]]]  # times in order, and of each field its values


def from_rows(tally: Tally) -> bool:
    """Whether it asks for a percentile; conditions on fields are left to the server."""
    return any(item.function == "p95" for item in tally.items) and not any(item.where for item in tally.items)


def rows_statement(tally: Tally) -> str:
    """Every row of the tally's span, in order of the groups and of time."""
    fields = ", ".join(identifier(field) for field in _fields(tally))
    conditions = [
        *(condition_influxql(condition) for condition in tally.where),
        f"time >= {tally.cuts[0]}ms",
        f"time < {tally.cuts[-1]}ms",
    ]
    groups = ", ".join(identifier(tag) for tag in tally.group_by)
    return (
        f"SELECT {fields} FROM {identifier(tally.measurement.name)} "
        f"WHERE {' AND '.join(conditions)} GROUP BY {groups}"
    )


def tallied_rows(tally: Tally, answer: Iterable[dict[str, Any]]) -> Tallied:
    fields, found = _fields(tally), dict[_Group, dict[str, TalliedValue]]()
    for group, (times, columns) in _groups(tally, answer):
        values: dict[str, TalliedValue] = {}
        for item in tally.items:
            span = slice(bisect_left(times, item.span.begin), bisect_left(times, item.span.end))
            value = _value(item, times[span], columns[fields.index(item.field)][span])
            if value is not None:
                values[item.name] = value
        if values:
            found[group] = values
    return dict(sorted(found.items()))


def _fields(tally: Tally) -> list[str]:
    return list(dict.fromkeys(item.field for item in tally.items))


def _groups(tally: Tally, answer: Iterable[dict[str, Any]]) -> Iterator[tuple[_Group, _Rows]]:
    """Whole groups: a long one comes in several parts, one after the other."""
    group: _Group | None = None
    rows: list[list[Any]] = []
    for series in answer:
        tags = series.get("tags", {})
        here = tuple(tags.get(tag, "") for tag in tally.group_by)
        if group is not None and here != group:
            yield group, _columns(rows)
            rows = []
        group = here
        rows += series.get("values", ())
    if group is not None:
        yield group, _columns(rows)


def _columns(rows: Sequence[Sequence[Any]]) -> _Rows:
    times, *columns = (list(cells) for cells in zip(*rows, strict=True))
    return times, columns


def _value(item: Item, times: list[int], cells: list[Any]) -> Any:
    known = [cell for cell in cells if cell is not None]
    if not known:
        return None
    match item.function:
        case "first_ms":
            return next(time for time, cell in zip(times, cells, strict=True) if cell is not None)
        case "last":
            return Newest(
                *max((time, cell) for time, cell in zip(times, cells, strict=True) if cell is not None)
            )
        case function:
            return _WHOLE[function](known)


_WHOLE: Mapping[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "sum": sum,
    "min": min,
    "max": max,
    "p95": percentile_95,
}
