"""What a plan changes: the same judging as an evaluation's, over the figures after the purchase."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from rules.district import District, judge_district
from rules.indicators import Judgement, judge, judge_whole
from rules.judging import SectionResult
from rules.plan.making import DistrictPlan, Plan
from rules.plan.problem import Buyer, is_known, unknown_reason
from rules.standard import Standard
from rules.vocabulary import IndicatorCode


@dataclass(frozen=True, kw_only=True)
class SectionEffect:
    """A section before and after. others: indicators that fail for what no purchase of this plan mends."""

    before: SectionResult
    after: SectionResult
    others: tuple[IndicatorCode, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SchoolEffect:
    """What one school buys, and what becomes of its sections."""

    buyer: Buyer
    rooms: int
    equipment: Fraction
    cost: Fraction
    sections: tuple[SectionEffect, ...]


@dataclass(frozen=True, kw_only=True)
class DistrictEffect:
    """A district before and after. The wireless figures are the evaluation's: a plan changes none of them."""

    plan: DistrictPlan
    before: District
    after: District
    schools: tuple[SchoolEffect, ...]


def effects_of(plan: Plan) -> tuple[DistrictEffect, ...]:
    """Every district of the plan, judged again."""
    before = {one.district: one for one in plan.evaluation.districts}
    return tuple(_district(plan, one, before[one.district]) for one in plan.districts)


def _district(plan: Plan, bought: DistrictPlan, before: District) -> DistrictEffect:
    schools = tuple(_school(plan, bought, buyer) for buyer in bought.buyers)
    after = [section.after for school in schools for section in school.sections]
    return DistrictEffect(
        plan=bought,
        before=before,
        after=judge_district(bought.district, plan.evaluation.standard, after, []),
        schools=schools,
    )


def _school(plan: Plan, bought: DistrictPlan, buyer: Buyer) -> SchoolEffect:
    code, prices = buyer.school.school_code, plan.prices
    rooms, equipment = bought.rooms.lots.get(code, 0), bought.equipment.of(code)
    brought = equipment + rooms * prices.room_adds_equipment_cny
    added = {bought.rooms.indicator.code: Fraction(rooms), bought.equipment.indicator.code: brought}
    return SchoolEffect(
        buyer=buyer,
        rooms=rooms,
        equipment=equipment,
        cost=rooms * prices.room(buyer.school.kind) + equipment,
        sections=tuple(
            _section(plan.evaluation.standard, bought, result, added) for result in buyer.sections
        ),
    )


def _section(
    standard: Standard,
    bought: DistrictPlan,
    before: SectionResult,
    added: Mapping[IndicatorCode, Fraction],
) -> SectionEffect:
    share = before.section.share or Fraction(0)
    judgements = {
        code: one if code not in added or one.numerator is None else _more(one, added[code] * share)
        for code, one in before.judgements.items()
    }
    after = replace(before, judgements=judgements, overall=judge_whole(judgements, standard.overall))
    reasons = (
        unknown_reason(before, indicator)
        for indicator in (bought.equipment.indicator, bought.rooms.indicator)
        if not is_known(before, indicator) or not before.judgements[indicator.code].exact
    )
    return SectionEffect(
        before=before,
        after=after,
        others=tuple(code for code, one in judgements.items() if code not in added and one.verdict == "fail"),
        open=tuple(reasons),
    )


def _more(one: Judgement, more: Fraction) -> Judgement:
    """The judgement with so much more of its resource."""
    return judge(
        one.bar,
        pupils=one.pupils,
        numerator=None if one.numerator is None else one.numerator + more,
        most=None if one.most is None else one.most + more,
        declared=one.declared,
        missing=one.missing,
    )
