"""A tally counted from rows, for servers that hand rows out faster than they count them.

Rows with the same values in the columns that matter are counted together. Of a school's day there are few
such kinds, and what each of them means for the items is found out once.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import ge, gt, le, lt
from typing import Any

from contract import Value
from store.query import Condition
from store.tally import Item, Newest, Span, TalliedValue, Tally, percentile_95

_ORDERED = {"<": lt, "<=": le, ">": gt, ">=": ge}
_Columns = Mapping[str, Sequence[Value | None]]
_Kind = Value | None | tuple[Value | None, ...]
# What a group has of a field in a span where the conditions are met: how often each value.
_Sight = tuple[str, Span, tuple[Condition, ...]]


class RowTally:
    """Counts one group after the other; what it has learnt of kinds of rows stays."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.fields = tuple(dict.fromkeys(column for item in tally.items for column in _columns_of(item)))
        self._timed = [item for item in tally.items if item.function in {"first_ms", "last"}]
        counted = [item for item in tally.items if item.function not in {"first_ms", "last"}]
        self._sights = list(dict.fromkeys(_sight(item) for item in counted))
        self._counted = [(item, self._sights.index(_sight(item))) for item in counted]
        self._looks = self._made_looks(counted)

    def count(self, times: Sequence[int], columns: _Columns) -> dict[str, TalliedValue]:
        """Of one group: its rows' times in order, and the values of each field."""
        ends = [bisect_left(times, cut) for cut in self.tally.cuts]
        spreads: list[dict[Any, int]] = [{} for _ in self._sights]
        for look in self._looks:
            own = [columns[name] for name in look.columns]
            # Values by themselves are hashed in half the time of tuples.
            rows = own[0] if len(own) == 1 else tuple(zip(*own, strict=True))
            for segment, (begin, end) in enumerate(pairwise(ends)):
                for kind, number in Counter(rows[begin:end]).items():
                    for place, value in look.meaning(segment, kind):
                        spread = spreads[place]
                        spread[value] = spread.get(value, 0) + number
        found = {item.name: _whole(item, spreads[place]) for item, place in self._counted if spreads[place]}
        found |= {item.name: _moment(item, times, columns) for item in self._timed}
        return {name: value for name, value in found.items() if value is not None}

    def _made_looks(self, counted: Iterable[Item]) -> list["_Look"]:
        """Numbers of many values are looked at alone, everything else together."""
        cuts, looks = self.tally.cuts, dict[tuple[str, ...], _Look]()
        alone = [item for item in counted if not item.where and self._is_number(item.field)]
        together = [item for item in counted if item not in alone]
        all_of_them = tuple(dict.fromkeys(column for item in together for column in _columns_of(item)))
        for item in counted:
            columns = (item.field,) if item in alone else all_of_them
            look = looks.setdefault(columns, _Look(columns))
            covered = range(bisect_left(cuts, item.span.begin), bisect_left(cuts, item.span.end))
            look.sights[self._sights.index(_sight(item))] = item, covered
        return list(looks.values())

    def _is_number(self, name: str) -> bool:
        return self.tally.measurement.column(name).type in {"integer", "float"}


@dataclass(frozen=True, slots=True)
class _Look:
    """Sights counted in one go: each by its place, with an item of it and the segments it covers."""

    columns: tuple[str, ...]
    sights: dict[int, tuple[Item, range]] = field(default_factory=dict)
    known: dict[tuple[int, _Kind], list[tuple[int, Value]]] = field(default_factory=dict)

    def meaning(self, segment: int, kind: _Kind) -> list[tuple[int, Value]]:
        """In which sights a row of that kind counts in a segment, and with which value."""
        found = self.known.get((segment, kind))
        if found is None:
            values = kind if isinstance(kind, tuple) else (kind,)
            row = dict(zip(self.columns, values, strict=True))
            found = self.known[segment, kind] = [
                (place, value)
                for place, (item, covered) in self.sights.items()
                if segment in covered and (value := row[item.field]) is not None and _met(item, row)
            ]
        return found


def _columns_of(item: Item) -> tuple[str, ...]:
    return item.field, *(condition.column for condition in item.where)


def _sight(item: Item) -> _Sight:
    return item.field, item.span, item.where


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
    match item.function:
        case "count":
            return sum(spread.values())
        case "sum":
            return sum(value * number for value, number in spread.items())
        case "min":
            return min(spread)
        case "max":
            return max(spread)
        case _:
            return percentile_95(Counter(spread).elements())


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
