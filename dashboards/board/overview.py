"""The district at a glance: targets, schools by target, gateways."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction

from contract import (
    CERTIFICATE_ENDS_DAYS,
    READING_KINDS,
    SPOOL_NEARLY_FULL_PCT,
    STATUS,
    certificate_days_left,
    renewal_due,
    spool_taken_pct,
)
from dashboards.board.alerts import AlertSource
from dashboards.board.applied import Applied, Standards
from dashboards.board.figures import (
    AlertsNow,
    Ends,
    GatewayRow,
    LiveCounts,
    Overview,
    RoomCounts,
    SchoolRow,
    Target,
    Verdict,
)
from dashboards.board.names import Names
from dashboards.board.newest import DAY, HOUR, MINUTE, LastRounds, Newest, Standing, of_last_evaluation
from dashboards.board.rows import int_of, reason_of, text_of
from dashboards.board.troubles import (
    ap_troubles,
    display_troubles,
    gateway_troubles,
    idle_troubles,
    room_troubles,
)
from dashboards.board.units import units
from registry.exact import rounded_down, rounded_up
from registry.vocabulary import STAGES
from rules.stored.shares import WATCH_SHARE, Away, shares_away
from rules.stored.states import ROOM_STATE
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, VERDICT
from rules.words import from_json, reason
from store import Row, Store

# A gateway sends its status every minute; three of them missing is silence.
SILENT_MS = 3 * MINUTE + 30_000
# What a device said longer ago is no longer "now".
LIVE_MS = 15 * MINUTE
_EVALUATIONS = (HOUR, DAY, 400 * DAY)
_NOT_EVALUATED = reason("board.not_evaluated")
_STAGE_ORDER = {stage: number for number, stage in enumerate((*STAGES, "school"))}


class OverviewSource:
    """Reads the first page's figures; not to be used by two threads at once."""

    def __init__(self, store: Store, standards: Standards) -> None:
        self._store = store
        self._standards = standards
        place = ("district", "school")
        self._rounds = LastRounds()
        self._verdicts, self._rooms = Standing(VERDICT), Standing(ROOM_COVERAGE)
        self._districts = Standing(DISTRICT_INDICATOR)
        self._alerts = AlertSource(store)
        self._shares = Newest(WATCH_SHARE, tags=("share",), key=("share",), lookbacks=(7 * DAY,))
        self._gateways = Newest(STATUS, tags=STATUS.tag_names, key=STATUS.tag_names, lookbacks=(7 * DAY,))
        self._access_points = Newest(
            READING_KINDS["access_point"],
            tags=(*place, "ap", "room"),
            key=("school", "ap"),
            lookbacks=(LIVE_MS,),
            fields=("state", "name"),
        )
        self._devices = Newest(
            READING_KINDS["room_device"],
            tags=(*place, "device", "type", "room"),
            key=("school", "device"),
            lookbacks=(LIVE_MS,),
            fields=("reachable", "condition"),
        )
        self._room_states = Newest(
            ROOM_STATE,
            tags=ROOM_STATE.tag_names,
            key=ROOM_STATE.tag_names,
            lookbacks=_EVALUATIONS,
            fields=("lessons_due", "unused"),
        )

    def read(self, names: Names, *, now_ms: int) -> Overview:
        """Ask the store and put the page together; raises store.Unavailable."""

        def ask(table: Newest) -> list[Row]:
            return table.read(self._store, now_ms=now_ms)

        rounds = self._rounds.read(self._store, now_ms=now_ms)

        def standing(table: Standing) -> list[Row]:
            return table.read(self._store, rounds, now_ms=now_ms)

        verdicts = standing(self._verdicts)
        newest = max(verdicts, key=lambda row: row.time or 0, default=None)
        asked = text_of(newest, "standard") if newest else None
        applied = self._standards.applied(asked, names.today(now_ms))
        return build(
            names,
            applied,
            now_ms=now_ms,
            verdicts=verdicts,
            rooms=standing(self._rooms),
            districts=standing(self._districts),
            gateways=ask(self._gateways),
            access_points=ask(self._access_points),
            devices=ask(self._devices),
            room_states=of_last_evaluation(ask(self._room_states)),
            alerts=self._alerts.read(names, applied, now_ms=now_ms),
            away=tuple(shares_away(ask(self._shares), now_ms=now_ms)),
        )


def build(
    names: Names,
    applied: Applied,
    *,
    now_ms: int,
    verdicts: list[Row],
    rooms: list[Row],
    districts: list[Row],
    gateways: list[Row],
    access_points: list[Row],
    devices: list[Row],
    room_states: list[Row],
    alerts: AlertsNow,
    away: tuple[Away, ...] = (),
) -> Overview:
    """The page's figures from the newest rows."""
    by_school = {code: tuple(map(_verdict, group)) for code, group in _by_school(verdicts).items()}
    rooms_of = {code: tuple(group) for code, group in _by_school(rooms).items()}
    aps_of, devices_of = _by_school(access_points), _by_school(devices)
    codes = sorted({*names.schools, *by_school})
    schools = [
        _school_row(
            code,
            names,
            applied,
            by_school.get(code, ()),
            rooms_of.get(code, ()),
            _live_counts(aps_of.get(code, []), devices_of.get(code, [])),
        )
        for code in codes
    ]
    schools.sort(key=lambda school: (school.rank, school.code))
    newest = max(verdicts, key=lambda row: row.time or 0, default=None)
    thresholds = {(item.indicator, item.stage): item.threshold for row in by_school.values() for item in row}
    targets = tuple(
        _target(districts, indicator, stage, thresholds.get((indicator, stage)))
        if districts
        else _own_target(by_school, indicator, stage)
        for indicator, stage in _aims(applied)
    )
    judged = {(item.indicator, item.stage) for row in by_school.values() for item in row}
    limit_s = applied.standard.observation.max_clock_offset_s
    heard = tuple(_gateway_rows(gateways, names, codes, now_ms=now_ms, clock_limit_s=limit_s))
    return Overview(
        now_ms=now_ms,
        evaluated_ms=newest.time if newest else None,
        standard=text_of(newest, "standard") if newest else None,
        as_of=text_of(newest, "as_of") if newest else None,
        applied=applied,
        targets=targets,
        rooms=_count_rooms(rooms),
        schools=tuple(schools),
        gateways=heard,
        verdicts=by_school,
        room_rows=rooms_of,
        alerts=alerts,
        away=away,
        troubles=(
            gateway_troubles(heard, names, alerts.since),
            room_troubles(rooms, names, alerts.since),
            ap_troubles(access_points, names, alerts.since),
            display_troubles(devices, names, alerts.since),
            idle_troubles(room_states, names, alerts.since),
        ),
        units=units(schools, targets),
        results=tuple(
            _target(districts, indicator, stage, thresholds.get((indicator, stage)))
            for indicator, stage in sorted({(row.tags["indicator"], row.tags["stage"]) for row in districts})
        )
        or tuple(_own_target(by_school, indicator, stage) for indicator, stage in sorted(judged)),
        district_rows=tuple(districts),
        verdict_rows=tuple(verdicts),
        districts_of={row.tags["school"]: row.tags["district"] for row in verdicts},
    )


def _aims(applied: Applied) -> list[tuple[str, str]]:
    """What the district has set itself: wireless everywhere, and multimedia rooms stage by stage."""
    rooms = applied.code("multimedia_rooms")
    return [("wireless", "school"), *((rooms, stage) for stage in STAGES if rooms)]


def _school_row(
    code: str,
    names: Names,
    applied: Applied,
    verdicts: tuple[Verdict, ...],
    rooms: tuple[Row, ...],
    live: LiveCounts,
) -> SchoolRow:
    school = names.school(code)
    indicator = applied.code("multimedia_rooms") or ""
    sections = sorted(
        (item for item in verdicts if item.indicator == indicator),
        key=lambda item: _STAGE_ORDER.get(item.stage, len(_STAGE_ORDER)),
    )
    wireless = [item for item in verdicts if item.indicator == "wireless"]
    return SchoolRow(
        code=code,
        name=school.name,
        kind=school.kind,
        unit=school.unit,
        sections=tuple(sections) or (_nothing_yet(indicator, ""),),
        wireless=wireless[0] if wireless else _nothing_yet("wireless", "school"),
        rooms=_count_rooms(rooms),
        live=live,
    )


def _nothing_yet(indicator: str, stage: str) -> Verdict:
    return Verdict(indicator=indicator, stage=stage, verdict="undetermined", reason=_NOT_EVALUATED)


def _verdict(row: Row) -> Verdict:
    values = row.values
    value, threshold = values["value_number"], values["threshold_number"]
    share = float(value) / float(threshold) if value is not None and threshold else None
    return Verdict(
        indicator=row.tags["indicator"],
        stage=row.tags["stage"],
        verdict=text_of(row, "verdict") or "undetermined",
        reason=reason_of(row),
        numerator=text_of(row, "numerator"),
        denominator=text_of(row, "denominator"),
        value=text_of(row, "value"),
        threshold=text_of(row, "threshold"),
        floor=text_of(row, "floor"),
        declared=text_of(row, "declared"),
        observed=text_of(row, "observed"),
        completeness=text_of(row, "completeness"),
        near=bool(values["near"]),
        unknown=from_json(text_of(row, "missing_json")),
        share_of_threshold=share,
    )


def _target(districts: list[Row], indicator: str, stage: str, threshold: str | None) -> Target:
    """Sums over districts; rate and coefficient are shown only where there is one district."""
    rows = [row for row in districts if (row.tags["indicator"], row.tags["stage"]) == (indicator, stage)]
    only = rows[0] if len(rows) == 1 else None
    balanced = only.values["balanced"] if only else None
    return Target(
        indicator=indicator,
        stage=stage,
        threshold=threshold,
        passing=sum(int(row.values["passing"] or 0) for row in rows),
        failing=sum(int(row.values["failing"] or 0) for row in rows),
        undetermined=sum(int(row.values["undetermined"] or 0) for row in rows),
        rate=text_of(only, "rate") if only else None,
        mean=text_of(only, "mean") if only else None,
        cv=text_of(only, "cv") if only else None,
        cv_limit=text_of(only, "cv_limit") if only else None,
        balanced=None if balanced is None else bool(balanced),
        # Versions before tell no number; they leave the balance open where there are any.
        in_part=bool(
            only and (only.values["sections_unknown"] or (only.values["cv_limit"] and balanced is None))
        ),
        mean_ends=_ends(only, "mean", 2) if only else None,
        cv_ends=_ends(only, "cv", 3) if only else None,
    )


def _ends(row: Row, figure: str, places: int) -> Ends | None:
    """Rounded outwards: the figure lies in what is shown. None also where nothing is known: "0 or more" says
    nothing, and a single section never differs from itself."""
    least, most = text_of(row, f"{figure}_least"), text_of(row, f"{figure}_most")
    if least is None:
        return None
    if row.values[figure] is None and (most == least or (most is None and not Fraction(least))):
        return None
    low = rounded_down(Fraction(least), places)
    return low, None if most is None else rounded_up(Fraction(most), places)


def _own_target(by_school: dict[str, tuple[Verdict, ...]], indicator: str, stage: str) -> Target:
    """For who does not see the district: the counts of their own schools, and no rate or coefficient."""
    own = [
        item
        for verdicts in by_school.values()
        for item in verdicts
        if (item.indicator, item.stage) == (indicator, stage)
    ]
    counts = Counter(item.verdict for item in own)
    return Target(
        indicator=indicator,
        stage=stage,
        threshold=own[0].threshold if own else None,
        passing=counts["pass"],
        failing=counts["fail"],
        undetermined=counts["undetermined"],
    )


def _count_rooms(rooms: Iterable[Row]) -> RoomCounts:
    counts: dict[str, int] = defaultdict(int)
    for row in rooms:
        counts[text_of(row, "verdict") or "undetermined"] += 1
    return RoomCounts(covered=counts["pass"], uncovered=counts["fail"], undetermined=counts["undetermined"])


def _live_counts(access_points: list[Row], devices: list[Row]) -> LiveCounts:
    return LiveCounts(
        access_points=len(access_points),
        access_points_up=sum(row.values["state"] == "up" for row in access_points),
        access_points_unknown=sum(row.values["state"] in {None, "unknown"} for row in access_points),
        devices=len(devices),
        devices_answering=sum(bool(row.values["reachable"]) for row in devices),
    )


def _gateway_rows(
    gateways: list[Row], names: Names, codes: list[str], *, now_ms: int, clock_limit_s: int
) -> Iterable[GatewayRow]:
    """What is wrong first; a school whose gateway never said a word is wrong too."""
    heard = _by_school(gateways)
    rows = [_gateway_row(row, names, now_ms=now_ms, clock_limit_s=clock_limit_s) for row in gateways]
    rows += [
        GatewayRow(school=code, name=names.school(code).name, gateway=None, state="never")
        for code in codes
        if code not in heard
    ]
    order = {"silent": 0, "offline": 1, "never": 2, "online": 3}

    def worst_first(row: GatewayRow) -> tuple[object, ...]:
        urgent = (row.certificate_days is None, row.clock_wrong_s is None, not row.dropped)
        well = (*urgent, row.spool_full_pct is None, not row.has_broken, not row.failing)
        return order[row.state], *well, row.school, row.gateway or ""

    return sorted(rows, key=worst_first)


def _gateway_row(row: Row, names: Names, *, now_ms: int, clock_limit_s: int) -> GatewayRow:
    heard = row.time or 0
    state = "online" if row.values["online"] else "offline"
    if state == "online" and now_ms - heard > SILENT_MS:
        state = "silent"
    code, offset_ms = row.tags["school"], int_of(row, "clock_offset_ms")
    off_s = abs(offset_ms or 0) // 1000
    return GatewayRow(
        school=code,
        name=names.school(code).name,
        gateway=row.tags["gateway"],
        state=state,
        heard_ms=heard,
        version=text_of(row, "version"),
        produced=int_of(row, "produced"),
        acknowledged=int_of(row, "acknowledged"),
        pending=int_of(row, "pending"),
        dropped=int_of(row, "dropped"),
        clock_offset_ms=offset_ms,
        clock_wrong_s=off_s if off_s > clock_limit_s else None,
        collectors_failing=int_of(row, "collectors_failing"),
        failing=_failing(text_of(row, "failing") or ""),
        spool_full_pct=_spool_full(row),
        certificate_days=_certificate_ends(row, now_ms),
    )


def _failing(told: str) -> tuple[tuple[str, str], ...]:
    parts = (part.rpartition("=") for part in told.split(",") if "=" in part)
    return tuple((collector, status) for collector, _, status in parts)


def _spool_full(row: Row) -> int | None:
    taken = spool_taken_pct(int_of(row, "spool_max_bytes"), int_of(row, "spool_room_bytes"))
    return taken if taken is not None and taken >= SPOOL_NEARLY_FULL_PCT else None


def _certificate_ends(row: Row, now_ms: int) -> int | None:
    until = text_of(row, "certificate_until")
    if until is None or not renewal_due(text_of(row, "certificate_renews"), now_ms):
        return None
    left = certificate_days_left(until, now_ms)
    return left if left <= CERTIFICATE_ENDS_DAYS else None


def _by_school(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.tags["school"]].append(row)
    return dict(groups)
