"""Devices that were ever seen, by the day book and the newest readings: first, last, and what they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from contract import MEASUREMENTS
from contract.daybook import DAY_FACTS
from store import Condition, Query, Row, Select, Store

ACCESS_POINT = "access_point"
_DAY_MS = 86_400_000
# The day book holds ten years; the newest readings tell of today and what a device calls itself.
_BOOK_MS, _READINGS_MS = 3660 * _DAY_MS, 60 * _DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDevice:
    """One device in one room of a school. Times are of its first and last day, or its newest answer."""

    district: str
    school: str
    room: str
    kind: str
    device: str
    first_ms: int
    last_ms: int
    serial: str | None = None
    maker: str | None = None
    model: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """How a kind of device is asked for. `proof`: a field of the day book that says that it answered."""

    day: str
    reading: str
    key: str
    proof: str
    answered: Condition
    tells: tuple[str, ...]


_SOURCES = (
    _Source(
        day="ap_day",
        reading="access_point",
        key="ap",
        proof="known",
        answered=Condition("state", "!=", "unknown"),
        tells=("name", "model"),
    ),
    _Source(
        day="device_day",
        reading="room_device",
        key="device",
        proof="answered",
        answered=Condition("reachable", "=", True),
        tells=("maker", "model", "serial"),
    ),
)
Place = tuple[str, str, str, str, str]  # district, school, room, kind, device


def read_devices(store: Store, *, now_ms: int, school: str | None = None) -> tuple[SeenDevice, ...]:
    """Every device that answered at least once, by school, room and kind. Raises store.Unavailable."""
    found: dict[Place, SeenDevice] = {}
    for source in _SOURCES:
        for seen in (*_days(store, source, now_ms, school), *_newest(store, source, now_ms, school)):
            place = (seen.district, seen.school, seen.room, seen.kind, seen.device)
            known = found.get(place)
            found[place] = seen if known is None else _joined(known, seen)
    return tuple(found[place] for place in sorted(found))


def _days(store: Store, source: _Source, now_ms: int, school: str | None) -> Iterator[SeenDevice]:
    table = DAY_FACTS[source.day]
    rows = store.query(
        Query(
            measurement=table,
            select=(Select("first_ms", "min", "first"), Select("last_ms", "max", "last")),
            group_by=_tags(table.tag_names, source),
            where=(Condition(source.proof, ">", 0), *_of_school(school)),
            since=now_ms - _BOOK_MS,
            until=now_ms + 1,
        )
    )
    for row in rows:
        first, last = row.values["first"], row.values["last"]
        if first is not None and last is not None:
            yield _device(row, source, int(first), int(last))


def _newest(store: Store, source: _Source, now_ms: int, school: str | None) -> Iterator[SeenDevice]:
    table = MEASUREMENTS[source.reading]
    rows = store.query(
        Query(
            measurement=table,
            select=(Select(source.answered.column), *map(Select, source.tells)),
            group_by=_tags(table.tag_names, source),
            where=(source.answered, *_of_school(school)),
            since=now_ms - _READINGS_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    for row in rows:
        time_ms = row.time or 0
        told = {name: str(value) for name in source.tells if (value := row.values[name]) is not None}
        yield replace(
            _device(row, source, time_ms, time_ms),
            serial=told.get("serial"),
            maker=told.get("maker"),
            model=told.get("model"),
            name=told.get("name"),
        )


def _tags(names: tuple[str, ...], source: _Source) -> tuple[str, ...]:
    wanted = ("district", "school", "room", source.key, "type")
    return tuple(name for name in wanted if name in names)


def _of_school(school: str | None) -> tuple[Condition, ...]:
    return () if school is None else (Condition("school", "=", school),)


def _device(row: Row, source: _Source, first_ms: int, last_ms: int) -> SeenDevice:
    return SeenDevice(
        district=row.tags["district"],
        school=row.tags["school"],
        room=row.tags.get("room", ""),
        kind=row.tags.get("type", ACCESS_POINT),
        device=row.tags[source.key],
        first_ms=first_ms,
        last_ms=last_ms,
    )


def _joined(known: SeenDevice, seen: SeenDevice) -> SeenDevice:
    return replace(
        known,
        first_ms=min(known.first_ms, seen.first_ms),
        last_ms=max(known.last_ms, seen.last_ms),
        serial=seen.serial or known.serial,
        maker=seen.maker or known.maker,
        model=seen.model or known.model,
        name=seen.name or known.name,
    )
