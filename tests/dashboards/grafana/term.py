"""Four school weeks of a simulated district in a store, told by an accelerated clock.

The world of the simulator is asked at every poll, its answers go into the store as a gateway's readings, and
the rules evaluate, keep their answers and judge alerts at many instants on the way. Surveys and ledgers are
written as files and read by the gateway's own readers. One school never says a word, a gateway falls silent.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from contract import (
    AccessPoint,
    Account,
    Address,
    CollectorRun,
    Point,
    Radio,
    Reading,
    RoomDevice,
    Status,
    status_point,
    to_point,
)
from edge_agent.collectors.base import Collector
from edge_agent.collectors.ledger import Ledger
from edge_agent.collectors.survey import Survey
from edge_agent.settings import LedgerSettings, SurveySettings
from firmware_sim import Scenario, World, write_registry
from firmware_sim.ledger import write_ledger
from firmware_sim.states import ProjectorState
from firmware_sim.survey import write_walk
from firmware_sim.world import Campus
from registry import Registry, read_registry
from rules.answers.changes import Changes
from rules.answers.keeping import keep
from rules.facts.days import DayMemory
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.standards.reading import standard_for
from rules.watch.alerting import AlertService
from rules.watch.settings import AlertSettings
from store import Store

EPOCH = "0123456789abcdef"
STANDARD = "binhai-2021"
FIRST, LAST = date(2026, 9, 14), date(2026, 10, 13)
POLL_S = 600
_MINUTE_MS = 60_000
_LESSONS = ("08:00", "08:45"), ("08:55", "09:40"), ("10:00", "10:45"), ("10:55", "11:40"), ("14:00", "14:45")
PRIMARY, JUNIOR, NINE_YEAR, MUTE = "2112000001", "3112000002", "3112000003", "2112000009"
# A room as someone might write it, with all that a regular expression makes something else of.
ODD = "实/1.(2) "


_PLACE = {"unit": "区教体局", "lon": 117.7, "lat": 39.0}


def _room(first: int, count: int, name: str, **other: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": "普通教室", "area_m2": 60, "multimedia": True, "projector": "lamp"}
    return {"first": first, "count": count, "name": name, **shown, **other}


def scenario() -> Scenario:
    """Three schools that speak, and one that never does."""
    figures = {"teaching_area_m2": 2000, "sports_area_m2": 3000, "equipment_cny": 700_000}
    teachers = {"qualified_teachers": 16, "backbone_teachers": 4, "arts_pe_teachers": 4}
    return Scenario.model_validate(
        {
            "name": "term",
            "seed": 7,
            "district": "120116",
            "district_name": "滨海新区",
            "lessons_share": 0.6,
            "calendar": {
                "school_days": ["mon", "tue", "wed", "thu", "fri"],
                "term": [{"name": "2026-2027-1", "first": "2026-09-01", "last": "2027-01-15"}],
                "slot": [
                    {"name": f"第{number}节", "begin": begin, "end": end}
                    for number, (begin, end) in enumerate(_LESSONS, 1)
                ],
            },
            "catalogue": [
                {"name": "投影机", "categories": ["A02020200"], "per": "class", "quantity": "1"},
                {"name": "打印机", "categories": ["A02021000"], "per": "school", "quantity": "9000"},
            ],
            "schools": [
                {
                    **_PLACE,
                    "code": PRIMARY,
                    "name": "滨海模拟第一小学",
                    "kind": "小学",
                    "primary_pupils": 340,
                    "primary_classes": 6,
                    "largest_primary_class": 44,
                    "rooms": [
                        _room(101, 3, "一年级({n})班"),
                        {"first": 1, "prefix": "CZ", "name": "操场", "kind": "运动场地", "area_m2": 200}
                        | {"coverage": "outdoor"},
                    ],
                    "planted": [{"room": "103", "fault": "projector-unused"}],
                    "ledger": {"equipment_cny": 690_000},
                    "declared": {"primary": teachers, "school": {**figures, "multimedia_rooms": 3}},
                },
                {
                    **_PLACE,
                    "code": JUNIOR,
                    "name": "滨海模拟第二中学(东/校区)",
                    "kind": "初中",
                    "junior_pupils": 120,
                    "junior_classes": 3,
                    "largest_junior_class": 55,
                    "rooms": [
                        _room(101, 2, "七年级({n})班"),
                        _room(3, 1, "物理实验室 No.3", prefix=ODD),
                    ],
                    "planted": [
                        {"room": f"{ODD}3", "fault": "ap-down"},
                        {"room": "101", "fault": "lamp-error"},
                        {"room": "102", "fault": "projector-mute"},
                    ],
                    "ledger": {},
                    "declared": {"junior": teachers, "school": {**figures, "multimedia_rooms": 3}},
                },
                {
                    **_PLACE,
                    "code": NINE_YEAR,
                    "name": "滨海模拟九年一贯制学校",
                    "kind": "九年一贯制",
                    "primary_pupils": 90,
                    "primary_classes": 2,
                    "junior_pupils": 80,
                    "junior_classes": 2,
                    "rooms": [_room(201, 2, "{code}教室", projector="laser")],
                    "planted": [
                        {"room": "202", "fault": "ap-flaps"},
                        {"room": "201", "fault": "left-on", "first": "2026-10-06", "last": "2026-10-07"},
                    ],
                    "declared": {"primary": teachers, "school": {**figures, "multimedia_rooms": 2}},
                },
                {
                    **_PLACE,
                    "code": MUTE,
                    "name": "滨海模拟第九小学",
                    "kind": "小学",
                    "primary_pupils": 100,
                    "rooms": [_room(101, 1, "教室", multimedia=True)],
                },
            ],
        }
    )


SPEAKING = (PRIMARY, JUNIOR, NINE_YEAR)
SILENT_SINCE = datetime(2026, 10, 13, 9, 0, tzinfo=UTC)  # the nine-year school's gateway


@dataclass
class Term:
    """What was filled: the registry's folder and the last moment."""

    folder: Path
    store: Store
    scenario: Scenario = field(default_factory=scenario)

    @property
    def now_ms(self) -> int:
        """The moment at which the last evaluation was made."""
        return _ms(LAST, time(18, 0))

    @property
    def begin_ms(self) -> int:
        return _ms(FIRST, time(0))

    def fill(self) -> None:
        write_registry(self.scenario, self.folder)
        self.registry: Registry = read_registry(self.folder)
        world = World(self.scenario)
        self._memory = DayMemory()
        self._changes = Changes()
        self._alerts = AlertService(AlertSettings(settle_s=0), lambda: self.registry, lambda: 0)
        self._told: dict[str, int] = {}
        self._write(_once(self.folder, world))
        day = FIRST
        while day <= LAST:
            for moment in _polls(day):
                self._poll(world, moment)
            for moment in _evaluations(day):
                self._evaluate(moment)
            day += timedelta(days=1)

    def _poll(self, world: World, moment_ms: int) -> None:
        points: list[Point] = []
        for school in SPEAKING:
            if school == NINE_YEAR and moment_ms >= SILENT_SINCE.timestamp() * 1000:
                continue
            found = list(_readings(world.campus(school), moment_ms))
            self._told[school] = self._told.get(school, 0) + len(found)
            seq = moment_ms // 1000
            address = Address(self.scenario.district, school, "gw-1")
            points += [to_point(address, EPOCH, seq, reading) for reading in found]
            points.append(self._status(address, seq, moment_ms))
        self._write(points)
        if moment_ms >= _ms(LAST - timedelta(days=1), time(0)):
            assert self._alerts.round(self.store, moment_ms) is not None

    def _status(self, address: Address, seq: int, moment_ms: int) -> Point:
        waiting = 5 if address.school == JUNIOR else 0
        told = self._told[address.school]
        account = Account(
            epoch=EPOCH, last_seq=seq, produced=told, acknowledged=told - waiting, pending=waiting, dropped=0
        )
        status = Status(
            online=True,
            time=f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            version="0.1.0",
            account=account,
            clock_offset_ms=-120 if address.school == JUNIOR else 35,
        )
        return status_point(address, status, time_ms=moment_ms)

    def _evaluate(self, moment_ms: int) -> None:
        registry = self.registry
        day = registry.calendar.day_of(moment_ms)
        standard = standard_for(STANDARD, as_of=day)
        facts = observe(self.store, registry, standard, as_of=day, now_ms=moment_ms, memory=self._memory)
        evaluation = evaluate(registry, standard, facts, day)
        assert [] == keep(self.store, registry, evaluation, moment_ms, self._changes)

    def _write(self, points: list[Point]) -> None:
        assert [] == self.store.write(points)


def _ms(day: date, moment: time) -> int:
    """A local time of Tianjin; it has no summer time."""
    return int(datetime.combine(day, moment, UTC).timestamp()) * 1000 - 8 * 60 * _MINUTE_MS


def _polls(day: date) -> Iterator[int]:
    """Every ten minutes around lessons, every two hours else; the last two days are told in full."""
    whole = day >= LAST - timedelta(days=1)
    for minute in range(0, 24 * 60, POLL_S // 60):
        in_hours = day.weekday() < 5 and 8 * 60 <= minute < 15 * 60
        if (in_hours or minute % 120 == 0 or whole) and _ms(day, time(minute // 60, minute % 60)) <= _ms(
            LAST, time(18, 0)
        ):
            yield _ms(day, time(minute // 60, minute % 60))


def _evaluations(day: date) -> Iterator[int]:
    if day < LAST - timedelta(days=13):
        return
    hours = range(1, 18) if day == LAST else (12, 18) if day.weekday() < 5 else (12,)
    for hour in hours:
        yield _ms(day, time(hour))
    if day == LAST:
        yield _ms(day, time(18))


def _readings(campus: Campus, moment_ms: int) -> Iterator[Reading]:
    seconds = moment_ms // 1000
    aps = campus.layout.access_points
    for ap in aps:
        state = campus.ap_state(ap, seconds)
        yield AccessPoint(
            time=moment_ms,
            ap=ap.serial,
            room=ap.room.code,
            state="up" if state.up else "down",
            name=ap.name,
            model="AP-SIM",
            clients=state.clients if state.up else None,
            uptime_s=state.online_s,
            cpu_pct=state.cpu_pct,
            temperature_c=state.temperature_c,
        )
        for number, radio in enumerate(campus.radios(ap, seconds)):
            yield Radio(
                time=moment_ms,
                ap=ap.serial,
                radio=str(number),
                room=ap.room.code,
                up=radio.up,
                band=radio.band,
                channel=radio.channel,
                utilisation_pct=min(100, radio.utilisation_pct),
                noise_dbm=radio.noise_dbm,
                clients=radio.clients,
            )
    yield _run(moment_ms, "ac1", "10.0.0.2", "ok", len(aps), "access_point")
    mute = {entry.room for entry in campus.school.planted if entry.fault == "projector-mute"}
    for projector in campus.layout.projectors:
        silent = projector.room.code in mute
        status = "timeout" if silent else "ok"
        yield (
            _display(projector.device, projector.room.code, moment_ms)
            if silent
            else _display(
                projector.device,
                projector.room.code,
                moment_ms,
                campus.projector_state(projector, seconds),
            )
        )
        yield _run(moment_ms, "projectors", f"10.0.1.{projector.number}", status, not silent, "room_device")


def _display(device: str, room: str, moment_ms: int, state: ProjectorState | None = None) -> RoomDevice:
    """As a gateway puts PJLink's answers; None: it did not answer."""
    known: dict[str, Any] = {"reachable": False}
    if state is not None:
        faults = {
            part: how
            for part, how in zip(
                ("fan", "lamp", "temperature", "cover", "filter", "other"), state.errors, strict=True
            )
            if how != "0"
        }
        known = {
            "reachable": True,
            "power": ("off", "on", "cooling", "warming")[state.power],
            "lamp_h": state.lamp_h,
            "source": f"digital{state.source[1]}",
            "condition": "error" if "2" in faults.values() else "warning" if faults else "ok",
            "faults": ",".join(
                f"{part}={'error' if how == '2' else 'warning'}" for part, how in faults.items()
            )
            or None,
            "maker": "SIM",
            "model": "P1",
        }
    return RoomDevice(time=moment_ms, device=device, type="projector", room=room, **known)


def _run(moment_ms: int, collector: str, target: str, status: Any, rows: int, reads: Any) -> CollectorRun:
    return CollectorRun(
        time=moment_ms,
        collector=collector,
        target=target,
        status=status,
        rows=int(rows),
        expected=int(rows) or None,
        reads=reads,
        interval_s=POLL_S,
        reason=None if status == "ok" else "no answer",
    )


def _once(folder: Path, world: World) -> list[Point]:
    """What is told once: two walking surveys, and the asset ledger, of every school that speaks."""
    points: list[Point] = []
    moments = _ms(FIRST, time(16, 30)), _ms(LAST - timedelta(days=1), time(16, 30))
    for school in SPEAKING:
        campus, walks, ledgers = world.campus(school), folder / "walks" / school, folder / "ledgers" / school
        notes: dict[str, str] = {}
        walks.mkdir(parents=True)
        survey = Survey(SurveySettings(id="survey", folder=walks), recall=notes.get)
        for moment in moments:
            write_walk(campus, walks, time=moment // 1000)
            points += _collected(survey, school, moment, notes)
        if write_ledger(campus, ledgers) is not None:
            ledger = Ledger(LedgerSettings(id="ledger", folder=ledgers), recall=notes.get)
            points += _collected(ledger, school, moments[0] + 1000, notes)
    return points


def _collected(collector: Collector, school: str, moment_ms: int, notes: dict[str, str]) -> list[Point]:
    """All that a collector of a gateway reads at a moment; a large file takes it several rounds."""
    address, found, more = Address("120116", school, "gw-1"), [], True
    while more:
        told = asyncio.run(collector.collect(lambda: moment_ms))
        notes |= told.notes
        found += [*told.readings, *told.runs]
        more = told.more
    assert len(found) > 1
    return [to_point(address, EPOCH, moment_ms // 1000, reading) for reading in found]
