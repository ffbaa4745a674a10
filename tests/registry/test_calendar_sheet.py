"""The calendar as a sheet says what calendar.toml says, or is refused with its cells."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from registry import read_registry
from tests.registry.build import problems, small, workbook

TITLES = "类别,名称,开始,结束,按周几上课"
LINES = (
    "学期,2026-2027-1,2026-09-01,2027-01-22,",
    "放假,国庆节,2026年10月1日,2026-10-07,",
    "补课,,2026-10-10,,周五",
    "节次,第1节,8:00,08:40,",
    "节次,第2节,08:50,9:30,",
)
TOML = """timezone = "Asia/Shanghai"
school_days = ["mon", "tue", "wed", "thu", "fri"]
[[term]]
name = "2026-2027-1"
first = 2026-09-01
last = 2027-01-22
[[holiday]]
name = "国庆节"
first = 2026-10-01
last = 2026-10-07
[[makeup]]
day = 2026-10-10
follows = "fri"
[[slot]]
name = "第1节"
begin = "08:00"
end = "08:40"
[[slot]]
name = "第2节"
begin = "08:50"
end = "09:30"
"""


def with_sheet(tmp_path: Path, *lines: str) -> Path:
    folder = small(tmp_path)
    (folder / "calendar.toml").unlink()
    (folder / "校历.csv").write_text("\n".join((TITLES, *lines)) + "\n", encoding="utf-8")
    return folder


def test_the_sheet_says_what_the_file_says(tmp_path: Path) -> None:
    folder = with_sheet(tmp_path, *LINES)
    sheet = read_registry(folder).calendar
    (folder / "校历.csv").unlink()
    (folder / "calendar.toml").write_text(TOML, encoding="utf-8")
    assert sheet == read_registry(folder).calendar


def test_a_sheet_beside_the_file_is_refused(tmp_path: Path) -> None:
    folder = with_sheet(tmp_path, *LINES)
    (folder / "calendar.toml").write_text(TOML, encoding="utf-8")
    assert problems(folder) == ["校历.csv：与 calendar.toml 同时存在，请只留一种"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (LINES[:1], "校历.csv：至少要有一行“节次”"),
        (
            (*LINES, "节次,第3节,09:00,09:40,"),
            "校历.csv C7（开始）：“09:00”节次重叠",
        ),
        ((*LINES, "节次,第3节,九点,09:40,"), "校历.csv C7（开始）：“九点”时间应写成 08:00"),
        (
            (*LINES, "考试,期末,2027-01-10,,"),
            "校历.csv A7（类别）：“考试”应为其中之一：学期、放假、补课、节次、上课日、时区",
        ),
        ((*LINES, "补课,,2028-10-10,,"), "校历.csv C7（开始）：“2028-10-10”补课日不在任何学期内"),
        (
            (*LINES, "放假,元旦,2025-01-01,2026-01-03,"),
            "校历.csv C7（开始）：“2025-01-01”放假 368 天，请核对年份",
        ),
        ((*LINES, "放假,元旦,,,"), "校历.csv C7（开始）：必须填写"),
        ((*LINES, "补课,,2026-10-07,,"), "校历.csv C7（开始）：“2026-10-07”补课日在假期“国庆节”内"),
        ((*LINES, "补课,,2026-10-17,2026-10-18,"), "校历.csv D7（结束）：“2026-10-18”补课日请每天写一行"),
        (
            (*LINES, "上课日,周一至周五,,,", "上课日,周六,,,"),
            "校历.csv A8（类别）：“school_days”已有一行，请写在同一行",
        ),
        (
            (*LINES, "节次,第3节,10:00,10:40,周五"),
            "校历.csv E7（按周几上课）：“fri”只有补课日可以写按周几上课",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(lines: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    assert problems(with_sheet(tmp_path, *lines)) == [expected]


@pytest.mark.parametrize(
    ("words", "weekdays"),
    [
        ("周日至周四", {6, 0, 1, 2, 3}),
        ("周六至周一", {5, 6, 0}),
        ("周一至周日", set(range(7))),
        ("周三至周三", {2}),
    ],
)
def test_a_span_of_school_days_may_go_over_the_end_of_the_week(
    words: str, weekdays: set[int], tmp_path: Path
) -> None:
    known = read_registry(with_sheet(tmp_path, *LINES, f"上课日,{words},,,"))
    assert weekdays == known.calendar.school_weekdays


def test_times_and_days_that_a_spreadsheet_keeps_as_numbers_are_read(tmp_path: Path) -> None:
    from datetime import date, time

    def calendar(book: Workbook) -> None:
        sheet = book.create_sheet("校历")
        sheet.append(TITLES.split(","))
        sheet.append(["学期", "2026-2027-1", date(2026, 9, 1), date(2027, 1, 22)])
        sheet.append(["上课日", "周一至周六"])
        sheet.append(["节次", "第1节", time(8), time(8, 40)])

    path = workbook(tmp_path, calendar)
    (tmp_path / "calendar.toml").unlink()
    known = read_registry(path).calendar
    assert (known.terms[0].last, known.lesson_slots[0].begin, len(known.school_weekdays)) == (
        date(2027, 1, 22),
        time(8),
        6,
    )
