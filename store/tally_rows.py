"""A tally counted from rows, for servers that hand rows out faster than they count them.

Rows with the same words in the columns that matter are counted together. Of a school's day there are few
such kinds, and what each of them means for the items is found out once.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import ge, gt, le, lt
from typing import Any

from contract import Value
from store.query import Condition
from store.tally import OF_LIST, Item, Newest, Span, TalliedValue, Tally

_ORDERED = {"<": lt, "<=": le, ">": gt, ">=": ge}
_Columns = Mapping[str, Sequence[Value | None]]
_Kind = tuple[Value | None, ...]
# Columns that differ from row to row, and what the others have in all of them.
_Shape = tuple[tuple[str, ...], _Kind]
_Meanings = dict[tuple[int, _Kind], list[tuple[int, Value]]]


class RowTally:
    """Counts one group after the other; what it has learnt of kinds of rows stays."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.fields = tuple(dict.fromkeys(column for item in tally.items for column in _columns_of(item)))
        self._timed = [item for item in tally.items if item.function not in OF_LIST]
        # Numbers have many values: what a span has of them is a list. Everything else is counted by kinds.
        self._listed: dict[tuple[str, Span], list[Item]] = defaultdict(list)
        kinds: list[Item] = []
        for item in tally.items:
            if item.function in OF_LIST and not item.where and self._is_number(item.field):
                self._listed[item.field, item.span].append(item)
            elif item.function in OF_LIST:
                kinds.append(item)
        self._look = _Look(kinds, tally.cuts)

    def count(self, times: Sequence[int], columns: _Columns) -> dict[str, TalliedValue]:
        """Of one group: its rows' times in order, and the values of each field."""
        places = {cut: bisect_left(times, cut) for cut in self.tally.cuts}
        found: dict[str, Any] = {}
        for (name, span), items in self._listed.items():
            numbers = _known(columns[name][places[span.begin] : places[span.end]])
            if numbers:
                found |= {item.name: OF_LIST[item.function](numbers) for item in items}
        found |= self._look.count(columns, list(places.values()))
        found |= {item.name: _moment(item, times, columns) for item in self._timed}
        return {name: value for name, value in found.items() if value is not None}

    def _is_number(self, name: str) -> bool:
        return self.tally.measurement.column(name).type in {"integer", "float"}


class _Look:
    """Items that are counted in one go, by the values that their columns have at the same time."""

    def __init__(self, items: Sequence[Item], cuts: list[int]) -> None:
        self._columns = tuple(dict.fromkeys(column for item in items for column in _columns_of(item)))
        # What a group has of a field in a span, where the conditions are met, is counted once.
        sights = {(item.field, item.span, item.where): item for item in items}
        self._sights = [
            (item, range(bisect_left(cuts, item.span.begin), bisect_left(cuts, item.span.end)))
            for item in sights.values()
        ]
        numbers = {sight: number for number, sight in enumerate(sights)}
        self._items = [(item, numbers[item.field, item.span, item.where]) for item in items]
        self._known: dict[_Shape, _Meanings] = {}

    def count(self, columns: _Columns, ends: Sequence[int]) -> dict[str, Any]:
        """ends: where each segment of the rows begins, and the last one ends."""
        if not self._columns:
            return {}
        spreads: list[dict[Any, int]] = [{} for _ in self._sights]
        # Most devices say the same all day in most columns: only what differs is looked at row by row.
        several = {name: len(set(columns[name])) > 1 for name in self._columns}
        varying = tuple([name for name, differs in several.items() if differs])
        same = tuple([columns[name][0] for name, differs in several.items() if not differs])
        meanings = self._known.setdefault((varying, same), {})
        rows = tuple(zip(*(columns[name] for name in varying), strict=True))
        for segment, (begin, end) in enumerate(pairwise(ends)):
            if begin == end:
                continue
            kinds = Counter(rows[begin:end]) if varying else {(): end - begin}
            for kind, number in kinds.items():
                found = meanings.get((segment, kind))
                if found is None:
                    row = _row(columns, varying, kind)
                    found = meanings[segment, kind] = list(self._meaning(segment, row))
                for place, value in found:
                    spread = spreads[place]
                    spread[value] = spread.get(value, 0) + number
        return {item.name: _whole(item, spreads[place]) for item, place in self._items if spreads[place]}

    def _meaning(self, segment: int, row: Mapping[str, Value | None]) -> Iterator[tuple[int, Value]]:
        """In which sights such a row counts in a segment, and with which value."""
        for place, (item, covered) in enumerate(self._sights):
            value = row[item.field]
            if segment in covered and value is not None and _met(item, row):
                yield place, value


def _row(columns: _Columns, varying: Sequence[str], kind: _Kind) -> dict[str, Value | None]:
    """A row of that kind; what does not vary is as in the first."""
    return {name: cells[0] for name, cells in columns.items()} | dict(zip(varying, kind, strict=True))


def _known(cells: Sequence[Value | None]) -> Sequence[Any]:
    """Numbers without those that are missing, of which there are nearly always none."""
    try:
        sum(cells)  # type: ignore[arg-type]  # it tells quicker than looking at each
    except TypeError:
        return [cell for cell in cells if cell is not None]
    return cells


def _columns_of(item: Item) -> tuple[str, ...]:
    return item.field, *(condition.column for condition in item.where)


def _met(item: Item, row: Mapping[str, Value | None]) -> bool:
    return all(_meets(row[condition.column], condition) for condition in item.where)


def _meets(value: Any, condition: Condition) -> bool:
    """What is missing meets nothing."""
    wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if value is None:
        return False
    if condition.comparison == "=":
        return value in wanted
    if condition.comparison == "!=":
        return value not in wanted
    return any(_ORDERED[condition.comparison](value, limit) for limit in wanted)


def _whole(item: Item, spread: Mapping[Any, int]) -> Any:
    if item.function == "count":
        return sum(spread.values())
    if item.function == "sum":
        return sum(value * number for value, number in spread.items())
    return OF_LIST[item.function](list(Counter(spread).elements()))


def _moment(item: Item, times: Sequence[int], columns: _Columns) -> TalliedValue | None:
    begin, end = (bisect_left(times, moment) for moment in item.span)
    names = _columns_of(item)

    def counts(place: int) -> bool:
        row = {name: columns[name][place] for name in names}
        return row[item.field] is not None and _met(item, row)

    if item.function == "first_ms":
        return next((times[place] for place in range(begin, end) if counts(place)), None)
    newest: Newest | None = None
    for place in reversed(range(begin, end)):
        if newest and times[place] < newest.time:
            break
        value = columns[item.field][place]
        if value is not None and counts(place):
            newest = max(newest or Newest(times[place], value), Newest(times[place], value))
    return newest
