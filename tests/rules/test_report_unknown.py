"""Nothing observed is "—" or 未判定 in every sentence and cell, and never a nought."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from rules.facts.facts import Facts
from rules.judging.evaluate import evaluate
from rules.judging.matching import Unmatched
from rules.report.blocks import Chart
from rules.report.files import WORKBOOK, render
from rules.report.narrative import narrative
from rules.report.report import Report
from tests.rules.build import AS_OF, BINHAI, registry, school
from tests.rules.report_world import chapter, report_of, texts, workbook
from tests.rules.telemetry import room

CODE = "2112000001"
NOUGHT = re.compile(r"(?<!\d)0(\.00|所|个房间|间)")


@pytest.fixture(scope="module")
def silent() -> Report:
    """A school of two rooms: a store was named, and nothing was heard; the form states nothing either."""
    known = registry([school(CODE, primary_pupils=100)], rooms=[room("R1"), room("R2")])
    facts = Facts(days=(AS_OF,), until_ms=0, survey_since=AS_OF)
    strict = BINHAI.model_copy(
        update={"observation": BINHAI.observation.model_copy(update={"never_heard": "undetermined"})}
    )
    return report_of(known, evaluate(known, strict, facts, AS_OF))


def test_a_school_that_nothing_was_ever_heard_of_is_said_to_be_judged_on_its_form(silent: Report) -> None:
    facts = silent.evaluation.facts
    report = report_of(silent.registry, evaluate(silent.registry, BINHAI, facts, AS_OF))
    told = "从未收到学校01的监测数据，其各项按学校报表数判定（仅申报），不作监测对照。"
    place = next(row for row in rows(report, "学校对照") if row[4] == CODE)
    assert (True, "仅申报") == (told in chapter(report, "总体情况")[0], place[9])


def test_readings_that_count_nowhere_are_told_and_listed(silent: Report) -> None:
    stray = Unmatched(what="room", school=CODE, room="R9", readings=40, likely=("R1",))
    report = replace(silent, evaluation=replace(silent.evaluation, unmatched=(stray,)))
    told = "监测与登记表有1处不符，共40条读数未计入"
    sheet = rows(report, "监测与登记不符")[3]
    assert (True, [1, CODE, "学校01", "R9", 40]) == (told in chapter(report, "总体情况")[0], sheet[:5])


def rows(report: Report, name: str) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in workbook(render(report)[WORKBOOK])[name].iter_rows()]


def test_no_sentence_and_no_table_of_the_text_says_nought(silent: Report) -> None:
    tables = [row for block in narrative(silent) if hasattr(block, "rows") for row in block.rows]
    assert [] == [text for text in (texts(silent), *map(str, tables)) if NOUGHT.search(text)]


def test_chapters_say_that_nothing_is_known(silent: Report) -> None:
    wanted = {
        "总体情况": "滨海新区：小学1个，均未判定。",
        "七项指标": "滨海新区各项指标均未判定。",
        "无线网络": "参与统计的1所学校均未判定。应覆盖的2间房间均未判定。",
        "监测与上报对照": "学校上报网络多媒体教室共2间；最近1个教学日没有监测到任何一间的状态。",
    }
    assert [] == [title for title, text in wanted.items() if text not in chapter(silent, title)[0]]


def test_a_chart_has_no_column_for_it(silent: Report) -> None:
    rates = next(
        block for block in narrative(silent) if isinstance(block, Chart) and "达标率" in block.caption
    )
    assert [None] * 8 == list(rates.series[0].values)


def test_the_sheets_have_a_dash_where_nothing_is_known(silent: Report) -> None:
    use = rows(silent, "设施利用")[4]
    rate = next(row for row in rows(silent, "达标情况统计") if str(row[2]).startswith("L7"))
    assert (["数据不足", "—", "—", "—"], "—") == (use[5:9], rate[7])


def test_a_register_line_of_a_silent_school_has_no_nought(silent: Report) -> None:
    line = next(line for line in silent.shortfalls.lines if line.code == "wireless")
    assert ("未判定", "2间未判定") == (line.now.text, line.gap.text)


def test_a_coefficient_that_is_known_in_part_is_the_range_and_not_the_figure_of_the_others() -> None:
    """Two schools whose coefficient is 0.200, and a third that states no rooms: it cannot be what it was."""
    schools = [school(f"211200000{n}", primary_pupils=100) for n in (1, 2, 3)]
    rooms = {(f"211200000{n}", "school", "multimedia_rooms"): n + 1 for n in (1, 2)}
    known = registry(schools, statistics=rooms)  # type: ignore[arg-type]  # the literals are items
    report = report_of(known, evaluate(known, BINHAI, None, AS_OF))
    figures = report.evaluation.districts[0].stages["primary"]
    ends = figures.indicators["L7"].cv_squared_range
    assert ends is not None
    text, (table,) = chapter(report, "校际均衡")
    cell = next(row[1] for row in table.rows if row[0].startswith("L7"))
    low = Fraction(cell.removesuffix("以上").partition("～")[0])
    assert (True, "表中为差异系数可能的范围" in text) == (low**2 <= ends.low, True)
    assert not cell.startswith("0.200")
    charts = [
        block for block in narrative(report) if isinstance(block, Chart) and "差异系数" in block.caption
    ]
    place = list(report.names).index("L7")
    assert [None, None] == [charts[0].series[0].values[at] for at in (place, -1)]
