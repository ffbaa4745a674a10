"""An empty registry to fill in, and the page that says what its columns mean."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from registry import RegistryError, read_registry
from registry.columns import SHEETS
from registry.describe import markdown
from registry.template import write_template
from runtime import ConfigError
from tests.rules.test_command import campus

PAGE = Path(__file__).parents[2] / "docs" / "registry.md"


def filled(folder: Path, rows: dict[str, list[tuple[str | int, ...]]]) -> Path:
    """The template with these rows below its headers."""
    write_template(folder)
    book: Workbook = load_workbook(folder / "registry.xlsx")
    for name, lines in rows.items():
        for line in lines:
            book[name].append(line)
    book.save(folder / "registry.xlsx")
    return folder


def test_the_template_has_every_sheet_with_every_header_and_reads_as_an_empty_registry(
    tmp_path: Path,
) -> None:
    write_template(tmp_path)
    book = load_workbook(tmp_path / "registry.xlsx")
    headers = {sheet.title: [cell.value for cell in sheet[1]] for sheet in book.worksheets}
    assert headers == {table.chinese: [column.chinese[0] for column in table.columns] for table in SHEETS}
    assert (read_registry(tmp_path).schools, len(read_registry(tmp_path).calendar.lesson_slots)) == ({}, 2)


def test_codes_are_text_columns_and_what_is_one_of_a_few_is_a_list(tmp_path: Path) -> None:
    write_template(tmp_path)
    sheet = load_workbook(tmp_path / "registry.xlsx")["学校"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert sheet.column_dimensions["A"].number_format == "@"
    assert lists == {"D2:D5001": '"小学,初中,九年一贯制,十二年一贯制,完全中学,教学点,特殊教育,职业学校"'}


def test_what_is_filled_in_is_read_in_the_forms_own_words(tmp_path: Path) -> None:
    known = read_registry(
        filled(
            tmp_path,
            {
                "学校": [("2112000001", "第一小学", "120116", "小学", "区教体局", 300)],
                "房间": [("2112000001", "101", "一年级1班", "普通教室", 60, "重点", "是", "否")],
                "统计": [("2112000001", "全校", "网络多媒体教室数", 7)],
                "装备目录": [("显微镜", "小学", "A02100301", "", "每校", 24)],
            },
        )
    )
    (room,) = known.rooms
    assert (known.schools["2112000001"].primary_pupils, room.multimedia, known.catalogue[0].quantity) == (
        300,
        True,
        24,
    )
    assert known.statistics == {("2112000001", "school", "multimedia_rooms"): 7}


def test_a_code_typed_as_a_number_into_the_template_is_told(tmp_path: Path) -> None:
    folder = filled(tmp_path, {"学校": [(2112000001, "第一小学", "120116", "小学")]})
    with pytest.raises(RegistryError) as refused:
        read_registry(folder)
    assert ["学校标识码"] == [problem.column for problem in refused.value.problems]


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "calendar.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"calendar\.toml"):
        write_template(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["calendar.toml"]


def test_the_commands_write_and_check_a_registry(tmp_path: Path) -> None:
    made = campus("template", "--out", str(tmp_path / "new"))
    checked = campus("check", "--registry", str(tmp_path / "new"))
    (tmp_path / "new" / "calendar.toml").unlink()
    broken = campus("check", "--registry", str(tmp_path / "new"))
    assert (made.returncode, checked.returncode, broken.returncode) == (0, 0, 2)
    assert ("0 所学校" in checked.stdout, "calendar.toml" in broken.stderr) == (True, True)


def test_the_page_shows_the_sheets_as_they_are_read() -> None:
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- begin: the sheets -->\n", "<!-- end -->"
    assert text.split(begin)[1].split(end)[0] == markdown()


def test_every_column_says_what_it_means() -> None:
    assert [column.name for table in SHEETS for column in table.columns if not column.meaning] == []
