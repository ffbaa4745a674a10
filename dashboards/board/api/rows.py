"""The rows of every resource, out of what the pages show: one truth, told twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dashboards.board.alert_history import AlertsPage
from dashboards.board.api import models
from dashboards.board.api.devices import DevicesSeen
from dashboards.board.api.reports import ReportFile
from dashboards.board.figures import Overview, Verdict
from dashboards.board.fleet import FleetPage
from dashboards.board.names import Names
from dashboards.board.rows import int_of, reason_of, text_of
from dashboards.board.shortfalls import RegisterPage
from dashboards.board.use import RATES, UsePage
from registry.vocabulary import GUARANTEES, OVERALL
from rules.planner.lines import PlanLines, WhatIfLines
from rules.words import name, worded
from runtime.language import Language
from store import Row

Source = Literal["overview", "use", "register", "alerts", "devices", "fleet", "reports", "plan", "what_if"]
Sources = tuple[Source, ...]
_BESIDE = frozenset({*GUARANTEES, "wireless", OVERALL})


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the board has read for one answer, and in which language it is told."""

    language: Language
    names: Names
    overview: Overview | None = None
    use: UsePage | None = None
    register: RegisterPage | None = None
    alerts: AlertsPage | None = None
    devices: DevicesSeen | None = None
    fleet: FleetPage | None = None
    reports: Sequence[ReportFile] = ()
    plan: PlanLines | None = None
    what_if: WhatIfLines | None = None
    # Whether the reader may see what is about the whole district.
    whole: bool = False

    def district(self, school: str) -> str | None:
        registry = self.names.registry
        known = registry.schools.get(school) if registry else None
        return known.district if known else self._told.get(school)

    @property
    def _told(self) -> Mapping[str, str]:
        """Districts as the evaluation has them, of schools that the registry does not name."""
        return self.overview.districts_of if self.overview else {}

    def called(self, indicator: str) -> str:
        known = self.overview.applied.names if self.overview else {}
        return known[indicator].name.of(self.language) if indicator in known else indicator


def districts(look: Look) -> list[models.District]:
    overview = look.overview
    if overview is None:
        return []
    of = [look.district(row.code) for row in overview.schools]
    codes = sorted({code for code in of if code} | {row.tags["district"] for row in overview.district_rows})
    found = []
    for code in codes:
        rows = [row for row in overview.district_rows if row.tags["district"] == code]
        newest = max(rows, key=lambda row: row.time or 0, default=None)
        found.append(
            models.District(
                district=code,
                name=look.names.district(code).of(look.language),
                schools=of.count(code),
                standard=text_of(newest, "standard") if newest else None,
                as_of=text_of(newest, "as_of") if newest else None,
                evaluated=_moment(newest.time) if newest else None,
            )
        )
    return found


def results(look: Look) -> list[models.Result]:
    rows = look.overview.district_rows if look.overview else ()
    return [
        models.Result(
            district=row.tags["district"],
            stage=row.tags["stage"],
            indicator=row.tags["indicator"],
            name=look.called(row.tags["indicator"]),
            passing=int_of(row, "passing") or 0,
            failing=int_of(row, "failing") or 0,
            undetermined=int_of(row, "undetermined") or 0,
            rate=text_of(row, "rate"),
            mean=text_of(row, "mean"),
            cv=text_of(row, "cv"),
            cv_limit=text_of(row, "cv_limit"),
            balanced=None if row.values["balanced"] is None else bool(row.values["balanced"]),
            sections_unknown=int_of(row, "sections_unknown"),
            mean_least=text_of(row, "mean_least"),
            mean_most=text_of(row, "mean_most"),
            cv_least=text_of(row, "cv_least"),
            cv_most=text_of(row, "cv_most"),
        )
        for row in sorted(rows, key=lambda row: tuple(row.tags.values()))
    ]


def schools(look: Look) -> list[models.School]:
    found = look.overview.schools if look.overview else ()
    return [
        models.School(
            school=row.code,
            district=look.district(row.code),
            name=row.name,
            kind=name("school_kinds", row.kind, look.language) if row.kind else None,
            unit=row.unit,
            wireless=_answer(row.wireless.verdict),
            rooms_covered=row.rooms.covered,
            rooms_uncovered=row.rooms.uncovered,
            rooms_undetermined=row.rooms.undetermined,
            access_points=row.live.access_points,
            access_points_up=row.live.access_points_up,
            access_points_unknown=row.live.access_points_unknown,
            devices=row.live.devices,
            devices_answering=row.live.devices_answering,
        )
        for row in sorted(found, key=lambda row: row.code)
    ]


def sections(look: Look) -> list[models.Section]:
    found = []
    for code, verdict in _verdicts(look):
        if verdict.indicator != OVERALL or look.overview is None:
            continue
        own = [
            item
            for item in look.overview.verdicts[code]
            if item.stage == verdict.stage and item.indicator not in _BESIDE
        ]
        school = look.names.school(code)
        found.append(
            models.Section(
                school=code,
                district=look.district(code),
                name=school.name,
                unit=school.unit,
                stage=verdict.stage,
                verdict=_answer(verdict.verdict),
                reason=worded(verdict.reason, look.language),
                failing=_codes(own, "fail"),
                undetermined=_codes(own, "undetermined"),
            )
        )
    return found


def indicators(look: Look) -> list[models.Indicator]:
    return [
        models.Indicator(**_figures(look, code, item))
        for code, item in _verdicts(look)
        if item.indicator not in _BESIDE
    ]


def guarantees(look: Look) -> list[models.Guarantee]:
    return [
        models.Guarantee(**_figures(look, code, item))
        for code, item in _verdicts(look)
        if item.indicator in _BESIDE and item.indicator != OVERALL
    ]


def rates(look: Look) -> list[models.Rate]:
    found = []
    for school in sorted(look.use.schools if look.use else (), key=lambda school: school.school):
        for code, rate in zip(RATES, school.rates, strict=True):
            if rate is None:
                continue
            found.append(
                models.Rate(
                    school=school.school,
                    district=look.district(school.school),
                    rate=code,
                    name=name("rates", code, look.language),
                    value=rate.value,
                    unit="percent" if rate.percent else "lessons_per_pupil",
                    completeness=rate.completeness,
                    verdict=rate.verdict,
                    reason=worded(rate.reason, look.language),
                )
            )
    return found


def rooms(look: Look) -> list[models.Room]:
    if look.overview is None:
        return []
    schools = look.use.schools if look.use else ()
    used = {(room.school, room.room): room for school in schools for room in school.rooms}
    judged = {(code, row.tags["room"]): row for code, rows in look.overview.room_rows.items() for row in rows}
    found = []
    for school, room in sorted({*used, *judged}):
        row, use, called = judged.get((school, room)), used.get((school, room)), look.names.room(school, room)
        found.append(
            models.Room(
                school=school,
                district=look.district(school),
                room=room,
                name=called.name,
                kind=called.kind or None,
                coverage=_answer(text_of(row, "verdict") if row else None),
                reason=worded(reason_of(row), look.language) if row else None,
                points=int_of(row, "points") if row else None,
                points_covered=int_of(row, "points_covered") if row else None,
                points_required=int_of(row, "points_required") if row else None,
                worst_rssi_dbm=int_of(row, "worst_rssi_dbm") if row else None,
                lessons_due=use.due if use else None,
                lessons_known=use.known if use else None,
                lessons_used=use.used if use else None,
                unused=use.unused if use else None,
            )
        )
    return found


def devices(look: Look) -> list[models.Device]:
    seen = look.devices
    if seen is None:
        return []
    found = [_access_point(look, row) for row in seen.access_points]
    found += [_room_device(look, row) for row in seen.devices]
    return sorted(found, key=lambda device: (device.school, device.type, device.device))


def _access_point(look: Look, row: Row) -> models.Device:
    return models.Device(
        **_place(look, row),
        device=row.tags["ap"],
        type="access_point",
        name=text_of(row, "name"),
        model=text_of(row, "model"),
        state=text_of(row, "state"),
        reachable=None,
        power=None,
        clients=int_of(row, "clients"),
        lamp_h=None,
    )


def _room_device(look: Look, row: Row) -> models.Device:
    reachable = row.values["reachable"]
    return models.Device(
        **_place(look, row),
        device=row.tags["device"],
        type=row.tags["type"],
        name=None,
        model=text_of(row, "model"),
        state=text_of(row, "condition"),
        reachable=None if reachable is None else bool(reachable),
        power=text_of(row, "power"),
        clients=None,
        lamp_h=int_of(row, "lamp_h"),
    )


def shortfalls(look: Look) -> list[models.Shortfall]:
    register = look.register.found if look.register else None
    found = []
    for row in register.rows if register else ():
        district, school, stage, indicator = row.item.key
        found.append(
            models.Shortfall(
                district=district,
                school=school,
                name=row.school,
                stage=stage,
                indicator=indicator,
                indicator_name=row.indicator.of(look.language),
                state=row.item.state,
                value=row.item.known.value,
                threshold=row.item.known.threshold,
                gap=row.item.known.gap,
                unit=row.unit,
                opened=row.item.opened,
                closed=row.item.closed,
                reopened=row.item.reopened,
                responsible=row.responsible,
                measure=row.measure.measure if row.measure else None,
                deadline=row.deadline,
                overdue=row.overdue,
            )
        )
    return sorted(found, key=lambda item: (item.district, item.school, item.stage, item.indicator))


def alerts(look: Look) -> list[models.Alert]:
    found = []
    for line in look.alerts.firing if look.alerts else ():
        district, school, alert, subject = line.key
        found.append(
            models.Alert(
                district=district,
                school=school,
                name=line.school,
                alert=alert,
                title=line.title.of(look.language),
                severity=line.severity,
                subject=subject,
                subject_name=line.called.of(look.language),
                room=line.room,
                since=_moment(line.since_ms),
                detail=worded(line.detail, look.language) or None,
                silent=line.quiet,
                taken_by=line.taken.who if line.taken else None,
                note=(line.taken.note or None) if line.taken else None,
                silenced_until=_moment(line.silence.end_ms) if line.silence else None,
                silenced_by=line.silence.who if line.silence else None,
            )
        )
    return sorted(found, key=lambda alert: (alert.district, alert.school, alert.alert, alert.subject))


def gateways(look: Look) -> list[models.Gateway]:
    found = look.overview.gateways if look.overview else ()
    return [
        models.Gateway(
            school=row.school,
            district=look.district(row.school),
            name=row.name,
            gateway=row.gateway,
            state=row.state,
            heard=_moment(row.heard_ms),
            version=row.version,
            produced=row.produced,
            acknowledged=row.acknowledged,
            pending=row.pending,
            dropped=row.dropped,
            clock_offset_ms=row.clock_offset_ms,
            collectors_failing=row.collectors_failing,
            spool_full_pct=row.spool_full_pct,
            certificate_days=row.certificate_days,
        )
        for row in sorted(found, key=lambda row: (row.school, row.gateway or ""))
    ]


def fleet(look: Look) -> list[models.FleetGateway]:
    found = look.fleet.lines if look.fleet else ()
    return [
        models.FleetGateway(
            school=line.school,
            district=line.district,
            name=line.name,
            gateway=line.gateway,
            state=line.state,
            wanted=line.wanted,
            wanted_since=_moment(line.wanted_ms),
            running=line.running,
            running_since=_moment(line.since_ms),
            not_taken=line.not_taken,
            not_taken_at=_moment(line.not_taken_ms),
            reason=worded(line.why, look.language) or None,
            changed_here=line.changed_here,
            software=line.software,
            wanted_software=line.wanted_software,
            heard=_moment(line.heard_ms),
        )
        for line in sorted(found, key=lambda line: (line.school, line.gateway))
    ]


def reports(look: Look) -> list[models.Report]:
    return [
        models.Report(
            quarter=file.quarter,
            version=file.version,
            file=file.name,
            bytes=file.bytes,
            modified=_moment(file.modified_ms),
            href=file.href,
        )
        for file in look.reports
    ]


def _verdicts(look: Look) -> Iterator[tuple[str, Verdict]]:
    verdicts = look.overview.verdicts if look.overview else {}
    for code in sorted(verdicts):
        for item in sorted(verdicts[code], key=lambda item: (item.stage, item.indicator)):
            yield code, item


def _figures(look: Look, code: str, item: Verdict) -> dict[str, Any]:
    return {
        "school": code,
        "district": look.district(code),
        "stage": item.stage,
        "indicator": item.indicator,
        "name": look.called(item.indicator),
        "verdict": _answer(item.verdict),
        "reason": worded(item.reason, look.language),
        "numerator": item.numerator,
        "denominator": item.denominator,
        "value": item.value,
        "threshold": item.threshold,
        "floor": item.floor,
        "declared": item.declared,
        "observed": item.observed,
        "completeness": item.completeness,
    }


def _place(look: Look, row: Row) -> dict[str, Any]:
    school, room = row.tags["school"], row.tags["room"]
    return {
        "school": school,
        "district": row.tags["district"],
        "room": room,
        "room_name": look.names.room(school, room).title if room else "",
        "seen": _moment(row.time),
    }


def _codes(items: Sequence[Verdict], verdict: str) -> str:
    return ",".join(sorted(item.indicator for item in items if item.verdict == verdict))


def _answer(verdict: str | None) -> Literal["pass", "fail", "undetermined"]:
    """What is not a pass and not a fail is not determined."""
    return "pass" if verdict == "pass" else "fail" if verdict == "fail" else "undetermined"


def _moment(ms: int | None) -> Any:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
