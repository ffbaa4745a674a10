"""A tally over SQLite's two tables: one scan along the primary key, every row looked at once.

The spans' begins and ends cut time into segments; each aggregate is made of every segment and series, and
what belongs together is joined here: so nothing has to be sorted by the groups' tags.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contract import Value
from store.query import Condition
from store.sql import condition_sql
from store.tally import Item, Newest, Tallied, TalliedValue, Tally, TallyFunction, joined, percentile_95

_SQL: dict[TallyFunction, str] = {
    "count": "count({field})",
    "sum": "sum({field})",
    "min": "min({field})",
    "max": "max({field})",
    "p95": "group_concat({field})",
    "first_ms": "min({time})",
    "last": "max({time})",
}
_HEAD = 2  # a row begins with its series and its segment
# An aggregate as it is asked for, whatever its span: function, field, conditions.
_Aggregate = tuple[TallyFunction, str, tuple[Condition, ...]]
_Group = tuple[str, ...]


class SqlTally:
    """Asked of every file that may hold some of the rows, then answered once."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._aggregates: tuple[_Aggregate, ...] = tuple(
            dict.fromkeys((item.function, item.field, item.where) for item in tally.items)
        )
        # By group, then by segment: of every aggregate the values of its series.
        self._found: dict[_Group, dict[int, list[list[Any]]]] = {}

    def statement(self, name: str, *, absent: Iterable[str] = ()) -> tuple[str, list[Value]]:
        """name: of the table in the file. absent: fields that it does not have yet, missing in every row."""
        cuts = self._tally.cuts
        parameters: list[Value] = []
        columns = ['s.id AS "id"', f'{_segment(cuts)} AS "n"']
        for place, (function, field, where) in enumerate(self._aggregates):
            met = f'p."{field}" IS NOT NULL'
            for condition in where:
                text, values = condition_sql(condition, "p")
                met += f" AND {text}"
                parameters += values
            wanted = {part: f'CASE WHEN {met} THEN p."{part}" END' for part in (field, "time")}
            columns.append(f'{_SQL[function].format(field=wanted[field], time=wanted["time"])} AS "a{place}"')
        series = [condition_sql(condition, "s") for condition in self._tally.where]
        parameters += [*(value for _, values in series for value in values), cuts[0], cuts[-1]]
        conditions = " AND ".join(["TRUE", *(text for text, _ in series), "p.time >= ?", "p.time < ?"])
        inner = (
            f'SELECT {", ".join(columns)} FROM "{name}_series" s CROSS JOIN "{name}" p '
            f'WHERE p.series = s.id AND {conditions} GROUP BY "id", "n"'
        )
        sql = f"SELECT {', '.join(self._outer(name))} FROM ({inner}) g"
        for field in absent:
            sql = sql.replace(f'p."{field}"', "NULL").replace(f'q."{field}"', "NULL")
        return sql, parameters

    def add(self, rows: Iterable[Sequence[Any]], tags_of: Mapping[int, _Group]) -> None:
        """Rows of one file; tags_of: its series' tags in the order of the groups."""
        for row in rows:
            segments = self._found.setdefault(tags_of[row[0]], {})
            parts = segments.setdefault(row[1], [[] for _ in self._aggregates])
            for part, value in zip(parts, self._values(row), strict=True):
                if value is not None:
                    part.append(value)

    def answer(self) -> Tallied:
        cuts = self._tally.cuts
        places = {aggregate: place for place, aggregate in enumerate(self._aggregates)}
        wanted = [
            (item, places[item.function, item.field, item.where], _covered(cuts, item))
            for item in self._tally.items
        ]
        found: Tallied = {}
        for group, segments in sorted(self._found.items()):
            values: dict[str, TalliedValue] = {}
            for item, place, covered in wanted:
                parts = [value for n in covered if n in segments for value in segments[n][place]]
                whole = _whole(item.function, parts)
                if whole is not None:
                    values[item.name] = whole
            if values:
                found[group] = values
        return found

    def _outer(self, name: str) -> Iterator[str]:
        """The newest value is looked up once its time is known."""
        yield from ('g."id"', 'g."n"')
        for place, (function, field, _) in enumerate(self._aggregates):
            yield f'g."a{place}"'
            if function == "last":
                yield (
                    f'(SELECT q."{field}" FROM "{name}" q WHERE q.series = g."id" AND q.time = g."a{place}")'
                )

    def _values(self, row: Sequence[Any]) -> Iterator[Any]:
        cells = iter(row[_HEAD:])
        for function, _, _ in self._aggregates:
            cell = next(cells)
            if function == "last":
                value = next(cells)
                yield None if cell is None else Newest(cell, value)
            else:
                yield cell


def _segment(cuts: list[int]) -> str:
    """The number of the segment that a row lies in."""
    inner = cuts[1:-1]
    if not inner:
        return "0"
    cases = " ".join(f"WHEN p.time < {cut} THEN {n}" for n, cut in enumerate(inner))
    return f"CASE {cases} ELSE {len(inner)} END"


def _covered(cuts: list[int], item: Item) -> range:
    """The segments that make up an item's span."""
    return range(bisect_left(cuts, item.span.begin), bisect_left(cuts, item.span.end))


def _whole(function: TallyFunction, parts: list[Any]) -> TalliedValue | None:
    if not parts:
        return None
    if function == "p95":
        return percentile_95([number for text in parts for number in map(int, str(text).split(","))])
    return joined(function, parts) or None if function == "count" else joined(function, parts)
