"""From an evaluation to what the planner decides on: the schools of a district that buy one resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from registry import School
from registry.vocabulary import STAGES, Item
from rules.judging.evaluate import Evaluation
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.planner.model import BuyingProblem, Part, Site
from rules.standards.standard import Indicator, Standard
from rules.words import NOTHING, Reason, name, reason
from runtime import ConfigError
from runtime.language import Text


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """One school (with those merged into it) and its sections."""

    school: School
    sections: tuple[SectionResult, ...]


def indicator_of(standard: Standard, item: Item) -> Indicator:
    """The indicator that this item is bought for. Raises ConfigError where it cannot be planned."""
    for indicator in standard.indicators:
        if indicator.item == item:
            if indicator.code not in standard.shared.indicators:
                raise ConfigError(
                    Text(
                        f"标准 {standard.name}：{indicator.code} 不在各学段间共用，无法按全校计划",
                        f"standard {standard.name}: {indicator.code} is not shared between stages; "
                        "the planner buys for whole schools",
                    )
                )
            return indicator
    raise ConfigError(
        Text(
            f"标准 {standard.name} 没有{name('form_items', item, 'zh')}的指标，无可计划",
            f"standard {standard.name} has no indicator of {name('form_items', item, 'en')}; "
            "there is nothing to plan",
        )
    )


def buyers_of(evaluation: Evaluation, district: str) -> tuple[Buyer, ...]:
    """The district's schools in the registry's order."""
    found: dict[str, list[SectionResult]] = {}
    for result in evaluation.sections:
        if result.section.school.district == district:
            found.setdefault(result.section.school.school_code, []).append(result)
    return tuple(
        Buyer(school=results[0].section.school, sections=tuple(results)) for results in found.values()
    )


def is_known(result: SectionResult, indicator: Indicator) -> bool:
    """Whether the section can be planned for: its pupils and at least a part of its figure are known."""
    section = result.section
    return bool(section.pupils and section.share) and result.judgements[indicator.code].numerator is not None


def unknown_reason(result: SectionResult, indicator: Indicator) -> Reason:
    """What keeps a section out of the plan, or makes its figure a lower limit; nothing where neither does."""
    judgement: Judgement = result.judgements[indicator.code]
    if judgement.exact:
        return NOTHING
    planned = "partly" if is_known(result, indicator) else "left_out"
    return reason(f"plan.{planned}", why=judgement.evidence.missing)


def buying_problem(
    evaluation: Evaluation,
    buyers: Sequence[Buyer],
    indicator: Indicator,
    *,
    lot: Fraction = Fraction(1),
    costs: Mapping[str, int] | None = None,
    given: Mapping[str, Fraction] | None = None,
) -> tuple[tuple[Buyer, ...], BuyingProblem]:
    """The schools that can be planned for, and their problem.

    lot: how much one lot is; costs: of a lot by school code, else 1; given: what a school gets anyway.
    """
    planned: list[Buyer] = []
    sites: list[Site] = []
    for buyer in buyers:
        code = buyer.school.school_code
        extra = Fraction(0) if given is None else given.get(code, Fraction(0))
        parts = tuple(
            _part(result, indicator, lot, extra) for result in buyer.sections if is_known(result, indicator)
        )
        if parts:
            planned.append(buyer)
            sites.append(Site(cost=1 if costs is None else costs[code], parts=parts))
    limits = {stage: evaluation.standard.balance.of(stage) for stage in STAGES}
    return tuple(planned), BuyingProblem(sites=tuple(sites), limits=limits)


def _part(result: SectionResult, indicator: Indicator, lot: Fraction, extra: Fraction) -> Part:
    judgement, section = result.judgements[indicator.code], result.section
    if judgement.numerator is None or section.share is None or not section.pupils:
        raise ValueError(f"{section.school.school_code} {section.stage} has no known {indicator.code}")
    return Part(
        stage=section.stage,
        pupils=section.pupils,
        has=(judgement.numerator + extra * section.share) / lot,
        share=section.share,
        needs=judgement.bar.threshold * section.pupils / indicator.per / lot,
    )
