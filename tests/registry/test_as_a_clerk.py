"""A registry as offices keep it: read as a careful clerk would, and what was left out is told."""

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from registry import Registry, read_registry, sources
from registry.cells import Misread, amount, count, day, district, number, school_code, yes
from tables.opening import open_sheets
from tables.sheets import Sheet
from tests.registry.build import SMALL, problems, small, workbook

Reader = Callable[[str], Any]


@pytest.mark.parametrize(
    ("read", "cell", "expected"),
    [
        (yes, "√", True),
        (yes, "有", True),
        (yes, "×", False),
        (yes, "无", False),
        (count, "1,020", 1020),
        (count, "３０２", 302),
        (count, "302人", 302),
        (count, "302.0", 302),
        (amount, "68㎡", 68),
        (amount, "68.5 平方米", Fraction(137, 2)),
        (amount, "82.5万", 825_000),
        (amount, "82.5万元", 825_000),
        (amount, "¥1,020.50", Fraction(2041, 2)),
        (day, "2026年9月1日", date(2026, 9, 1)),
        (day, "2026.9.1", date(2026, 9, 1)),
        (day, "20260901", date(2026, 9, 1)),
        (day, "46266", date(2026, 9, 1)),
        (district, "滨海新区", "120116"),
        (district, "天津市滨海新区", "120116"),
        (school_code, "２１１２００００01", "2112000001"),
        (school_code, "'2112000001", "2112000001"),
    ],
)
def test_a_cell_is_read_as_it_is_meant(read: Reader, cell: str, expected: object) -> None:
    assert expected == read(cell)


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (count, "约300"),
        (count, "300-310"),
        (count, "1,02"),
        (count, "302.5"),
        (count, "-3"),
        (amount, "3亩"),
        (amount, "2.112E+09"),
        (amount, "12.5.1"),
        (amount, "#REF!"),
        (yes, "部分"),
        (day, "2026-13-01"),
        (day, "9月1日"),
        (district, "12011"),
        (school_code, "211200001"),
    ],
)
def test_what_may_mean_several_things_is_refused(read: Reader, cell: str) -> None:
    with pytest.raises(Misread):
        read(cell)


@given(st.integers(0, 10**11), st.integers(0, 4))
def test_a_number_with_separators_is_the_same_number(whole: int, places: int) -> None:
    assert number(f"{whole:,}") == whole
    assert number(f"{whole}.{'0' * places}5") == whole + Fraction(5, 10 ** (places + 1))


def test_of_an_old_workbook_it_is_said_that_hidden_lines_cannot_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other programs write one: a workbook of today stands for it, opened as its reader would."""

    def opened(path: Path) -> Iterator[Sheet]:
        for sheet in open_sheets(path):
            sheet.blind = True
            yield sheet

    monkeypatch.setattr(sources, "open_sheets", opened)
    told = notes(read_registry(workbook(tmp_path)))
    assert any("看不出哪些行被隐藏或划去" in note for note in told)


def notes(registry: Registry) -> list[str]:
    return [note.zh for note in registry.notes]


def test_titles_above_the_header_totals_and_signatures_are_no_lines(tmp_path: Path) -> None:
    def dress(book: Workbook) -> None:
        rooms = book["rooms"]
        rooms.insert_rows(1, 2)
        rooms["A1"] = "滨海新区学校房间一览表"
        rooms.merge_cells("A1:F1")
        rooms["A2"] = "填报单位：区教体局"
        rooms.append(["合 计", None, None, None, 999])
        rooms.append(["填表人：", "张某"])

    known = read_registry(workbook(tmp_path, dress))
    assert (known.rooms, notes(known)) == (
        read_registry(SMALL).rooms,
        ["rooms：合计行未计", "rooms：表下的说明或签字行未计"],
    )


@pytest.mark.parametrize(
    ("format_code", "shown"), [('0"百人"', "302百人"), ("0.00%", "30200%"), ('0"组"', "302组")]
)
def test_a_number_that_is_shown_as_another_one_is_refused(
    tmp_path: Path, format_code: str, shown: str
) -> None:
    def dress(book: Workbook) -> None:
        book["schools"]["F2"].number_format = format_code

    (told,) = problems(workbook(tmp_path, dress))
    assert ("schools F2", True) == (told.partition("（")[0], shown in told)


def test_a_number_that_is_shown_scaled_is_what_it_is(tmp_path: Path) -> None:
    def dress(book: Workbook) -> None:
        book["schools"]["F2"].number_format = '0.0,"千人"'

    assert read_registry(SMALL).schools == read_registry(workbook(tmp_path, dress)).schools


def test_a_merged_cell_gives_no_figure_to_two_columns(tmp_path: Path) -> None:
    def dress(book: Workbook) -> None:
        book["schools"].merge_cells("F2:G2")

    (told,) = problems(workbook(tmp_path, dress))
    assert ("schools F2", True) == (told.partition("（")[0], "合并单元格" in told)


@pytest.mark.parametrize("typed", [date(2026, 3, 12), "3月12日", "12-Mar"])
def test_a_room_s_code_that_became_a_day_is_refused(tmp_path: Path, typed: object) -> None:
    def dress(book: Workbook) -> None:
        book["rooms"]["B2"] = typed

    (told,) = problems(workbook(tmp_path, dress))
    assert ("rooms B2", True) == (told.partition("（")[0], "变成了日期" in told)


def test_a_hidden_sheet_and_hidden_columns_count_and_are_told(tmp_path: Path) -> None:
    def dress(book: Workbook) -> None:
        book["rooms"].sheet_state = "hidden"
        book["schools"].column_dimensions["F"].hidden = True
        book["schools"].column_dimensions["T"].hidden = True

    known = read_registry(workbook(tmp_path, dress))
    assert (known.schools, notes(known)) == (
        read_registry(SMALL).schools,
        ["schools：隐藏的列已计入：小学在校生数", "rooms：隐藏的工作表已计入"],
    )


def test_columns_and_sheets_of_the_offices_own_are_left_out_and_told(tmp_path: Path) -> None:
    def add(book: Workbook) -> None:
        schools = book["schools"]
        schools.cell(row=1, column=20).value = "校长电话"
        schools.cell(row=2, column=20).value = "022-1"
        book.create_sheet("去年")
        book.create_sheet("说明")

    known = read_registry(workbook(tmp_path, add))
    assert (known.schools, notes(known)) == (
        read_registry(SMALL).schools,
        ["registry.xlsx：未读的工作表：去年", "schools：未读的列：校长电话"],
    )


def test_a_merged_code_counts_for_every_line_that_it_covers(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        rooms = book["rooms"]
        code = rooms["A2"].value
        last = max(row for row in range(2, rooms.max_row + 1) if rooms.cell(row=row, column=1).value == code)
        rooms.merge_cells(start_row=2, end_row=last, start_column=1, end_column=1)

    assert read_registry(workbook(tmp_path, merge)).rooms == read_registry(SMALL).rooms


def test_titles_in_two_rows_are_read_together(tmp_path: Path) -> None:
    folder = small(tmp_path)
    file = folder / "schools.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    titles = lines[0].split(",")
    at = titles.index("小学在校生数")
    above = ["" for _ in titles]
    above[at] = "小学"
    titles[at] = "在校生数"
    file.write_text("\n".join([",".join(above), ",".join(titles), *lines[1:]]), encoding="utf-8")
    assert read_registry(folder).schools == read_registry(SMALL).schools


def test_a_district_may_be_called_by_its_name_or_by_that_of_the_districts_sheet(tmp_path: Path) -> None:
    folder = small(tmp_path)
    file = folder / "schools.csv"
    text = file.read_text(encoding="utf-8-sig")
    file.write_text(text.replace("120116", "东新区", 1).replace("120116", "滨海新区"), encoding="utf-8")
    unknown = problems(folder)
    (folder / "districts.csv").write_text("区县代码,区县名称\n310115,东新区\n", encoding="utf-8")
    districts = {school.district for school in read_registry(folder).schools.values()}
    assert (districts, len(unknown), "没有此区县" in unknown[0]) == ({"310115", "120116"}, 1, True)


@pytest.mark.parametrize("cell", ["302①", "5²", "①", "½"])
def test_a_number_with_a_note_behind_it_is_not_read_as_another(cell: str) -> None:
    assert number(cell) is None


def test_square_metres_are_no_note() -> None:
    assert number("68m²") == number("68㎡") == 68


@pytest.mark.parametrize("room", ["Ｒ１０１", "R 101", "r101"])
def test_a_room_that_is_typed_another_way_is_the_same_room(tmp_path: Path, room: str) -> None:
    folder = small(tmp_path)
    with (folder / "rooms.csv").open("a", encoding="utf-8") as file:
        file.write(f"2112000001,{room},一年三班,普通教室,60,key,1\n")
    (told,) = problems(folder)
    assert "（第 2 行已有）" in told


@pytest.mark.parametrize(
    ("sheet", "line"),
    [("schools", "单位：百人"), ("rooms", "面积单位：亩"), ("statistics", "计量单位：人、万平方米")],
)
def test_a_unit_of_another_size_above_a_sheet_is_told(tmp_path: Path, sheet: str, line: str) -> None:
    folder = small(tmp_path)
    path = folder / f"{sheet}.csv"
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8-sig')}", encoding="utf-8")
    assert any("此处写了另一种单位" in told for told in problems(folder))


def test_a_column_of_running_numbers_needs_no_word(tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "rooms.csv").write_text(
        "序 号,学校标识码,房间编号,房间名称,房间类型,面积,覆盖类别,多媒体教室,管理员\n"
        "1,2112000001,0101,计算机教室（一）,普通教室,60,重点,√,甲\n"
        "2,2112000001,3-201,库房,,12.5,无需覆盖,否,乙\n",
        encoding="gb18030",
    )
    registry = read_registry(folder)
    assert [("0101", "key"), ("3-201", "none")] == [(room.room, room.coverage) for room in registry.rooms]
    (told,) = [note for note in map(str, registry.notes) if "未读的列" in note]
    assert "管理员" in told
    assert "序" not in told
