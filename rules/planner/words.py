"""What a plan says of itself, in a few reasons: cost, proof, what is left and what no purchase mends."""

from collections import Counter
from collections.abc import Iterator

from registry.exact import plain, root, rounded_down, rounded_root, rounded_up
from rules.judging.district import IndicatorBalance
from rules.planner.effects import DistrictEffect
from rules.planner.making import Bought, DistrictPlan, Plan
from rules.words import NOTHING, Reason, reason
from runtime.language import Language, Text


def summary(plan: Plan, language: Language | None = None) -> list[Reason]:
    """District by district, then what becomes of a budget. Districts are named in the program's language,
    unless another is asked for."""
    said = [line for district in plan.districts for line in _district(plan, district, language)]
    if plan.budget is not None:
        said.append(reason("plan.left", money=plain(plan.budget - plan.cost, at_least=2)))
    if plan.missing:
        said.append(reason("plan.missing", money=plain(plan.missing, at_least=2)))
    return said


def coefficient(balance: IndicatorBalance) -> Text:
    """A difference coefficient; of one known in part what it lies between, where that says anything."""
    squared = balance.sums.cv_squared
    found = balance.cv_squared_range if balance.unknown else None
    if found is None or (squared is None and found.high in {None, found.low}):
        shown = "—" if squared is None else rounded_root(squared, 3)
        return Text(shown, shown)
    low = rounded_down(root(found.low), 3)
    if found.high is None:
        return Text(f"{low}以上", f"{low} or more")
    high = rounded_up(root(found.high), 3)
    return Text(f"{low}～{high}", f"{low} to {high}")


def others_reason(effect: DistrictEffect) -> Reason:
    """How many sections fail other indicators, which this plan does not buy for; nothing where none does."""
    sections = [section for school in effect.schools for section in school.sections]
    failing = Counter(code for section in sections for code in section.others)
    if not failing:
        return NOTHING
    items = {
        code: judgement.bar.indicator.item
        for section in sections
        for code, judgement in section.before.judgements.items()
    }
    return reason(
        "plan.others",
        failing=tuple(
            reason("plan.failing", item=items[code], number=number)
            for code, number in sorted(failing.items())
        ),
        number=sum(section.after.overall.verdict != "pass" for section in sections),
    )


def proof(bought: Bought) -> Reason:
    """How sure it is that no smaller purchase does."""
    item = bought.indicator.item
    if bought.bound is None:
        return reason("plan.not_proved", item=item)
    if bought.optimal:
        return reason("plan.proved", item=item)
    places = 0 if bought.lot == 1 else 2
    bound, gap = (plain(value, at_least=places) for value in (bought.bound, bought.amount - bought.bound))
    return reason("plan.bound", item=item, bound=bound, gap=gap, unit=bought.indicator.unit)


def _district(plan: Plan, district: DistrictPlan, language: Language | None) -> Iterator[Reason]:
    rooms, equipment = district.rooms, district.equipment
    yield reason(
        "plan.purchase",
        district=plan.district_title(district.district, language),
        rooms=plain(rooms.amount),
        equipment=plain(equipment.amount, at_least=2),
        cost=plain(district.cost, at_least=2),
    )
    if plan.reach == "everything":
        yield from (proof(bought) for bought in (rooms, equipment) if bought.balanced)
        if district.cost_bound == district.cost:
            yield reason("plan.cost_proved")
        elif district.cost_bound is not None:
            yield reason("plan.cost_bound", bound=plain(district.cost_bound, at_least=2))
        for bought in (rooms, equipment):
            if not bought.balanced:
                yield reason("plan.not_balanced", item=bought.indicator.item)
    elif plan.reach == "thresholds":
        items = (rooms.indicator.item, equipment.indicator.item)
        yield reason("plan.all_balanced" if district.balanced else "plan.all_pass", items=items)
