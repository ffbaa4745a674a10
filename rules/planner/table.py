"""A plan as tables for a terminal, in the program's language."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text as Line

from registry.exact import plain, rounded, told_apart
from rules.judging.indicators import Judgement
from rules.planner.effects import DistrictEffect, SchoolEffect, effects_of
from rules.planner.making import Plan
from rules.planner.words import coefficient, others_reason, summary
from rules.standards.standard import Indicator
from rules.words import name, worded
from runtime.language import Text


def to_table(plan: Plan) -> RenderableType:
    """What it comes to, each district's stages before and after, and the schools that buy something."""
    effects = effects_of(plan)
    return Group(
        *(Line(text) for text in _head(plan, effects)),
        *(_stages(plan, effect) for effect in effects),
        _schools(effects),
        *(Line(text) for text in _open(effects)),
    )


def _head(plan: Plan, effects: Sequence[DistrictEffect]) -> list[str]:
    evaluation = plan.evaluation
    basis = (
        Text("监测数", "observed") if evaluation.basis == "observed" else Text("仅申报数", "declared only")
    )
    price = plain(plan.prices.room_cny, at_least=2)
    return [
        f"{evaluation.standard.title} · {evaluation.standard.name} · {evaluation.as_of} · {basis}",
        str(Text(f"单价假设：{price} 元/间", f"assumed price: {price} CNY a room")),
        *(worded(line) for line in summary(plan)),
        *(worded(others) for effect in effects if (others := others_reason(effect))),
    ]


def _open(effects: Sequence[DistrictEffect]) -> list[str]:
    """What keeps a section out of the plan, or makes its figure a lower limit."""
    return [
        f"{section.before.section.school.name} {name('stages', section.before.section.stage)} {worded(why)}"
        for effect in effects
        for school in effect.schools
        for section in school.sections
        for why in section.open
    ]


def _indicators(effect: DistrictEffect) -> list[Indicator]:
    """Both, in the order of their codes."""
    both = (effect.plan.equipment.indicator, effect.plan.rooms.indicator)
    return sorted(both, key=lambda indicator: indicator.code)


def _short(indicator: Indicator) -> str:
    return f"{indicator.code} {name('items_short', indicator.item)}"


def _stages(plan: Plan, effect: DistrictEffect) -> Table:
    table = Table(title=plan.district_title(effect.plan.district), title_justify="left", box=None)
    table.add_column(str(Text("学段", "Stage")), no_wrap=True)
    table.add_column(str(Text("指标", "Indicator")), no_wrap=True)
    table.add_column(str(Text("达标", "Pass")), justify="right")
    table.add_column(str(Text("差异系数", "CV")), justify="right")
    for stage, after in effect.after.stages.items():
        before, title = effect.before.stages[stage], name("stages", stage)
        for indicator in _indicators(effect):
            then, now = before.indicators[indicator.code], after.indicators[indicator.code]
            passing = f"{then.tally.passing} → {now.tally.passing}/{after.sections}"
            coefficients = [str(coefficient(then)), str(coefficient(now))]
            sign = {True: "≤", False: ">", None: "?"}[now.balanced]
            limit = plain(now.limit, at_least=2)
            table.add_row(title, _short(indicator), passing, f"{' → '.join(coefficients)} {sign} {limit}")
        overall = f"{before.overall.passing} → {after.overall.passing}/{after.sections}"
        table.add_row(title, name("indicators", "overall"), overall, "", end_section=True)
    return table


def _schools(effects: Sequence[DistrictEffect]) -> Table:
    table = Table(title=str(Text("各校增购", "What each school adds")), title_justify="left", box=None)
    table.add_column(str(Text("学校", "School")), overflow="fold", min_width=10)
    for title in (
        Text("教室", "Rooms"),
        Text("设备（元）", "Equipment, CNY"),
        Text("费用（元）", "Cost, CNY"),
    ):
        table.add_column(str(title), justify="right", no_wrap=True)
    table.add_column(str(Text("前 → 后", "Before → after")), overflow="fold")
    for effect in effects:
        for school in effect.schools:
            if school.cost:
                values = "\n".join(_values(school, _indicators(effect)))
                table.add_row(*_school(school), values, end_section=True)
    return table


def _school(bought: SchoolEffect) -> tuple[str, ...]:
    school = bought.buyer.school
    return (
        escape(f"{school.name}\n{school.school_code}"),
        str(bought.rooms),
        plain(bought.equipment, at_least=2),
        plain(bought.cost, at_least=2),
    )


def _values(school: SchoolEffect, indicators: Sequence[Indicator]) -> list[str]:
    lines = []
    for section in school.sections:
        stage = name("stages", section.before.section.stage)
        for indicator in indicators:
            before, after = (side.judgements[indicator.code] for side in (section.before, section.after))
            lines.append(f"{stage} {_short(indicator)} {_shown(before)} → {_shown(after)}")
    return lines


def _shown(judgement: Judgement) -> str:
    value = judgement.value
    if value is None:
        return "—"
    return told_apart(value, judgement.bar.threshold) if judgement.near else rounded(value, 2)
