"""A tally over SQLite's two tables: one scan along the primary key, every row looked at once.

The spans' begins and ends cut time into segments; each aggregate is made of every segment and series, and
what belongs together is joined here: so SQLite has nothing to sort.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic_core import from_json

from contract import Value
from store.query import Condition
from store.sql import condition_sql
from store.tally import Item, Newest, Tallied, TalliedValue, Tally, TallyFunction, joined, percentile_95

_SQL: dict[TallyFunction, str] = {
    "count": 'count(p."{field}")',
    "sum": 'sum(p."{field}")',
    "min": 'min(p."{field}")',
    "max": 'max(p."{field}")',
    "p95": 'group_concat(p."{field}")',
    "first_ms": "min(p.time)",
    "last": "max(p.time)",
}
# These have to be told which rows have the field at all.
_OF_TIMES: frozenset[TallyFunction] = frozenset({"first_ms", "last"})
# An aggregate as it is asked for, whatever its span: function, field, conditions.
_Aggregate = tuple[TallyFunction, str, tuple[Condition, ...]]
_Group = tuple[str, ...]
Ask = Callable[[str, Sequence[Value]], list[Any]]
TagsOf = Callable[[], Mapping[int, _Group]]


class SqlTally:
    """Asked of every file that may hold some of the rows, then answered once."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._aggregates: tuple[_Aggregate, ...] = tuple(
            dict.fromkeys((item.function, item.field, item.where) for item in tally.items)
        )
        # By group, then by segment: of each of its series the values of every aggregate.
        self._found: dict[_Group, dict[int, list[Sequence[Any]]]] = {}

    def add(self, ask: Ask, name: str, tags_of: TagsOf, *, absent: Iterable[str] = ()) -> None:
        """Rows of one file. name: of the table in it. tags_of: asked after the rows, its series' tags in the
        order of the groups. absent: fields that it does not have yet, missing in every row.
        """
        sql, parameters = self._statement(name, absent)
        segments = [ask(sql, [*parameters, *segment]) for segment in pairwise(self._tally.cuts)]
        tags = tags_of() if any(segments) else {}
        for number, rows in enumerate(segments):
            for row in rows:
                self._found.setdefault(tags[row[0]], {}).setdefault(number, []).append(row)

    def _statement(self, name: str, absent: Iterable[str]) -> tuple[str, list[Value]]:
        """What is asked of each segment; its begin and end are the last two parameters."""
        parameters: list[Value] = []
        columns = ['s.id AS "id"']
        for place, (function, field, where) in enumerate(self._aggregates):
            met = [f'p."{field}" IS NOT NULL'] if function in _OF_TIMES else []
            for condition in where:
                text, values = condition_sql(condition, "p")
                met.append(text)
                parameters += values
            rows = f" FILTER (WHERE {' AND '.join(met)})" if met else ""
            columns.append(f'{_SQL[function].format(field=field)}{rows} AS "a{place}"')
        series = [condition_sql(condition, "s") for condition in self._tally.where]
        parameters += [value for _, values in series for value in values]
        conditions = " AND ".join([*(text for text, _ in series), "p.time >= ?", "p.time < ?"])
        inner = (
            f'SELECT {", ".join(columns)} FROM "{name}_series" s CROSS JOIN "{name}" p '
            f"WHERE p.series = s.id AND {conditions} GROUP BY s.id"
        )
        sql = f"SELECT {', '.join(self._outer(name))} FROM ({inner}) g"
        for field in absent:
            sql = sql.replace(f'p."{field}"', "NULL").replace(f'q."{field}"', "NULL")
        return sql, parameters

    def answer(self) -> Tallied:
        cuts = self._tally.cuts
        places = dict(zip(self._aggregates, self._places(), strict=True))
        wanted = [
            (item, places[item.function, item.field, item.where], _covered(cuts, item))
            for item in self._tally.items
        ]
        found: Tallied = {}
        for group, segments in sorted(self._found.items()):
            values: dict[str, TalliedValue] = {}
            for item, place, covered in wanted:
                rows = [
                    row for n in covered if n in segments for row in segments[n] if row[place] is not None
                ]
                whole = _whole(item.function, rows, place) if rows else None
                if whole is not None:
                    values[item.name] = whole
            if values:
                found[group] = values
        return found

    def _places(self) -> Iterator[int]:
        """Where each aggregate is in a row: after the series, a newest value after its time."""
        place = 1
        for function, _, _ in self._aggregates:
            yield place
            place += 2 if function == "last" else 1

    def _outer(self, name: str) -> Iterator[str]:
        """The newest value is looked up once its time is known."""
        yield 'g."id"'
        for place, (function, field, _) in enumerate(self._aggregates):
            yield f'g."a{place}"'
            if function == "last":
                yield (
                    f'(SELECT q."{field}" FROM "{name}" q WHERE q.series = g."id" AND q.time = g."a{place}")'
                )


def _covered(cuts: list[int], item: Item) -> range:
    """The segments that make up an item's span."""
    return range(bisect_left(cuts, item.span.begin), bisect_left(cuts, item.span.end))


def _whole(function: TallyFunction, rows: Sequence[Sequence[Any]], place: int) -> TalliedValue | None:
    if function == "last":
        return max(Newest(row[place], row[place + 1]) for row in rows)
    if function == "p95":
        return percentile_95(from_json(f"[{','.join(str(row[place]) for row in rows)}]"))
    whole = joined(function, [row[place] for row in rows])
    return whole or None if function == "count" else whole
