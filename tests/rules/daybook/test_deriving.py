"""The tables for charts, from one school's day that is written out here: each figure beside what it is of."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contract import Point
from registry.calendar import Interval
from registry.timetable import Timetable, TimetabledLesson
from rules.daybook.deriving import LATE_PENDING, Basis, derive, voided
from rules.daybook.entry import (
    ApCounts,
    ApRest,
    CollectorRest,
    DeviceCounts,
    DeviceRest,
    Entry,
    GatewayClock,
    GatewayRest,
    LedgerRest,
    Lesson,
    RadioCounts,
    Rest,
    SchoolDay,
)
from rules.stored.retirements import Retirement, Retirements
from tests.rules.build import BINHAI, DISTRICT

MINUTE = 60_000
DAY = date(2021, 9, 28)  # a Tuesday
SCHOOL = "2112000001"
# School from 8:00 to 10:10, with two lessons of forty minutes; everything is asked every five.
BEGIN, END, MIDNIGHT = 480 * MINUTE, 610 * MINUTE, 1440 * MINUTE
FACTS = SchoolDay(
    hours=Interval(begin_ms=BEGIN, end_ms=END),
    lessons=(
        Lesson("1", 480 * MINUTE, 520 * MINUTE),
        Lesson("2", 530 * MINUTE, 570 * MINUTE),
    ),
    aps={
        ("R1", "A1"): ApCounts(30, 4, 20, 600 * MINUTE, "up"),
        ("R1", "A2"): ApCounts(10, 0, 9, 600 * MINUTE, "down"),
    },
    devices={("R1", "P1", "projector"): DeviceCounts(24, 20, 11, 2, 5, 18, 40, 600 * MINUTE, (9, 7, 6, 5))},
    said={"access_point": 5 * MINUTE, "room_device": 5 * MINUTE},
    clocks={"gw2": GatewayClock(-700_000, True)},
)
REST = Rest(
    weekday=2,
    aps={
        ("R1", "A1"): ApRest(10, 45, 9, 450 * MINUTE, 640 * MINUTE),
        ("R1", "A2"): ApRest(0, 0, None, 480 * MINUTE, 600 * MINUTE),
        # Asked before school alone.
        ("R1", "A3"): ApRest(0, 0, None, 450 * MINUTE, 455 * MINUTE),
    },
    radios={("R1", "A1", "0"): RadioCounts(4, 50, 20, 0, 0, None, (2, 30, 20, 0, 0, None, 3, 12, 7) * 2)},
    devices={
        ("R1", "P1", "projector"): DeviceRest(4, 450 * MINUTE, 640 * MINUTE, (3, 1)),
        ("R1", "P2", "panel"): DeviceRest(2, 450 * MINUTE, 455 * MINUTE, (0, 0)),
    },
    collectors={
        ("gw1", "ac"): CollectorRest(50, 40, 2, "access_point", 300),
        ("gw1", "old"): CollectorRest(7, 7, 1, None, None),
    },
    gateways={"gw1": GatewayRest(12, LATE_PENDING), "gw3": GatewayRest(11, LATE_PENDING - 1)},
    ledgers={("gw1", "ledger"): LedgerRest(99, 5, 6, 0)},
)
ENTRY = Entry(facts=FACTS, rest=REST)
# The timetable names the room: the first lesson of Tuesdays is held there, the second is not.
HELD = TimetabledLesson(school_code=SCHOOL, room="R1", weekday=1, slot="1")
BASIS = Basis(timetable=Timetable(lessons=(HELD,)), rule=BINHAI.utilisation, retired=Retirements())


def derived(
    table: str, *, basis: Basis = BASIS, until_ms: int = MIDNIGHT, entry: Entry = ENTRY
) -> dict[Any, dict[str, Any]]:
    """By the tags that are not the school's, and the time in minutes of the day."""
    points = derive((DISTRICT, SCHOOL), DAY, 0, until_ms, entry, basis)
    assert {(DISTRICT, SCHOOL)} == {point.tags[:2] for point in points}
    return {
        (*point.tags[2:], point.time // MINUTE): dict(
            zip(point.measurement.field_names, point.fields, strict=True)
        )
        for point in points
        if point.measurement.name == table
    }


def test_access_points() -> None:
    found = derived("ap_day")
    assert found["R1", "A1", "2", 0] == {
        "due": 30,  # twenty-six, but it was asked oftener
        "polls": 30,
        "known": 26,
        "up": 20,
        "clients_most": 9,
        "clients_mean": 4.5,
        "last_state": "up",
        "first_ms": 450 * MINUTE,
        "last_ms": 640 * MINUTE,
        "retired": 0,
    }
    assert (26, 10) == (found["R1", "A2", "2", 0]["due"], found["R1", "A2", "2", 0]["polls"])
    nothing = found["R1", "A3", "2", 0]
    assert (26, 0, 0, 0, None, None) == tuple(
        nothing[name] for name in ("due", "polls", "known", "up", "clients_mean", "last_state")
    )
    # In the middle of the morning half of it was due; how much, nobody knows where none says how often.
    assert 13 == derived("ap_day", until_ms=BEGIN + 65 * MINUTE)["R1", "A3", "2", 0]["due"]
    unsaid = replace(ENTRY, facts=replace(FACTS, said={}))
    assert [None] * 3 == [row["due"] for row in derived("ap_day", entry=unsaid).values()]


def test_radios() -> None:
    assert derived("radio_day") == {
        ("R1", "A1", "0", "2", 0): {
            "busy_known": 4,
            "busy_mean": 12.5,
            "busy_p95": 20,
            "noise_known": 0,
            "noise_mean": None,
            "noise_p95": None,
        }
    }
    lesson = {
        "busy_known": 2,
        "busy_mean": 15.0,
        "busy_p95": 20,
        "noise_known": 0,
        "noise_mean": None,
        "noise_p95": None,
        "clients_known": 3,
        "clients_mean": 4.0,
        "clients_p95": 7,
    }
    assert derived("radio_lesson") == {
        ("R1", "A1", "0", "2", "1", 480): lesson,
        ("R1", "A1", "0", "2", "2", 530): lesson,
    }


def test_devices() -> None:
    found = derived("device_day")
    assert found["R1", "P1", "projector", "2", 0] == {
        "due": 26,
        "polls": 24,
        "answered": 20,
        "working": 9,
        "faulty": 5,
        "fault": 1,
        "on_min": 130,  # forty times five, but no more than there was of school
        "outside_min": 20,
        "first_ms": 450 * MINUTE,
        "last_ms": 640 * MINUTE,
        "retired": 0,
    }
    assert (0, 0, 0, 10) == tuple(
        found["R1", "P2", "panel", "2", 0][name] for name in ("polls", "fault", "on_min", "outside_min")
    )
    # Errors of what was off are errors, too.
    off = FACTS.devices["R1", "P1", "projector"]._replace(on_faulty=0)
    faulty = replace(ENTRY, facts=replace(FACTS, devices={("R1", "P1", "projector"): off}))
    assert 1 == derived("device_day", entry=faulty)["R1", "P1", "projector", "2", 0]["fault"]


def test_lessons() -> None:
    held = {
        "lesson": 1,
        "due_min": 40,
        "known_min": 40,
        "on_min": 35,
        "known": 1,
        "used": 1,
        "faults": 3,
    }
    not_held = {
        "lesson": 0,
        "due_min": 0,
        "known_min": 0,
        "on_min": 25,
        "known": 0,
        "used": None,
        "faults": 1,
    }
    first, second = ("R1", "P1", "projector", "2", "1", 480), ("R1", "P1", "projector", "2", "2", 530)
    assert derived("lesson_day") == {first: held, second: not_held}
    everywhere = derived("lesson_day", basis=replace(BASIS, timetable=Timetable()))
    assert everywhere[second] == {
        **not_held,
        "lesson": 1,
        "due_min": 40,
        "known_min": 30,
        "known": 1,
        "used": 1,
    }


def test_collectors_gateways_and_ledgers() -> None:
    collectors = derived("collector_day")
    assert collectors["gw1", "ac", "2", 0] == {
        "due": 52,
        "rounds": 50,
        "whole": 40,
        "targets": 2,
        "reads": "access_point",
        "interval_s": 300,
    }
    assert collectors["gw1", "old", "2", 0]["due"] is None
    names = ("accounts", "clock_offset_ms", "clock_wrong", "pending_most", "late")
    assert {key[0]: tuple(row[name] for name in names) for key, row in derived("gateway_day").items()} == {
        "gw1": (12, None, 0, LATE_PENDING, 1),
        "gw2": (0, -700_000, 1, None, 0),
        "gw3": (11, None, 0, LATE_PENDING - 1, 0),
    }
    assert derived("ledger_day") == {
        ("gw1", "ledger", "2", 0): {"told_ms": 99, "rows": 5, "lines": 6, "whole": 0}
    }


@pytest.mark.parametrize(
    ("kind", "subject", "since", "retired"),
    [
        ("access_point", "A1", DAY, {"A1"}),
        ("device", "P1", DAY, {"P1"}),
        ("room", "R1", DAY, {"A1", "A2", "A3", "P1", "P2"}),
        ("room", "R1", date(2021, 9, 29), set()),
        # Of the same name, but something else.
        ("device", "A1", DAY, set()),
        ("access_point", "P1", DAY, set()),
    ],
)
def test_what_is_out_of_service(kind: Any, subject: str, since: date, retired: set[str]) -> None:
    decided = Retirement(
        district=DISTRICT, school=SCHOOL, kind=kind, subject=subject, since=since, reason="r"
    )
    basis = replace(BASIS, retired=Retirements({(SCHOOL, kind, subject): decided}))
    found = {**derived("ap_day", basis=basis), **derived("device_day", basis=basis)}
    assert retired == {key[1] for key, row in found.items() if row["retired"]}


def test_what_is_no_more_counts_nothing() -> None:
    old = derive((DISTRICT, SCHOOL), DAY, 0, MIDNIGHT, ENTRY, BASIS)
    present = [point for point in old if point.tags[2:4] != ("R1", "A1")]
    found = {point.measurement.name: point for point in voided(old, present)}
    assert {"ap_day", "radio_day", "radio_lesson"} == set(found)
    assert fields(found["radio_day"]) == {"busy_known": 0, "noise_known": 0}
    assert fields(found["ap_day"]) == {"polls": 0, "known": 0, "up": 0, "retired": 0}


def fields(point: Point) -> dict[str, Any]:
    return {
        name: value
        for name, value in zip(point.measurement.field_names, point.fields, strict=True)
        if value is not None
    }
