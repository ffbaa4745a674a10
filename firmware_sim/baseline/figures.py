"""The figures of a baseline school, each on the side of its threshold that the section was dealt.

A figure is its exact bar times a drawn factor, rounded away from the bar, so that size does not matter.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from firmware_sim.baseline.schools import Draft
from firmware_sim.baseline.standings import Section
from firmware_sim.baseline.targets import INDICATORS, SHARED, Indicator, Spread, Stage, Targets, TargetsError
from firmware_sim.chance import between
from runtime.language import Text

_PER_HUNDRED = {"L1", "L2", "L3", "L7"}
_TEACHERS: dict[Indicator, str] = {
    "L1": "qualified_teachers",
    "L2": "backbone_teachers",
    "L3": "arts_pe_teachers",
}
# 督导评估: the one indicator that a school may miss keeps at least this share of its threshold.
_FLOOR = Fraction(85, 100)
# Above the floor with room for rounding.
_KEPT_FROM = 880
# What a form says that says too much: a little above the bar.
_STATED = Fraction(103, 100)

Own = Mapping[Stage, Section]
_KEPT = Text("守住底线", "keep its floor of")
_MISSED, _MET = Text("低于", "miss"), Text("达到", "meet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What there is in a school, and what its form says of L6 and L7."""

    teachers: dict[Stage, dict[str, int]]
    teaching_area_m2: int
    sports_area_m2: int
    equipment_cny: int
    rooms: int
    stated_equipment_cny: int
    stated_rooms: int


def figures_of(targets: Targets, draft: Draft, own: Own, overstated: frozenset[Indicator]) -> Figures:
    """All figures of one school; raises TargetsError where a whole number cannot stand as dealt."""
    teachers = {
        stage: {
            code: _single(targets, draft, own[stage], code, Fraction(sum(draft.classes(stage))))
            for code in _TEACHERS
        }
        for stage in draft.stages
    }
    if draft.group.whole:
        shared = {code: _both(targets, draft, own["primary"], code) for code in SHARED}
    else:
        (section,) = own.values()
        shared = {code: _single(targets, draft, section, code, draft.weighted) for code in SHARED}
    for stage, section in own.items():
        for code in INDICATORS:
            figure = shared[code] if code in SHARED else teachers[stage][code]
            _check(section, code, figure, _own_bar(targets, draft, stage, code))
    stated = {
        code: math.ceil(_own_bar(targets, draft, draft.stages[0], code) * _STATED) for code in overstated
    }
    return Figures(
        teachers={
            stage: {_TEACHERS[code]: one for code, one in found.items()} for stage, found in teachers.items()
        },
        teaching_area_m2=shared["L4"],
        sports_area_m2=shared["L5"],
        equipment_cny=shared["L6"],
        rooms=shared["L7"],
        stated_equipment_cny=stated.get("L6", shared["L6"]),
        stated_rooms=stated.get("L7", shared["L7"]),
    )


def _bar(targets: Targets, stage: Stage, code: Indicator, pupils: Fraction) -> Fraction:
    """How much of a resource so many pupils need to meet the threshold."""
    threshold = Fraction(targets.threshold[stage][code], 1000)
    return threshold * pupils / (100 if code in _PER_HUNDRED else 1)


def _own_bar(targets: Targets, draft: Draft, stage: Stage, code: Indicator) -> Fraction:
    """The bar for a section's own figure, or for the whole school's where stages share it."""
    if code not in SHARED:
        return _bar(targets, stage, code, Fraction(sum(draft.classes(stage))))
    return _bar(targets, stage, code, draft.weighted) / draft.weight(stage)


def _single(targets: Targets, draft: Draft, section: Section, code: Indicator, pupils: Fraction) -> int:
    """A figure that belongs to one section alone."""
    spread = targets.spread[section.stage][code]
    bar = _bar(targets, section.stage, code, pupils)
    if code in section.missed:
        low = _KEPT_FROM if code in section.kept else spread.below[0]
        return math.floor(bar * _drawn(targets, draft, code, section.stage, (low, spread.below[1])))
    return math.ceil(bar * _above(targets, draft, code, section.stage, spread))


def _both(targets: Targets, draft: Draft, section: Section, code: Indicator) -> int:
    """A figure that both stages hang on: above both their bars, between them, or below both."""
    spread = targets.spread["primary"][code]
    lower, upper = sorted(_own_bar(targets, draft, stage, code) for stage in draft.stages)
    how = section.row.of(code) if section.row else "both"
    if how == "none":
        return math.floor(lower * _drawn(targets, draft, code, "shared", spread.below))
    if how == "one":
        return math.ceil(lower + (upper - lower) * _drawn(targets, draft, code, "shared", (300, 700)))
    return math.ceil(upper * _above(targets, draft, code, "shared", spread))


def _above(targets: Targets, draft: Draft, code: str, stage: str, spread: Spread) -> Fraction:
    """Schools far above the rest are none of the overcrowded ones."""
    drawn = between(0, 999, targets.seed, draft.code, stage, code, "rich")
    rich = drawn < spread.rich_share and not draft.oversized
    return _drawn(targets, draft, code, stage, spread.rich if rich else spread.above)


def _drawn(targets: Targets, draft: Draft, code: str, stage: str, limits: tuple[int, int]) -> Fraction:
    return Fraction(between(*limits, targets.seed, draft.code, stage, code, "drawn"), 1000)


def _check(section: Section, code: Indicator, figure: int, bar: Fraction) -> None:
    """A few rooms or teachers more or less may not exist as whole numbers: then say so, and where."""
    missed = code in section.missed
    if missed == (figure < bar) and not (code in section.kept and figure < bar * _FLOOR):
        return
    wanted = _KEPT if code in section.kept else _MISSED if missed else _MET
    place = f"{section.stage} {code} {section.school}"
    raise TargetsError(
        Text(
            f"{place} 应{wanted.zh} {float(bar):.2f}，但没有合适的整数（{figure}）："
            "请增加学生数，或改用 [[shared]] 的另一行",
            f"{place} is to {wanted.en} {float(bar):.2f} and no whole number found does ({figure}); "
            "give it more pupils, or another row of [[shared]]",
        )
    )
