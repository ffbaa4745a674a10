"""A tally over SQLite's two tables: one scan along the primary key, every row looked at once.

The spans' begins and ends cut time into segments; each aggregate is made of every segment and series, and
what belongs together is joined here: so SQLite has nothing to sort.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, Literal

import msgspec

from contract import Value
from store.query import Condition
from store.sql import condition_sql
from store.tally import OF_LIST, Item, Newest, Tallied, TalliedValue, Tally, TallyFunction, joined

# What SQLite is asked for: an aggregate, or all values of a field, from which any aggregate can be told.
_Function = TallyFunction | Literal["list"]
_SQL: dict[_Function, str] = {
    "count": 'count(p."{field}")',
    "sum": 'sum(p."{field}")',
    "min": 'min(p."{field}")',
    "max": 'max(p."{field}")',
    "list": 'group_concat(p."{field}")',
    "first_ms": "min(p.time)",
    "last": "max(p.time)",
}
# These have to be told which rows have the field at all.
_OF_TIMES: frozenset[_Function] = frozenset({"first_ms", "last"})
# An aggregate as it is asked for, whatever its span: function, field, conditions.
_Aggregate = tuple[_Function, str, tuple[Condition, ...]]
_Group = tuple[str, ...]
# Tuples, because Python looks through lists again and again while they become many.
_LISTS = msgspec.json.Decoder(list[tuple[int, ...]])
Ask = Callable[[str, Sequence[Value]], list[Any]]
TagsOf = Callable[[], Mapping[int, _Group]]


class SqlTally:
    """Asked of every file that may hold some of the rows, then answered once."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        # Where a percentile is asked for there is a list, and it tells all the rest.
        listed = {(item.field, item.where) for item in tally.items if item.function == "p95"}
        self._asked: list[_Aggregate] = [
            (
                "list" if item.function in OF_LIST and (item.field, item.where) in listed else item.function,
                item.field,
                item.where,
            )
            for item in tally.items
        ]
        self._aggregates = tuple(dict.fromkeys(self._asked))
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
            for row in self._with_lists(rows):
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
        # Items that are told from the same cells.
        wanted: dict[tuple[int, range], list[Item]] = defaultdict(list)
        for item, asked in zip(self._tally.items, self._asked, strict=True):
            wanted[places[asked], _covered(cuts, item)].append(item)
        told = [_Told(place, covered, items) for (place, covered), items in wanted.items()]
        found: Tallied = {}
        for group, segments in sorted(self._found.items()):
            values: dict[str, TalliedValue] = {}
            for some in told:
                some.add(values, segments)
            if values:
                found[group] = values
        return found

    def _with_lists(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The texts of a row's lists read once, whatever is told from them."""
        aggregates = zip(self._aggregates, self._places(), strict=True)
        lists = [place for (function, _, _), place in aggregates if function == "list"]
        if not lists:
            yield from rows
            return
        for row in rows:
            cells = list(row)
            texts = ("" if cells[place] is None else str(cells[place]) for place in lists)
            for place, numbers in zip(lists, _LISTS.decode(f"[[{'],['.join(texts)}]]"), strict=True):
                cells[place] = numbers or None
            yield tuple(cells)

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


class _Told:
    """Items that are told from the same cells of the same segments."""

    def __init__(self, place: int, covered: range, items: Sequence[Item]) -> None:
        self._place, self._covered, self._function = place, covered, items[0].function
        self._names = [item.name for item in items]
        self._of_list = [(item.name, OF_LIST[item.function]) for item in items if item.function in OF_LIST]

    def add(self, values: dict[str, TalliedValue], segments: Mapping[int, list[Sequence[Any]]]) -> None:
        """What is known of one group."""
        place = self._place
        rows = [row for n in self._covered if n in segments for row in segments[n] if row[place] is not None]
        if not rows:
            return
        if self._function == "last":
            newest = max([Newest(row[place], row[place + 1]) for row in rows])
            values |= dict.fromkeys(self._names, newest)
            return
        first = rows[0][place]
        if isinstance(first, tuple):
            numbers = first if len(rows) == 1 else list(chain.from_iterable([row[place] for row in rows]))
            for name, function in self._of_list:
                values[name] = function(numbers)
            return
        whole = first if len(rows) == 1 else joined(self._function, [row[place] for row in rows])
        if whole or self._function != "count":
            values |= dict.fromkeys(self._names, whole)
