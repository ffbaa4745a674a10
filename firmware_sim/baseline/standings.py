"""Who misses what in a baseline district, dealt out so that every published count comes out exactly.

A section passes as a whole with at most one indicator missed, and that one at no less than its floor. So
those that pass get none or one, and all others get two or more: each indicator's misses go to the sections
that have the fewest so far.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from firmware_sim.baseline.targets import (
    INDICATORS,
    SHARED,
    Indicator,
    Shared,
    SharedRow,
    Stage,
    Targets,
    TargetsError,
)
from firmware_sim.chance import chance
from runtime.language import Text

# A school of two stages has one figure for both: where only one stage meets the threshold, this one misses.
_MISSES_ALONE: dict[Indicator, Stage] = {"L4": "junior", "L5": "junior", "L6": "junior", "L7": "primary"}
# 1.1 × 4.5 m² is more than 85 % of 5.8 m²: where primary meets L4, junior keeps its floor.
_KEEPS_FLOOR: tuple[Stage, Indicator] = ("junior", "L4")


@dataclass(slots=True, kw_only=True)
class Section:
    """One stage of one school, and what it misses. `kept`: of these, at no less than the floor."""

    school: str
    stage: Stage
    row: SharedRow | None
    missed: set[Indicator] = field(default_factory=set)
    kept: set[Indicator] = field(default_factory=set)

    @property
    def passes(self) -> bool:
        return len(self.missed) <= 1 and self.missed == self.kept


def deal(targets: Targets, schools: Mapping[str, tuple[Stage, ...]]) -> dict[tuple[str, Stage], Section]:
    """Every section with what it misses; `schools` are the stages by school code, in order.

    Raises TargetsError where the counts cannot come out.
    """
    rows = iter([row for row in targets.shared for _ in range(row.count)])
    sections: dict[tuple[str, Stage], Section] = {}
    for code, stages in schools.items():
        row = next(rows) if len(stages) > 1 else None
        for stage in stages:
            sections[code, stage] = _section(code, stage, row)
    for stage in targets.passing:
        _deal_stage(targets, stage, [one for one in sections.values() if one.stage == stage])
    return sections


def _section(code: str, stage: Stage, row: SharedRow | None) -> Section:
    section = Section(school=code, stage=stage, row=row)
    for indicator in SHARED if row else ():
        how: Shared = row.of(indicator) if row else "both"
        if how == "none" or (how == "one" and _MISSES_ALONE[indicator] == stage):
            section.missed.add(indicator)
        if how == "one" and (stage, indicator) == _KEEPS_FLOOR:
            section.kept.add(indicator)
    return section


def _deal_stage(targets: Targets, stage: Stage, sections: list[Section]) -> None:
    seed, passing = targets.seed, targets.passing[stage]
    whole = [one for one in sections if one.row and one.passes]
    alone = _drawn((one for one in sections if not one.row), seed, "passes")[: passing.overall - len(whole)]
    singles = [code for code, count in targets.single[stage].items() for _ in range(count)]
    for section, indicator in zip(alone, singles, strict=False):
        section.missed.add(indicator)
        section.kept.add(indicator)
    chosen = {one.school for one in whole + alone}
    if len(chosen) != passing.overall:
        raise TargetsError(
            Text(
                f"{stage}：综合达标 {len(chosen)} 个，应为 {passing.overall} 个",
                f"{stage}: {len(chosen)} sections pass as a whole, not {passing.overall}",
            )
        )
    others = [one for one in sections if one.school not in chosen]
    left = {
        code: len(sections) - passing.of(code) - sum(code in one.missed for one in sections)
        for code in INDICATORS
    }
    # What only single schools can take goes first; teachers then fill up where there is least.
    for indicator in sorted(INDICATORS, key=lambda code: (code not in SHARED, -left[code])):
        free = [one for one in others if indicator not in SHARED or one.row is None]
        _give(stage, indicator, left[indicator], free, seed)
    for one in others:
        if one.passes or len(one.missed) < 2:
            raise TargetsError(
                Text(
                    f"{stage}：未达标项太少，学校 {one.school} 会综合达标",
                    f"{stage}: too few misses, school {one.school} would pass as a whole",
                )
            )


def _give(stage: Stage, indicator: Indicator, count: int, free: list[Section], seed: int) -> None:
    if not 0 <= count <= len(free):
        raise TargetsError(
            Text(
                f"{stage} {indicator}：{count} 个未达标无法分给 {len(free)} 个学段",
                f"{stage} {indicator}: {count} misses cannot be dealt to {len(free)} sections",
            )
        )
    for section in sorted(_drawn(free, seed, indicator), key=lambda one: len(one.missed))[:count]:
        section.missed.add(indicator)


def _drawn(sections: Iterable[Section], seed: int, what: str) -> list[Section]:
    return sorted(sections, key=lambda one: chance(seed, one.school, one.stage, what))
