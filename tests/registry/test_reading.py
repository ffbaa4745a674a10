"""The registry: read whole, or refused with everything that is wrong in it."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import Workbook

from registry import Room, read_registry
from tests.registry.build import CASES, SMALL, problems, refused, small, workbook

PROBLEMS = sorted(path.name for path in CASES.iterdir())


def test_a_folder_is_read_with_chinese_or_english_headers() -> None:
    registry = read_registry(SMALL)
    school = registry.schools["2112000001"]
    assert (
        len(registry.schools),
        (school.name, school.kind, school.unit, school.primary_pupils, school.junior_pupils),
        registry.rooms_of["2112000001"][1],
        registry.statistics["2112000001", "school", "teaching_area_m2"],
        registry.statistics["3112000004", "junior", "backbone_teachers"],
        ("3112000004", "junior", "arts_pe_teachers") in registry.statistics,
    ) == (
        7,
        ("海滨小学", "小学", "区教体局", 302, None),
        Room(
            school_code="2112000001",
            room="R102",
            name="一年二班",
            kind="普通教室",
            area_m2=Fraction(111, 2),
            coverage="key",
            multimedia=True,
        ),
        Fraction(3001, 2),
        5,
        False,
    )


@pytest.mark.parametrize("case", PROBLEMS)
def test_every_problem_is_told_with_sheet_cell_and_title(case: str, tmp_path: Path) -> None:
    folder = small(tmp_path)
    given = CASES / case
    for file in given.iterdir():
        shutil.copy(file, folder)
    assert refused(folder) == (given / "expected.txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_the_encodings_that_spreadsheets_save_are_all_read(encoding: str, tmp_path: Path) -> None:
    folder = small(tmp_path)
    for file in folder.glob("*.csv"):
        file.write_bytes(file.read_text(encoding="utf-8-sig").encode(encoding))
    assert read_registry(folder) == read_registry(SMALL)


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"\x81"])
def test_bytes_in_no_known_encoding_are_refused(data: bytes, tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "rooms.csv").write_bytes(data)
    assert problems(folder)[0].startswith("rooms.csv：不是 UTF-8、UTF-16 或 GB18030 文本")


def test_a_missing_file_and_a_file_that_is_there_twice_are_told(tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "calendar.toml").unlink()
    (folder / "rooms.csv").rename(folder / "room.csv")
    shutil.copy(folder / "schools.csv", folder / "学校.csv")
    (folder / "statistics.csv").rename(folder / "统计.csv")
    assert problems(folder) == [
        "schools.csv：schools.csv 与 学校.csv 同时存在，请只留一个",
        "房间：没有 rooms.csv 或 房间.csv",
        "calendar.toml：没有校历：请填写“校历”表或此文件",
    ]


def test_a_path_that_is_nothing_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path / "none") == ["none：没有此文件或文件夹"]


def test_a_folder_without_a_registry_says_what_it_holds(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "会议纪要.docx").write_text("x")
    assert (problems(empty), problems(tmp_path / "wrong")) == (
        ["empty：文件夹是空的；campus rules template 可生成空白登记表"],
        ["wrong：文件夹中没有登记表（schools.csv、学校.csv 等，或一个工作簿）；看到的是 会议纪要.docx"],
    )


def test_two_workbooks_or_a_workbook_beside_csv_files_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    shutil.copy(path, tmp_path / "旧登记表.xlsx")
    folder = small(tmp_path)
    shutil.copy(path, folder)
    told = [problems(tmp_path)[0], problems(folder)[0]]
    assert told == [
        f"{tmp_path.name}：有 2 个工作簿（registry.xlsx、旧登记表.xlsx），请用 --registry 指定其中一个",
        "registry：既有 CSV 表又有工作簿（registry.xlsx），无法知道以哪个为准，请只留一种",
    ]


def test_one_workbook_says_the_same_as_the_folder(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    registries = [read_registry(SMALL), read_registry(path), read_registry(tmp_path)]
    assert registries[1:] == [registries[0]] * 2


def test_what_a_workbook_cannot_give_is_told_with_its_cell(tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        schools = book["schools"]
        schools["A2"] = 211200001
        schools["F3"] = "=80+7"
        schools.merge_cells("F4:F5")
        book["statistics"]["D2"] = "#REF!"
        book["statistics"]["D2"].data_type = "e"

    told = problems(workbook(tmp_path, spoil))
    assert (
        told
        == [
            "schools A2（学校标识码）：“211200001”应为 10 位数字"
            "（表格软件可能丢了前导零或改成了科学计数：请把该列设为文本后重新填写）",
            "schools F3（初中在校生数）：公式没有保存结果，请在 Excel 或 WPS 中打开后保存，或粘贴为数值",
            "schools F5（初中在校生数）：“80”合并单元格不能给出数字，请取消合并后分别填写",
            "statistics D2（数值）：“#REF!”应为数字，如 1500.5",
        ]
        or told
    )


def test_a_workbook_without_a_sheet_or_that_is_none_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path, lambda book: book.remove(book["rooms"]))
    missing = problems(path)
    path.write_bytes(b"PK\x03\x04 not a workbook")
    assert (missing, problems(path)[0].startswith("registry.xlsx：")) == (["房间：没有此工作表"], True)


def test_the_same_problem_many_times_is_one_line_with_its_cells(tmp_path: Path) -> None:
    folder = small(tmp_path)
    lines = [f"2112000001,X{number},{'某类' if number != 3 else 'key'}" for number in range(30)]
    (folder / "rooms.csv").write_text("学校标识码,房间编号,覆盖类别\n" + "\n".join(lines), encoding="utf-8")
    assert refused(folder).splitlines() == [
        "rooms.csv C2–C4, C6–C31（覆盖类别）共 29 处：应为其中之一：重点、次要、室外、不要求；现为 “某类”",
        "共 29 处，请改正后重新检查",
    ]


def test_what_follows_from_a_first_mistake_is_not_told(tmp_path: Path) -> None:
    """A school whose code is wrong: its rooms and figures are no mistakes of their own."""
    folder = small(tmp_path)
    file = folder / "schools.csv"
    file.write_text(file.read_text(encoding="utf-8-sig").replace("2112000001", "211200001"), encoding="utf-8")
    assert [line.partition("：")[0] for line in problems(folder)] == ["schools.csv A2（学校标识码）"]


def test_a_sheet_without_a_key_column_is_one_line(tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "schools.csv").write_text("学校名称,区县,办学类型\n海滨小学,120116,小学\n", encoding="utf-8")
    assert problems(folder) == ["schools.csv 第 1 行：缺少“学校标识码”列"]


def test_a_stray_blank_at_the_end_of_a_sheet_changes_nothing(tmp_path: Path) -> None:
    def stray(book: Workbook) -> None:
        book["rooms"]["A1048576"] = " "
        book["schools"]["XFD1"] = " "

    assert read_registry(workbook(tmp_path, stray)) == read_registry(SMALL)


def test_special_and_vocational_schools_merge_only_into_their_like(tmp_path: Path) -> None:
    folder = small(tmp_path)
    text = "学校标识码,学校名称,区县,办学类型,并入学校\n2112000001,甲小学,120116,小学,\n"
    text += "5112000002,启智学校,120116,特殊教育,2112000001\n"
    (folder / "schools.csv").write_text(text, encoding="utf-8")
    for name in ("rooms", "statistics"):
        file = folder / f"{name}.csv"
        file.write_text(file.read_text(encoding="utf-8-sig").splitlines()[0] + "\n", encoding="utf-8")
    assert problems(folder) == [
        "schools.csv E3（并入学校）：“2112000001”特殊教育只能并入特殊教育：它的学生不计入义务教育学段"
    ]
