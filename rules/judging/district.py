"""A district: how many sections pass, and whether its schools are balanced."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from registry.exact import Ratio, root
from registry.vocabulary import GUARANTEES, STAGES, GuaranteeCode, IndicatorCode, Kind, Stage, Verdict
from rules.judging.balance import Sums, add_ratios, added, composite
from rules.judging.balance_range import (
    Range,
    Span,
    cv_squared_range,
    in_order,
    mean_range,
    variance_range,
)
from rules.judging.guarantees import SchoolGuarantees
from rules.judging.indicators import Answer, Bar, Standing, is_exact
from rules.judging.section_results import SectionResult
from rules.judging.wireless import SchoolCoverage
from rules.standards.standard import Standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many passed, failed or have no answer."""

    passing: int
    failing: int
    undetermined: int

    @property
    def total(self) -> int:
        return self.passing + self.failing + self.undetermined

    @property
    def rate(self) -> Fraction | None:
        """Percent of all that pass; who has no answer has not passed."""
        return Fraction(100 * self.passing, self.total) if self.total else None


@dataclass(frozen=True, kw_only=True)
class IndicatorBalance:
    """One indicator over a stage. `sums` are over the sections whose value is known for certain.

    unknown: how many others there are; spans: between what the amount of each lies, None where one of them
    has no number of pupils, so that nothing can be bounded. balanced is None unless nothing is unknown.
    """

    tally: Tally
    sums: Sums
    unknown: int
    per: int
    limit: Fraction
    balanced: bool | None
    spans: tuple[Span, ...] | None = ()

    @cached_property
    def mean_range(self) -> Range | None:
        """Where the mean of all sections lies, whatever the unknown ones turn out to be."""
        return None if self.spans is None else mean_range(self.sums, self.spans)

    @cached_property
    def variance_range(self) -> Range | None:
        return None if self.spans is None else variance_range(self.sums, self.spans)

    @cached_property
    def cv_squared_range(self) -> Range | None:
        return None if self.spans is None else cv_squared_range(self.sums, self.spans)


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """All sections of one stage."""

    sections: int
    indicators: Mapping[IndicatorCode, IndicatorBalance]
    overall: Tally

    @cached_property
    def composite_cv(self) -> Fraction | None:
        """综合差异系数; None where one indicator has no coefficient."""
        return composite(indicator.sums.cv_squared for indicator in self.indicators.values())

    @cached_property
    def composite_range(self) -> Range | None:
        """Where it lies, whatever the unknown sections turn out to be; None where a part has no bounds."""
        ranges = [balance.cv_squared_range for balance in self.indicators.values()]
        if not ranges or None in ranges:
            return None
        known = [found for found in ranges if found is not None]
        highs = [root(found.high) for found in known if found.high is not None]
        return Range(
            low=sum((root(found.low) for found in known), Fraction(0)) / len(known),
            high=sum(highs, Fraction(0)) / len(known) if len(highs) == len(known) else None,
        )

    @property
    def composite_within(self) -> bool | None:
        """Shown beside the plan's own statement; no rule is decided on it."""
        if self.composite_cv is None or any(indicator.unknown for indicator in self.indicators.values()):
            return None
        limit = next(iter(self.indicators.values())).limit
        return self.composite_cv <= limit


@dataclass(frozen=True, kw_only=True)
class WirelessResult:
    """Schools covered (the headline), and the same by rooms and by area."""

    schools: Tally
    rooms: Tally
    area_m2: Fraction
    area_covered_m2: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeResult:
    """One guarantee over a district. counts: items short, rooms occupied, oversized classes by stage."""

    schools: Tally
    failing_by_kind: Mapping[Kind, int]
    counts: Mapping[str, int]
    schools_counted: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class District:
    """One district's figures; verdict: every section passes and every indicator is balanced.

    The guarantees stand beside it: they are another part of the assessment.
    """

    district: str
    stages: Mapping[Stage, StageResult]
    wireless: WirelessResult
    guarantees: Mapping[GuaranteeCode, GuaranteeResult]
    verdict: Verdict


def judge_district(
    district: str,
    standard: Standard,
    judged: Sequence[SectionResult],
    coverage: Sequence[SchoolCoverage],
    guarantees: Sequence[SchoolGuarantees] = (),
) -> District:
    """Put the answers of a district's sections and schools together."""
    stages = {
        stage: _stage(standard, stage, members)
        for stage in STAGES
        if (members := [result for result in judged if result.section.stage == stage])
    }
    return District(
        district=district,
        stages=stages,
        wireless=_wireless(coverage),
        guarantees={code: _guarantee(code, guarantees) for code in _codes(guarantees)},
        verdict=_verdict(stages.values()),
    )


def tally(verdicts: Iterable[Verdict]) -> Tally:
    found = list(verdicts)
    return Tally(
        passing=found.count("pass"),
        failing=found.count("fail"),
        undetermined=found.count("undetermined"),
    )


def _stage(standard: Standard, stage: Stage, members: Sequence[SectionResult]) -> StageResult:
    pupils = [result.section.pupils for result in members]
    columns = zip(*(result.answers for result in members), strict=True)
    return StageResult(
        sections=len(members),
        indicators={
            bar.indicator.code: _balance(bar, pupils, answers, standard.balance.of(stage))
            for bar, answers in zip(members[0].bars, columns, strict=True)
        },
        overall=tally(result.verdict for result in members),
    )


def _balance(
    bar: Bar, pupils: Sequence[int | None], answers: Sequence[Answer], limit: Fraction
) -> IndicatorBalance:
    worst, best = [answer.worst for answer in answers], [answer.best for answer in answers]
    passing, possible = worst.count(Standing.PASS), best.count(Standing.PASS)
    exact: list[tuple[int, Ratio]] = []
    spans: list[Span] | None = []
    for number, (known, most, *_) in zip(pupils, answers, strict=True):
        if number and known is not None and is_exact(known, most):
            exact.append((number, known))
        elif not number or spans is None:
            spans = None
        else:
            spans.append(_span(number, known, most))
    unknown, sums = len(answers) - len(exact), add_ratios(exact)
    return IndicatorBalance(
        tally=Tally(
            passing=passing,
            failing=len(answers) - possible,
            undetermined=possible - passing,
        ),
        sums=sums,
        unknown=unknown,
        per=bar.indicator.per,
        limit=limit,
        balanced=None if unknown else sums.within(limit),
        spans=None if spans is None else in_order(spans),
    )


def _span(pupils: int, known: Ratio | None, most: Ratio | None) -> Span:
    low = Fraction(0) if known is None else Fraction(*known)
    return Span(pupils, low, None if known is None or most is None else Fraction(*most))


def _wireless(coverage: Sequence[SchoolCoverage]) -> WirelessResult:
    rooms = [room for school in coverage for room in school.rooms]
    return WirelessResult(
        schools=tally(school.verdict for school in coverage),
        rooms=tally(room.verdict for room in rooms),
        area_m2=added(area for room in rooms if (area := room.room.area_m2) is not None),
        area_covered_m2=added(
            area for room in rooms if room.verdict == "pass" and (area := room.room.area_m2) is not None
        ),
    )


def _codes(guarantees: Sequence[SchoolGuarantees]) -> Iterable[GuaranteeCode]:
    """What was judged; of no school nothing is known but that nothing but the registry's own was."""
    if guarantees:
        return guarantees[0].answers
    return [code for code in GUARANTEES if code != "G2"]


def _guarantee(code: GuaranteeCode, schools: Sequence[SchoolGuarantees]) -> GuaranteeResult:
    verdicts: list[Verdict] = []
    failing: Counter[Kind] = Counter()
    counts: Counter[str] = Counter()
    schools_counted: Counter[str] = Counter()
    for school, answers in schools:
        answer = answers[code]
        verdicts.append(answer.verdict)
        if answer.verdict == "fail":
            failing[school.kind] += 1
        for name, count in answer.counts:
            counts[name] += count
            if count:
                schools_counted[name] += 1
    return GuaranteeResult(
        schools=tally(verdicts), failing_by_kind=failing, counts=counts, schools_counted=schools_counted
    )


def _verdict(stages: Iterable[StageResult]) -> Verdict:
    """校校达标、项项达标: one failing section or one unbalanced indicator is enough to fail."""
    found = list(stages)
    balanced = [indicator.balanced for stage in found for indicator in stage.indicators.values()]
    if any(stage.overall.failing for stage in found) or False in balanced:
        return "fail"
    if not found or any(stage.overall.undetermined for stage in found) or None in balanced:
        return "undetermined"
    return "pass"
