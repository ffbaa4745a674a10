"""Tallies of many rows from an InfluxDB 1.x or 2.x, which hands rows out in a third of the time it takes to
count them: one request for each value of a tag, of all tables, several at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from store.influxql import condition_influxql, identifier
from store.query import Condition
from store.tally import Tallied, Tally
from store.tally_rows import RowTally

# The series of an answer, each with the number of its statement; a long one in several parts.
Answers = Iterable[tuple[int, dict[str, Any]]]
_REQUESTS = 4


def tally_rows(
    tallies: Sequence[Tally],
    rows: Callable[[list[str]], Answers],
    values: Callable[[Tally], Iterable[str | None]],
) -> list[Tallied]:
    """rows: asks several statements in one request. values: those of the tag `apart`; None: all in one."""
    counting = [RowTally(tally) for tally in tallies]
    found: list[Tallied] = [{} for _ in tallies]
    places: dict[str | None, list[int]] = defaultdict(list)
    for place, tally in enumerate(tallies):
        for value in values(tally):
            places[value].append(place)

    def count(value: str | None) -> list[Tallied]:
        some = [counting[place] for place in places[value]]
        return _counted(some, value, rows([_statement(counted, value) for counted in some]))

    with ThreadPoolExecutor(_REQUESTS, thread_name_prefix="tally") as pool:
        for own, parts in zip(places.values(), pool.map(count, places), strict=True):
            for place, part in zip(own, parts, strict=True):
                found[place].update(part)
    return found


def values_of(tally: Tally, show: Callable[[str], Iterator[dict[str, Any]]]) -> set[str]:
    """The values of the tag `apart` that rows can have, "" for none. show: asks about the index."""
    for condition in tally.where:
        if condition.column == tally.apart and condition.comparison == "=":
            named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            return {str(value) for value in named}
    statement = (
        f"SHOW TAG VALUES FROM {identifier(tally.measurement.name)} WITH KEY = {identifier(tally.apart)}"
    )
    return {"", *(str(value) for series in show(statement) for _, value in series.get("values", ()))}


def _statement(counting: RowTally, value: str | None) -> str:
    tally = counting.tally
    where = tally.where if value is None else (*tally.where, Condition(tally.apart, "=", value))
    begin, *_, end = tally.cuts
    conditions = " AND ".join(
        [*map(condition_influxql, where), f"time >= {begin}ms", f"time < {end}ms"],
    )
    # The fewer tags, the faster: this one has one value.
    groups = [identifier(tag) for tag in tally.group_by if value is None or tag != tally.apart]
    return (
        f"SELECT {', '.join(map(identifier, counting.fields))} FROM {identifier(tally.measurement.name)} "
        f"WHERE {conditions}" + (f" GROUP BY {', '.join(groups)}" if groups else "")
    )


def _counted(counting: Sequence[RowTally], value: str | None, answers: Answers) -> list[Tallied]:
    rows: list[dict[tuple[str, ...], list[Sequence[Any]]]] = [defaultdict(list) for _ in counting]
    for number, series in answers:
        tally, tags = counting[number].tally, dict(series.get("tags", {}))
        if value is not None:
            tags[tally.apart] = value
        group = tuple(tags.get(tag, "") for tag in tally.group_by)
        rows[number][group] += series.get("values", ())
    found: list[Tallied] = []
    for counted, groups in zip(counting, rows, strict=True):
        found.append({})
        for group, of_group in groups.items():
            if not of_group:
                continue
            times, *columns = zip(*of_group, strict=True)
            if values := counted.count(times, dict(zip(counted.fields, columns, strict=True))):
                found[-1][group] = values
    return found
