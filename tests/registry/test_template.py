"""An empty registry to fill in, and the page that says what its columns mean."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from registry import read_registry
from registry.describe import markdown
from registry.sheets import SHEETS
from registry.template import write_template
from registry.vocabulary import ITEMS
from runtime import ConfigError
from runtime.language import Language
from tests.registry.build import problems
from tests.rules.commands import campus

ITEM_TITLES = [facts.chinese for facts in ITEMS.values()]
DOCS = Path(__file__).parents[2] / "docs"


def filled(folder: Path, rows: dict[str, list[tuple[str | int, ...]]]) -> Path:
    """The template with these rows below its headers."""
    write_template(folder)
    book: Workbook = load_workbook(folder / "registry.xlsx")
    for name, lines in rows.items():
        for line in lines:
            book[name].append(line)
    book.save(folder / "registry.xlsx")
    return folder


def test_the_template_explains_itself_and_has_every_sheet(tmp_path: Path) -> None:
    write_template(tmp_path)
    book = load_workbook(tmp_path / "registry.xlsx")
    titles = {sheet.title: [cell.value for cell in sheet[1]] for sheet in book.worksheets}
    assert list(titles) == ["说明", "示例", *(table.chinese for table in SHEETS), "校历"]
    assert titles["学校"] == [column.chinese[0] for column in SHEETS[0].columns]
    assert titles["统计"] == [
        "学校标识码",
        "学校名称",
        *(f"{stage}{item}" for item in ITEM_TITLES[:3] for stage in ("小学", "初中")),
        *ITEM_TITLES[3:],
        "小学交流走教体艺教师数",
        "初中交流走教体艺教师数",
        "租用体育场馆面积",
        "改建体育场地面积",
        "备注",
    ]


def test_an_empty_template_says_that_nothing_is_filled_in(tmp_path: Path) -> None:
    write_template(tmp_path)
    assert problems(tmp_path) == ["学校：没有填写任何学校，每校填一行"]


def test_a_template_in_english_is_read_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_LANG", "en")
    write_template(tmp_path)
    book = load_workbook(tmp_path / "registry.xlsx")
    assert [book.sheetnames[0], book["schools"]["A1"].value, book["schools"]["A1"].comment.text] == [
        "readme",
        "school_code",
        "must be given\nTen digits, kept as text",
    ]
    assert problems(tmp_path) == ["schools: nothing is filled in: there is no school; a line each"]


def test_codes_are_text_columns_and_what_is_one_of_a_few_is_a_list(tmp_path: Path) -> None:
    write_template(tmp_path)
    sheet = load_workbook(tmp_path / "registry.xlsx")["学校"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert sheet.column_dimensions["A"].number_format == "@"
    assert lists == {
        "D2:D5001": '"小学,初中,九年一贯制,十二年一贯制,完全中学,教学点,特殊教育,职业学校"',
        "E2:E5001": '"公办,教育部门,其他部门,地方企业,民办,中外合作"',
    }


def test_what_is_filled_in_is_read_in_the_forms_own_words(tmp_path: Path) -> None:
    known = read_registry(
        filled(
            tmp_path,
            {
                "学校": [("2112000001", "第一小学", "滨海新区", "小学", "民办", "区教体局", 300)],
                "房间": [("2112000001", "101", "一年级1班", "普通教室", 60, "重点", "是", "否")],
                "统计": [("2112000001", "第一小学", *[None] * 9, 7)],
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


def test_a_code_typed_as_a_number_into_the_template_is_read(tmp_path: Path) -> None:
    folder = filled(tmp_path, {"学校": [(2112000001, "第一小学", "120116", "小学")]})
    assert list(read_registry(folder).schools) == ["2112000001"]


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "registry.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"registry\.xlsx: 已存在"):
        write_template(tmp_path)
    assert "mine" == (tmp_path / "registry.xlsx").read_text(encoding="utf-8")


def test_the_commands_write_and_check_a_registry(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    made = campus("template", "--out", str(folder))
    empty = campus("check", "--registry", str(folder))
    (folder / "registry.xlsx").unlink()
    filled(folder, {"学校": [("2112000001", "第一小学", "120116", "小学")]})
    checked = campus("check", "--registry", str(folder))
    assert (made.returncode, empty.returncode, checked.returncode) == (0, 2, 0)
    assert ("没有填写任何学校" in empty.stderr, "1 所学校" in checked.stdout) == (True, True)


@pytest.mark.parametrize(("page", "language"), [("registry.md", "en"), ("zh/registry.md", "zh")])
def test_the_page_shows_the_sheets_as_they_are_read(page: str, language: Language) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    begin, end = "<!-- begin: the sheets -->\n", "<!-- end -->"
    assert text.split(begin)[1].split(end)[0] == markdown(language)


def test_every_column_says_what_it_means() -> None:
    assert [column.name for table in SHEETS for column in table.columns if not column.meaning.zh] == []
