"""Room maps from the store: of each gateway the newest that arrived whole."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from contract import DISPLAY_TYPES, MEASUREMENTS, STATUS
from store import Condition, Query, Row, Select, Store

# A map is told once a day; one that is older than this says nothing of today.
_MAP_MS = 15 * 86_400_000
# So many tellings are looked at, newest first, for one that arrived whole.
_TELLINGS = 5
_GATEWAY = ("district", "school", "gateway")
# What a gateway may ask about a room so that its display is known: the display, or what speaks for it.
SHOWS = (*DISPLAY_TYPES, "class_pc", "plug")
ACCESS_POINT = "access_point"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLine:
    """A device as a gateway's lists name it."""

    device: str
    type: str
    room: str
    collector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayMap:
    """One gateway's lists. told_ms: when it told them last, changed or not."""

    district: str
    school: str
    gateway: str
    told_ms: int
    sha256: str
    lines: tuple[MapLine, ...]


def read_maps(store: Store, *, now_ms: int, school: str | None = None) -> tuple[GatewayMap, ...]:
    """By school and gateway; without those whose program tells none. Raises store.Unavailable."""
    tellings: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in store.query(_newest_maps(now_ms, school)):
        tellings[row.tags["district"], row.tags["school"], row.tags["gateway"]].append(row)
    found = (_whole(store, place, rows) for place, rows in sorted(tellings.items()))
    return tuple(one for one in found if one is not None)


def read_gateways(store: Store, *, now_ms: int) -> frozenset[tuple[str, str]]:
    """(school, gateway) of all that told of themselves as connected. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=STATUS,
            select=(Select("online"),),
            group_by=_GATEWAY,
            where=(Condition("online", "=", True),),
            since=now_ms - _MAP_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    return frozenset((row.tags["school"], row.tags["gateway"]) for row in rows)


def read_surveyed(store: Store, *, now_ms: int) -> frozenset[tuple[str, str]]:
    """(school, room) of all that have a measuring point: their coverage is known without an access point."""
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["signal_sample"],
            select=(Select("seq", "count", "n"),),
            group_by=("school", "room"),
            since=now_ms - 400 * 86_400_000,
            until=now_ms + 1,
        )
    )
    return frozenset((row.tags["school"], row.tags["room"]) for row in rows if row.values["n"])


def read_names(store: Store, *, now_ms: int) -> dict[tuple[str, str], frozenset[str]]:
    """What controllers call an access point, by (school, serial number): a map may name it so."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["access_point"],
            select=(Select("name"),),
            group_by=("school", "ap"),
            since=now_ms - _MAP_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    for row in rows:
        if row.values["name"] is not None:
            found[row.tags["school"], row.tags["ap"]].add(str(row.values["name"]))
    return {key: frozenset(names) for key, names in found.items()}


def _newest_maps(now_ms: int, school: str | None) -> Query:
    return Query(
        measurement=MEASUREMENTS["room_map"],
        select=(Select("sha256"), Select("lines")),
        group_by=_GATEWAY,
        where=() if school is None else (Condition("school", "=", school),),
        since=now_ms - _MAP_MS,
        until=now_ms + 1,
        newest=_TELLINGS,
    )


def _whole(store: Store, place: tuple[str, str, str], rows: list[Row]) -> GatewayMap | None:
    district, school, gateway = place
    for row in sorted(rows, key=lambda row: -(row.time or 0)):
        lines = tuple(sorted(_lines(store, place, row.time or 0), key=_order))
        if len(lines) == row.values["lines"]:
            return GatewayMap(
                district=district,
                school=school,
                gateway=gateway,
                told_ms=row.time or 0,
                sha256=str(row.values["sha256"]),
                lines=lines,
            )
    return None  # still under way


def _order(line: MapLine) -> tuple[str, str, str]:
    return line.room, line.type, line.device


def _lines(store: Store, place: tuple[str, str, str], time_ms: int) -> Iterator[MapLine]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["mapped_device"],
            select=(Select("collector"),),
            group_by=("device", "type", "room"),
            where=tuple(Condition(tag, "=", value) for tag, value in zip(_GATEWAY, place, strict=True)),
            since=time_ms,
            until=time_ms + 1,
        )
    )
    for row in rows:
        yield MapLine(
            device=row.tags["device"],
            type=row.tags["type"],
            room=row.tags.get("room", ""),
            collector=str(row.values["collector"] or ""),
        )
