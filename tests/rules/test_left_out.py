"""Readings that no figure counts are told at once, also those of tonight; so are rooms without a device."""

import time

import pytest
from typer.testing import CliRunner

from campus.commands.doctor import readings_match
from campus.program import app
from contract import Address, Point, Reading, Status, status_point, to_point
from registry import read_registry
from rules.answers.left_out import left_out
from store import open_store
from tests.rules.commands import SMALL
from tests.rules.telemetry import CODE, MINUTE, access_point, ms, one_school, projector, room

# Long after the last lesson; nothing of it is in any window of school hours.
TONIGHT = ms("2021-09-28T22:30")


def told(address: Address, *readings: Reading) -> list[Point]:
    return [to_point(address, "0" * 16, seq, reading) for seq, reading in enumerate(readings, 1)]


def filled(url: str, *points: Point) -> str:
    with open_store(url) as store:
        store.prepare()
        assert store.write(list(points)) == []
    return url


def tonight(address: Address, name: str, now: int, count: int = 3) -> list[Point]:
    return told(address, *(projector(now - index * MINUTE, room=name) for index in range(count)))


def test_what_came_tonight_is_told_with_the_likely_room_and_how_many_wait(sqlite_url: str) -> None:
    ours, theirs = Address("120116", CODE, "gw1"), Address("120116", "2112000091", "gw9")
    url = filled(sqlite_url, *tonight(ours, "R1", TONIGHT), *tonight(theirs, "R5", TONIGHT, 2))
    with open_store(url) as store:
        found = left_out(one_school(room("R101"), room("R205")), store, now_ms=TONIGHT)
    assert [
        ("school", "2112000091", "", 2, (CODE,), ("gw9",)),
        ("room", CODE, "R1", 3, ("R101",), ()),
    ] == [
        (one.what, one.school, one.room, one.readings, one.likely, one.gateways)
        for one in found
        if one.what in {"school", "room"}
    ]


def test_a_room_that_got_its_devices_tonight_lacks_none(sqlite_url: str) -> None:
    ours = Address("120116", CODE, "gw1")
    readings = [projector(TONIGHT, room="R101"), access_point(TONIGHT, "up", room="R101")]
    url = filled(sqlite_url, *told(ours, *readings))
    with open_store(url) as store:
        found = left_out(one_school(room("R101"), room("R205")), store, now_ms=TONIGHT)
    assert [("no_display", "R205"), ("no_access_point", "R205")] == [(one.what, one.room) for one in found]


def test_a_gateway_that_only_says_how_it_is_is_told_too_and_so_is_another_district(sqlite_url: str) -> None:
    status = Status(online=True, time="2021-09-28T14:30:00.000Z")
    strange = status_point(Address("120116", "2112000999", "gw9"), status, time_ms=TONIGHT)
    url = filled(sqlite_url, strange, *tonight(Address("120115", CODE, "gw1"), "R101", TONIGHT))
    with open_store(url) as store:
        found = left_out(one_school(room("R101", coverage="none")), store, now_ms=TONIGHT)
    assert [("school", "2112000999", ""), ("district", CODE, "120115")] == [
        (one.what, one.school, one.room) for one in found
    ]


def test_the_command_lists_it_and_doctor_says_how_much_there_is(sqlite_url: str) -> None:
    now = round(time.time() * 1000)
    code = next(iter(read_registry(SMALL).schools))
    url = filled(sqlite_url, *tonight(Address("120116", code, "gw1"), "R1", now))
    ran = CliRunner().invoke(app, ["rules", "check", "--registry", str(SMALL), "--store", url])
    lines = [line for line in ran.output.splitlines() if "R1，" in line]
    assert (0, 1, True, False) == (
        ran.exit_code,
        len(lines),
        "有 3 条读数未计入；可能是 R10" in lines[0],
        "✓" in ran.output,
    )
    finding = readings_match(SMALL, url, now_ms=now)
    assert ("missing", True) == (finding.state, "R1，有 3 条读数" in str(finding.detail))


@pytest.mark.parametrize("empty", [True, False])
def test_where_all_agree_or_nothing_came_nothing_is_left_out(sqlite_url: str, empty: bool) -> None:
    ours = Address("120116", CODE, "gw1")
    readings = [projector(TONIGHT, room="R101"), access_point(TONIGHT, "up", room="R101")]
    url = filled(sqlite_url, *([] if empty else told(ours, *readings)))
    with open_store(url) as store:
        assert () == left_out(one_school(room("R101")), store, now_ms=TONIGHT)
