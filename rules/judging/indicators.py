"""One section against one indicator, and against all of them together: three answers, exact."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Protocol

from registry.exact import Ratio, equal, look_alike, plain, told_apart
from registry.vocabulary import STAGES, IndicatorCode, Item, Stage, StatisticsStage, Verdict
from rules.judging.equipment import SchoolEquipment
from rules.judging.multimedia import MultimediaRooms
from rules.standards.standard import FigureAllowance, Indicator, Overall, Standard
from rules.words import NOTHING, Reason, joined, reason

# What a gateway observes is the whole school's, whether or not its stages share it.
_OF_SCHOOL = frozenset[Item]({"multimedia_rooms", "equipment_cny"})


class Standing(IntEnum):
    """How a value stands against threshold and floor; higher is better."""

    BELOW = 0  # under the floor
    FLOOR = 1  # misses the threshold, keeps the floor
    PASS = 2


# What is known to be there (None: nothing), and what may be there at most (None: nobody can say how much).
Amount = tuple[Ratio | None, Ratio | None]


class Answer(NamedTuple):
    """An amount and how both of its ends stand: a judgement without its words. A province has millions."""

    known: Ratio | None
    most: Ratio | None
    worst: Standing
    best: Standing

    @property
    def exact(self) -> bool:
        """Nothing about the amount is unknown."""
        return is_exact(self.known, self.most)


def is_exact(known: Ratio | None, most: Ratio | None) -> bool:
    return known is not None and (known == most or (most is not None and equal(known, most)))


_answer = Answer._make  # quicker than naming the four each time


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What one indicator asks of one stage. Made once a standard, used by every section.

    sheet: whose figure of the statistics counts, the stage's or the whole school's. shared: the stages of a
    school divide the whole school's between them.
    """

    indicator: Indicator
    stage: Stage
    sheet: StatisticsStage
    shared: bool
    allowances: tuple[FigureAllowance, ...]
    threshold: Fraction
    floor: Fraction
    # Both as whole numbers (times, asked): met where numerator·times ≥ asked·pupils.
    at_threshold: tuple[int, int]
    at_floor: tuple[int, int]

    @cached_property
    def threshold_text(self) -> str:
        return plain(self.threshold)

    @cached_property
    def floor_text(self) -> str:
        return plain(self.floor)

    def answers(self, pupils: Iterable[int | None], amounts: Iterable[Amount]) -> list[Answer]:
        """Hold what is known of every section, and what may be there, against this bar."""
        found: list[Answer] = []
        standing = self._standing()
        for number, (known, most) in zip(pupils, amounts, strict=True):
            if known is None or not number:
                found.append(_answer((known, most, Standing.BELOW, Standing.PASS)))
                continue
            worst = best = standing(known, number)
            if most != known:
                best = Standing.PASS if most is None else standing(most, number)
            found.append(_answer((known, most, worst, best)))
        return found

    def _standing(self) -> Callable[[Ratio, int], Standing]:
        """Where amount·per/pupils stands: whole numbers multiplied crosswise, nothing divided."""
        (times, asked), (floor_times, floor_asked) = self.at_threshold, self.at_floor
        passes, keeps_floor, fails = Standing.PASS, Standing.FLOOR, Standing.BELOW

        def standing(amount: Ratio, pupils: int) -> Standing:
            above, below = amount
            if above * times >= asked * below * pupils:
                return passes
            return keeps_floor if above * floor_times >= floor_asked * below * pupils else fails

        return standing


Bars = Mapping[Stage, Sequence[Bar]]


def bars_of(standard: Standard) -> Bars:
    """What every indicator of a standard asks of every stage, in the standard's order."""
    return {
        stage: tuple(_bar(standard, indicator, stage) for indicator in standard.indicators)
        for stage in STAGES
    }


def _bar(standard: Standard, indicator: Indicator, stage: Stage) -> Bar:
    shared = indicator.code in standard.shared.indicators
    of_school = shared or indicator.item in _OF_SCHOOL
    threshold = indicator.threshold.of(stage)
    floor = threshold * standard.overall.floor
    return Bar(
        indicator=indicator,
        stage=stage,
        sheet="school" if of_school else stage,
        shared=shared,
        allowances=tuple(each for each in standard.allowances if each.indicator == indicator.code),
        threshold=threshold,
        floor=floor,
        at_threshold=(indicator.per * threshold.denominator, threshold.numerator),
        at_floor=(indicator.per * floor.denominator, floor.numerator),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one answer rests on.

    whole and share: the whole school's figure and the section's part of it; `use` the rooms observed,
    `equipment` the asset ledger. missing: what is not known, where something is not.
    """

    declared: Fraction | None = None
    observed: Fraction | None = None
    whole: Fraction | None = None
    share: Fraction | None = None
    use: MultimediaRooms | None = None
    equipment: SchoolEquipment | None = None
    completeness: Fraction | None = None
    # What allowances added to the form's own figure, and what was stated and not added.
    allowed: Reason = NOTHING
    missing: Reason = NOTHING
    note: Reason = NOTHING

    def of(self, _: Bar) -> "Evidence":
        """The evidence of a judgement that has its own."""
        return self


class EvidenceSource(Protocol):
    """Who can say what a judgement rests on. It is asked only for the judgements that someone opens."""

    def of(self, bar: Bar, /) -> Evidence: ...


@dataclass(frozen=True)
class Judgement:
    """One section, one indicator; `judgement_of` makes it.

    numerator is what is known to be there; most is what would be there if everything unknown were there
    too (equal to it when nothing is unknown; None where no one can say how much that is). Both None: not
    known at all, `missing` says what.
    """

    bar: Bar
    pupils: int | None
    numerator: Fraction | None
    most: Fraction | None
    worst: Standing
    best: Standing
    source: EvidenceSource

    @cached_property
    def evidence(self) -> Evidence:
        return self.source.of(self.bar)

    @cached_property
    def value(self) -> Fraction | None:
        """What the known numerator comes to, per pupil or per 100 pupils."""
        return self._ratio(self.numerator)

    @property
    def most_value(self) -> Fraction | None:
        """What it would come to at most; None: nobody can say."""
        return self._ratio(self.most)

    @property
    def exact(self) -> bool:
        """Nothing about the value is unknown."""
        known, most = self.numerator, self.most
        return known is not None and bool(self.pupils) and (known is most or known == most)

    @property
    def verdict(self) -> Verdict:
        if self.worst is Standing.PASS:
            return "pass"
        return "undetermined" if self.best is Standing.PASS else "fail"

    @property
    def near(self) -> bool:
        """临界: at two decimals, as figures are printed, the value shows as the threshold, but is not it."""
        value, threshold = self.value, self.bar.threshold
        return value is not None and look_alike(value, threshold, 2) and value != threshold

    @property
    def reason(self) -> Reason:
        value, evidence = self.value, self.evidence
        if value is None:
            return evidence.missing
        shown = told_apart(value, self.bar.threshold)
        if self.verdict == "pass":
            why = reason("standing.meets", value=shown, threshold=self.bar.threshold_text)
        elif self.verdict == "fail":
            why = self._misses(shown)
        else:
            why = joined(self._between(shown), evidence.missing)
        return joined(why, evidence.note) if evidence.note else why

    def _between(self, shown: str) -> Reason:
        threshold, most = self.bar.threshold_text, self.most_value
        if most is None:
            return reason("standing.at_least", value=shown, threshold=threshold)
        shown_most = told_apart(most, self.bar.threshold)
        return reason("standing.between", least=shown, most=shown_most, threshold=threshold)

    def _misses(self, shown: str) -> Reason:
        kept = (
            "keeps_floor"
            if self.worst is Standing.FLOOR
            else "below_floor"
            if self.best is Standing.BELOW
            else "floor_unknown"
        )
        bar = self.bar
        return reason(f"standing.{kept}", value=shown, threshold=bar.threshold_text, floor=bar.floor_text)

    def _ratio(self, numerator: Fraction | None) -> Fraction | None:
        if numerator is None or not self.pupils:
            return None
        above, below = numerator.as_integer_ratio()
        return Fraction(above * self.bar.indicator.per, below * self.pupils)


def judgement_of(bar: Bar, pupils: int | None, answer: Answer, source: EvidenceSource) -> Judgement:
    """An answer with all that can be said of it."""
    known, most = answer.known, answer.most
    numerator = None if known is None else Fraction(*known)
    at_most = numerator if most == known else None if most is None else Fraction(*most)
    return Judgement(bar, pupils, numerator, at_most, answer.worst, answer.best, source)


def amount(known: Fraction | None, most: Fraction | None) -> Amount:
    """Both as ratios."""
    return (
        None if known is None else known.as_integer_ratio(),
        None if most is None else most.as_integer_ratio(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSchool:
    """综合: all indicators of one section together."""

    verdict: Verdict
    passing: int
    judgements: Mapping[IndicatorCode, Judgement]
    rule: Overall

    @property
    def reason(self) -> Reason:
        percent = plain(self.rule.floor * 100)
        head = reason("overall.count", passing=self.passing, number=len(self.judgements))
        failing = self._codes(lambda judgement: judgement.verdict == "fail")
        below = self._codes(lambda judgement: judgement.best is Standing.BELOW)
        unknown = self._codes(
            lambda judgement: (
                judgement.verdict == "undetermined"
                or (judgement.worst, judgement.best) == (Standing.BELOW, Standing.FLOOR)
            )
        )
        if self.verdict == "undetermined":
            return joined(head, reason("overall.unknown", indicators=unknown))
        if self.verdict == "pass" and failing:
            return joined(head, reason("overall.rest_keeps", indicators=failing, percent=percent))
        if self.verdict == "fail" and below:
            return joined(head, reason("overall.below", indicators=below, percent=percent))
        return head

    def _codes(self, wanted: Callable[[Judgement], bool]) -> tuple[str, ...]:
        return tuple(code for code, judgement in self.judgements.items() if wanted(judgement))


def judge_whole(judgements: Mapping[IndicatorCode, Judgement], rule: Overall) -> WholeSchool:
    """All judgements of one section, in words too."""
    worst, best = (
        [judgement.worst for judgement in judgements.values()],
        [judgement.best for judgement in judgements.values()],
    )
    return WholeSchool(
        verdict=whole_verdict(worst, best, rule),
        passing=worst.count(Standing.PASS),
        judgements=judgements,
        rule=rule,
    )


def whole_verdict(worst: list[Standing], best: list[Standing], rule: Overall) -> Verdict:
    """At least `required` indicators pass and every other keeps the floor (教督〔2017〕6号).

    The rule can only gain from a better standing, so that what is unknown matters exactly when the worst
    and the best case differ.
    """
    if _holds(worst, rule):
        return "pass"
    return "undetermined" if _holds(best, rule) else "fail"


def _holds(standings: list[Standing], rule: Overall) -> bool:
    return standings.count(Standing.PASS) >= rule.required and Standing.BELOW not in standings
