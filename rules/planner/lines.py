"""A plan, and a what-if, as plain lines for whoever shows them: decimal text, reasons as values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from registry.exact import plain, rounded
from registry.vocabulary import Verdict
from rules.answers import rows
from rules.judging.district import District, StageResult, Tally
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.planner.effects import DistrictEffect, SchoolEffect, effects_of
from rules.planner.making import Plan, Reach
from rules.planner.what_if import WhatIf
from rules.planner.words import others_reason, summary
from rules.standards.standard import Indicator
from rules.words import Reason
from runtime.language import Language

OVERALL = "overall"
# A figure's least and most; the most None: nobody can say how much.
Between = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure at one time. between: where it lies while a part is not known. text None: not known."""

    text: str | None
    between: Between | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLine:
    """One indicator of one section before and after; `overall` has figures of passing indicators."""

    school_code: str
    school: str
    stage: str
    pupils: int | None
    indicator: str
    threshold: str | None
    before: Figure
    after: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One indicator of a district's stage: how many sections pass, and the coefficient with its limit."""

    district: str
    stage: str
    indicator: str
    sections: int
    passing_before: int
    passing_after: int
    undetermined_before: int
    undetermined_after: int
    limit: str | None
    cv_before: Figure | None
    cv_after: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolLine:
    """What one school buys."""

    district: str
    school_code: str
    school: str
    unit: str
    rooms: int
    equipment: str
    cost: str
    sections: tuple[SectionLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A section that no purchase was planned for, or only for the part of it that is known."""

    school_code: str
    school: str
    stage: str
    why: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLines:
    """All of a plan; money in yuan. `said` speaks one language, for it names districts."""

    as_of: date
    reach: Reach
    budget: str | None
    cost: str
    rooms: int
    equipment: str
    left: str | None
    missing: str | None
    room_price: str
    said: tuple[Reason, ...]
    left_out: tuple[LeftOut, ...]
    stages: tuple[StageLine, ...]
    schools: tuple[SchoolLine, ...]

    @property
    def buying(self) -> tuple[SchoolLine, ...]:
        return tuple(line for line in self.schools if line.cost != money(Fraction(0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfLines:
    """All of a what-if."""

    school_code: str
    school: str
    district: str
    sections: tuple[SectionLine, ...]
    stages: tuple[StageLine, ...]


def plan_lines(plan: Plan, language: Language) -> PlanLines:
    """The plan in the words and figures of its page, its workbook and the terminal; money in yuan."""
    effects = effects_of(plan)
    schools = tuple(_school(effect, school) for effect in effects for school in effect.schools)
    return PlanLines(
        as_of=plan.evaluation.as_of,
        reach=plan.reach,
        budget=None if plan.budget is None else money(plan.budget),
        cost=money(plan.cost),
        rooms=sum(line.rooms for line in schools),
        equipment=money(sum((district.equipment.amount for district in plan.districts), Fraction(0))),
        left=None if plan.budget is None else money(plan.budget - plan.cost),
        missing=money(plan.missing) if plan.missing else None,
        room_price=money(plan.prices.room_cny),
        said=(*summary(plan, language), *(said for effect in effects if (said := others_reason(effect)))),
        left_out=tuple(_left_out(effects)),
        stages=tuple(line for effect in effects for line in _stages_of(effect)),
        schools=schools,
    )


def what_if_lines(found: WhatIf) -> WhatIfLines:
    """The indicators that something was added to, and all of them together."""
    touched = [each for each in found.standard.indicators if found.added.get(each.code)]
    return WhatIfLines(
        school_code=found.school.school_code,
        school=found.school.name,
        district=found.school.district,
        sections=tuple(
            line
            for before, after in found.sections
            for line in _section(before, after, touched, overall=True)
        ),
        stages=tuple(
            _stages(
                found.before, found.after, touched, {before.section.stage for before, _ in found.sections}
            )
        ),
    )


def money(amount: Fraction) -> str:
    return plain(amount, at_least=2)


def _left_out(effects: Sequence[DistrictEffect]) -> Iterator[LeftOut]:
    for effect in effects:
        for bought in effect.schools:
            for section in bought.sections:
                for why in section.open:
                    yield LeftOut(
                        school_code=bought.buyer.school.school_code,
                        school=bought.buyer.school.name,
                        stage=section.before.section.stage,
                        why=why,
                    )


def _planned(effect: DistrictEffect) -> list[Indicator]:
    both = (effect.plan.equipment.indicator, effect.plan.rooms.indicator)
    return sorted(both, key=lambda indicator: indicator.code)


def _school(effect: DistrictEffect, bought: SchoolEffect) -> SchoolLine:
    school = bought.buyer.school
    return SchoolLine(
        district=effect.plan.district,
        school_code=school.school_code,
        school=school.name,
        unit=school.unit or "",
        rooms=bought.rooms,
        equipment=money(bought.equipment),
        cost=money(bought.cost),
        sections=tuple(
            line
            for section in bought.sections
            for line in _section(section.before, section.after, _planned(effect), overall=False)
        ),
    )


def _section(
    before: SectionResult, after: SectionResult, indicators: Sequence[Indicator], *, overall: bool
) -> Iterator[SectionLine]:
    place = before.section
    for code in (each.code for each in indicators):
        then, now = before.judgements[code], after.judgements[code]
        yield SectionLine(
            school_code=place.school.school_code,
            school=place.school.name,
            stage=place.stage,
            pupils=place.pupils,
            indicator=code,
            threshold=then.bar.threshold_text,
            before=_figure(then),
            after=_figure(now),
        )
    if overall:
        yield SectionLine(
            school_code=place.school.school_code,
            school=place.school.name,
            stage=place.stage,
            pupils=place.pupils,
            indicator=OVERALL,
            threshold=None,
            before=_all_of(before),
            after=_all_of(after),
        )


def _figure(judgement: Judgement) -> Figure:
    value = judgement.value
    if value is None or judgement.exact:
        return Figure(text=rows.shown(value), between=None, verdict=judgement.verdict)
    most = judgement.most_value
    ends = (rounded(value, 4), None if most is None else rounded(most, 4))
    return Figure(text=rows.shown(value), between=ends, verdict=judgement.verdict)


def _all_of(result: SectionResult) -> Figure:
    overall = result.overall
    return Figure(text=f"{overall.passing}/{len(overall.judgements)}", between=None, verdict=overall.verdict)


def _stages_of(effect: DistrictEffect) -> Iterator[StageLine]:
    yield from _stages(effect.before, effect.after, _planned(effect), set(effect.after.stages))


def _stages(
    before: District, after: District, indicators: Sequence[Indicator], wanted: set[str]
) -> Iterator[StageLine]:
    for stage, now in after.stages.items():
        if stage not in wanted:
            continue
        then = before.stages[stage]
        for indicator in indicators:
            yield _balance(after.district, stage, indicator.code, then, now)
        yield _stage(after.district, stage, OVERALL, (then.overall, now.overall), now.sections)


def _balance(district: str, stage: str, code: str, then: StageResult, now: StageResult) -> StageLine:
    both = then.indicators[code], now.indicators[code]
    figures = []
    for balance in both:
        verdict: Verdict = "undetermined" if balance.balanced is None else _held(balance.balanced)
        ends = rows.ranges_of_balance(balance).get("cv_range")
        between = None if not ends or ends[0] is None else (ends[0], ends[1])
        text = rows.coefficient(balance.sums.cv_squared)
        figures.append(Figure(text=text, between=between, verdict=verdict))
    line = _stage(district, stage, code, (both[0].tally, both[1].tally), now.sections)
    return replace(line, limit=plain(both[1].limit, at_least=2), cv_before=figures[0], cv_after=figures[1])


def _held(balanced: bool) -> Verdict:
    return "pass" if balanced else "fail"


def _stage(district: str, stage: str, code: str, tallies: tuple[Tally, Tally], sections: int) -> StageLine:
    then, now = tallies
    return StageLine(
        district=district,
        stage=stage,
        indicator=code,
        sections=sections,
        passing_before=then.passing,
        passing_after=now.passing,
        undetermined_before=then.undetermined,
        undetermined_after=now.undetermined,
        limit=None,
        cv_before=None,
        cv_after=None,
    )
