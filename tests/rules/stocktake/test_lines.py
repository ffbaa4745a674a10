"""One line of a sheet: what is not understood is told with its cell, what is left out is counted."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from store import Store
from tests.rules.stocktake.sheets import ACCESS_POINT, HEADS, OTHER, PANEL, PROJECTOR, book, read, told
from tests.rules.telemetry import CODE


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ((*PROJECTOR[:4], "", "3.20102E+17", "在"), ""),  # the device names it still
        ((CODE, "", "R1", "", "320102198001010000", "", "在"), "E2（序列号）：“320102198001010000”表格软件"),
        ((CODE, "", "R1", "", "3.20102E+17", "", "在"), "已丢失"),
        ((CODE, "账上有、未见", "", "", "", "123", "在"), "是否为 0000123"),
        ((*PROJECTOR, "在吗"), "G2（盘点）：“在吗”不明白；请写 在、不在、移到 房间、损坏 之一"),
        ((*PROJECTOR, "x"), "--cross"),
        ((*PROJECTOR, "不在", "R2"), "同时写了在与不在"),
        ((*PROJECTOR, "移位"), "没有写移到哪间房"),
        ((*PROJECTOR, "移到A栋30"), "是否为 A栋302"),
        ((*PROJECTOR, "在", "", "已搬走"), "备注与盘点不一致"),
        ((OTHER, *PROJECTOR[1:], "在"), "已不在清单中"),
        (("2112000009", *PROJECTOR[1:], "在"), "没有此学校"),
        ((CODE, "", "", "", "NOBODY-1", "", "不在"), "不能记为不在"),
        ((CODE, "已登记", "R1", "10.0.0.7", "", "0000123", "在"), "可能指几样东西"),
        ((CODE, "", "", "", "", "", "在"), "没有编号也没有名称"),
        ((*PROJECTOR[:2], "R9", *PROJECTOR[3:], "在"), "登记表中没有这间房"),
        ((*PROJECTOR, "#REF!"), "错误值"),
    ],
)
def test_what_is_not_understood_is_told_with_its_cell(
    unchanged: Store, tmp_path: Path, row: Any, says: str
) -> None:
    found = read(unchanged, book(tmp_path / "a.xlsx", [row]))
    assert says in told(found)
    assert (says == "") == bool(found.takes and not found.problems)


def test_a_line_of_another_school_is_not_taken_for_this_one(unchanged: Store, tmp_path: Path) -> None:
    found = read(unchanged, book(tmp_path / "a.xlsx", [(OTHER, *PROJECTOR[1:], "在")]), school=CODE)
    assert "是另一所学校（学校02）的行" in told(found)


def test_remarks_stay_in_the_file_and_that_is_said(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "在", "", "外壳有划痕"), (*ACCESS_POINT, "在", "", "松动"), (*PANEL, "在")]
    (note,) = read(unchanged, book(tmp_path / "a.xlsx", rows)).notes
    assert ("2 行有备注" in note.what.zh, note.row) == (True, 2)


def test_lines_without_a_mark_are_counted_and_a_remark_alone_is_told(
    unchanged: Store, tmp_path: Path
) -> None:
    rows = [(*PROJECTOR, "在"), (*ACCESS_POINT, "", "", "找不到了"), PANEL]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows))
    assert ([take.unmarked for take in found.takes], "写了备注而没有盘点" in str(found.notes[0])) == (
        [2],
        True,
    )


@pytest.mark.parametrize(
    ("day", "read_as"),
    [
        ("2021/9/7", date(2021, 9, 7)),
        (44446, date(2021, 9, 7)),
        ("2021年9月7日", date(2021, 9, 7)),
        (date(2021, 9, 7), date(2021, 9, 7)),
    ],
)
def test_the_day_is_read_as_spreadsheets_save_it(
    unchanged: Store, tmp_path: Path, day: Any, read_as: date
) -> None:
    heads, rows = (*HEADS, "盘点日期"), [(*PROJECTOR, "在", "", "", day)]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=heads), day=None)
    assert [take.day for take in found.takes] == [read_as]


@pytest.mark.parametrize("day", ["9月7日", "7/9/21", "2031-01-01", "昨天", None])
def test_a_day_that_nobody_can_be_sure_of_is_told(unchanged: Store, tmp_path: Path, day: Any) -> None:
    heads, rows = (*HEADS, "盘点日期"), [(*PROJECTOR, "在", "", "", day)]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=heads), day=None)
    assert (bool(told(found)), found.lines) == (True, ())
