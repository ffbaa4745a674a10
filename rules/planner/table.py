"""A plan as tables for a terminal: Chinese first, English beside it."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from registry.exact import plain, rounded, rounded_root, told_apart
from registry.vocabulary import STAGE_NAMES, IndicatorCode
from rules.judging.indicators import Judgement
from rules.planner.effects import DistrictEffect, SchoolEffect, effects_of
from rules.planner.making import Plan
from rules.planner.words import others_text, summary
from rules.words import worded


def to_table(plan: Plan) -> RenderableType:
    """What it comes to, each district's stages before and after, and the schools that buy something."""
    one, effects = plan.evaluation, effects_of(plan)
    basis = "监测数 observed" if one.basis == "observed" else "仅申报数 declared only"
    price = plain(plan.prices.room_cny, at_least=2)
    head = [
        Text(f"{one.standard.title} · {one.standard.name} · {one.as_of} · {basis}"),
        Text(f"单价假设 assumed price: {price} 元/间 CNY a room"),
        *(Text(line) for line in summary(plan)),
        *(Text(text) for effect in effects if (text := others_text(effect))),
    ]
    open_lines = [
        Text(
            f"{section.before.section.school.name} {STAGE_NAMES[section.before.section.stage]} {worded(why)}"
        )
        for effect in effects
        for school in effect.schools
        for section in school.sections
        for why in section.open
    ]
    return Group(*head, *(_stages(effect) for effect in effects), _schools(effects), *open_lines)


def _stages(effect: DistrictEffect) -> Table:
    table = Table(title=f"区县 District {effect.plan.district}", title_justify="left", box=None)
    table.add_column("学段 Stage", no_wrap=True)
    table.add_column("指标 Indicator", no_wrap=True)
    table.add_column("达标 Pass", justify="right")
    table.add_column("差异系数 CV", justify="right")
    codes = sorted((effect.plan.equipment.indicator.code, effect.plan.rooms.indicator.code))
    for stage, after in effect.after.stages.items():
        before, name = effect.before.stages[stage], f"{STAGE_NAMES[stage]} {stage}"
        for code in codes:
            then, now = before.indicators[code], after.indicators[code]
            passing = f"{then.tally.passing} → {now.tally.passing}/{after.sections}"
            cvs = [
                "–" if squared is None else rounded_root(squared, 3)
                for squared in (then.sums.cv_squared, now.sums.cv_squared)
            ]
            sign = {True: "≤", False: ">", None: "?"}[now.balanced]
            table.add_row(name, code, passing, f"{' → '.join(cvs)} {sign} {plain(now.limit, at_least=2)}")
        overall = f"{before.overall.passing} → {after.overall.passing}/{after.sections}"
        table.add_row(name, "综合 overall", overall, "", end_section=True)
    return table


def _schools(effects: tuple[DistrictEffect, ...]) -> Table:
    table = Table(title="各校增购 What each school adds", title_justify="left", box=None)
    table.add_column("学校\nSchool", overflow="fold", min_width=10)
    for title in ("教室\nRooms", "设备 元\nEquipment", "费用 元\nCost"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("前 → 后\nBefore → after", overflow="fold")
    for effect in effects:
        codes = sorted((effect.plan.equipment.indicator.code, effect.plan.rooms.indicator.code))
        for school in effect.schools:
            if school.cost:
                table.add_row(*_school(school), "\n".join(_values(school, codes)), end_section=True)
    return table


def _school(school: SchoolEffect) -> tuple[str, ...]:
    one = school.buyer.school
    return (
        escape(f"{one.name}\n{one.school_code}"),
        str(school.rooms),
        plain(school.equipment, at_least=2),
        plain(school.cost, at_least=2),
    )


def _values(school: SchoolEffect, codes: Sequence[IndicatorCode]) -> list[str]:
    lines = []
    for section in school.sections:
        for code in codes:
            before, after = section.before.judgements[code], section.after.judgements[code]
            stage = STAGE_NAMES[section.before.section.stage]
            lines.append(f"{stage} {code} {_shown(before)} → {_shown(after)}")
    return lines


def _shown(one: Judgement) -> str:
    if one.value is None:
        return "–"
    return told_apart(one.value, one.bar.threshold) if one.near else rounded(one.value, 2)
