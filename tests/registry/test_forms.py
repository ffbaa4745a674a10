"""The yearly statistics forms become schools and statistics: by labels, with every cell, without a guess."""

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from typer.testing import CliRunner

from campus.program import app
from registry.forms.importing import SchoolForms, import_forms

CODE = "2112009901"
Rows = Sequence[Sequence[Any]]
HEAD: Rows = ([f"学校（机构）标识码：{CODE}"],)
SUBJECTS = ["", "编号", "合计", "语文", "体育", "音乐", "美术", "艺术"]


def forms() -> dict[str, Rows]:
    """A primary school's, with columns elsewhere than usual."""
    return {
        "教基1001": (
            ["学校（机构）标识码", CODE],
            ["学校（机构）名称", "潮音小学"],
            ["学校（机构）地址代码", "120116001001"],
            ["办学类型", "211 小学"],
        ),
        "教基2106": (*HEAD, ["", "合计"], ["班数", 12]),
        "教基3112": (
            *HEAD,
            ["", "编号", "招生数", "在校生数"],
            ["甲", "乙", 1, 2],
            ["总计", "01", 90, "1,020"],
        ),
        "教基4155": (
            *HEAD,
            SUBJECTS,
            ["总计", "01", 60, 40, 5, 3, 2, 0],
            ["研究生毕业", "02", 6, 4, 1, 0, 0, 0],
            ["本科毕业", "03", 44, 30, 3, 3, 2, 0],
            ["专科毕业", "04", 8, 5, 1, 0, 0, 0],
        ),
        "教基1102续": (*HEAD, ["", "数量"], ["县级及以上骨干教师", ""], ["县级及以上骨干教师（小学）", 11]),
        "教基5170": (
            *HEAD,
            ["", "编号", "计", "其中：危房"],
            ["一、教学及辅助用房（平方米）", "01", 5000.5, 0],
            ["其中：室内体育用房", "08", 600.25, 0],
        ),
        "教基5176": (
            *HEAD,
            ["", "单位", "数量"],
            ["运动场地面积", "平方米", 8000],
            ["网络多媒体教室", "间", 26],
            ["教学仪器设备资产值", "万元", 210.37],
        ),
    }


def write_book(path: Path, sheets: Mapping[str, Rows]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(path)
    return path


def the_school(tmp_path: Path, sheets: Mapping[str, Rows]) -> SchoolForms:
    (school,) = import_forms([write_book(tmp_path / "校.xlsx", sheets)]).schools
    return school


EXPECTED = {
    ("primary", "qualified_teachers"): Fraction(58),
    ("primary", "arts_pe_teachers"): Fraction(10),
    ("primary", "backbone_teachers"): Fraction(11),
    ("school", "teaching_area_m2"): Fraction("4400.25"),
    ("school", "sports_area_m2"): Fraction("8600.25"),
    ("school", "equipment_cny"): Fraction(2_103_700),
    ("school", "multimedia_rooms"): Fraction(26),
}


def test_a_workbook_with_a_sheet_a_form_gives_every_figure(tmp_path: Path) -> None:
    school = the_school(tmp_path, forms())
    values = {
        "name": "潮音小学",
        "kind": "小学",
        "district": "120116",
        "primary_pupils": "1020",
        "primary_classes": "12",
    }
    assert ([], EXPECTED, values) == (school.missing, school.statistics, school.values)


def test_a_file_a_form_gives_the_same(tmp_path: Path) -> None:
    for name, rows in forms().items():
        with (tmp_path / f"{name}.csv").open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
    (school,) = import_forms([tmp_path]).schools
    assert ([], EXPECTED) == (school.missing, school.statistics)


def test_the_command_writes_the_files_with_the_cell_of_every_figure(tmp_path: Path) -> None:
    book, out = write_book(tmp_path / "校.xlsx", forms()), tmp_path / "out"
    result = CliRunner().invoke(app, ["registry", "import", str(book), "--out", str(out)])
    with (out / "sources.csv").open(encoding="utf-8-sig") as file:
        sources = [row for row in csv.DictReader(file) if row["figure"] == "school/equipment_cny"]
    with (out / "statistics.csv").open(encoding="utf-8-sig") as file:
        money = [row["value"] for row in csv.DictReader(file) if row["item"] == "equipment_cny"]
    expected = {"school_code": CODE, "file": "校.xlsx", "sheet": "教基5176", "cell": "C5", "text": "210.37"}
    assert (0, ["2103700"], [{**expected, "figure": "school/equipment_cny"}]) == (
        result.exit_code,
        money,
        sources,
    )


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("mine", encoding="utf-8")
    book = write_book(tmp_path / "校.xlsx", forms())
    result = CliRunner().invoke(app, ["registry", "import", str(book), "--out", str(tmp_path)])
    assert (True, "mine") == (result.exit_code != 0, (tmp_path / "schools.csv").read_text(encoding="utf-8"))


def test_what_is_missing_is_listed_by_school_with_exit_code_1(tmp_path: Path) -> None:
    sheets = {name: rows for name, rows in forms().items() if name != "教基4155"}
    book = write_book(tmp_path / "校.xlsx", sheets)
    result = CliRunner().invoke(app, ["registry", "import", str(book), "--out", str(tmp_path / "out")])
    told = [line for line in result.output.splitlines() if line.startswith(f"{CODE} 潮音小学")]
    assert (1, 2, True) == (result.exit_code, len(told), all("4155" in line for line in told))


@pytest.mark.parametrize(
    ("form", "rows", "lost"),
    [
        # Two cells fit and differ; neither is at the usual address.
        ("教基3112", (*HEAD, ["", "在校生数", "在校学生数"], ["总计", 900, 1020]), "primary_pupils"),
        # An empty cell is not 0.
        ("教基3112", (*HEAD, ["", "在校生数"], ["总计", ""]), "primary_pupils"),
        # No column of the name, though the row is there.
        ("教基3112", (*HEAD, ["", "毕业生数"], ["总计", 900]), "primary_pupils"),
        # The labels say B3, the usual cell of the same row has no heading and another number.
        (
            "教基3112",
            (*HEAD, [], [], [], ["", "在校生数"], ["总计", 900, "", "", "", "", "", "", 1020]),
            "primary_pupils",
        ),
        ("教基2106", (*HEAD, ["", "合计"], ["班数", 12.5]), "primary_classes"),
    ],
)
def test_what_is_not_certain_is_told_and_left_out(tmp_path: Path, form: str, rows: Rows, lost: str) -> None:
    school = the_school(tmp_path, {**forms(), form: rows})
    assert (False, 1) == (lost in school.values, len(school.missing))


@pytest.mark.parametrize(("unit", "text"), [("元", 2_103_700), ("万元", "210.37万元")])
def test_money_in_another_unit_is_told_and_left_out(tmp_path: Path, unit: str, text: object) -> None:
    rows = list(forms()["教基5176"])
    rows[-1] = ["教学仪器设备资产值", unit, text]
    school = the_school(tmp_path, {**forms(), "教基5176": rows})
    assert (False, 1) == (("school", "equipment_cny") in school.statistics, len(school.missing))


def test_a_unit_that_only_the_cells_format_shows_counts(tmp_path: Path) -> None:
    path = write_book(tmp_path / "校.xlsx", _with_line("教基5176", 4, ["教学仪器设备资产值", "", 85_000]))
    book = load_workbook(path)
    book["教基5176"]["C5"].number_format = '#,##0"元"'
    book.save(path)
    (school,) = import_forms([path]).schools
    assert (False, [True]) == (
        ("school", "equipment_cny") in school.statistics,
        ["5176!C5" in what.zh and "万元" in what.zh for what in school.missing],
    )


def _with_line(form: str, at: int, row: Sequence[Any]) -> dict[str, Rows]:
    rows = list(forms()[form])
    rows[at] = row
    return {**forms(), form: rows}


MONEY = ["教学仪器设备资产值", "", 85_000]
TITLE = f"学校（机构）标识码：{CODE}"


@pytest.mark.parametrize(
    ("sheets", "lost"),
    [
        # A unit in another column, in a note below, beside the figure against the one above.
        ({"教基5176": ([TITLE, "", "", "单位：元"], ["", "单位", "数量"], MONEY)}, "教学仪器设备值"),
        ({"教基5176": (*HEAD, ["", "", "数量"], MONEY, ["注：本表金额单位为元。"])}, "教学仪器设备值"),
        (
            {"教基5176": ([TITLE, "", "单位：万元"], ["", "", "数量"], [MONEY[0], "元", 85_000])},
            "教学仪器设备值",
        ),
        (_with_line("教基5176", 2, ["运动场地面积", "亩", 12]), "体育运动场馆面积"),
        (_with_line("教基5176", 2, ["运动场地面积（公顷）", "", 0.8]), "体育运动场馆面积"),
        (_with_line("教基3112", 0, [TITLE, "", "", "计量单位：百人"]), "小学在校生数"),
    ],
)
def test_a_figure_in_another_unit_is_told_and_left_out(
    tmp_path: Path, sheets: dict[str, Rows], lost: str
) -> None:
    school = the_school(tmp_path, {**forms(), **sheets})
    assert [True] == [
        "单位（万元、平方米、人、间）" in what.zh for what in school.missing if what.zh.startswith(lost)
    ]


@pytest.mark.parametrize("unit", ["单位：平方米、间、万元", "注：单价200元以上的计入。", "计量单位：万元"])
def test_a_note_of_the_forms_own_units_changes_nothing(tmp_path: Path, unit: str) -> None:
    school = the_school(tmp_path, _with_line("教基5176", 0, [TITLE, "", "", unit]))
    assert ([], EXPECTED) == (school.missing, school.statistics)


@pytest.mark.parametrize("part", ["row", "column", "struck"])
def test_a_figure_that_is_hidden_or_struck_out_is_told_and_left_out(tmp_path: Path, part: str) -> None:
    path = write_book(tmp_path / "校.xlsx", forms())
    book = load_workbook(path)
    sheet = book["教基3112"]
    sheet.row_dimensions[4].hidden = part == "row"
    sheet.column_dimensions["D"].hidden = part == "column"
    sheet["D4"].font = Font(strike=part == "struck")
    book.save(path)
    (school,) = import_forms([path]).schools
    assert (False, [True]) == (
        "primary_pupils" in school.values,
        ["3112!D4" in what.zh for what in school.missing],
    )


@pytest.mark.parametrize(
    ("year", "others"), [("2023/2024学年初", "2024/2025学年初"), ("2023学年", "2024学年")]
)
def test_a_form_of_an_earlier_school_year_is_told_and_left_out(
    tmp_path: Path, year: str, others: str
) -> None:
    sheets = {name: [[others], *rows] for name, rows in forms().items()}
    sheets["教基3112"][0] = [year]
    school = the_school(tmp_path, sheets)
    assert (False, True) == (
        "primary_pupils" in school.values,
        any("教基3112" in what.zh and "2023 学年" in what.zh for what in school.missing),
    )


def test_the_usual_cell_decides_between_cells_that_fit(tmp_path: Path) -> None:
    rows = (*HEAD, [], [], [], ["", *[""] * 6, "在校生数", "在校生数"], ["总计", *[""] * 6, 900, 1020])
    school = the_school(tmp_path, {**forms(), "教基3112": rows})
    assert "1020" == school.values["primary_pupils"]


def test_two_forms_that_contradict_each_other_give_no_figure(tmp_path: Path) -> None:
    other = (*HEAD, ["", "在校生数"], ["总计", 1021])
    school = the_school(tmp_path, {**forms(), "基础基312": other})
    assert (False, 1) == ("primary_pupils" in school.values, len(school.missing))


def test_the_older_form_counts_multimedia_rooms_in_two_columns(tmp_path: Path) -> None:
    old = (*HEAD, ["", "网络多媒体教室", "网络多媒体教室"], ["数量", 20, 6])
    apart = [*[""] * 11]
    head, line = [*apart, "网络多媒体教室", "", "网络多媒体教室"], ["总计", *apart[1:], 20, "", 6]
    right = (*HEAD, [], [], [], [], [], [], head, line)
    found = []
    for rows in (old, right):
        sheets = {name: form for name, form in forms().items() if name != "教基5176"}
        school = the_school(tmp_path, {**sheets, "基础基522": rows})
        found.append(school.statistics.get(("school", "multimedia_rooms")))
    assert [None, 26] == found


def test_senior_teachers_do_not_count_as_junior_ones(tmp_path: Path) -> None:
    sheets = forms()
    sheets["教基1001"] = (*sheets["教基1001"][:3], ["办学类型", "完全中学"])
    sheets["教基4156"] = (
        *HEAD,
        SUBJECTS,
        ["初中"],
        ["总计", "01", 50, 30, 4, 2, 1, 0],
        ["研究生毕业", "02", 5, 3, 0, 0, 0, 0],
        ["本科毕业", "03", 40, 25, 4, 2, 1, 0],
        ["高中"],
        ["总计", "04", 70, 60, 6, 3, 3, 0],
        ["研究生毕业", "05", 20, 18, 0, 0, 0, 0],
        ["本科毕业", "06", 50, 42, 6, 3, 3, 0],
    )
    school = the_school(tmp_path, sheets)
    assert (45, 7) == (
        school.statistics["junior", "qualified_teachers"],
        school.statistics["junior", "arts_pe_teachers"],
    )


def test_a_form_of_nobody_is_told(tmp_path: Path) -> None:
    sheets = {**forms(), "教基3115": ([f"标识码：{CODE[:-1]}"], ["", "在校生数"], ["总计", 9])}
    imported = import_forms([write_book(tmp_path / "校.xlsx", sheets)])
    assert (False, 1) == (imported.whole, len(imported.unread))


def test_pupils_of_a_stage_that_the_kind_does_not_teach_are_told(tmp_path: Path) -> None:
    empty, some = ((*HEAD, ["", "在校生数"], ["总计", pupils]) for pupils in (0, 40))
    missing = [len(the_school(tmp_path, {**forms(), "教基3115": rows}).missing) for rows in (empty, some)]
    assert [0, 1] == missing
