"""District → city → province: what districts add up, added up again, and where the inequality lies.

Nothing is evaluated twice. ΣP, ΣX and ΣX²/P of the districts are those of the region, so that its figures
are exactly those of evaluating all its sections at once. Districts are told by their codes: the first four
digits are the city, the first two the province (GB/T 2260).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from operator import add
from typing import Literal

from registry.vocabulary import GUARANTEES, STAGES, GuaranteeCode, IndicatorCode, Stage
from rules.judging.balance import Sums, added
from rules.judging.balance_range import in_order
from rules.judging.district import (
    District,
    GuaranteeResult,
    IndicatorBalance,
    StageResult,
    Tally,
    WirelessResult,
)

RegionLevel = Literal["city", "province"]
LEVELS: Mapping[RegionLevel, int] = {"city": 4, "province": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceSplit:
    """The variance of a region in two parts: within its districts, and between their means."""

    within: Fraction
    between: Fraction

    @property
    def total(self) -> Fraction:
        return self.within + self.between

    @property
    def between_share(self) -> Fraction | None:
        """Percent of the variance that lies between districts; None where there is no variance."""
        return 100 * self.between / self.total if self.total else None


@dataclass(frozen=True, kw_only=True)
class Region:
    """A city or a province: its districts' figures together, and the split of every indicator's variance."""

    level: RegionLevel
    code: str
    members: tuple[District, ...]
    stages: Mapping[Stage, StageResult]
    wireless: WirelessResult
    guarantees: Mapping[GuaranteeCode, GuaranteeResult]

    @property
    def districts(self) -> tuple[str, ...]:
        return tuple(district.district for district in self.members)

    @cached_property
    def splits(self) -> Mapping[Stage, Mapping[IndicatorCode, VarianceSplit | None]]:
        """Worked out when asked for: the means of many districts have long denominators in common."""
        return {
            stage: {
                indicator: _split(
                    [
                        district.stages[stage].indicators[indicator].sums
                        for district in self.members
                        if stage in district.stages
                    ],
                    balance.sums,
                )
                for indicator, balance in figures.indicators.items()
            }
            for stage, figures in self.stages.items()
        }


def roll_up(districts: Sequence[District]) -> tuple[Region, ...]:
    """Every city, then every province."""
    found: list[Region] = []
    for level, digits in LEVELS.items():
        members: dict[str, list[District]] = defaultdict(list)
        for district in districts:
            members[district.district[:digits]].append(district)
        found += [_region(level, code, members[code]) for code in sorted(members)]
    return tuple(found)


def split(parts: Iterable[Sums]) -> VarianceSplit | None:
    """How the variance of all parts together divides; None where there are no pupils."""
    found = list(parts)
    return _split(found, Sums.of(found))


def _split(parts: Iterable[Sums], whole: Sums) -> VarianceSplit | None:
    """Parts of p pupils, total t: within = (ΣX²/P − Σt²/p) / Σp, between = Σt²/p / Σp − mean²."""
    mean = whole.mean
    if mean is None:
        return None
    of_means = added(part.total**2 / part.pupils for part in parts if part.pupils)
    return VarianceSplit(
        within=(whole.squares - of_means) / whole.pupils, between=of_means / whole.pupils - mean * mean
    )


def _region(level: RegionLevel, code: str, districts: Sequence[District]) -> Region:
    stages: dict[Stage, StageResult] = {}
    for stage in STAGES:
        parts = [district.stages[stage] for district in districts if stage in district.stages]
        if not parts:
            continue
        stages[stage] = merge_stages(parts)
    return Region(
        level=level,
        code=code,
        members=tuple(districts),
        stages=stages,
        wireless=_wireless([district.wireless for district in districts]),
        guarantees={
            guarantee: _guarantee(found)
            for guarantee in GUARANTEES
            if (
                found := [
                    district.guarantees[guarantee]
                    for district in districts
                    if guarantee in district.guarantees
                ]
            )
        },
    )


def merge_stages(parts: Sequence[StageResult]) -> StageResult:
    """One stage of several districts, from what each has added up."""
    indicators = {code: _balance([part.indicators[code] for part in parts]) for code in parts[0].indicators}
    return StageResult(
        sections=sum(part.sections for part in parts),
        indicators=indicators,
        overall=_tally(part.overall for part in parts),
    )


def _balance(parts: Sequence[IndicatorBalance]) -> IndicatorBalance:
    sums = Sums.of(part.sums for part in parts)
    all_spans = [part.spans for part in parts]
    unknown = sum(part.unknown for part in parts)
    return IndicatorBalance(
        tally=_tally(part.tally for part in parts),
        sums=sums,
        unknown=unknown,
        per=parts[0].per,
        limit=parts[0].limit,
        balanced=None if unknown else sums.within(parts[0].limit),
        spans=None if None in all_spans else in_order(span for spans in all_spans for span in spans or ()),
    )


def _tally(parts: Iterable[Tally]) -> Tally:
    found = list(parts)
    return Tally(
        passing=sum(part.passing for part in found),
        failing=sum(part.failing for part in found),
        undetermined=sum(part.undetermined for part in found),
    )


def _wireless(parts: Sequence[WirelessResult]) -> WirelessResult:
    return WirelessResult(
        schools=_tally(part.schools for part in parts),
        rooms=_tally(part.rooms for part in parts),
        area_m2=sum((part.area_m2 for part in parts), Fraction(0)),
        area_covered_m2=sum((part.area_covered_m2 for part in parts), Fraction(0)),
    )


def _guarantee(parts: Sequence[GuaranteeResult]) -> GuaranteeResult:
    return GuaranteeResult(
        schools=_tally(part.schools for part in parts),
        failing_by_kind=reduce(add, (Counter(part.failing_by_kind) for part in parts)),
        counts=reduce(add, (Counter(part.counts) for part in parts)),
        schools_counted=reduce(add, (Counter(part.schools_counted) for part in parts)),
    )
