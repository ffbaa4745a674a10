"""A district in which whatever people and devices name is hostile: markup, a formula, quotes, a template."""

import csv
import io
import shutil
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contract import (
    Address,
    CollectorState,
    Measurement,
    Point,
    Reading,
    Status,
    Value,
    status_point,
    to_point,
    utc_text,
)
from contract.quarantined import QUARANTINE
from contract.readings import KINDS
from registry import Registry, read_registry
from rules.alerts.judging import judge, look
from rules.alerts.machine import AlertStanding
from rules.alerts.notices import AlertKey
from rules.alerts.recording import round_points
from rules.alerts.rules_file import AlertRules, load_alert_rules
from rules.answers.inquiry import inquire
from rules.answers.keeping import keep
from rules.stored.stocktakes import STOCKTAKE, STOCKTAKE_LINE
from store import Store

SMALL = Path("tests/cases/rules/small")
SCHOOL, DISTRICT = "2112000001", "120116"
GATEWAY = Address(DISTRICT, SCHOOL, "gw1")
# It begins as a formula, leaves an attribute, opens an element, and would be worked out by a template.
HOSTILE = "=1+1\"'><img src=x onerror=alert(1)>{{7*7}}"
STEP_MS, HOUR_MS, DAY_MS = 5 * 60_000, 3_600_000, 86_400_000
# What a reading of each kind says where it is not a name. A new kind needs its row.
PLAIN: dict[str, dict[str, Any]] = {
    "access_point": {"state": "down"},
    "radio": {"up": True, "utilisation_pct": 95},
    "signal_sample": {"band": "5", "rssi_dbm": -60},
    "room_device": {"type": "projector", "reachable": True, "power": "on", "condition": "error"},
    "asset": {"quantity": 1, "value_fen": 500_000},
    # A line for the room that is known, and one for the other.
    "room_map": {"lines": 2, "rooms": 2},
    "mapped_device": {"type": "projector"},
    "collector_run": {"status": "partial"},
}


def hostile_registry(folder: Path, today: date) -> Path:
    """The small one with hostile names, and a calendar in which today is in a term."""
    shutil.copytree(SMALL, folder)
    rewrite(folder / "schools.csv", {"学校名称": HOSTILE, "责任单位": HOSTILE})
    rewrite(folder / "rooms.csv", {"name": HOSTILE, "kind": HOSTILE})
    calendar = (folder / "calendar.toml").read_text(encoding="utf-8")
    first, last = today - timedelta(60), today + timedelta(60)
    term = f'[[term]]\nname = "now"\nfirst = {first}\nlast = {last}\n\n'
    head, rest = calendar.split("[[term]]", 1)
    slots = rest[rest.index("[[slot]]") :]
    (folder / "calendar.toml").write_text(head + term + slots, encoding="utf-8")
    return folder


def rewrite(path: Path, columns: dict[str, str]) -> None:
    """Each name is another one, as names of schools have to be."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    for number, row in enumerate(rows):
        row |= {name: f"{text}{number}" for name, text in columns.items()}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def hostile_reading(kind: type[Reading], time: int, **plain: Any) -> Reading:
    """One of a kind, with every text that the contract lets through."""
    name = kind.model_fields["kind"].default
    values: dict[str, Any] = {"time": time, **PLAIN[name], **plain}
    required = {
        field: HOSTILE[:64]
        for field, told in kind.model_fields.items()
        if told.is_required() and field not in values
    }
    values |= required
    for field in kind.model_fields.keys() - values.keys() - {"kind"}:
        try:
            TypeAdapter(kind).validate_python({**values, field: HOSTILE})
        except ValidationError:
            continue
        values[field] = HOSTILE
    return kind.model_validate({**values, **plain})


def hostile_points(registry: Registry, now_ms: int) -> Iterator[Point]:
    """Readings of the last school days and of now, in a room that is known and in one that is not."""
    days = registry.calendar.school_days_before(registry.calendar.day_of(now_ms), 3)[-3:]
    hours = [registry.calendar.school_hours(day) for day in days]
    past = [
        time for span in hours if span for time in range(span.begin_ms, span.end_ms, STEP_MS) if time < now_ms
    ]
    for seq, time in enumerate([*past, now_ms - 2 * STEP_MS, now_ms - STEP_MS, now_ms], 1):
        for kind in KINDS:
            rooms = ("R101", HOSTILE) if "room" in kind.model_fields else (None,)
            for room in rooms:
                plain = {} if room is None else {"room": room}
                yield to_point(GATEWAY, "0" * 16, seq, hostile_reading(kind, time, **plain))
        failing = CollectorState(id=HOSTILE, status="timeout")
        told = Status(online=True, time=utc_text(time), version=HOSTILE, collectors=(failing,))
        yield status_point(GATEWAY, told, time_ms=time)
    for table in (QUARANTINE, STOCKTAKE, STOCKTAKE_LINE):
        yield _filled(table, now_ms)


def _filled(table: Measurement, now_ms: int) -> Point:
    """A row with every text of it hostile that is neither one of a few nor a day."""
    plain: dict[str, Value] = {"district": DISTRICT, "school": SCHOOL, "day": "2026-10-14"}

    def value(name: str) -> Value:
        column = table.column(name)
        if name in plain:
            return plain[name]
        if column.type == "text":
            return column.choices[0] if column.choices else HOSTILE
        return 1

    return Point(
        table,
        tuple(str(value(name)) for name in table.tag_names),
        now_ms - DAY_MS if table is STOCKTAKE else now_ms,
        tuple(value(name) for name in table.field_names),
    )


def fill(store: Store, registry: Registry, now_ms: int) -> None:
    """Readings, an evaluation as it is kept, and alerts that fire at once."""
    write(store, hostile_points(registry, now_ms))
    evaluation = inquire(registry, "binhai-2021", now_ms=now_ms).evaluation(store, revise=True)
    assert keep(store, registry, evaluation, now_ms) == []
    rules, standings = _hasty(), dict[AlertKey, AlertStanding]()
    for moment in (now_ms - 1000, now_ms):
        seen = look(store, rules, registry, standings, moment)
        found = judge(rules, registry, standings, seen, moment)
        standings = dict(found.standings)
        write(store, round_points(rules, found))


def write(store: Store, points: Iterable[Point]) -> None:
    assert store.write(list(points)) == []


def _hasty() -> AlertRules:
    shipped = load_alert_rules()
    change = {"for_s": 0, "counts": "always", "sends": "always", "fires_from": "anywhere"}
    alerts = tuple(one.model_copy(update=change) for one in shipped.alerts)
    return shipped.model_copy(update={"alerts": alerts, "group_wait_s": 0})


def known(folder: Path) -> Registry:
    return read_registry(folder)
