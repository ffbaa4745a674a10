"""One school: rooms, access points, devices, collectors. What is wrong comes first."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from contract import READING_KINDS
from dashboards.board.applied import Applied
from dashboards.board.figures import GatewayRow, Overview, SchoolRow, TroubleLine, Verdict
from dashboards.board.names import Names
from dashboards.board.newest import DAY, HOUR, Newest
from dashboards.board.overview import LIVE_MS
from dashboards.board.rows import int_of, reason_of, text_of
from registry.vocabulary import GUARANTEES
from rules.stored.late import read_late
from rules.stored.shares import Away
from rules.words import Reason, faults_reason
from store import Condition, Row, Store

_LOOKBACKS = (HOUR, 7 * DAY)
_VERDICT_ORDER = {"fail": 0, "undetermined": 1, "pass": 2}
_STATE_ORDER = {"down": 0, "fault": 0, "unknown": 1, "starting": 2, "up": 3}
_CONDITION_ORDER = {"error": 0, "warning": 2}
_STAGE_ORDER = {"primary": 0, "junior": 1, "school": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTile:
    """Coverage of one room, with the counts behind it."""

    room: str
    name: str
    kind: str
    area_m2: str
    area_class: str | None
    verdict: str
    reason: Reason
    points: int | None
    points_covered: int | None
    points_required: int | None
    worst_rssi_dbm: int | None
    ap_samples: int | None
    ap_up: int | None

    @property
    def availability_pct(self) -> int | None:
        """Share of looks at the serving access points that found them up, rounded down."""
        if not self.ap_samples or self.ap_up is None:
            return None
        return self.ap_up * 100 // self.ap_samples


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioCell:
    """One radio of an access point."""

    radio: str
    up: bool | None
    band: str | None
    channel: int | None
    utilisation_pct: int | None
    clients: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApRow:
    """An access point as its controller last described it."""

    ap: str
    name: str
    model: str | None
    room: str
    state: str
    clients: int | None
    radios: tuple[RadioCell, ...]
    seen_ms: int
    stale: bool

    @property
    def well(self) -> bool:
        return self.state == "up" and not self.stale


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device of a room as it last answered."""

    device: str
    type: str
    model: str | None
    room: str
    reachable: bool
    power: str | None
    condition: str | None
    faults: Reason
    lamp_h: int | None
    seen_ms: int
    stale: bool

    @property
    def well(self) -> bool:
        return self.reachable and self.condition == "ok" and not self.stale


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """How a collector's last round over a target ended."""

    collector: str
    target: str
    status: str
    rows: int | None
    expected: int | None
    reason: str | None
    seen_ms: int
    stale: bool

    @property
    def well(self) -> bool:
        return self.status == "ok" and not self.stale


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPage:
    """Everything a school's page shows."""

    now_ms: int
    evaluated_ms: int | None
    away: tuple[Away, ...]
    standard: str | None
    as_of: str | None
    applied: Applied
    school: SchoolRow
    verdicts: tuple[Verdict, ...]
    rooms: tuple[RoomTile, ...]
    gateways: tuple[GatewayRow, ...]
    access_points: tuple[ApRow, ...]
    devices: tuple[DeviceRow, ...]
    runs: tuple[RunRow, ...]
    # Days to which readings came when others of them had expired, the newest first.
    late: tuple[Reason, ...]
    # What is wrong now, by kind, as on the first page.
    troubles: tuple[tuple[str, TroubleLine], ...]


class SchoolSource:
    """Reads one school's live tables; not to be used by two threads at once."""

    def __init__(self, store: Store, code: str) -> None:
        self._store = store
        self._code = code
        here = (Condition("school", "=", code),)

        def table(kind: str, tags: tuple[str, ...], key: tuple[str, ...], *fields: str) -> Newest:
            return Newest(
                READING_KINDS[kind], tags=tags, key=key, lookbacks=_LOOKBACKS, fields=fields, where=here
            )

        self._access_points = table(
            "access_point", ("ap", "room"), ("ap",), "state", "name", "model", "clients"
        )
        self._radios = table(
            "radio",
            ("ap", "radio"),
            ("ap", "radio"),
            *("up", "band", "channel", "utilisation_pct", "clients"),
        )
        self._devices = table(
            "room_device",
            ("device", "type", "room"),
            ("device",),
            *("reachable", "power", "condition", "faults", "lamp_h", "model"),
        )
        self._runs = table(
            "collector_run",
            ("collector", "target"),
            ("collector", "target"),
            *("status", "rows", "expected", "reason"),
        )

    def read(self, overview: Overview, names: Names, *, now_ms: int) -> SchoolPage | None:
        """Ask the store and put the page together; None where there is no such school."""
        school = next((row for row in overview.schools if row.code == self._code), None)
        if school is None:
            return None

        def ask(table: Newest) -> list[Row]:
            return table.read(self._store, now_ms=now_ms)

        return build(
            overview,
            names,
            school=school,
            access_points=ask(self._access_points),
            radios=ask(self._radios),
            devices=ask(self._devices),
            runs=ask(self._runs),
            late=[late.reason for late in read_late(self._store, school=self._code)],
            now_ms=now_ms,
        )


def build(
    overview: Overview,
    names: Names,
    *,
    school: SchoolRow,
    access_points: list[Row],
    radios: list[Row],
    devices: list[Row],
    runs: list[Row],
    late: list[Reason],
    now_ms: int,
) -> SchoolPage:
    """The page's figures from the newest rows."""

    def room_name(room: str) -> str:
        return names.room(school.code, room).title if room else ""

    tiles = [_tile(row, school.code, names) for row in overview.room_rows.get(school.code, ())]
    radios_of = _radios(radios)
    aps = [_ap(row, radios_of, room_name(row.tags["room"]), now_ms) for row in access_points]
    machines = [_device(row, room_name(row.tags["room"]), now_ms) for row in devices]
    rounds = [_run(row, now_ms) for row in runs]
    return SchoolPage(
        now_ms=now_ms,
        evaluated_ms=overview.evaluated_ms,
        away=overview.away,
        standard=overview.standard,
        as_of=overview.as_of,
        applied=overview.applied,
        school=school,
        verdicts=tuple(sorted(overview.verdicts.get(school.code, ()), key=_order_of(overview.applied))),
        rooms=tuple(sorted(tiles, key=lambda tile: (_VERDICT_ORDER.get(tile.verdict, 1), tile.room))),
        gateways=tuple(row for row in overview.gateways if row.school == school.code),
        access_points=tuple(sorted(aps, key=lambda row: (_STATE_ORDER.get(row.state, 1), row.name, row.ap))),
        devices=tuple(sorted(machines, key=lambda row: (_device_rank(row), row.type, row.device))),
        troubles=tuple(
            (kind.kind, line)
            for kind in overview.troubles
            for line in kind.lines
            if line.school == school.code
        ),
        late=tuple(late),
        runs=tuple(sorted(rounds, key=lambda row: (row.status == "ok", row.collector, row.target))),
    )


def _order_of(applied: Applied) -> Callable[[Verdict], tuple[int, str, int]]:
    """The two targets, the other resource indicators with what they come to together, the guarantees."""
    first = {applied.code("multimedia_rooms"), "wireless"}

    def order(item: Verdict) -> tuple[int, str, int]:
        rank = 3 if item.indicator in GUARANTEES else 2 if item.indicator == "overall" else 1
        return (
            0 if item.indicator in first else rank,
            item.indicator,
            _STAGE_ORDER.get(item.stage, len(_STAGE_ORDER)),
        )

    return order


def _tile(row: Row, school: str, names: Names) -> RoomTile:
    room = row.tags["room"]
    name = names.room(school, room)
    return RoomTile(
        room=room,
        name=name.title,
        kind=name.kind,
        area_m2=name.area_m2,
        area_class=text_of(row, "area_class"),
        verdict=text_of(row, "verdict") or "undetermined",
        reason=reason_of(row),
        points=int_of(row, "points"),
        points_covered=int_of(row, "points_covered"),
        points_required=int_of(row, "points_required"),
        worst_rssi_dbm=int_of(row, "worst_rssi_dbm"),
        ap_samples=int_of(row, "ap_samples"),
        ap_up=int_of(row, "ap_up"),
    )


def _radios(rows: list[Row]) -> dict[str, tuple[RadioCell, ...]]:
    found: dict[str, list[RadioCell]] = defaultdict(list)
    for row in rows:
        up = row.values["up"]
        found[row.tags["ap"]].append(
            RadioCell(
                radio=row.tags["radio"],
                up=None if up is None else bool(up),
                band=text_of(row, "band"),
                channel=int_of(row, "channel"),
                utilisation_pct=int_of(row, "utilisation_pct"),
                clients=int_of(row, "clients"),
            )
        )
    return {ap: tuple(cells) for ap, cells in found.items()}


def _ap(row: Row, radios: dict[str, tuple[RadioCell, ...]], room: str, now_ms: int) -> ApRow:
    ap = row.tags["ap"]
    seen = row.time or 0
    return ApRow(
        ap=ap,
        name=text_of(row, "name") or ap,
        model=text_of(row, "model"),
        room=room,
        state=text_of(row, "state") or "unknown",
        clients=int_of(row, "clients"),
        radios=radios.get(ap, ()),
        seen_ms=seen,
        stale=now_ms - seen > LIVE_MS,
    )


def _device(row: Row, room: str, now_ms: int) -> DeviceRow:
    seen = row.time or 0
    return DeviceRow(
        device=row.tags["device"],
        type=row.tags["type"],
        model=text_of(row, "model"),
        room=room,
        reachable=bool(row.values["reachable"]),
        power=text_of(row, "power"),
        condition=text_of(row, "condition"),
        faults=faults_reason(text_of(row, "faults")),
        lamp_h=int_of(row, "lamp_h"),
        seen_ms=seen,
        stale=now_ms - seen > LIVE_MS,
    )


def _device_rank(row: DeviceRow) -> int:
    if not row.reachable:
        return 1
    return _CONDITION_ORDER.get(row.condition or "", 3)


def _run(row: Row, now_ms: int) -> RunRow:
    seen = row.time or 0
    return RunRow(
        collector=row.tags["collector"],
        target=row.tags["target"],
        status=text_of(row, "status") or "",
        rows=int_of(row, "rows"),
        expected=int_of(row, "expected"),
        reason=text_of(row, "reason"),
        seen_ms=seen,
        stale=now_ms - seen > LIVE_MS,
    )
