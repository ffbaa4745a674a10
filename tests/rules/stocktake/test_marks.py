"""What people write into a stock-take: every usual mark is one answer, and what may be two is none."""

import pytest

from rules.stocktake.marks import Cross, Mark, Unclear, contradicts, joined, result, ticked
from rules.stocktake.titles import meaning


@pytest.mark.parametrize(
    ("cell", "there"),
    [
        *(
            (cell, True)
            for cell in ("√", "✓", "✔", "☑", "是", "有", "在", " 在 ", "1", "１", "Yes", "TRUE", "v", "在位")
        ),
        *(
            (cell, False)
            for cell in ("×", "✗", "❌", "否", "不在", "没有", "0", "N", "未见", "找不到", "盘亏", "不 在")
        ),
        *((cell, None) for cell in ("", "-", "—", "/", "□")),
    ],
)
def test_a_mark_is_there_not_there_or_nothing(cell: str, there: bool | None) -> None:
    assert result(cell).there is there


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("损坏", Mark(there=True, broken=True)),
        ("在，坏了", Mark(there=True, broken=True)),
        ("在/待修", Mark(there=True, broken=True)),
        ("移位", Mark(there=True, moved=True)),
        ("移到302", Mark(there=True, moved=True, room="302")),
        ("已搬至 多功能厅", Mark(there=True, moved=True, room="多功能厅")),
        ("现在：A栋302", Mark(there=True, moved=True, room="A栋302")),
        ("moved to R2", Mark(there=True, moved=True, room="R2")),
        ("移到302，损坏", Mark(there=True, moved=True, broken=True, room="302")),
        ("盘盈", Mark(there=True, found=True)),
    ],
)
def test_words_say_more_than_there(cell: str, mark: Mark) -> None:
    assert result(cell) == mark


@pytest.mark.parametrize(
    "cell", ["x", "X", "☒", "无", "?", "○", "报废", "在？", "不在，损坏", "在、不在", "28"]
)
def test_what_may_mean_two_things_or_nothing_known_is_unclear(cell: str) -> None:
    with pytest.raises(Unclear):
        result(cell)


@pytest.mark.parametrize(("cross", "there"), [("there", True), ("absent", False)])
def test_whoever_made_the_crosses_may_say_what_they_mean(cross: Cross, there: bool) -> None:
    assert result("Ｘ", cross=cross).there is there


def test_a_question_is_answered_with_none() -> None:
    assert result("无", asks=True).there is False


@pytest.mark.parametrize(("cell", "tick"), [("√", True), ("x", True), ("1", True), ("否", False), ("", None)])
def test_a_column_of_its_own_is_ticked_or_not(cell: str, tick: bool | None) -> None:
    assert ticked(cell) is tick


@pytest.mark.parametrize("cell", ["×", "在", "完好", "3"])
def test_a_word_is_no_tick(cell: str) -> None:
    with pytest.raises(Unclear):
        ticked(cell)


def test_ticks_that_deny_one_another_are_unclear() -> None:
    with pytest.raises(Unclear):
        joined([Mark(there=True), Mark(there=False)])
    with pytest.raises(Unclear):
        joined([Mark(there=False), Mark(broken=True)])


def test_a_remark_may_say_what_the_mark_does_not() -> None:
    assert contradicts(Mark(there=True), "已搬到二楼")
    assert not contradicts(Mark(there=True, broken=True), "屏幕坏")


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("资产编号 asset", "asset"),
        ("*序列号（SN）", "serial"),
        ("序列号：", "serial"),
        ("S/N", "serial"),
        ("盘点（在/不在）", "result"),
        ("是否在", "result"),
        ("存放 地点", "room"),
        ("现存放地点", "moved_to"),
        ("扫码枪", "scan"),
        ("上次盘点 last_stocktake", "aside"),
        ("颜色", None),
    ],
)
def test_headings_are_known_in_their_usual_wordings(title: str, field: str | None) -> None:
    assert meaning(title) == field
