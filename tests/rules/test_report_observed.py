"""The chapters of the report that rest on readings from a real store."""

from dataclasses import replace
from fractions import Fraction

import pytest

from contract import LEDGER_RUN, Asset, CollectorRun, Reading
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.report.report import Report
from rules.report.shortfall_list import shortfall_list
from rules.report.usage import usage_of
from store import Store
from tests.rules.build import BINHAI, CALENDAR
from tests.rules.report_world import Q3, chapter, near_miss, report_of
from tests.rules.telemetry import (
    CODE,
    LAST_DAY,
    NOW,
    access_point,
    good_survey,
    ms,
    one_school,
    points,
    polls,
    projector,
    room,
    sample,
)


def observed(store: Store, *readings: Reading) -> Report:
    """A school of two declared rooms with 100 pupils, as it was seen."""
    assert store.write(points(*readings)) == []
    known = one_school(room("R1"), room("R2"))
    known = replace(
        known, statistics={**known.statistics, (CODE, "school", "equipment_cny"): Fraction(250_000)}
    )
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    evaluation = evaluate(known, BINHAI, facts, LAST_DAY)
    return replace(
        near_miss(),
        quarter=Q3,
        registry=known,
        evaluation=evaluation,
        shortfalls=shortfall_list(evaluation, {}),
    )


@pytest.mark.parametrize(
    ("made", "says"), [("2021-09-30T08:45", "截至2021"), ("2021-10-01T00:00", "数据日期2021")]
)
def test_on_the_last_day_the_quarter_is_running_until_midnight(store: Store, made: str, says: str) -> None:
    known = one_school(room("R1"))
    facts = observe(store, known, BINHAI, as_of=Q3.last, now_ms=ms(made))
    evaluation = evaluate(known, BINHAI, facts, Q3.last)
    report = replace(near_miss(), quarter=Q3, registry=known, evaluation=evaluation, until_ms=facts.until_ms)
    assert report.basis.startswith(says)


def test_coverage_is_told_by_school_by_room_and_by_area(store: Store) -> None:
    served = [access_point(time, "up", ap=f"A{n}", room=f"R{n}") for n in (1, 2) for time in polls()]
    weak = [sample(point, -80, room="R2") for point in "ABC"]
    text, tables = chapter(observed(store, *served, *good_survey("R1"), *weak), "无线网络全覆盖")
    assert (
        "滨海新区：参与统计的1所学校中，0所实现无线网络全覆盖，覆盖率0.00%；1所未全覆盖，0所未判定。"
        "按房间计1/2间（50.00%），按面积计50.00%。",
        [("学校01", "未达标", "2", "1", "未覆盖：R2")],
    ) == (text, [tuple(row) for row in tables[0].rows])


def test_a_room_keeps_its_whole_name_and_the_next_one_its_place(store: Store) -> None:
    known = one_school(room("A / 101"), room("B；102"))
    samples = [
        *(sample(point, -80, room=name) for name in ("A / 101", "B；102") for point in "ABC"),
        *(
            access_point(time, "up", ap=f"AP {n}", room=name)
            for n, name in enumerate(("A / 101", "B；102"))
            for time in polls()
        ),
    ]
    assert store.write(points(*samples)) == []
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    report = report_of(known, evaluate(known, BINHAI, facts, LAST_DAY))
    _, (table,) = chapter(report, "无线网络全覆盖")
    assert "未覆盖：A / 101、B；102" == table.rows[0][4]


def test_an_uncovered_room_is_a_line_of_the_register(store: Store) -> None:
    served = [access_point(time, "up", ap=f"A{n}", room=f"R{n}") for n in (1, 2) for time in polls()]
    weak = [sample(point, -80, room="R2") for point in "ABC"]
    report = observed(store, *served, *good_survey("R1"), *weak)
    line = next(one for one in report.shortfalls.lines if one.code == "wireless")
    assert ("50.00%", "100%", "1间未覆盖") == (line.now.text, line.target.text, line.gap.text)


def test_rooms_seen_stand_beside_rooms_declared(store: Store) -> None:
    text, tables = chapter(observed(store, *(projector(time) for time in polls())), "监测与上报对照")
    assert (True, ("学校01", "2", "1", "50.00%")) == (
        "上报网络多媒体教室共2间；最近20个教学日监测到正常使用的1间，监测为不正常的0间" in text,
        tuple(tables[0].rows[0][:4]),
    )


def test_use_is_told_as_sums_over_sums_with_its_completeness(store: Store) -> None:
    on, off = (
        [projector(time, device=f"P{power}", power=power) for time in polls(count=8)]
        for power in ("on", "off")
    )
    report = observed(store, *on, *off)
    usage = usage_of(store, report.registry, BINHAI, Q3, as_of=LAST_DAY, until_ms=NOW)
    text, _ = chapter(replace(report, usage=usage), "利用率和完好率")
    wanted = "1所学校2台设备有使用记录，有数据的2节次中使用1节次，节次使用率数据不足，采集完整率2.50%。"
    assert wanted in text


def test_the_rates_of_a_district_are_told_with_their_completeness(store: Store) -> None:
    readings = [
        projector(time, device=f"P{n}", room=f"R{n}", power="on" if n == 1 else "off")
        for day in CALENDAR.school_days_before(LAST_DAY, 20)
        for time in polls(day, count=18)
        for n in (1, 2)
    ]
    text, tables = chapter(observed(store, *readings), "利用率和完好率")
    assert (
        True,
        [
            ("U1 课时使用率", "50.00%", "使用课时40", "有数据课时80", "100.00%", "1/1"),
            ("U2 开机时长率", "50.00%", "开机台·日20", "有数据台·日40", "100.00%", "1/1"),
            ("U3 闲置率", "50.00%", "闲置间数1", "有数据间数2", "100.00%", "1/1"),
            ("U4 设备完好率", "100.00%", "完好台数2", "有数据台数2", "100.00%", "1/1"),
            ("U5 生均使用课时", "0.40", "使用课时40", "在校生数100", "100.00%", "1/1"),
        ],
    ) == ("没有判为设备完好率低于95%的学校。" in text, [tuple(row) for row in tables[0].rows])


def test_a_store_without_readings_leaves_use_untold_in_one_sentence(store: Store) -> None:
    assert ("统计期内没有收到设备读数，设施设备利用率和完好率无从统计。", []) == chapter(
        observed(store), "利用率和完好率"
    )


def test_observed_and_declared_that_agree_are_said_to_agree(store: Store) -> None:
    both = [projector(time, device=f"P{n}", room=f"R{n}") for n in (1, 2) for time in polls()]
    assert "各校监测数与上报数一致。" in chapter(observed(store, *both), "监测与上报对照")[0]


def test_a_ledger_of_assets_stands_beside_the_form(store: Store) -> None:
    told = polls()[0]
    asset = Asset(
        time=told,
        asset="P1",
        name="投影机",
        category="A02020200",
        quantity=1,
        value_fen=1_234_550,
        status="in_use",
    )
    run = CollectorRun(time=told, collector="a", target=LEDGER_RUN, status="ok", rows=1, expected=1)
    text = chapter(observed(store, asset, run, *(projector(time) for time in polls())), "七项指标")[0]
    assert "1所学校按资产台账判定，台账计入1.23万元，其中联网可见1.23万元；上述学校报表数共25万元" in text
