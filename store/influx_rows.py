"""Tallies of many rows from an InfluxDB 1.x or 2.x, which hands rows out in a third of the time it takes to
count them: one request for each value of a tag, of all tables, several at a time.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

from runtime.language import Text
from store.base import StoreError
from store.influxql import condition_influxql, identifier, literal
from store.tally import Tallied, Tally
from store.tally_rows import RowTally

# The series of an answer, each with the number of its statement; a long one in several parts.
Answers = Iterable[tuple[int, dict[str, Any]]]
# Some of a tally's tags with one value each, "" for none: what a statement is asked of. The more of them, the
# less the server has to sort, and the more statements there are.
Fixed = Mapping[str, str]
_REQUESTS = 4
# How a series' key is written in the index; a backslash that escapes nothing is a name's own.
_ESCAPED, _BACKSLASH = re.compile(r"\\([,= ])"), re.compile(r"\\(?![,= ])")
_COMMA, _EQUALS = re.compile(r"(?<!\\),"), re.compile(r"(?<!\\)=")


class _Rows:
    """The rows of one tally, asked for in several statements."""

    def __init__(self, place: int, tally: Tally) -> None:
        self.place, self.tally, self.counting = place, tally, RowTally(tally)
        self._tags = {tag: identifier(tag) for tag in tally.group_by}
        begin, *_, end = tally.cuts
        self._select = (
            f"SELECT {', '.join(map(identifier, self.counting.fields))} "
            f"FROM {identifier(tally.measurement.name)} WHERE "
        )
        self._where = " AND ".join(
            [*map(condition_influxql, tally.where), f"time >= {begin}ms", f"time < {end}ms"]
        )

    def statement(self, fixed: Fixed) -> str:
        groups = [name for tag, name in self._tags.items() if tag not in fixed]
        values = "".join([f"{self._tags[tag]} = {literal(value)} AND " for tag, value in fixed.items()])
        return f"{self._select}{values}{self._where}" + (f" GROUP BY {', '.join(groups)}" if groups else "")


_Asked = tuple[_Rows, Fixed]


def tally_rows(
    tallies: Sequence[Tally],
    rows: Callable[[list[str]], Answers],
    fixed: Callable[[Tally], Iterable[Fixed]],
) -> list[Tallied]:
    """rows: asks several statements in one request. fixed: what is asked apart, together all of a tally."""
    requests: dict[str | None, list[_Asked]] = defaultdict(list)
    found: list[Tallied] = [{} for _ in tallies]

    def count(asked: Sequence[_Asked]) -> list[tuple[int, Tallied]]:
        return list(_counted(asked, rows([those.statement(some) for those, some in asked])))

    with ThreadPoolExecutor(_REQUESTS, thread_name_prefix="tally") as pool:
        for place, (tally, parts) in enumerate(zip(tallies, pool.map(fixed, tallies), strict=True)):
            those = _Rows(place, tally)
            for some in parts:
                requests[some.get(tally.apart)].append((those, some))
        for counted in pool.map(count, requests.values()):
            for place, part in counted:
                found[place].update(part)
    return found


def values_of(tally: Tally, show: Callable[[str], Iterator[dict[str, Any]]]) -> Iterator[Fixed]:
    """The values of the tag `apart` that rows can have. show: asks about the index."""
    for condition in tally.where:
        if condition.column == tally.apart and condition.comparison == "=":
            named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            found = {str(value) for value in named}
            break
    else:
        statement = (
            f"SHOW TAG VALUES FROM {identifier(tally.measurement.name)} WITH KEY = {identifier(tally.apart)}"
        )
        found = {"", *(str(value) for series in show(statement) for _, value in series.get("values", ()))}
    for value in sorted(found):
        yield {tally.apart: value}


def groups_of(tally: Tally, show: Callable[[str], Iterator[dict[str, Any]]]) -> list[Fixed] | None:
    """The groups that ever had rows, from the index, in which no reading has to be looked at.

    None where a name cannot be told from how the index writes it: nothing escapes a backslash there.
    """
    statement = f"SHOW SERIES FROM {identifier(tally.measurement.name)}"
    if tally.where:
        statement += f" WHERE {' AND '.join(map(condition_influxql, tally.where))}"
    found: dict[tuple[str, ...], None] = {}
    for series in show(statement):
        for (key,) in series.get("values", ()):
            if _BACKSLASH.search(key):
                return None
            pairs = (_EQUALS.split(part, maxsplit=1) for part in _COMMA.split(key)[1:])
            tags = {_ESCAPED.sub(r"\1", tag): _ESCAPED.sub(r"\1", value) for tag, value in pairs}
            found[tuple([tags.get(tag, "") for tag in tally.group_by])] = None
    return [dict(zip(tally.group_by, group, strict=True)) for group in found]


def _counted(asked: Sequence[_Asked], answers: Answers) -> Iterator[tuple[int, Tallied]]:
    rows: list[dict[tuple[str, ...], list[Sequence[Any]]]] = [defaultdict(list) for _ in asked]
    for number, series in answers:
        those, fixed = asked[number]
        tags = {**series.get("tags", {}), **fixed}
        group = tuple([tags.get(tag, "") for tag in those.tally.group_by])
        rows[number][group] += series.get("values", ())
    for (those, _), groups in zip(asked, rows, strict=True):
        counting, found = those.counting, {}
        for group, of_group in groups.items():
            if not of_group:
                continue
            times, *columns = _columns(of_group, 1 + len(counting.fields))
            if values := counting.count(times, dict(zip(counting.fields, columns, strict=True))):
                found[group] = values
        yield those.place, found


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows of this width by column: one list of all cells is cut quicker than rows are turned."""
    cells = list(chain.from_iterable(rows))
    if len(rows[0]) != width or len(cells) != width * len(rows):
        raise StoreError(
            Text(
                f"数据库应答的行不是所问的 {width} 列",
                f"the store answered rows without the {width} columns asked for",
            )
        )
    return [cells[place::width] for place in range(width)]
