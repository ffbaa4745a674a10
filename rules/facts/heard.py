"""Of which schools and rooms anything was heard, how much, and from which gateways."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from contract import DISPLAY_TYPES, MEASUREMENTS, STATUS
from registry.timetable import RoomKey
from rules.facts.facts import Facts, RoomFacts
from store import Query, Row, Select, Store

# What was set up today has no school day yet; what is older than a day is in the window of school days.
_LATELY_MS = 24 * 3_600_000
# A field that every reading of the kind has, so that counting it counts readings.
_KINDS = {"access_point": "state", "room_device": "reachable", "signal_sample": "seq"}


class HeardRoom(NamedTuple):
    """Readings of a room's devices and measuring points; whether a display or access point of it is known."""

    readings: int = 0
    display: bool = False
    access_point: bool = False


@dataclass(frozen=True, kw_only=True)
class Heard:
    """schools: all of which anything was heard. gateways, districts: by school, where they are known."""

    rooms: Mapping[RoomKey, HeardRoom]
    schools: frozenset[str]
    gateways: Mapping[str, frozenset[str]] = field(default_factory=dict)
    districts: Mapping[str, frozenset[str]] = field(default_factory=dict)


def heard_in(facts: Facts) -> Heard:
    """What an evaluation's window shows."""
    return Heard(rooms={key: _room(seen) for key, seen in facts.rooms.items()}, schools=facts.heard)


def _room(seen: RoomFacts) -> HeardRoom:
    polls = sum([ap.polls for ap in seen.aps]) + sum([display.polls for display in seen.displays])
    return HeardRoom(
        readings=polls + len(seen.samples),
        display=True in [display.here for display in seen.displays],
        access_point=bool(seen.aps or seen.samples),
    )


def heard_lately(store: Store, now_ms: int) -> Heard:
    """What came in the last day, whatever the hour. Raises store.Unavailable."""
    readings: Counter[RoomKey] = Counter()
    rooms: dict[RoomKey, HeardRoom] = {}
    places: list[Row] = []
    for kind in _KINDS:
        for row in _counted(store, kind, now_ms):
            key = row.tags["school"], row.tags["room"]
            readings[key] += int(row.values["n"] or 0)
            known = rooms.get(key, HeardRoom())
            rooms[key] = HeardRoom(
                readings=readings[key],
                display=known.display or row.tags.get("type") in DISPLAY_TYPES,
                access_point=known.access_point or kind != "room_device",
            )
            places.append(row)
    places += _statuses(store, now_ms)
    return Heard(
        rooms=rooms,
        schools=frozenset(row.tags["school"] for row in places),
        gateways=_by_school(places, "gateway"),
        districts=_by_school(places, "district"),
    )


def together(window: Heard, lately: Heard) -> Heard:
    """Both; of readings the greater number, because both may count the same."""
    keys = {*window.rooms, *lately.rooms}
    nothing = HeardRoom()
    return Heard(
        rooms={
            key: _joined(window.rooms.get(key, nothing), lately.rooms.get(key, nothing))
            for key in sorted(keys)
        },
        schools=window.schools | lately.schools,
        gateways=lately.gateways,
        districts=lately.districts,
    )


def _joined(one: HeardRoom, other: HeardRoom) -> HeardRoom:
    return HeardRoom(
        readings=max(one.readings, other.readings),
        display=one.display or other.display,
        access_point=one.access_point or other.access_point,
    )


def _counted(store: Store, kind: str, now_ms: int) -> list[Row]:
    tags = ("district", "school", "gateway", "room", *(("type",) if kind == "room_device" else ()))
    return store.query(
        Query(
            measurement=MEASUREMENTS[kind],
            select=(Select(_KINDS[kind], "count", "n"),),
            group_by=tags,
            since=now_ms - _LATELY_MS,
            until=now_ms + 1,
        )
    )


def _statuses(store: Store, now_ms: int) -> list[Row]:
    return store.query(
        Query(
            measurement=STATUS,
            select=(Select("online", "count", "n"),),
            group_by=STATUS.tag_names,
            since=now_ms - _LATELY_MS,
            until=now_ms + 1,
        )
    )


def _by_school(rows: Iterable[Row], tag: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.tags["school"]].add(row.tags[tag])
    return {school: frozenset(names) for school, names in found.items()}
