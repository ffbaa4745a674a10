"""Room maps beside registry and retirements: what the gateway asks for that the bureau does not know. Pure.

Each side is the master of its own: the gateway's lists say which device is asked and for which room it
counts, the registry which rooms there are, the bureau's store what is out of service. None is changed by the
other; where they do not agree it is said to both.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Literal

from registry import Registry
from rules.mapping.maps import ACCESS_POINT, SHOWS, GatewayMap, MapLine
from rules.stored.retirements import RetiredKind, Retirements
from rules.words import Reason, joined, reason

What = Literal[
    "room", "retired", "retired_room", "retired_gateway", "two_rooms", "no_display", "no_access_point"
]
_ALIKE = 0.5  # of two names, by difflib's ratio
_MOST_LIKELY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that map and bureau do not agree on.

    room: mapped to a room that the registry does not have (likely: the ones that may be meant). retired,
    retired_room, retired_gateway: out of service at the bureau since `since`, and still asked. two_rooms: one
    device in two of them (likely). no_display, no_access_point: a room that should have one and in no list.
    """

    what: What
    school: str
    gateway: str = ""
    device: str = ""
    type: str = ""
    room: str = ""
    collector: str = ""
    since: date | None = None
    likely: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        told = reason(
            f"mapping.{self.what}",
            gateway=self.gateway,
            device=self.device,
            room=self.room,
            rooms=self.likely,
            collector=self.collector,
            since="" if self.since is None else self.since.isoformat(),
        )
        if self.what == "room" and self.likely:
            return joined(told, reason("unmatched.likely", likely=self.likely))
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Bureau:
    """What the bureau knows and decides. names: what controllers call an access point, by (school, serial).

    gateways: all that were connected lately; surveyed: rooms whose coverage was measured.
    """

    registry: Registry
    retirements: Retirements
    today: date
    gateways: frozenset[tuple[str, str]] = frozenset()
    surveyed: frozenset[tuple[str, str]] = frozenset()
    names: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def compare(maps: Sequence[GatewayMap], bureau: Bureau) -> tuple[Difference, ...]:
    """School by school; what is asked wrongly first, then what nobody asks."""
    by_school: dict[str, list[GatewayMap]] = defaultdict(list)
    for one in maps:
        by_school[one.school].append(one)
    return tuple(
        difference
        for code in bureau.registry.schools
        if code in by_school
        for difference in _school(code, by_school[code], bureau)
    )


def told_whole(code: str, maps: Sequence[GatewayMap], bureau: Bureau) -> bool:
    """Whether every gateway of a school in service has told its map: else nothing is missing in it."""
    told = {one.gateway for one in maps if one.school == code}
    heard = {gateway for school, gateway in bureau.gateways if school == code}
    return bool(told) and all(
        gateway in told or bureau.retirements.on(code, "gateway", gateway, bureau.today) for gateway in heard
    )


def _school(code: str, maps: Sequence[GatewayMap], bureau: Bureau) -> Iterator[Difference]:
    rooms = bureau.registry.rooms_of.get(code, ())
    codes = [room.room for room in rooms]
    for one in maps:
        yield from _gateway(one, codes, bureau)
    yield from _two_rooms(code, maps)
    if not told_whole(code, maps, bureau):
        return
    lines = [line for one in maps for line in one.lines]
    shows = {line.room for line in lines if line.type in SHOWS}
    covers = {line.room for line in lines if line.type == ACCESS_POINT}
    for room in rooms:
        if bureau.retirements.on(code, "room", room.room, bureau.today):
            continue
        if room.multimedia and room.room not in shows:
            yield Difference(what="no_display", school=code, room=room.room)
        covered = room.room in covers or (code, room.room) in bureau.surveyed
        if room.coverage != "none" and not covered:
            yield Difference(what="no_access_point", school=code, room=room.room)


def _gateway(one: GatewayMap, rooms: Sequence[str], bureau: Bureau) -> Iterator[Difference]:
    def retired(kind: RetiredKind, subject: str) -> date | None:
        found = bureau.retirements.found.get((one.school, kind, subject))
        return found.since if found and found.since <= bureau.today else None

    since = retired("gateway", one.gateway)
    if since is not None:
        yield Difference(what="retired_gateway", school=one.school, gateway=one.gateway, since=since)
        return
    for line in one.lines:
        if line.room not in rooms:
            yield _of(one, line, "room", likely=_alike(line.room, rooms))
        elif (since := retired("room", line.room)) is not None:
            yield _of(one, line, "retired_room", since=since)
        elif (since := _retired_since(one, line, bureau)) is not None:
            yield _of(one, line, "retired", since=since)


def _retired_since(one: GatewayMap, line: MapLine, bureau: Bureau) -> date | None:
    """By the name in the list, or by the access point that a controller calls so."""
    kind: RetiredKind = "access_point" if line.type == ACCESS_POINT else "device"
    called = line.device.casefold()
    for (school, retired_kind, subject), found in bureau.retirements.found.items():
        if (school, retired_kind) != (one.school, kind) or found.since > bureau.today:
            continue
        names = {subject, *bureau.names.get((school, subject), ())}
        if called in {name.casefold() for name in names}:
            return found.since
    return None


def _two_rooms(code: str, maps: Sequence[GatewayMap]) -> Iterator[Difference]:
    """One device that two gateways, or two lists, give to different rooms."""
    found: dict[tuple[str, str], dict[str, GatewayMap]] = defaultdict(dict)
    for one in maps:
        for line in one.lines:
            found[line.type, line.device].setdefault(line.room, one)
    for (type_, device), places in sorted(found.items()):
        if len(places) > 1:
            gateways = "、".join(dict.fromkeys(one.gateway for one in places.values()))
            yield Difference(
                what="two_rooms",
                school=code,
                gateway=gateways,
                device=device,
                type=type_,
                likely=tuple(sorted(places)),
            )


def _of(
    one: GatewayMap, line: MapLine, what: What, *, since: date | None = None, likely: tuple[str, ...] = ()
) -> Difference:
    return Difference(
        what=what,
        school=one.school,
        gateway=one.gateway,
        device=line.device,
        type=line.type,
        room=line.room,
        collector=line.collector,
        since=since,
        likely=likely,
    )


def _alike(room: str, rooms: Sequence[str]) -> tuple[str, ...]:
    return tuple(get_close_matches(room, sorted(rooms), n=_MOST_LIKELY, cutoff=_ALIKE))
