"""政府保障 in the quarterly report: the chapter and the sheet."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from registry import CatalogueItem, Room, School
from rules.facts.facts import AssetFacts, Facts, LedgerFacts
from rules.judging.evaluate import evaluate
from rules.report.files import WORKBOOK, render
from rules.report.report import Report
from tests.rules.build import AS_OF, BINHAI, school
from tests.rules.report_world import chapter, in_memory, workbook

LARGE, WHOLE, SILENT = "2112000001", "3112000002", "2112000003"
TITLE = "政府保障程度（设施部分）"


def special(code: str, name: str, area: int, *, occupied: bool = False) -> Room:
    kind = {"M": "音乐教室", "A": "美术教室"}[name[0]]
    return Room(
        school_code=code, room=name, kind=kind, area_m2=Fraction(area), coverage="key", occupied=occupied
    )


def report(*more: School) -> Report:
    """A school that fails in everything, one that passes, and one that has told its pupils only."""
    fails: dict[str, Any] = {
        "primary_pupils": 2001,
        "primary_classes": 13,
        "largest_primary_class": 50,
        "oversized_primary_classes": 3,
    }
    passes: dict[str, Any] = {
        "primary_pupils": 300,
        "junior_pupils": 200,
        "primary_classes": 7,
        "junior_classes": 5,
        "largest_primary_class": 45,
        "largest_junior_class": 50,
        "oversized_primary_classes": 0,
        "oversized_junior_classes": 0,
    }
    schools = [
        school(LARGE, **fails),
        school(WHOLE, "九年一贯制", **passes),
        school(SILENT, primary_pupils=99),
    ]
    rooms = (
        special(LARGE, "M1", 96),
        special(LARGE, "A1", 90, occupied=True),
        special(WHOLE, "M1", 96),
        special(WHOLE, "A1", 90),
    )
    return in_memory([*schools, *more], {}, rooms=rooms)


def cells(book: Report, *rows: int) -> list[list[Any]]:
    sheet = workbook(render(book)[WORKBOOK])["政府保障"]
    return [[cell.value for cell in sheet[row]] for row in rows]


def test_a_district_is_told_by_occupied_rooms_oversized_schools_and_large_classes() -> None:
    assert (
        "滨海新区：音乐、美术专用教室被挤占1间，涉及1所学校。规模超标的学校：小学1所。"
        "已填报的超标班额班级：小学3个（1所学校）、初中0个。"
    ) in chapter(report(), TITLE)[0]


def test_schools_are_counted_by_answer_for_each_guarantee() -> None:
    assert [
        ("G3 音乐、美术专用教室", "3", "1", "1", "1", "33.33%"),
        ("G4 学校规模", "3", "2", "1", "0", "66.67%"),
        ("G5 班额", "3", "1", "1", "1", "33.33%"),
    ] == chapter(report(), TITLE)[1][0].rows


def test_a_school_that_falls_short_is_shown_with_figures_against_limits() -> None:
    table = chapter(report(), TITLE)[1][1]
    assert [("学校01", "小学", "1/4", "2001/2000", "50/45", "1", "3")] == table.rows


def test_a_stage_without_its_largest_class_fails_without_another_stages_figure() -> None:
    """The primary stage's 40 pupils are within its limit; what fails are classes of the junior stage."""
    one = school(
        "3112000004",
        "九年一贯制",
        primary_pupils=90,
        junior_pupils=90,
        largest_primary_class=40,
        oversized_junior_classes=2,
    )
    rows = chapter(report(one), TITLE)[1][1].rows
    assert ("学校04", "未达标", "2") == (rows[1][0], rows[1][4], rows[1][6])


def test_the_worst_fifteen_schools_are_in_the_document_and_all_in_the_workbook() -> None:
    many = [
        school(f"21120001{n}", primary_pupils=60, primary_classes=1, largest_primary_class=46)
        for n in range(10, 25)
    ]
    found = report(*many)
    table = chapter(found, TITLE)[1][1]
    numbers = [row[0] for row in cells(found, *range(5, 23))]
    assert (15, "学校01", True, list(range(1, 19))) == (
        len(table.rows),
        table.rows[0][0],
        "前15所，共16所，余见工作簿" in table.caption,
        numbers,
    )


def test_nobody_to_judge_is_said_in_one_sentence() -> None:
    assert ("没有参与评估的学校。", []) == chapter(in_memory([school("5112000007", "特殊教育")], {}), TITLE)


def test_a_district_that_tells_no_oversized_classes_is_not_called_free_of_them() -> None:
    text, tables = chapter(in_memory([school(SILENT, primary_pupils=99)], {}), TITLE)
    assert (True, True, 1) == (
        "各校均未填报超标班额的班级数" in text,
        "没有判为未达标的学校。" in text,
        len(tables),
    )


def test_the_sheet_has_a_row_a_school_with_answer_figures_and_reason() -> None:
    first, silent = cells(report(), 5, 7)
    assert (
        [1, "学校01", LARGE, "滨海新区", "小学"],
        ["未达标", 1, 4, "13 个班；音乐 1/2 间；美术 0/2 间（1 间被挤占）"],
        ["未达标", 2001, 2000, "在校生 2,001 > 2,000"],
        ["未达标", 50, 45, "小学最大班额 50 > 45，超标 3 个班"],
        ["未判定", "—", "—", "缺少班级数"],
    ) == (first[:5], first[5:9], first[9:13], first[13:17], silent[5:9])


def test_the_sheet_ends_with_the_districts_sums() -> None:
    total = cells(report(), 8)[0]
    assert (
        "滨海新区合计",
        ["达标1/3", 3, 6, "音乐、美术专用教室被挤占1间，涉及1所学校"],
        ["达标2/3", 2001 + 500 + 99, "—", "规模超标的学校：小学1所"],
        ["达标1/3", "—", "—", "已填报的超标班额班级：小学3个（1所学校）、初中0个"],
    ) == (total[0], total[5:9], total[9:13], total[13:17])


def test_several_districts_are_summed_apart_and_together() -> None:
    other = replace(school("2112000005", primary_pupils=1), district="120101")
    names = [row[0] for row in cells(report(other), 9, 10, 11)]
    pupils = [row[10] for row in cells(report(other), 9, 10, 11)]
    assert (["和平区合计", "滨海新区合计", "总计"], [1, 2600, 2601]) == (names, pupils)


@pytest.mark.parametrize(("row", "wanted"), [(0, "G3 音美教室（间）"), (1, "结论")])
def test_each_guarantee_stands_under_a_merged_head(row: int, wanted: str) -> None:
    sheet = workbook(render(report())[WORKBOOK])["政府保障"]
    merged = {str(one) for one in sheet.merged_cells.ranges}
    assert (True, wanted) == (
        {"A3:A4", "F3:I3", "J3:M3", "N3:Q3", "A8:E8"} <= merged,
        sheet.cell(3 + row, 6).value,
    )


def test_the_catalogue_of_equipment_is_told_where_the_bureau_has_one() -> None:
    item = CatalogueItem(
        name="显微镜", stage="primary", per="school", quantity=Fraction(2), categories=("A02100301",)
    )
    line = AssetFacts(
        asset="1",
        name="显微镜",
        category="A02100301",
        room=None,
        serial=None,
        quantity=1,
        value_fen=100,
        status="in_use",
    )
    ledger = LedgerFacts(time_ms=0, assets=(line,), lines=1, whole=True)
    facts = Facts(days=(), until_ms=0, survey_since=AS_OF, ledgers={LARGE: ledger})
    # A district in which nobody is judged has no answer to G2 either.
    elsewhere = replace(school("5112000009", "特殊教育"), district="120101")
    one = report(elsewhere)
    known = replace(one.registry, catalogue=(item,))
    found = replace(one, registry=known, evaluation=evaluate(known, BINHAI, facts, AS_OF))
    text, tables = chapter(found, TITLE)
    silent = cells(found, 7)[0]
    assert (
        True,
        ("G2 基本装备配置", "3", "0", "1", "2", "0.00%"),
        ("学校01", "小学", "0/1", "1/4", "2001/2000", "50/45", "1", "3"),
        ["未判定", 0, 1, "1 项中 0 项配齐，0 项不足；显微镜 0/2"],
    ) == (
        "滨海新区：对照装备目录不足的共1项次，涉及1所学校。音乐、美术" in text,
        tables[0].rows[0],
        tables[1].rows[0],
        silent[5:9],
    )


def test_what_falls_short_is_a_step_of_the_work_to_come() -> None:
    wanted = "强保障。音美教室未达标1所、学校规模未达标1所、班额未达标1所，列入整改。"
    assert wanted in chapter(report(), "下一步工作")[0]
