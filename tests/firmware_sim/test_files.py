"""The registry and device lists that a scenario writes."""

import csv
import tomllib
from datetime import date
from pathlib import Path

from firmware_sim import Endpoint, Scenario, SchoolEndpoints, load_scenario, write_devices, write_registry
from firmware_sim.timetable import Timetable


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def endpoints(scenario: Scenario) -> dict[str, SchoolEndpoints]:
    """Addresses for device lists that nothing listens on."""
    return {
        school.code: SchoolEndpoints(
            controller=Endpoint(host="127.1.0.1", port=161),
            projectors={
                f"PJ-{room.code}": Endpoint(host="127.1.0.10", port=4352)
                for room in school.rooms
                if room.projector != "none"
            },
        )
        for school in scenario.schools
    }


def test_school_codes_keep_their_leading_zeros(week: Scenario, tmp_path: Path) -> None:
    write_registry(week, tmp_path)
    sheets = ("schools", "rooms", "statistics")
    found = [rows_of(tmp_path / f"{sheet}.csv")[0]["school_code"] for sheet in sheets]
    assert found == ["0112000004"] * 3


def test_sheets_begin_with_a_byte_order_mark_for_spreadsheets(week: Scenario, tmp_path: Path) -> None:
    write_registry(week, tmp_path)
    marks = {file.read_bytes()[:3] for file in tmp_path.glob("*.csv")}
    assert marks == {b"\xef\xbb\xbf"}


def test_rooms_are_listed_with_area_class_and_declaration(week: Scenario, tmp_path: Path) -> None:
    write_registry(week, tmp_path)
    rooms = {
        row["room"]: row for row in rows_of(tmp_path / "rooms.csv") if row["school_code"] == "0112000004"
    }
    assert (len(rooms), rooms["101"], rooms["302"]["coverage"], rooms["302"]["multimedia"]) == (
        13,
        {
            "school_code": "0112000004",
            "room": "101",
            "name": "1号教室",
            "kind": "普通教室",
            "area_m2": "60.5",
            "coverage": "key",
            "multimedia": "1",
            "occupied": "0",
        },
        "none",
        "0",
    )


def test_what_a_school_did_not_declare_is_missing_and_zero_is_zero(week: Scenario, tmp_path: Path) -> None:
    write_registry(week, tmp_path)
    found = [(row["stage"], row["item"], row["value"]) for row in rows_of(tmp_path / "statistics.csv")]
    # The fifty cents are the scenario's own number, as TOML reads it.
    assert found == [("primary", "qualified_teachers", "0"), ("school", "equipment_cny", "240000.5")]


def test_the_bureaus_catalogue_of_equipment_is_written_where_there_is_one(
    week: Scenario, tmp_path: Path
) -> None:
    write_registry(week, tmp_path / "without")
    write_registry(load_scenario("demo"), tmp_path / "demo")
    first = rows_of(tmp_path / "demo" / "catalogue.csv")[0]
    assert ((tmp_path / "without" / "catalogue.csv").exists(), first) == (
        False,
        {
            "name": "学生用计算机",
            "stage": "school",
            "categories": "A02010105;2010104",
            "words": "",
            "per": "hundred_pupils",
            "quantity": "12",
        },
    )


def test_a_timetable_holds_the_lessons_in_which_a_multimedia_room_shows_something_and_more(
    week: Scenario, tmp_path: Path
) -> None:
    """Six days of four lessons: the Saturday is one that is made up."""
    some = week.model_copy(update={"lessons_share": 0.5, "timetable_share": 0.8})
    write_registry(week, tmp_path / "without")
    write_registry(some, tmp_path / "with")
    found = {
        (row["weekday"], row["slot"])
        for row in rows_of(tmp_path / "with" / "timetable.csv")
        if row["room"] == "101" and row["school_code"] == "0112000004"
    }
    shown = {
        (str(weekday + 1), week.calendar.slot[slot].name)
        for weekday, slot in Timetable(week.calendar, seed=week.seed, share=0.5).week(
            "0112000004", "101", share=0.5
        )
    }
    assert (
        (tmp_path / "without" / "timetable.csv").exists(),
        {weekday for weekday, _ in found},
        shown < found,
        len(found) < 24,
    ) == (False, set("123456"), True, True)


def test_the_calendar_reads_back_as_the_scenario_has_it(week: Scenario, tmp_path: Path) -> None:
    write_registry(week, tmp_path)
    calendar = tomllib.loads((tmp_path / "calendar.toml").read_text(encoding="utf-8"))
    assert (calendar["term"], calendar["makeup"], calendar["holiday"], calendar["slot"][1]) == (
        [{"name": "2026-2027-1", "first": date(2026, 8, 31), "last": date(2027, 1, 22)}],
        [{"day": date(2026, 10, 10)}],
        [{"name": "国庆节", "first": date(2026, 10, 1), "last": date(2026, 10, 7)}],
        {"name": "第2节", "begin": "08:50", "end": "09:30"},
    )


def test_device_lists_refer_to_secrets_and_hold_none(week: Scenario, tmp_path: Path) -> None:
    write_devices(week, tmp_path, endpoints(week))
    open_row = rows_of(tmp_path / "0112000004" / "projectors.csv")[0]
    closed_row = rows_of(tmp_path / "2112000005" / "projectors.csv")[0]
    assert (open_row["password"], closed_row) == (
        "",
        {
            "host": "127.1.0.10",
            "port": "4352",
            "password": "env:CAMPUS_SIM_PROJECTOR_PASSWORD",
            "device": "PJ-101",
            "room": "101",
        },
    )


def test_every_access_point_is_mapped_to_its_room(week: Scenario, tmp_path: Path) -> None:
    write_devices(week, tmp_path, endpoints(week))
    rooms = [row["room"] for row in rows_of(tmp_path / "0112000004" / "aps.csv")]
    assert rooms == [*(str(room) for room in range(101, 111)), "201", "201", "201"]


def test_the_demo_has_lessons_at_every_hour_of_every_day(tmp_path: Path) -> None:
    write_registry(load_scenario("demo"), tmp_path)
    calendar = tomllib.loads((tmp_path / "calendar.toml").read_text(encoding="utf-8"))
    ends = [slot["end"] for slot in calendar["slot"][:-1]]
    begins = [slot["begin"] for slot in calendar["slot"]]
    assert (begins, ends, len(calendar["school_days"])) == (
        [f"{hour:02}:00" for hour in range(24)],
        begins[1:],
        7,
    )
