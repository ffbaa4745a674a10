"""What a plan says of itself, in a few lines: cost, proof, what is left and what no purchase mends."""

from collections import Counter

from registry.exact import plain
from rules.planner.effects import DistrictEffect
from rules.planner.making import Bought, DistrictPlan, Plan
from runtime.said import said


def summary(plan: Plan) -> list[str]:
    """Every line Chinese first, English beside it."""
    lines = [line for district in plan.districts for line in _district(plan, district)]
    if plan.budget is not None:
        left = plain(plan.budget - plan.cost, at_least=2)
        lines.append(said(f"预算剩余 {left} 元", "of the budget is left"))
    if plan.missing:
        short = plain(plan.missing, at_least=2)
        lines.append(said(f"全部达标尚缺 {short} 元", "still missing for every section to meet L6 and L7"))
    return lines


def others_text(effect: DistrictEffect) -> str:
    """How many sections fail other indicators, which this plan does not buy for; empty where none does."""
    sections = [section for school in effect.schools for section in school.sections]
    failing = Counter(code for section in sections for code in section.others)
    if not failing:
        return ""
    counts = ", ".join(f"{code} {count}" for code, count in sorted(failing.items()))
    number = sum(section.after.overall.verdict != "pass" for section in sections)
    return said(
        f"其他指标仍未达标（本计划不涉及）：{counts}；综合仍未达标 {number} 个",
        "failing sections by other indicators, not bought for here; sections without an overall pass",
    )


def proof(bought: Bought) -> str:
    """How sure it is that no smaller purchase does."""
    show = "间 rooms" if bought.lot == 1 else "元 CNY"
    if bought.bound is None:
        return said("未证明最少", "not proved least")
    if bought.optimal:
        return said("已证明最少", "proved least")
    places = 0 if bought.lot == 1 else 2
    bound, gap = (plain(value, at_least=places) for value in (bought.bound, bought.amount - bought.bound))
    return said(f"不少于 {bound}，至多可再省 {gap} {show}", "proven bound, and what could be saved at most")


def _district(plan: Plan, district: DistrictPlan) -> list[str]:
    rooms, equipment = district.rooms, district.equipment
    lines = [
        said(
            f"{district.district}：增建多媒体教室 {plain(rooms.amount)} 间，"
            f"增购设备 {plain(equipment.amount, at_least=2)} 元，共 {plain(district.cost, at_least=2)} 元",
            "rooms to add, yuan of equipment, and what both cost",
        )
    ]
    if plan.reach == "everything":
        lines += [f"{one.indicator.code} {proof(one)}" for one in (rooms, equipment) if one.balanced]
        if district.cost_bound == district.cost:
            lines.append(said("费用已证明最少", "the cost is proved least"))
        elif district.cost_bound is not None:
            bound = plain(district.cost_bound, at_least=2)
            lines.append(said(f"费用不少于 {bound} 元", "proven bound of the cost"))
    elif plan.reach == "thresholds":
        lines.append(
            said("各学段 L6、L7 可全部达标", "every section can meet L6 and L7 within the budget")
            if district.balanced
            else said("可全部达标，差异系数尚超限", "every section passes, balance is still out of reach")
        )
    lines += [
        said(f"{one.indicator.code} 未能使差异系数降到限值以内", "no purchase found that balances the stages")
        for one in (rooms, equipment)
        if plan.reach == "everything" and not one.balanced
    ]
    return lines
