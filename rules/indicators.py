"""One section against one indicator, and against all of them together: three answers, exact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from rules.equipment import SchoolEquipment
from rules.exact import plain, rounded, told_apart
from rules.multimedia import SchoolUse
from rules.said import said
from rules.standard import Indicator, Overall, Standard
from rules.vocabulary import STAGES, IndicatorCode, Stage, Verdict


class Standing(IntEnum):
    """How a value stands against threshold and floor; higher is better."""

    BELOW = 0  # under the floor
    FLOOR = 1  # misses the threshold, keeps the floor
    PASS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What one indicator asks of one stage. Made once a standard, used by every section."""

    indicator: Indicator
    stage: Stage
    threshold: Fraction
    floor: Fraction

    def standing(self, numerator: Fraction, pupils: int) -> Standing:
        """Where numerator·per/pupils stands: whole numbers multiplied crosswise, nothing divided."""
        above, below = numerator.as_integer_ratio()
        left, right = above * self.indicator.per, below * pupils
        asked, of = self.threshold.as_integer_ratio()
        if left * of >= asked * right:
            return Standing.PASS
        asked, of = self.floor.as_integer_ratio()
        if left * of >= asked * right:
            return Standing.FLOOR
        return Standing.BELOW


Bars = Mapping[tuple[IndicatorCode, Stage], Bar]


def bars_of(standard: Standard) -> Bars:
    """Every indicator of a standard at every stage."""
    return {
        (indicator.code, stage): Bar(
            indicator=indicator,
            stage=stage,
            threshold=indicator.threshold.of(stage),
            floor=indicator.threshold.of(stage) * standard.overall.floor,
        )
        for indicator in standard.indicators
        for stage in STAGES
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One section, one indicator; `judge` makes it.

    numerator is what is known to be there; most is what would be there if everything unknown were there
    too (equal to it when nothing is unknown; None where no one can say how much that is). Both None: not
    known at all, `missing` says what.
    whole and share: the whole school's figure and the section's part of it; `use` the rooms observed,
    `equipment` the asset ledger.
    """

    bar: Bar
    pupils: int | None
    numerator: Fraction | None
    most: Fraction | None
    worst: Standing
    best: Standing
    declared: Fraction | None
    observed: Fraction | None = None
    whole: Fraction | None = None
    share: Fraction | None = None
    use: SchoolUse | None = None
    equipment: SchoolEquipment | None = None
    completeness: Fraction | None = None
    missing: str = ""
    note: str = ""

    @property
    def value(self) -> Fraction | None:
        """What the known numerator comes to, per pupil or per 100 pupils."""
        return self._ratio(self.numerator)

    @property
    def exact(self) -> bool:
        """Nothing about the value is unknown."""
        if self.numerator is None or not self.pupils:
            return False
        return self.numerator is self.most or self.numerator == self.most

    @property
    def verdict(self) -> Verdict:
        if self.worst is Standing.PASS:
            return "pass"
        return "undetermined" if self.best is Standing.PASS else "fail"

    @property
    def near(self) -> bool:
        """临界: at two decimals, as figures are printed, the value shows as the threshold, but is not it."""
        value, threshold = self.value, self.bar.threshold
        return value is not None and value != threshold and rounded(value, 2) == rounded(threshold, 2)

    @property
    def reason(self) -> str:
        value, threshold = self.value, self.bar.threshold
        if value is None:
            return self.missing
        shown = told_apart(value, threshold)
        if self.verdict == "pass":
            text = said(f"{shown} ≥ {plain(threshold)}", "meets the threshold")
        elif self.verdict == "fail":
            text = f"{shown} < {plain(threshold)}，{self._floor_kept()}"
        else:
            text = f"{self._between(shown)}；{self.missing}"
        return "；".join(part for part in (text, self.note) if part)

    def _between(self, shown: str) -> str:
        threshold, most = self.bar.threshold, self._ratio(self.most)
        if most is None:
            return said(f"至少 {shown}，{plain(threshold)} 能否达到未知", f"at least {shown}, could be more")
        shown_most = told_apart(most, threshold)
        return said(f"{shown}～{shown_most}，{plain(threshold)} 在其间", "could be on either side")

    def _floor_kept(self) -> str:
        floor = plain(self.bar.floor)
        if self.worst is Standing.FLOOR:
            return said(f"不低于下限 {floor}", f"below the threshold, keeps the floor of {floor}")
        if self.best is Standing.BELOW:
            return said(f"低于下限 {floor}", f"below the threshold and the floor of {floor}")
        return said(f"是否低于下限 {floor} 未知", f"below the threshold; floor of {floor} not known")

    def _ratio(self, numerator: Fraction | None) -> Fraction | None:
        if numerator is None or not self.pupils:
            return None
        above, below = numerator.as_integer_ratio()
        return Fraction(above * self.bar.indicator.per, below * self.pupils)


def judge(
    bar: Bar,
    *,
    pupils: int | None,
    numerator: Fraction | None,
    most: Fraction | None,
    declared: Fraction | None,
    observed: Fraction | None = None,
    whole: Fraction | None = None,
    share: Fraction | None = None,
    use: SchoolUse | None = None,
    equipment: SchoolEquipment | None = None,
    completeness: Fraction | None = None,
    missing: str = "",
    note: str = "",
) -> Judgement:
    """Hold what is known, and what may be, against the bar."""
    worst, best = Standing.BELOW, Standing.PASS
    if numerator is not None and pupils:
        worst = bar.standing(numerator, pupils)
        if most is not None:
            best = worst if most is numerator else bar.standing(most, pupils)
    return Judgement(
        bar=bar,
        pupils=pupils,
        numerator=numerator,
        most=most,
        worst=worst,
        best=best,
        declared=declared,
        observed=observed,
        whole=whole,
        share=share,
        use=use,
        equipment=equipment,
        completeness=completeness,
        missing=missing,
        note=note,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSchool:
    """综合: all indicators of one section together."""

    verdict: Verdict
    passing: int
    judgements: Mapping[IndicatorCode, Judgement]
    rule: Overall

    @property
    def reason(self) -> str:
        number, percent = len(self.judgements), plain(self.rule.floor * 100)
        head = said(f"{number} 项中 {self.passing} 项达标", f"{self.passing} of {number}")
        failing = self._codes(lambda one: one.verdict == "fail")
        below = self._codes(lambda one: one.best is Standing.BELOW)
        unknown = self._codes(
            lambda one: (
                one.verdict == "undetermined" or (one.worst, one.best) == (Standing.BELOW, Standing.FLOOR)
            )
        )
        if self.verdict == "undetermined":
            return f"{head}；" + said(f"{'、'.join(unknown)} 未判定", f"{', '.join(unknown)} not known")
        if self.verdict == "pass" and failing:
            return f"{head}；" + said(
                f"{'、'.join(failing)} 不低于 {percent}%", f"the rest keeps {percent} %"
            )
        if self.verdict == "fail" and below:
            return f"{head}；" + said(f"{'、'.join(below)} 低于 {percent}%", f"below {percent} %")
        return head

    def _codes(self, wanted: Callable[[Judgement], bool]) -> list[str]:
        return [code for code, one in self.judgements.items() if wanted(one)]


def judge_whole(judgements: Mapping[IndicatorCode, Judgement], rule: Overall) -> WholeSchool:
    """At least `required` indicators pass and every other keeps the floor (教督〔2017〕6号).

    The rule can only gain from a better standing, so that what is unknown matters exactly when the worst
    and the best case differ.
    """
    worst = [one.worst for one in judgements.values()]
    sure = _holds(worst, rule)
    possible = sure or _holds([one.best for one in judgements.values()], rule)
    return WholeSchool(
        verdict="pass" if sure else "undetermined" if possible else "fail",
        passing=worst.count(Standing.PASS),
        judgements=judgements,
        rule=rule,
    )


def _holds(standings: list[Standing], rule: Overall) -> bool:
    return standings.count(Standing.PASS) >= rule.required and Standing.BELOW not in standings
