"""A device that several gateways ask: what they heard together. Pure.

One after the other (a gateway was replaced, a device moved to another's list) they heard the sum. Where they
asked at the same time, their answers stand for the same minutes: it was heard for as long as one of them
heard it, and no longer.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_Key = tuple[str, ...]
_Values = Mapping[str, Any]
_LEAST = ("first_day",)
_NEWEST = ("last", "last_day", "clients_most")
# Readings, not time: both count.
_SUMMED = ("clients_known", "clients_sum")
# What says something bad is a part of another count: the rest of that is what the most of it was heard of.
_BAD = {"unknown": "polls", "off_campus": "up", "faulty": "answered", "on_faulty": "on"}


class Asker(NamedTuple):
    """A gateway and what it counted of a device. besides: one before it asked at the same time."""

    gateway: str
    values: _Values
    besides: bool


def askers(
    table: Iterable[tuple[_Key, _Values]], doubtful: Collection[str] = ()
) -> dict[_Key, tuple[Asker, ...]]:
    """By device, in the order of their first polls; a key ends in its gateway.

    doubtful: gateways whose clocks are wrong; nobody knows when they asked.
    """
    found: dict[_Key, list[tuple[str, _Values]]] = defaultdict(list)
    for (*key, gateway), values in table:
        found[tuple(key)].append((gateway, values))
    return {key: tuple(_in_order(several, doubtful)) for key, several in found.items()}


def _in_order(several: list[tuple[str, _Values]], doubtful: Collection[str]) -> Iterable[Asker]:
    if len(several) == 1:  # nearly always
        yield Asker(*several[0], besides=False)
        return
    last = 0
    unsure = not {gateway for gateway, _ in several}.isdisjoint(doubtful)
    for gateway, values in sorted(several, key=lambda pair: (pair[1]["first_day"], pair[0])):
        yield Asker(gateway, values, besides=unsure or values["first_day"] <= last)
        last = max(last, values["last_day"].time)


def heard(several: Sequence[Asker]) -> dict[str, Any]:
    """What they counted of one device together."""
    whole = dict(several[0].values)
    for asker in several[1:]:
        before, whole = whole, _both(whole, asker.values, asker.besides)
        if asker.besides:
            for bad, of in _BAD.items():
                if bad in whole:
                    good = max(_good(values, bad, of) for values in (before, asker.values))
                    whole[bad] = whole[of] - good
    return whole


def in_lessons(several: Sequence[Asker], counted: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """The same of counts by lesson; counted: by gateway."""
    whole: Counter[str] = Counter()
    for asker in several:
        own = counted.get(asker.gateway, {})
        whole = Counter(_both(whole, own, asker.besides))
    return whole


def _both(known: _Values, other: _Values, besides: bool) -> dict[str, Any]:
    whole = dict(known)
    for name, value in other.items():
        if name not in known:
            whole[name] = value
        elif name in _LEAST:
            whole[name] = min(known[name], value)
        elif name in _NEWEST or (besides and name not in _SUMMED):
            whole[name] = max(known[name], value)
        else:
            whole[name] = known[name] + value
    return whole


def _good(values: _Values, bad: str, of: str) -> int:
    good: int = values.get(of, 0) - values.get(bad, 0)
    return good
