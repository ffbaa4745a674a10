"""The report follows the standard in force: codes, floor, names; and calls districts by their names."""

from dataclasses import replace
from pathlib import Path

from registry import Measure
from rules.answers.recording import record
from rules.facts.facts import Facts
from rules.judging.evaluate import evaluate
from rules.report.files import WORKBOOK, render
from rules.report.report import Report
from rules.shortfalls.register import shortfalls
from rules.standards.reading import STANDARDS, load_standard
from rules.standards.standard import Standard
from store import open_store
from tests.rules.build import AS_OF, BINHAI, registry, school
from tests.rules.report_world import chapter, in_memory, report_of, texts, workbook
from tests.rules.telemetry import NOW

CODE = "2112000001"


def standard(folder: Path, *changes: tuple[str, str]) -> Standard:
    """Binhai's standard as another, with some of its text changed."""
    text = (STANDARDS / "binhai-2021.toml").read_text(encoding="utf-8")
    for old, new in (('name = "binhai-2021"', 'name = "ours"'), *changes):
        assert old in text
        text = text.replace(old, new)
    (folder / "ours.toml").write_text(text, encoding="utf-8")
    return load_standard(folder / "ours.toml")


def exchanged(folder: Path) -> Standard:
    """L6 is rooms here, and L7 the value of equipment."""
    return standard(
        folder, ('code = "L6"', 'code = "X"'), ('code = "L7"', 'code = "L6"'), ('code = "X"', 'code = "L7"')
    )


def observed(rule: Standard) -> Report:
    """A store was named, and nothing was heard: the form's figures stand beside it."""
    known = registry(
        [school(CODE, primary_pupils=100)],
        statistics={
            (CODE, "school", "multimedia_rooms"): 3,
            (CODE, "school", "equipment_cny"): 5_914_000,
        },
    )
    facts = Facts(days=(AS_OF,), until_ms=0, survey_since=AS_OF)
    return report_of(known, evaluate(known, rule, facts, AS_OF))


def test_rooms_are_rooms_whatever_the_standard_calls_their_indicator(tmp_path: Path) -> None:
    text, _ = chapter(observed(exchanged(tmp_path)), "监测与上报对照")
    assert "学校上报网络多媒体教室共3间" in text


def test_a_standard_may_have_codes_of_its_own_from_the_report_to_the_register(
    tmp_path: Path, sqlite_url: str
) -> None:
    rule = standard(tmp_path, *((f'"L{number}"', f'"A{number}"') for number in range(1, 8)))
    known = registry([school(CODE, primary_pupils=100)], statistics={(CODE, "school", "multimedia_rooms"): 2})
    evaluation = evaluate(known, rule, None, AS_OF)
    with open_store(sqlite_url) as store:
        store.prepare()
        assert [] == record(store, evaluation, NOW)
        kept = [row.item.key[3] for row in shortfalls(store, known, rule, as_of=AS_OF).rows]
    report = report_of(known, evaluation)
    listed = [line.code for line in report.shortfalls.failing()]
    _, (table,) = chapter(report, "七项指标")
    assert (["A7"], ["A7"], "A7 每百名学生拥有网络多媒体教室数") == (kept, listed, table.rows[6][0])


def test_a_measure_for_an_indicator_that_the_standard_has_not_is_told() -> None:
    known = replace(
        registry([school(CODE, primary_pupils=100)]),
        measures=(Measure(school_code=CODE, stage="primary", indicator="B1", measure="年内添置"),),
    )
    sheet = workbook(render(report_of(known, evaluate(known, BINHAI, None, AS_OF)))[WORKBOOK])["台账"]
    notes = [str(cell.value) for cell in sheet["A"] if "不在所用标准中" in str(cell.value)]
    assert ["登记的措施有1条所写指标（B1）不在所用标准中，未列入。"] == notes


def test_the_floor_is_the_standards_own(tmp_path: Path) -> None:
    report = observed(standard(tmp_path, ('floor = "0.85"', 'floor = "0.80"')))
    sheet = workbook(render(report)[WORKBOOK])["小学"]
    notes = [str(cell.value) for cell in sheet["A"] if "基本值为" in str(cell.value)]
    assert [True] == ["基本值为达标值的80%" in note for note in notes]


def test_a_district_is_titled_by_its_name_and_never_by_a_bare_number() -> None:
    there = school("1310000001", primary_pupils=9, district="310115")
    named = in_memory([there], {}, district_names={"310115": "浦东新区"})
    unnamed = in_memory([there], {})
    assert (True, True) == ("浦东新区：小学1个" in texts(named), "区县 310115：小学1个" in texts(unnamed))
