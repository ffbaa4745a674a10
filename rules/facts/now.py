"""How the devices of every room stand now: the newest reading of each, and whether that is fresh enough."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from contract import DISPLAY_TYPES, MEASUREMENTS, STATUS
from store import Condition, Query, Row, Select, Store

_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
# What was not heard of for so long is not there any more; what is older than FRESH says nothing about now.
_KNOWN_MS = _DAY_MS
FRESH_MS = 15 * _MINUTE_MS
# A gateway says something every minute; the shipped alert fires after the same time.
ALIVE_MS = 5 * _MINUTE_MS
_DISPLAYS = Condition("type", "=", DISPLAY_TYPES)
_OTHERS = Condition("type", "!=", DISPLAY_TYPES)
_GATEWAYS_MS = 60 * _DAY_MS
COLLECTOR_TAGS = ("district", "school", "gateway", "collector", "target")
_ACCOUNT = (
    "produced",
    "acknowledged",
    "pending",
    "dropped",
    "clock_offset_ms",
    "collectors_failing",
    "version",
)

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """The newest reading of one device: where it was, when, and what it said."""

    name: str
    time_ms: int
    values: Mapping[str, object]

    def fresh(self, now_ms: int) -> bool:
        return now_ms - self.time_ms <= FRESH_MS


@dataclass(slots=True)
class RoomNow:
    """The devices that were heard of in a room in the last day."""

    aps: list[Heard] = field(default_factory=list)
    radios: list[Heard] = field(default_factory=list)
    displays: list[Heard] = field(default_factory=list)

    def last_ms(self) -> int | None:
        heard = (*self.aps, *self.radios, *self.displays)
        return max((device.time_ms for device in heard), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayNow:
    """A gateway's newest account as one that was connected; heard_ms None: it never was."""

    district: str
    school: str
    gateway: str
    heard_ms: int | None
    connected: bool
    account: Mapping[str, object]

    def alive(self, now_ms: int) -> bool:
        return self.connected and self.heard_ms is not None and now_ms - self.heard_ms <= ALIVE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """Rooms by (district, school, room); every gateway; collectors by their tags without the spool's.

    others: when a class PC or plug of a room was heard last; it says nothing of the room's displays.
    """

    rooms: Mapping[Place, RoomNow]
    gateways: tuple[GatewayNow, ...]
    collectors: Mapping[tuple[str, ...], Row]
    others: Mapping[Place, int] = field(default_factory=dict)

    def heard_ms(self) -> dict[Place, int]:
        """The newest reading of every room."""
        found = dict(self.others)
        for place, room in self.rooms.items():
            found[place] = max(found.get(place, 0), room.last_ms() or 0)
        return found


def look_now(store: Store, now_ms: int) -> Now:
    """Everything as it stands at a moment; raises store.Unavailable."""
    rooms: dict[Place, RoomNow] = defaultdict(RoomNow)
    others: dict[Place, int] = defaultdict(int)
    for place, heard in _newest(store, "access_point", ("ap",), ("state", "clients"), now_ms):
        rooms[place].aps.append(heard)
    for place, heard in _newest(store, "radio", ("ap", "radio"), ("utilisation_pct", "noise_dbm"), now_ms):
        rooms[place].radios.append(heard)
    asked = ("reachable", "power", "condition", "faults", "lamp_h")
    for place, heard in _newest(store, "room_device", ("device",), asked, now_ms, _DISPLAYS):
        rooms[place].displays.append(heard)
    for place, heard in _newest(store, "room_device", ("device",), ("reachable",), now_ms, _OTHERS):
        others[place] = max(others[place], heard.time_ms)
    return Now(
        rooms={place: room for place, room in rooms.items() if place[2]},
        others={place: last_ms for place, last_ms in others.items() if place[2]},
        gateways=_gateways(store, now_ms),
        collectors=_collectors(store, now_ms),
    )


def _newest(
    store: Store,
    measurement: str,
    names: tuple[str, ...],
    fields: tuple[str, ...],
    now_ms: int,
    *where: Condition,
) -> Iterator[tuple[Place, Heard]]:
    """Each device's newest row; one that moved is where it was heard last."""
    table = MEASUREMENTS[measurement]
    rows = store.query(
        Query(
            measurement=table,
            select=(Select("seq"), *(Select(name) for name in fields)),
            group_by=table.tag_names,
            where=where,
            since=now_ms - _KNOWN_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    newest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        device = (row.tags["school"], *(row.tags[name] for name in names))
        known = newest.get(device)
        if known is None or (known.time or 0) <= (row.time or 0):
            newest[device] = row
    for device, row in newest.items():
        place = (row.tags["district"], row.tags["school"], row.tags["room"])
        yield place, Heard("/".join(device[1:]), row.time or 0, row.values)


def _collectors(store: Store, now_ms: int) -> dict[tuple[str, ...], Row]:
    table = MEASUREMENTS["collector_run"]
    rows = store.query(
        Query(
            measurement=table,
            select=tuple(Select(name) for name in ("status", "rows", "expected", "reason")),
            group_by=table.tag_names,
            since=now_ms - _KNOWN_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row.tags[name] for name in COLLECTOR_TAGS)
        if key not in found or (found[key].time or 0) <= (row.time or 0):
            found[key] = row
    return found


def _gateways(store: Store, now_ms: int) -> tuple[GatewayNow, ...]:
    connected = Condition("online", "=", True)
    accounts = {_key(row): row for row in _statuses(store, now_ms, ("online", *_ACCOUNT), connected)}
    last = {_key(row): row for row in _statuses(store, now_ms, ("online",))}
    return tuple(
        GatewayNow(
            district=key[0],
            school=key[1],
            gateway=key[2],
            heard_ms=account.time if (account := accounts.get(key)) else None,
            connected=bool(row.values["online"]),
            account=account.values if account else {},
        )
        for key, row in sorted(last.items())
    )


def _statuses(store: Store, now_ms: int, fields: Iterable[str], *where: Condition) -> list[Row]:
    return store.query(
        Query(
            measurement=STATUS,
            select=tuple(Select(name) for name in fields),
            group_by=STATUS.tag_names,
            where=where,
            since=now_ms - _GATEWAYS_MS,
            until=now_ms + 1,
            newest=1,
        )
    )


def _key(row: Row) -> Place:
    return row.tags["district"], row.tags["school"], row.tags["gateway"]
