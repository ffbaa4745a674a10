"""The registry: read whole, or refused with everything that is wrong in it."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import Workbook

from registry import RegistryError, Room, read_registry
from registry.columns import SHEETS

CASES = Path(__file__).parents[1] / "cases" / "registry"
SMALL = CASES.parent / "rules" / "small"
PROBLEMS = sorted(path.name for path in CASES.iterdir())


def small(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "registry"))


def problems(path: Path) -> list[str]:
    with pytest.raises(RegistryError) as caught:
        read_registry(path)
    return [str(problem) for problem in caught.value.problems]


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
def test_every_problem_is_told_with_sheet_row_and_column(case: str, tmp_path: Path) -> None:
    folder = small(tmp_path)
    given = CASES / case
    for file in given.iterdir():
        shutil.copy(file, folder)
    expected = (given / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert problems(folder) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_encodings_that_spreadsheets_save_are_all_read(encoding: str, tmp_path: Path) -> None:
    folder = small(tmp_path)
    for file in folder.glob("*.csv"):
        file.write_bytes(file.read_text(encoding="utf-8-sig").encode(encoding))
    assert read_registry(folder) == read_registry(SMALL)


@pytest.mark.parametrize("data", ["学校标识码".encode("utf-16"), b"\xff\xff\xff", b"\x81"])
def test_bytes_in_no_known_encoding_are_refused(data: bytes, tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "rooms.csv").write_bytes(data)
    assert problems(folder) == ["rooms: 编码无法识别，请另存为 CSV UTF-8"]


def test_a_missing_file_and_a_file_that_is_there_twice_are_told(tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "calendar.toml").unlink()
    (folder / "rooms.csv").rename(folder / "room.csv")
    shutil.copy(folder / "schools.csv", folder / "学校.csv")
    (folder / "statistics.csv").rename(folder / "统计.csv")
    assert problems(folder) == [
        "schools: 中英文文件名同时存在",
        "rooms: 找不到文件 rooms.csv",
        "calendar.toml: 找不到校历文件",
    ]


def test_a_path_that_is_nothing_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path / "none") == [f"{tmp_path / 'none'}: 应为 CSV 文件夹或 XLSX 文件"]


def workbook(folder: Path, change: Callable[[Workbook], None] = lambda _: None) -> Path:
    """The small registry as one XLSX file, codes as text and figures as numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in (table for table in SHEETS if not table.optional):
        sheet = book.create_sheet(table.name)
        text = (SMALL / f"{table.name}.csv").read_text(encoding="utf-8-sig")
        for line in text.splitlines():
            cells = [
                cell if len(cell) == 10 or not _numeric(cell) else float(cell) for cell in line.split(",")
            ]
            sheet.append([None if cell == "" else cell for cell in cells])
    change(book)
    shutil.copy(SMALL / "calendar.toml", folder)
    path = folder / "registry.xlsx"
    book.save(path)
    return path


def _numeric(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit() and len(cell) != 6


def test_one_workbook_says_the_same_as_the_folder(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    registries = [read_registry(SMALL), read_registry(path), read_registry(tmp_path)]
    assert registries[1:] == [registries[0]] * 2


def test_formulas_merged_cells_and_codes_that_are_numbers_are_refused(tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        schools = book["schools"]
        schools["A2"] = 2112000001
        schools["F3"] = "=80+7"
        book["rooms"].merge_cells("C2:C3")
        book["statistics"]["D2"] = "#REF!"
        book["statistics"]["D2"].data_type = "e"

    told = [line for line in problems(workbook(tmp_path, spoil)) if "学校表中没有" not in line]
    assert told == [
        "schools · 第 2 行 · 学校标识码: “2112000001”存成了数字，请把该列设为文本后重新填写",
        "schools · 第 3 行 · F3: 公式 =80+7，请粘贴为数值",
        "rooms · 第 2 行: 合并单元格 C2:C3，请取消合并",
        "statistics · 第 2 行 · D2: 错误值 #REF!",
    ]


def test_a_workbook_without_a_sheet_or_that_is_none_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path, lambda book: book.remove(book["rooms"]))
    missing = problems(path)
    path.write_bytes(b"PK\x03\x04 not a workbook")
    assert (missing, problems(path)) == (
        ["rooms: 缺少工作表 rooms（房间）"],
        ["registry.xlsx: 无法作为 XLSX 打开"],
    )
