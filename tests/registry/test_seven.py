"""The sheet of seven indicators, 44 columns wide, is read as schools and statistics, and never guessed at."""

import csv
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from campus.program import app
from registry import Registry, RegistryError, read_registry
from rules.judging.evaluate import evaluate
from rules.report.files import WORKBOOK, render
from tests.rules.build import AS_OF, BINHAI, school
from tests.rules.report_world import SMALL, in_memory

CODE, NINE, TWELVE, WHOLE = "2112000001", "3112000004", "3112000005", "3112000006"
# Every kind of split, and figures on their thresholds: 2.3 rooms, 4.2 teachers per 100.
STATISTICS = {
    (CODE, "primary", "qualified_teachers"): 42,
    (CODE, "primary", "backbone_teachers"): 10,
    (CODE, "primary", "arts_pe_teachers"): 8,
    (CODE, "school", "teaching_area_m2"): Fraction("4500.5"),
    (CODE, "school", "sports_area_m2"): 7500,
    (CODE, "school", "equipment_cny"): Fraction("1999999.99"),
    (CODE, "school", "multimedia_rooms"): 23,
    (NINE, "primary", "qualified_teachers"): 30,
    (NINE, "junior", "qualified_teachers"): 22,
    (NINE, "school", "teaching_area_m2"): Fraction("5913.37"),
    (NINE, "school", "equipment_cny"): 2_600_000,
    (NINE, "school", "multimedia_rooms"): 31,
    (TWELVE, "school", "sports_area_m2"): 20_000,
    (TWELVE, "school", "multimedia_rooms"): 61,
    (WHOLE, "junior", "arts_pe_teachers"): 9,
    (WHOLE, "school", "multimedia_rooms"): 37,
}
SCHOOLS = [
    school(CODE, primary_pupils=1000),
    school(NINE, "九年一贯制", primary_pupils=701, junior_pupils=397),
    school(TWELVE, "十二年一贯制", primary_pupils=811, junior_pupils=407, senior_pupils=613),
    school(WHOLE, "完全中学", junior_pupils=523, senior_pupils=719),
]


@cache
def rendered() -> bytes:
    return render(in_memory(SCHOOLS, STATISTICS))[WORKBOOK]  # type: ignore[arg-type]  # keys are literals


def report(folder: Path, change: Callable[[Workbook], None] | None = None) -> Path:
    """The workbook that the quarterly report writes of these schools, beside a calendar."""
    folder.mkdir(exist_ok=True)
    (folder / "calendar.toml").write_bytes((SMALL / "calendar.toml").read_bytes())
    path = folder / "七项指标.xlsx"
    path.write_bytes(rendered())
    if change is not None:
        book = load_workbook(path)
        change(book)
        book.save(path)
    return path


def answers(known: Registry) -> list[tuple[str, ...]]:
    return [
        (result.section.school.school_code, result.section.stage, code, one.verdict, str(one.value))
        for result in evaluate(known, BINHAI, None, AS_OF).sections
        for code, one in result.judgements.items()
    ]


def test_what_the_report_writes_is_read_back_with_the_same_answers(tmp_path: Path) -> None:
    known = read_registry(report(tmp_path))
    written = in_memory(SCHOOLS, STATISTICS)  # type: ignore[arg-type]  # keys are literals
    assert {key: Fraction(value) for key, value in STATISTICS.items()} == known.statistics
    assert sorted(answers(written.registry)) == sorted(answers(known))


def test_it_is_imported_with_the_cell_of_every_figure(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = CliRunner().invoke(app, ["registry", "import", str(report(tmp_path / "in")), "--out", str(out)])
    with (out / "statistics.csv").open(encoding="utf-8-sig") as file:
        found = {
            (row["school_code"], row["stage"], row["item"]): Fraction(row["value"])
            for row in csv.DictReader(file)
        }
    with (out / "sources.csv").open(encoding="utf-8-sig") as file:
        cells = {
            (row["school_code"], row["figure"]): (row["sheet"], row["cell"]) for row in csv.DictReader(file)
        }
    assert ({key: Fraction(value) for key, value in STATISTICS.items()}, ("小学", "AP5")) == (
        found,
        cells[CODE, "school/multimedia_rooms"],
    )
    assert (1, True) == (ran.exit_code, "表中未判定，未取" in ran.output)  # some figures were never stated


def set_cell(sheet: str, cell: str, value: object) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book[sheet][cell] = value

    return change


def swap_pupils(book: Workbook) -> None:
    """The columns of one indicator in another order, as another tool has them."""
    sheet: Worksheet = book["小学"]
    for row in range(4, 6):
        left, right = sheet.cell(row, 6), sheet.cell(row, 7)
        left.value, right.value = right.value, left.value


def in_ten_thousands(book: Workbook) -> None:
    book["小学"]["AJ5"] = 199.999999


@pytest.mark.parametrize("change", [swap_pupils, in_ten_thousands])
def test_columns_in_another_order_and_money_in_ten_thousands_are_read(
    tmp_path: Path, change: Callable[[Workbook], None]
) -> None:
    known = read_registry(report(tmp_path, change))
    assert {key: Fraction(value) for key, value in STATISTICS.items()} == known.statistics


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        # A figure that its own value denies, pupils that differ, a name that is another school's.
        (set_cell("小学", "AP5", 32), "AP5"),
        (set_cell("小学", "AQ5", 999), "小学"),
        (set_cell("小学", "B5", "别的小学"), "B5"),
        (set_cell("学校对照", "E4", "21120000011"), "B5"),
        (set_cell("学校对照", "E4", None), "B5"),
        (set_cell("九年一贯", "AP5", 19.2), "九年一贯 AP5"),
        (set_cell("学校对照", "F4", None), "B5"),
        (set_cell("小学", "AQ5", 1000.5), "小学"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_cell(
    tmp_path: Path, change: Callable[[Workbook], None], cell: str
) -> None:
    with pytest.raises(RegistryError) as caught:
        read_registry(report(tmp_path, change))
    assert cell in str(caught.value).splitlines()[0]


def test_a_lower_bound_and_a_hole_are_no_figures(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book["小学"]["AO5"] = "不低于2.30"
        book["小学"]["E5"], book["小学"]["F5"] = "未判定", "未判定"

    known = read_registry(report(tmp_path, change))
    assert {(CODE, "school", "multimedia_rooms"), (CODE, "primary", "qualified_teachers")} == {
        key for key in STATISTICS if key not in known.statistics
    }
    assert any("未判定，未取" in str(note) for note in known.notes)


def test_a_figure_that_its_pupils_cannot_confirm_is_told_and_not_taken(tmp_path: Path) -> None:
    """In 万元 it would be a ten-thousandth."""

    def change(book: Workbook) -> None:
        sheet = book["小学"]
        for column in range(1, sheet.max_column + 1):
            if sheet.cell(4, column).value == "学生数":
                sheet.cell(5, column).value = None

    known = read_registry(report(tmp_path, change))
    assert (set(), True) == (
        {key for key in known.statistics if key[0] == CODE},
        any("没有在校生数" in str(note) for note in known.notes),
    )


def test_hidden_lines_are_told(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book["小学"].row_dimensions[5].hidden = True

    assert any("隐藏的行已计入" in str(note) for note in read_registry(report(tmp_path, change)).notes)


def test_without_the_whole_figure_a_school_with_a_senior_stage_has_none(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book["学校对照"].delete_cols(12, 5)

    known = read_registry(report(tmp_path, change))
    lost = {key for key in STATISTICS if key not in known.statistics}
    assert {key for key in STATISTICS if key[0] in {TWELVE, WHOLE} and key[1] == "school"} == lost
    assert any("含高中" in str(note) for note in known.notes)


def test_beside_a_schools_sheet_names_are_enough(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        del book["学校对照"]
        sheet = book.create_sheet("学校")
        sheet.append(
            ["学校标识码", "学校名称", "区县", "办学类型", "小学在校生数", "初中在校生数", "高中在校生数"]
        )
        for one in SCHOOLS:
            pupils = (one.primary_pupils, one.junior_pupils, one.senior_pupils)
            sheet.append([one.school_code, one.name, one.district, one.kind, *pupils])

    known = read_registry(report(tmp_path, change))
    assert {key for key in STATISTICS if key[0] in {CODE, NINE} or key[1] != "school"} == set(
        known.statistics
    )


def test_beside_a_schools_sheet_a_name_of_two_schools_is_not_guessed(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        del book["学校对照"]
        sheet = book.create_sheet("学校")
        sheet.append(["学校标识码", "学校名称", "区县", "办学类型", "小学在校生数"])
        first = SCHOOLS[0]
        for code in (first.school_code, "2112000099"):
            sheet.append([code, first.name, first.district, first.kind, first.primary_pupils])

    with pytest.raises(RegistryError, match="不知道是哪所学校"):
        read_registry(report(tmp_path, change))


def test_a_campus_under_the_code_of_its_school_is_not_taken_for_the_school(tmp_path: Path) -> None:
    """In 学校对照 and in the sheet it is called a campus; that code is the whole school's."""
    first = SCHOOLS[0]

    def change(book: Workbook) -> None:
        for title in ("小学", "学校对照"):
            for row in book[title].iter_rows():
                for cell in row:
                    if cell.value == first.name:
                        cell.value = f"{first.name}（西校区）"
        sheet = book.create_sheet("学校")
        sheet.append(["学校标识码", "学校名称", "区县", "办学类型"])
        for one in SCHOOLS:
            sheet.append([one.school_code, one.name, one.district, one.kind])

    with pytest.raises(RegistryError, match="是一个校区"):
        read_registry(report(tmp_path, change))


def test_without_codes_nobody_is_guessed(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        del book["学校对照"]

    with pytest.raises(RegistryError, match="学校对照"):
        read_registry(report(tmp_path, change))
