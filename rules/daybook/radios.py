"""Radios of a day and of its lessons, from a store's tallies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from contract import MEASUREMENTS
from rules.daybook.entry import GatewayClock, Place, RadioCounts
from rules.daybook.questions import RADIO_LEVELS, RADIO_TAGS, SHIFT_MS, DaySpans, shifted_radios
from store import Condition, Query, Row, Select, Store, Tally
from store.tally import percentile_95

_WHAT = ("known", "sum", "p95")
_OF_DAY = tuple(f"{name}_{what}" for name, _ in RADIO_LEVELS[:2] for what in _WHAT)
Radio = tuple[tuple[str, ...], Mapping[str, Any]]  # room, access point and number, with the values
_Lessons = dict[tuple[str, ...], dict[str, Any]]


def radio_counts(values: Mapping[str, Any], lessons: int) -> RadioCounts:
    return RadioCounts(
        values.get("busy_known", 0),
        values.get("busy_sum", 0),
        values.get("busy_p95"),
        values.get("noise_known", 0),
        values.get("noise_sum", 0),
        values.get("noise_p95"),
        tuple([values.get(name, nothing) for name, nothing in _of_lessons(lessons)]),
    )


@cache
def _of_lessons(number: int) -> tuple[tuple[str, int | None], ...]:
    """Names of the values of so many lessons, with what stands where there is none."""
    return tuple(
        (f"{name}_{what}{lesson}", None if what == "p95" else 0)
        for lesson in range(number)
        for name, _ in RADIO_LEVELS
        for what in _WHAT
    )


def radios_by_clock(
    store: Store, spans: DaySpans, clocks: Mapping[Place, Mapping[str, GatewayClock]]
) -> dict[Place, _Lessons]:
    """Lessons of schools with a gateway whose clock is off: by gateways that are right, and by each that is
    off but not wrong. Raises store.Unavailable."""
    asked: list[tuple[Place, Tally]] = []
    for place, own in clocks.items():
        off = _off(own)
        if off and spans.lessons:
            asked.append((place, shifted_radios(spans, place[1], tuple(sorted(off)), None)))
            asked += [
                (place, shifted_radios(spans, place[1], (gateway,), clock.offset_ms))
                for gateway, clock in sorted(off.items())
                if not clock.wrong
            ]
    found: dict[Place, _Lessons] = {place: {} for place, _ in asked}
    several: dict[Place, set[str]] = defaultdict(set)
    answers = store.tally([tally for _, tally in asked]) if asked else []
    for (place, _), tallied in zip(asked, answers, strict=True):
        for (*here, room, ap, radio), values in tallied.items():
            if tuple(here) == place and _add(found[place].setdefault((room, ap, radio), {}), values):
                several[place].add(ap)
    for place, aps in several.items():
        for key, values in _percentiles(store, spans, place, clocks[place], aps).items():
            found[place].setdefault(key, {}).update(values)
    return found


def with_lessons(radios: Iterable[Radio], lessons: _Lessons) -> list[Radio]:
    """A school's radios, with these lessons instead of those by the readings' own time."""
    days = {key: {name: values[name] for name in _OF_DAY if name in values} for key, values in radios}
    return [(key, days.get(key, {}) | lessons.get(key, {})) for key in {**days, **lessons}]


def _off(clocks: Mapping[str, GatewayClock]) -> dict[str, GatewayClock]:
    return {gateway: clock for gateway, clock in clocks.items() if abs(clock.offset_ms) >= SHIFT_MS}


def _add(known: dict[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether any percentile must be looked for among the readings: there is none of percentiles."""
    both = known.keys() & values.keys()
    known |= {name: known[name] + value if name in both else value for name, value in values.items()}
    return any("_p95" in name for name in both)


def _percentiles(
    store: Store, spans: DaySpans, place: Place, clocks: Mapping[str, GatewayClock], aps: set[str]
) -> _Lessons:
    """Of access points that gateways with different clocks asked in the same lesson, from every reading."""
    off = _off(clocks)
    most = max(abs(clock.offset_ms) for clock in off.values() if not clock.wrong)
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["radio"],
            select=tuple(Select(field) for _, field in RADIO_LEVELS),
            group_by=(*RADIO_TAGS, "gateway"),
            where=(Condition("school", "=", place[1]), Condition("ap", "=", tuple(sorted(aps)))),
            since=spans.lessons[0].begin_ms - most,
            until=spans.lessons[-1].end_ms + most,
        )
    )
    heard: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        clock = off.get(row.tags["gateway"])
        if row.tags["district"] == place[0] and not (clock and clock.wrong):
            key = row.tags["room"], row.tags["ap"], row.tags["radio"]
            _hear(heard[key], row, spans, clock.offset_ms if clock else 0)
    return {
        key: {name: percentile_95(values) for name, values in levels.items()} for key, levels in heard.items()
    }


def _hear(levels: dict[str, list[int]], row: Row, spans: DaySpans, offset_ms: int) -> None:
    moment = (row.time or 0) + offset_ms
    for number, lesson in enumerate(spans.lessons):
        if lesson.begin_ms <= moment < lesson.end_ms:
            for name, field in RADIO_LEVELS:
                if (value := row.values[field]) is not None:
                    levels[f"{name}_p95{number}"].append(int(value))
