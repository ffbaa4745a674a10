"""The workbook of the quarterly report, read back cell by cell."""

import io
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from rules.answers.book import Book
from rules.report.chapters.seven_indicators import COLUMNS
from rules.report.files import CORRECTIONS, WORKBOOK, render
from tests.rules.build import school
from tests.rules.report_world import Q3, SMALL, change, in_memory, made, near_miss, small_registry, workbook

SHEETS = [
    "小学",
    "初中",
    "九年一贯",
    "十二年一贯",
    "学校对照",
    "校际均衡情况汇总表",
    "区县差异系数统计",
    "达标情况统计",
    "学段占比分析",
    "政府保障",
    "设施利用",
    "台账",
    "监测与登记不符",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return workbook((made(SMALL, tmp_path_factory.mktemp("out")).folder / WORKBOOK).read_bytes())


def test_the_workbook_has_the_bureaus_sheets_in_order(small: Workbook) -> None:
    assert SHEETS == small.sheetnames


def test_a_sheet_of_seven_indicators_has_44_columns_under_merged_heads(small: Workbook) -> None:
    sheet = small["小学"]
    merged = {str(one) for one in sheet.merged_cells.ranges}
    heads = [sheet.cell(4, column).value for column in range(3, 45)]
    assert (
        "A1:AR4",
        True,
        list(COLUMNS) * 7,
        "L7 每百名学生拥有网络多媒体教室数（间）",
    ) == (
        f"A1:{sheet.cell(4, sheet.max_column).coordinate}",
        {"A3:A4", "B3:B4", "C3:H3", "AM3:AR3"} <= merged,
        heads,
        sheet["AM3"].value,
    )


def test_each_indicator_shows_floor_threshold_value_numerator_pupils_and_answer(small: Workbook) -> None:
    sheet = small["小学"]
    assert [1.955, 2.3, 2.3179, 7, 302, "是"] == [cell.value for cell in sheet["AM5:AR5"][0]]


def test_the_stages_of_whole_schools_stand_in_their_own_sheet(small: Workbook) -> None:
    rows = [(row[1].value, row[2].value, row[3].value) for row in small["九年一贯"].iter_rows(5, 6)]
    assert [("九河学校（小学）", 3.57, 4.2), ("九河学校（初中）", 4.505, 5.3)] == rows


def test_what_is_missing_is_undetermined_and_no_cell_of_it_is_nought(small: Workbook) -> None:
    sheet = small["九年一贯"]  # the junior stage has not stated its arts and PE teachers
    assert ["未判定", "未判定", 400, "未判定"] == [cell.value for cell in sheet["Q6:T6"][0]]


def test_a_near_miss_is_marked_and_shown_with_a_third_decimal() -> None:
    sheet = workbook(render(near_miss())[WORKBOOK])["小学"]
    assert (2.299, "0.000", "否（临界）") == (
        sheet["AO5"].value,
        sheet["AO5"].number_format,
        sheet["AR5"].value,
    )


def test_school_codes_are_text_cells_wherever_they_stand(small: Workbook) -> None:
    cells = [
        cell
        for sheet in small
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value).isdigit() and len(str(cell.value)) == 10
    ]
    assert (True, {("s", "@")}) == (
        len(cells) > 10,
        {(cell.data_type, cell.number_format) for cell in cells},
    )


def test_no_cell_is_a_formula_even_where_a_school_is_called_like_one() -> None:
    named = replace(school("2112000001", primary_pupils=9), name="=1+1")
    book = workbook(render(in_memory([named], {}))[WORKBOOK])
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert ("=1+1", "s", True) == (book["小学"]["B5"].value, book["小学"]["B5"].data_type, "f" not in kinds)


def test_the_seven_sheets_print_on_a3_with_their_heads_on_every_page(small: Workbook) -> None:
    sheet = small["小学"]
    assert ("8", "landscape", "$3:$4", "$A:$B", "C5") == (
        str(sheet.page_setup.paperSize),
        sheet.page_setup.orientation,
        sheet.print_title_rows,
        sheet.print_title_cols,
        sheet.freeze_panes,
    )


def test_the_summary_of_balance_has_the_bureaus_four_rows(small: Workbook) -> None:
    sheet = small["校际均衡情况汇总表"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(5, 8, max_col=9)]
    assert (
        ["小学平均值", "小学差异系数", "初中平均值", "初中差异系数"],
        ["项目", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "综合"],
        # (4+1+8)/(302+100+700) backbone teachers; the means have no composite
        1.1797,
        "—",
        0.061183,
    ) == (
        [row[0] for row in rows],
        [cell.value for cell in sheet[3]][:9],
        rows[0][2],
        rows[0][8],
        rows[1][8],
    )


def test_charts_are_the_workbooks_own(small: Workbook) -> None:
    charts = {
        sheet.title: len(sheet._charts) for sheet in small if sheet._charts
    }  # openpyxl has no other way
    assert {"校际均衡情况汇总表": 1, "达标情况统计": 2} == charts


def test_the_totals_over_districts_are_those_of_one_district(small: Workbook) -> None:
    rows = [[cell.value for cell in row] for row in small["区县差异系数统计"].iter_rows(5, 9)]
    figures = [row for row in rows if row[1] != "差异系数范围"]
    assert ["滨海新区", "总计"] * 2 == [row[1] for row in figures]
    assert all(one[2:] == other[2:] for one, other in (figures[:2], figures[2:]))


def test_where_a_stage_is_unknown_its_coefficient_has_a_range(small: Workbook) -> None:
    """L3 of one of two: were all of it with its 400 of 1400 pupils, CV² would be 1400/400 − 1."""
    row = next(row for row in small["区县差异系数统计"].iter_rows(5, 9) if row[1].value == "差异系数范围")
    told = [cell.value for cell in row if cell.value][1:]
    assert (["—"] * 2, "0.000～1.582（1个学段未知）") == (told[:2], told[2])


def test_where_a_stage_is_unknown_the_summary_has_ranges_and_no_figure_of_the_others(small: Workbook) -> None:
    sheet = small["校际均衡情况汇总表"]
    mean, coefficient = (sheet.cell(row, 4).value for row in (7, 8))
    composite = sheet.cell(8, 9).value
    assert "0.000～1.582" == coefficient
    assert (True, True) == (mean.endswith("以上") or "～" in mean, "～" in composite)
    assert "L3（所列为可能的范围）" in sheet.cell(9, 1).value


def test_a_row_of_heads_is_as_high_as_its_longest_head_asks_for(small: Workbook) -> None:
    sheet = small["学校对照"]
    wrapped = [cell for cell in sheet[3] if len(cell.value or "") > 7]
    assert (True, True) == (bool(wrapped), (sheet.row_dimensions[3].height or 0) >= 2 * 13.5)


def test_the_split_of_a_nine_year_school_is_shown_with_weights_and_shares(small: Workbook) -> None:
    sheet = small["学段占比分析"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(5, 6)]
    assert [
        ["小学", 700, 1, "35/57", 61.4, 30, 18.4211],
        ["初中", 400, 1.1, "22/57", 38.6, 30, 11.5789],
    ] == [row[3:8] + row[14:16] for row in rows]


def test_the_register_names_gap_target_and_unit(small: Workbook) -> None:
    rows = [[cell.value for cell in row] for row in small["台账"].iter_rows(4, 8)]
    assert [
        ["2112000002", "L7 每百名学生拥有网络多媒体教室数", 2, 2.3, 1, "区教体局"],
        ["3112000003", "L5 生均体育运动场馆面积", 8.67, 10.2, 1530, "泰达街道办事处"],
        [
            "3112000004",
            "L3 每百名学生拥有体育、艺术（美术、音乐）专任教师数",
            "未判定",
            0.9,
            "未判定",
            "区教体局",
        ],
        ["3112000004", "L4 生均教学及辅助用房面积", 5.7895, 5.8, 11, "区教体局"],
        ["3112000004", "L5 生均体育运动场馆面积", 9.6491, 10.2, 571, "区教体局"],
    ] == [[row[place] for place in (2, 4, 6, 10, 11, 12)] for row in rows]


def test_figures_of_the_register_are_numbers_that_show_their_signs_and_units(small: Workbook) -> None:
    (row,) = small["台账"].iter_rows(7, 7)
    assert ["0.00", '"≥"0.0', '"全校"0"平方米"'] == [row[place].number_format for place in (6, 10, 11)]


def test_below_the_schools_a_row_a_district_and_stage_adds_up(small: Workbook) -> None:
    """(302 + 100) pupils, 7 + 2 rooms: 2.2388…; one of the two passes."""
    row = [cell.value for cell in small["小学"][7]]
    assert ["滨海新区小学合计", 2.2388, 9, 402, "1/2"] == [row[0], *row[40:44]]


def test_the_quarter_before_stands_beside_with_the_change(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    made(folder, tmp_path / "out", Q3, submit=True)
    change(folder, "3112000003,初中,体育运动场馆面积,8670", "3112000003,初中,体育运动场馆面积,9670")
    change(folder, "2112000002,小学,网络多媒体教室数,2", "2112000002,小学,网络多媒体教室数,3")
    change(folder, "3112000003,初中,骨干教师数,12", "3112000003,初中,骨干教师数,9")
    book = workbook((made(folder, tmp_path / "out").folder / WORKBOOK).read_bytes())
    rows = [[row[place].value for place in (2, 3, 5, 6, 7, 8, 9)] for row in book["台账"].iter_rows(4, 9)]
    assert [
        ["2112000002", "小学", "本季已达标", 3, 2, 1, "网络多媒体教室数由2间增至3间"],
        ["3112000003", "初中", "本季新增", 0.9, 1.2, -0.3, "骨干教师数由12人减至9人"],
        ["3112000003", "初中", "持续未达标", 9.67, 8.67, 1, "体育运动场馆面积由8670平方米增至9670平方米"],
    ] == rows[:3]


def test_a_correction_is_listed_in_a_sheet_and_in_a_text(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    made(folder, tmp_path / "out", submit=True)
    change(folder, "2112000002,小学,网络多媒体教室数,2", "2112000002,小学,网络多媒体教室数,3")
    found = made(folder, tmp_path / "out", correct="漏报一间").folder
    sheet = workbook((found / WORKBOOK).read_bytes())["更正说明"]
    rows = [[cell.value for cell in row][1:] for row in sheet.iter_rows(4)]
    place = "近岸小学（2112000002）·小学"
    assert ("v2", [place, "L7", "分子", "2", "3"], [place, "L7", "结论", "未达标", "达标"]) == (
        found.name,
        rows[0],
        next(row for row in rows if row[2] == "结论"),
    )
    text = (found / CORRECTIONS).read_text(encoding="utf-8")
    assert ("原因：漏报一间" in text, f"| {place} | L7 | 分子 | 2 | 3 |" in text) == (True, True)


def test_rows_of_every_sheet_are_numbered_from_one(small: Workbook) -> None:
    for name in SHEETS[:4]:
        numbers = [row[0].value for row in small[name].iter_rows(5) if isinstance(row[0].value, int)]
        assert all(after == before + 1 for before, after in pairwise([0, *numbers]))


def test_a_text_longer_than_its_column_makes_its_row_higher(tmp_path: Path) -> None:
    one = replace(school("2112000001", primary_pupils=9), name="滨海新区第一中心小学附属实验学校东校区")
    sheet = workbook(render(in_memory([one], {}))[WORKBOOK])["台账"]
    assert 28.5 == sheet.row_dimensions[4].height


def test_a_note_across_a_narrow_table_is_printed_whole() -> None:
    """What it rests on stands above the table in as many lines as it needs, not cut at the paper's edge."""
    book = Book("试", created=date(2021, 9, 1))
    for name, note in (("短", "短注"), ("长", "依据" * 40)):
        sheet = book.sheet(name)
        sheet.head("题", note, 2)
        sheet.layout((10, 10, 20), head_rows=(2, 2))
    read = load_workbook(io.BytesIO(book.done()))
    heights = [read[name].row_dimensions[2].height for name in ("短", "长")]
    # 160 digits wide in 39: five lines.
    assert (heights[0], True) == (None, heights[1] > 4 * 12), heights
    assert read["长"]["A2"].alignment.wrap_text
