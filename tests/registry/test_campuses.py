"""Forms of a campus (校区) under the code of its school: told, and never taken for the whole school."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.program import app
from registry.forms.importing import Imported, import_forms
from tests.registry.test_forms import CODE, EXPECTED, HEAD, Rows, forms, write_book

MAIN = f"学校（机构）标识码：{CODE}"
PUPILS: Rows = (["", "在校生数"], ["总计", 400])


def _imported(tmp_path: Path, form: Rows, *, sheet: str = "教基3112", file: str = "校.xlsx") -> Imported:
    sheets = {name: rows for name, rows in forms().items() if name != "教基3112"}
    return import_forms([write_book(tmp_path / file, {**sheets, sheet: form})])


@pytest.mark.parametrize(
    "head",
    [
        [["潮音小学西校区 2026学年"], *HEAD],
        [[MAIN, "", "校区：西"]],
        [[MAIN], ["填报校区", "", "东疆"]],
        [[MAIN], ["学校（机构）名称：潮音小学（西校区）"]],
        [[MAIN], ["学校名称", "潮音小学（本部）"]],
        [[MAIN], ["潮音小学（不含西校区）"]],
        [[MAIN], ["学校名称", "潮音小学第二校区"]],
        [[MAIN], ["潮音小学1校区"]],
        # Another unit that has the school's code by mistake, and one of whose brackets alone say so.
        [[MAIN], ["学校名称", "汐音小学"]],
        [[MAIN], ["学校名称", "潮音小学（王庄教学点）"]],
    ],
)
def test_a_campus_s_figure_under_the_school_s_code_is_told_and_not_taken(
    tmp_path: Path, head: list[list[str]]
) -> None:
    imported = _imported(tmp_path, [*head, *PUPILS])
    taken = [school.values.get("primary_pupils") for school in imported.schools]
    assert (True, False, True) == (
        "400" not in taken,
        imported.whole,
        any("未取" in said.zh and CODE in said.zh for said in imported.unread),
    )


@pytest.mark.parametrize(
    ("sheet", "file"), [("西校区3112", "校.xlsx"), ("教基3112", "西校区.xlsx"), ("教基3112", "西校区/1.xlsx")]
)
def test_what_a_sheet_file_or_folder_is_called_says_it_too(tmp_path: Path, sheet: str, file: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    write_book(tmp_path / "全校.xlsx", {name: rows for name, rows in forms().items() if name != "教基3112"})
    write_book(tmp_path / file, {sheet: [*HEAD, ["教基3112"], *PUPILS]})
    imported = import_forms([tmp_path])
    (school,) = imported.schools
    assert (None, EXPECTED, 1) == (
        school.values.get("primary_pupils"),
        school.statistics,
        len(imported.unread),
    )


def test_beside_the_school_s_own_form_a_campus_s_changes_nothing(tmp_path: Path) -> None:
    book = {**forms(), "西校区": [[f"教基3112 潮音小学西校区 {MAIN}"], [MAIN], *PUPILS]}
    imported = import_forms([write_book(tmp_path / "校.xlsx", book)])
    (school,) = imported.schools
    assert ("1020", EXPECTED, [], 1) == (
        school.values["primary_pupils"],
        school.statistics,
        school.missing,
        len(imported.unread),
    )


@pytest.mark.parametrize(
    "head",
    [
        [["潮音小学（含东校区、西校区）"], *HEAD],
        [["各校区合计"], *HEAD],
        [["潮音小学（2个校区）"], *HEAD],
        [["潮音小学东西校区合计"], *HEAD],
        [["潮音小学三校区合并表"], *HEAD],
        [["学校校区基本情况"], *HEAD],
        [[MAIN, "", "单校区"]],
        [["填报说明：有多个校区的学校按校区汇总后填报"], *HEAD],
        [
            [
                "填报说明：本表由学校汇总，西校区、东校区的数字不单独上报，由学校本部统一填报后交区教体局审核，"
                * 2
            ],
            *HEAD,
        ],
        [[MAIN, "", "校区：全校"]],
        [[MAIN], ["校区", "无"]],
        [[MAIN], ["学校区县", "滨海新区"]],
        [[MAIN], ["校区个数：2"]],
        [[MAIN], ["学校名称", "滨海新区潮音小学"]],
    ],
)
def test_the_whole_school_s_form_is_taken(tmp_path: Path, head: list[list[str]]) -> None:
    (school,) = _imported(tmp_path, [*head, *PUPILS]).schools
    assert ("400", EXPECTED) == (school.values["primary_pupils"], school.statistics)


def test_a_total_beside_its_campuses_is_taken(tmp_path: Path) -> None:
    (school,) = _imported(tmp_path, [*HEAD, ["", "在校生数", "西校区"], ["总计", 1000, 400]]).schools
    assert "1000" == school.values["primary_pupils"]


def _campus_alone(tmp_path: Path) -> Path:
    named = (*forms()["教基1001"][:1], ["学校（机构）名称", "潮音小学西校区"], *forms()["教基1001"][2:])
    return write_book(tmp_path / "校.xlsx", {**forms(), "教基1001": named, "教基3112": [*HEAD, *PUPILS]})


def test_a_campus_with_a_code_of_its_own_is_a_school_where_somebody_says_so(tmp_path: Path) -> None:
    book, out = _campus_alone(tmp_path), tmp_path / "out"
    command = ["registry", "import", str(book), "--out", str(out)]
    asked = CliRunner().invoke(app, command)
    assert (1, True, False) == (asked.exit_code, f"--own-school {CODE}" in asked.output, out.exists())
    result = CliRunner().invoke(app, [*command, "--own-school", CODE])
    with (out / "schools.csv").open(encoding="utf-8-sig") as file:
        (school,) = csv.DictReader(file)
    assert (0, "潮音小学西校区", "400") == (result.exit_code, school["name"], school["primary_pupils"])


def test_forms_that_name_nobody_are_of_the_campus_that_the_only_name_is(tmp_path: Path) -> None:
    named = (*forms()["教基1001"][:1], ["学校（机构）名称", "潮音小学西校区"])
    write_book(tmp_path / "1.xlsx", {"教基1001": named})
    write_book(tmp_path / "2.xlsx", {"教基3112": [*HEAD, *PUPILS]})
    imported = import_forms([tmp_path])
    assert ((), 2) == (imported.schools, len(imported.unread))


def test_a_campus_with_another_code_than_its_school_s_is_a_school(tmp_path: Path) -> None:
    other = str(int(CODE) + 1)
    main = {
        name: [[cell.replace(CODE, other) if isinstance(cell, str) else cell for cell in row] for row in rows]
        for name, rows in forms().items()
    }
    _campus_alone(tmp_path)
    write_book(tmp_path / "本校.xlsx", main)
    imported = import_forms([tmp_path])
    assert (True, ["潮音小学西校区", "潮音小学"]) == (
        imported.whole,
        [school.values["name"] for school in imported.schools],
    )
