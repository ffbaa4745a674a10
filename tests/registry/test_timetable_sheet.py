"""The registry's sheet of lessons, and the weekday that a make-up day follows."""

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from firmware_sim import load_scenario, write_registry
from registry import read_registry
from registry.timetable import Timetable
from tests.rules.report_world import SMALL, small_registry
from tests.rules.test_timetable import lesson

LINES = (
    lesson(0, "第1节", name="R101"),
    lesson(6, "第2节", name="R101", first=date(2021, 9, 1), last=date(2021, 10, 9)),
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
@pytest.mark.parametrize("days", [("1", "7"), ("周一", "周日"), ("星期一", "星期天")])
def test_the_sheet_is_read_as_spreadsheets_save_it(
    encoding: str, days: tuple[str, str], tmp_path: Path
) -> None:
    folder = small_registry(tmp_path / "registry")
    text = (
        "学校标识码,房间编号,星期,节次,起始日期,结束日期\n"
        f"2112000001,R101,{days[0]},第1节,,\n2112000001,R101,{days[1]},第2节,2021/9/1,2021-10-09\n"
    )
    (folder / "timetable.csv").write_bytes(text.encode(encoding))
    assert read_registry(folder).timetable.lessons == LINES


def test_a_workbook_may_have_the_timetable_with_numbers_and_days_as_it_keeps_them(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in ("schools", "rooms", "statistics"):
        sheet = book.create_sheet(name)
        for line in (SMALL / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines():
            sheet.append([cell or None for cell in line.split(",")])
    sheet = book.create_sheet("课表")
    sheet.append(["学校标识码", "房间编号", "星期", "节次", "起始日期", "结束日期"])
    sheet.append(["2112000001", "R101", 1, "第1节", None, None])
    sheet.append(["2112000001", "R101", 7, "第2节", datetime(2021, 9, 1), datetime(2021, 10, 9)])  # noqa: DTZ001  a spreadsheet's day has no zone
    book.save(tmp_path / "registry.xlsx")
    shutil.copy(SMALL / "calendar.toml", tmp_path)
    assert read_registry(tmp_path).timetable.lessons == LINES


def test_a_simulated_district_writes_a_timetable_that_can_be_read(tmp_path: Path) -> None:
    scenario = load_scenario("demo").model_copy(update={"timetable_share": 0.7})
    write_registry(scenario, tmp_path)
    found = read_registry(tmp_path)
    multimedia = {(one.school_code, one.room) for one in found.rooms if one.multimedia}
    assert set(found.timetable.rooms) == multimedia


def test_without_the_sheet_no_room_is_named() -> None:
    assert read_registry(SMALL).timetable == Timetable()


def test_the_calendar_may_say_which_weekday_a_make_up_day_follows(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    file = folder / "calendar.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("day = 2021-10-09", 'day = 2021-10-09\nfollows = "thu"'), encoding="utf-8")
    saturday = date(2021, 10, 9)
    assert [read_registry(one).calendar.weekday_of(saturday) for one in (SMALL, folder)] == [5, 3]
