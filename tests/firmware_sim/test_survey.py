"""The walking survey's file."""

import csv
import math
from pathlib import Path

from firmware_sim import Scenario, World
from firmware_sim.survey import write_walk
from tests.firmware_sim.conftest import LESSON

SCHOOL = "0112000004"


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_walk_has_the_columns_and_times_that_gateways_read(week_world: World, tmp_path: Path) -> None:
    file = write_walk(week_world.campus(SCHOOL), tmp_path, time=LESSON)
    lines = file.read_bytes().split(b"\n")
    assert (file.name, lines[0], lines[-2][:20], lines[-1]) == (
        "walk-20260902T002000Z.csv",
        b"time,room,point,band,rssi_dbm,snr_db,ap",
        b"2026-09-02T00:20:00Z",
        b"",
    )


def test_every_covered_room_has_a_point_for_every_20_square_metres_in_both_bands(
    week: Scenario, week_world: World, tmp_path: Path
) -> None:
    rows = rows_of(write_walk(week_world.campus(SCHOOL), tmp_path, time=LESSON))
    found = {(row["room"], row["point"], row["band"]) for row in rows}
    expected = {
        (room.code, f"P{number}", band)
        for room in week.schools[0].rooms
        if room.coverage != "none"
        for number in range(1, math.ceil(room.area_m2 / 20) + 1)
        for band in ("2.4", "5")
    }
    assert (found, len(rows)) == (expected, len(expected))


def test_where_nothing_is_heard_level_and_access_point_are_empty(week: Scenario, tmp_path: Path) -> None:
    rooms = [room.model_copy(update={"aps": 0}) for room in week.schools[0].room_groups]
    dark = week.schools[0].model_copy(update={"room_groups": tuple(rooms), "planted": ()})
    world = World(week.model_copy(update={"schools": (dark,)}))
    rows = rows_of(write_walk(world.campus(SCHOOL), tmp_path, time=LESSON))
    assert {(row["rssi_dbm"], row["snr_db"], row["ap"]) for row in rows} == {("", "", "")}


def test_the_same_walk_gives_the_same_bytes(week: Scenario, tmp_path: Path) -> None:
    first, second = (
        write_walk(World(week).campus(SCHOOL), tmp_path / name, time=LESSON).read_bytes() for name in "ab"
    )
    assert first == second


def test_old_walks_are_cleared_away(week_world: World, tmp_path: Path) -> None:
    for number in range(4):
        write_walk(week_world.campus(SCHOOL), tmp_path, time=LESSON + 60 * number, keep=2)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "walk-20260902T002200Z.csv",
        "walk-20260902T002300Z.csv",
    ]
