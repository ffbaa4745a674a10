"""What a plan changes: the same judging as an evaluation's, over the figures after the purchase."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from registry.vocabulary import IndicatorCode
from rules.judging.district import District, judge_district
from rules.judging.indicators import Answer, Bar, amount
from rules.judging.section_results import SectionResult, section_result
from rules.judging.sections import Section
from rules.planner.buyers import Buyer, is_known, unknown_reason
from rules.planner.making import DistrictPlan, Plan
from rules.standards.standard import Standard
from rules.words import Reason


@dataclass(frozen=True, kw_only=True)
class SectionEffect:
    """A section before and after. others: indicators that fail for what no purchase of this plan mends."""

    before: SectionResult
    after: SectionResult
    others: tuple[IndicatorCode, ...]
    open: tuple[Reason, ...]


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
    before = {district.district: district for district in plan.evaluation.districts}
    return tuple(_district(plan, bought, before[bought.district]) for bought in plan.districts)


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
    after = with_more(standard, before, added)
    reasons = (
        unknown_reason(before, indicator)
        for indicator in (bought.equipment.indicator, bought.rooms.indicator)
        if not is_known(before, indicator) or not before.judgements[indicator.code].exact
    )
    return SectionEffect(
        before=before,
        after=after,
        others=tuple(
            code
            for code, judgement in after.judgements.items()
            if code not in added and judgement.verdict == "fail"
        ),
        open=tuple(reasons),
    )


def with_more(
    standard: Standard, before: SectionResult, added: Mapping[IndicatorCode, Fraction]
) -> SectionResult:
    """The section where its school has so much more, by indicator."""
    answers = tuple(
        _more(bar, before.section, answer, added.get(bar.indicator.code))
        for bar, answer in zip(before.bars, before.answers, strict=True)
    )
    return section_result(before.section, before.bars, answers, before.source, standard.overall)


def _more(bar: Bar, section: Section, answer: Answer, bought: Fraction | None) -> Answer:
    """The answer with the section's part of what the school buys."""
    known, most = answer.known, answer.most
    if bought is None or known is None:
        return answer
    more = bought * (section.share or 0)
    there = amount(Fraction(*known) + more, None if most is None else Fraction(*most) + more)
    return bar.answers([section.pupils], [there])[0]
