"""A plan as JSON and CSV; numbers are decimal text. The table is in `table.py`."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from registry.exact import plain
from registry.vocabulary import IndicatorCode
from rules.answers import rows
from rules.answers.output import why
from rules.judging.district import District, StageResult, Tally
from rules.planner.effects import DistrictEffect, SchoolEffect, SectionEffect, effects_of
from rules.planner.making import Bought, Plan
from rules.planner.words import others_reason, summary
from rules.words import joined, name, to_list, worded
from runtime.csv_text import csv_text

CSV_HEADERS = (
    "区县 district",
    "学校标识码 school_code",
    "学校名称 name",
    "责任单位 unit",
    "增建多媒体教室 rooms",
    "增购设备(元) equipment_cny",
    "费用(元) cost_cny",
    "学段 stage",
    "在校生 pupils",
    "指标 indicator",
    "现值 before",
    "计划后 after",
    "达标值 threshold",
    "现结论 verdict_before",
    "计划后结论 verdict_after",
    "其他未达标指标 others",
)


def to_json(plan: Plan) -> str:
    """Keys are added, never renamed."""
    return json.dumps(to_dict(plan), ensure_ascii=False, indent=2)


def to_dict(plan: Plan) -> dict[str, Any]:
    """What JSON says: exact numbers as decimal text, money in yuan."""
    effects, said, prices = effects_of(plan), summary(plan), plan.prices
    return {
        "as_of": plan.evaluation.as_of.isoformat(),
        "standard": plan.evaluation.standard.name,
        "basis": plan.evaluation.basis,
        "objective": plan.objective,
        "budget_cny": None if plan.budget is None else _money(plan.budget),
        "reach": plan.reach,
        "cost_cny": _money(plan.cost),
        "left_cny": None if plan.budget is None else _money(plan.budget - plan.cost),
        "missing_cny": _money(plan.missing),
        "summary": [worded(line) for line in said],
        "summary_reasons": to_list(joined(*said)),
        "prices": {
            "room_cny": _money(prices.room_cny),
            "room_cny_by_kind": {kind: _money(price) for kind, price in prices.room_cny_by_kind.items()},
            "room_adds_equipment_cny": _money(prices.room_adds_equipment_cny),
            "equipment_step_cny": _money(prices.equipment_step_cny),
        },
        "districts": [_district(effect) for effect in effects],
        "schools": [_school(school) for effect in effects for school in effect.schools],
    }


def to_csv(plan: Plan) -> str:
    """A row for every section and planned indicator."""
    return csv_text(CSV_HEADERS, _csv_rows(plan))


def _csv_rows(plan: Plan) -> Iterator[list[str]]:
    for effect in effects_of(plan):
        codes = (effect.plan.equipment.indicator.code, effect.plan.rooms.indicator.code)
        for bought in effect.schools:
            school = bought.buyer.school
            cells = [
                effect.plan.district,
                school.school_code,
                school.name,
                school.unit or "",
            ]
            cells += [str(bought.rooms), _money(bought.equipment), _money(bought.cost)]
            for section in bought.sections:
                for code in codes:
                    yield [*cells, *_csv_section(section, code)]


def _csv_section(section: SectionEffect, code: IndicatorCode) -> list[str]:
    before, after = section.before.judgements[code], section.after.judgements[code]
    return [
        name("stages", section.before.section.stage, "zh"),
        "" if before.pupils is None else str(before.pupils),
        code,
        rows.shown(before.value) or "",
        rows.shown(after.value) or "",
        plain(before.bar.threshold),
        before.verdict,
        after.verdict,
        " ".join(section.others),
    ]


def _district(effect: DistrictEffect) -> dict[str, Any]:
    bought, codes = effect.plan, (effect.plan.equipment.indicator.code, effect.plan.rooms.indicator.code)
    return {
        "district": bought.district,
        "rooms": _bought(bought.rooms, money=False),
        "equipment_cny": _bought(bought.equipment, money=True),
        "cost_cny": _money(bought.cost),
        "cost_bound_cny": None if bought.cost_bound is None else _money(bought.cost_bound),
        "balanced": bought.balanced,
        "verdict_before": effect.before.verdict,
        "verdict_after": effect.after.verdict,
        "stages": {
            stage: {
                "sections": after.sections,
                "indicators": {
                    code: _indicator(effect.before.stages[stage], after, code) for code in sorted(codes)
                },
                "overall_before": _tally(effect.before.stages[stage].overall),
                "overall_after": _tally(after.overall),
            }
            for stage, after in effect.after.stages.items()
        },
        "others": worded(others_reason(effect)),
        "others_reasons": to_list(others_reason(effect)),
        "unbalanced_others": _unbalanced(effect.after, codes),
    }


def _unbalanced(after: District, codes: tuple[IndicatorCode, ...]) -> list[dict[str, str]]:
    return [
        {"stage": stage, "indicator": code}
        for stage, figures in after.stages.items()
        for code, balance in figures.indicators.items()
        if code not in codes and balance.balanced is False
    ]


def _bought(bought: Bought, *, money: bool) -> dict[str, Any]:
    show = _money if money else plain
    return {
        "indicator": bought.indicator.code,
        "amount": show(bought.amount),
        "bound": None if bought.bound is None else show(bought.bound),
        "gap": None if bought.gap is None else show(bought.gap),
        "optimal": bought.optimal,
        "balanced": bought.balanced,
    }


def _indicator(before: StageResult, after: StageResult, code: IndicatorCode) -> dict[str, Any]:
    then, now = before.indicators[code], after.indicators[code]
    balance_then, balance_now = rows.of_balance(then), rows.of_balance(now)
    return {
        "cv_before": balance_then["cv"],
        "cv_after": balance_now["cv"],
        "cv_limit": balance_now["cv_limit"],
        "balanced_before": then.balanced,
        "balanced_after": now.balanced,
        "before": _tally(then.tally),
        "after": _tally(now.tally),
    }


def _school(bought: SchoolEffect) -> dict[str, Any]:
    school = bought.buyer.school
    return {
        "school_code": school.school_code,
        "name": school.name,
        "unit": school.unit,
        "district": school.district,
        "rooms": str(bought.rooms),
        "equipment_cny": _money(bought.equipment),
        "cost_cny": _money(bought.cost),
        "sections": [_section(section) for section in bought.sections],
    }


def _section(section: SectionEffect) -> dict[str, Any]:
    before, after = section.before, section.after
    return {
        "stage": before.section.stage,
        "pupils": before.section.pupils,
        "indicators": {
            code: {
                "before": rows.shown(judgement.value),
                "after": rows.shown(after.judgements[code].value),
                "threshold": plain(judgement.bar.threshold),
                "verdict_before": judgement.verdict,
                "verdict_after": after.judgements[code].verdict,
            }
            for code, judgement in before.judgements.items()
            if judgement.bar.indicator.item in {"multimedia_rooms", "equipment_cny"}
        },
        "overall_before": {"verdict": before.overall.verdict, **why(before.overall.reason, None)},
        "overall_after": {"verdict": after.overall.verdict, **why(after.overall.reason, None)},
        "others": list(section.others),
        "open": [worded(open_) for open_ in section.open],
        "open_reasons": to_list(joined(*section.open)),
    }


def _tally(tally: Tally) -> rows.AnswerRow:
    return rows.only(rows.of_tally(tally), "passing", "failing", "undetermined")


def _money(amount: Fraction) -> str:
    return plain(amount, at_least=2)
