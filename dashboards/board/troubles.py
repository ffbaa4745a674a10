"""What is wrong now, whose it is: gateways, rooms, access points, displays."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from dashboards.board.figures import GatewayRow, TroubleItem, TroubleLine, Troubles
from dashboards.board.names import Names
from dashboards.board.rows import text_of
from store import Row

# How a gateway is not well, worst first; "never" was not heard of at all, which a roll-out is full of.
_GATEWAY_TROUBLES = (
    *("silent", "offline", "certificate", "clock", "dropped", "spool", "failing"),
    "never",
)
_AP_DOWN = {"down", "fault"}
# When each began, by school, alert and subject. An alert that is called otherwise tells nothing.
Since = Mapping[tuple[str, str, str], int]
_ALERTS = {
    "clock": "gateway-clock",
    "spool": "gateway-spool-full",
    "down": "access-point-down",
    "fault": "projector-fault",
    "silent": "display-silent",
    "uncovered": "room-uncovered",
    "unused": "room-unused",
}


def gateway_troubles(gateways: Iterable[GatewayRow], names: Names, since: Since) -> Troubles:
    rows = list(gateways)
    found = [(row, state) for row in rows if (state := _gateway_state(row))]
    never = sum(state == "never" for _, state in found)
    items = [
        (
            row.school,
            TroubleItem(
                name=row.gateway or "",
                state=state,
                number=_how_much(row, state),
                parts=row.broken if state == "failing" else (),
                since_ms=_gateway_since(row, state, since),
            ),
        )
        for row, state in found
    ]
    partly = sum(bool(row.failing) for row in rows) - sum(bool(row.failing) for row, _ in found)
    return Troubles(
        kind="gateways",
        bad=len(found) - never,
        unknown=never,
        total=len(rows),
        lines=tuple(_lines(items, names)),
        partly=partly,
    )


def _gateway_since(row: GatewayRow, state: str, since: Since) -> int | None:
    """Its last word is what silence begins with, and the broker's word that it is gone."""
    if state in {"silent", "offline"}:
        return row.heard_ms
    return since.get((row.school, _ALERTS.get(state, ""), row.gateway or ""))


def _gateway_state(row: GatewayRow) -> str | None:
    if row.state != "online":
        return row.state
    wrong = {
        "certificate": row.certificate_days is not None,
        "clock": row.clock_wrong_s is not None,
        "dropped": bool(row.dropped),
        "spool": row.spool_full_pct is not None,
        "failing": row.has_broken,
    }
    return next((state for state in _GATEWAY_TROUBLES if wrong.get(state)), None)


def _how_much(row: GatewayRow, state: str) -> int | None:
    """Days left, seconds that a clock is wrong by, readings dropped, per cent taken, collectors that fail."""
    return {
        "certificate": row.certificate_days,
        "clock": row.clock_wrong_s,
        "dropped": row.dropped,
        "spool": row.spool_full_pct,
        "failing": len(row.broken) or row.collectors_failing,
    }.get(state)


def room_troubles(rooms: Iterable[Row], names: Names, since: Since) -> Troubles:
    """Rooms that the last evaluation found without coverage."""
    rows = list(rooms)
    items = [
        (row.tags["school"], _of_room(names, row, "uncovered", since))
        for row in rows
        if row.values["verdict"] == "fail"
    ]
    unknown = sum(row.values["verdict"] not in {"pass", "fail"} for row in rows)
    return _troubles("rooms", items, names, bad=len(items), unknown=unknown, total=len(rows))


def ap_troubles(access_points: Iterable[Row], names: Names, since: Since) -> Troubles:
    """Access points that their controller says are down."""
    rows = list(access_points)
    items = [
        (row.tags["school"], _device(names, row, "ap", str(row.values["state"]), since, "down"))
        for row in rows
        if row.values["state"] in _AP_DOWN
    ]
    unknown = sum(row.values["state"] in {None, "unknown"} for row in rows)
    return _troubles("aps", items, names, bad=len(items), unknown=unknown, total=len(rows))


def display_troubles(devices: Iterable[Row], names: Names, since: Since) -> Troubles:
    """Projectors and panels that do not answer, or report a fault."""
    rows = [row for row in devices if row.tags["type"] in {"projector", "panel"}]
    items = [
        (row.tags["school"], _device(names, row, "device", state, since, state))
        for row in rows
        if (state := _display_state(row))
    ]
    return _troubles("displays", items, names, bad=len(items), unknown=0, total=len(rows))


def _display_state(row: Row) -> str | None:
    if not row.values["reachable"]:
        return "silent"
    return "fault" if row.values["condition"] == "error" else None


def idle_troubles(room_states: Iterable[Row], names: Names, since: Since) -> Troubles:
    """Rooms with a display that no lesson of the window used; of some too little is known to say."""
    rows = [row for row in room_states if row.values["lessons_due"] is not None]
    items = [
        (row.tags["school"], _of_room(names, row, "unused", since))
        for row in rows
        if row.values["unused"] == 1
    ]
    unknown = sum(row.values["unused"] is None for row in rows)
    return _troubles("idle", items, names, bad=len(items), unknown=unknown, total=len(rows))


def _troubles(
    kind: str, items: list[tuple[str, TroubleItem]], names: Names, *, bad: int, unknown: int, total: int
) -> Troubles:
    return Troubles(kind=kind, bad=bad, unknown=unknown, total=total, lines=tuple(_lines(items, names)))


def _lines(items: list[tuple[str, TroubleItem]], names: Names) -> Iterator[TroubleLine]:
    by_school: dict[str, list[TroubleItem]] = defaultdict(list)
    for school, item in items:
        by_school[school].append(item)

    def worst(code: str) -> tuple[int, int, str]:
        ranks = [
            _GATEWAY_TROUBLES.index(item.state) for item in by_school[code] if item.state in _GATEWAY_TROUBLES
        ]
        return min(ranks, default=0), -len(by_school[code]), code

    for code in sorted(by_school, key=worst):
        ordered = tuple(sorted(by_school[code], key=lambda item: (item.place, item.name)))
        yield TroubleLine(school=code, name=names.school(code).name, items=ordered)


def _room(names: Names, row: Row) -> str:
    return names.room(row.tags["school"], row.tags["room"]).title


def _of_room(names: Names, row: Row, state: str, since: Since) -> TroubleItem:
    began = since.get((row.tags["school"], _ALERTS[state], row.tags["room"]))
    return TroubleItem(name=_room(names, row), state=state, since_ms=began)


def _device(names: Names, row: Row, tag: str, state: str, since: Since, told: str) -> TroubleItem:
    """By its room, for that is where somebody has to go. told: as what its alert has it."""
    called = (text_of(row, "name") if "name" in row.values else None) or row.tags[tag]
    return TroubleItem(
        name=called,
        state=state,
        place=_room(names, row) if row.tags["room"] else "",
        since_ms=since.get((row.tags["school"], _ALERTS[told], row.tags[tag])),
    )
