"""From legal schools to sections (school code, stage): who is judged, with which pupils and which share."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from registry import Registry, School
from registry.vocabulary import STAGES, PupilStage, Stage, StatisticsItem, StatisticsStage
from rules.standards.standard import Exclusion, Standard, Weights
from rules.words import NOTHING, Reason, reason

WHOLE = Fraction(1)  # the one share of whoever shares with nobody: known by identity, and not multiplied by


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One stage of a school, with the schools merged into it.

    `pupils` and `share` (its part of what the whole school has) are None where pupils are not stated;
    `missing` then says which.
    """

    school: School
    members: tuple[School, ...]
    stage: Stage
    pupils: int | None
    share: Fraction | None
    missing: Reason = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A school, or one stage of it, that the indicators leave out, and why."""

    school: School
    reason: Reason


def groups(registry: Registry) -> list[tuple[School, ...]]:
    """Schools as they are counted: each with those that merge into it, itself first."""
    merged: dict[str, list[School]] = {
        code: [school] for code, school in registry.schools.items() if school.merge_into is None
    }
    for school in registry.schools.values():
        if school.merge_into is not None:
            merged[school.merge_into].append(school)
    return [tuple(members) for members in merged.values()]


def sections_of(
    schools: Iterable[tuple[School, ...]], standard: Standard
) -> tuple[list[Section], list[Excluded]]:
    """Every section of the schools (see groups) that the standard judges, and what it leaves out."""
    sections: list[Section] = []
    excluded: list[Excluded] = []
    for members in schools:
        school = members[0]
        if why := _exclusion(school, members, standard.exclude):
            excluded.append(Excluded(school=school, reason=why))
            continue
        for stage in STAGES:
            if stage not in school.stages:
                continue
            pupils = _pupils(members, stage)
            if pupils == 0:
                excluded.append(Excluded(school=school, reason=reason("excluded.no_pupils", stage=stage)))
                continue
            share, missing = _share(members, stage, standard.weights.get(school.kind))
            sections.append(
                Section(
                    school=school, members=members, stage=stage, pupils=pupils, share=share, missing=missing
                )
            )
    return sections, excluded


def figure(
    registry: Registry, members: tuple[School, ...], stage: StatisticsStage, item: StatisticsItem
) -> Fraction | None:
    """What the members together state for one stage (teachers), or for the whole school (rooms, areas).

    None where one of them states nothing; `unstated` says which.
    """
    if len(members) == 1:
        member = members[0]
        value = registry.statistics.get((member.school_code, stage, item))
        return value if value is not None else _otherwise_stated(registry, member, stage, item)
    total = Fraction(0)
    for member in _counted(members, stage):
        value = _member_figure(registry, member, stage, item)
        if value is None:
            return None
        total += value
    return total


def unstated(
    registry: Registry, members: tuple[School, ...], stage: StatisticsStage, item: StatisticsItem
) -> Reason:
    """The first member whose figure is missing; nothing where every one is stated."""
    for member in _counted(members, stage):
        if _member_figure(registry, member, stage, item) is None:
            return reason("missing.figure", school=member.name, stage=stage, item=item)
    return NOTHING


def _counted(members: tuple[School, ...], stage: StatisticsStage) -> list[School]:
    return [member for member in members if stage == "school" or stage in member.stages]


def _member_figure(
    registry: Registry, member: School, stage: StatisticsStage, item: StatisticsItem
) -> Fraction | None:
    value = registry.statistics.get((member.school_code, stage, item))
    return value if value is not None else _otherwise_stated(registry, member, stage, item)


def _otherwise_stated(
    registry: Registry, member: School, stage: StatisticsStage, item: StatisticsItem
) -> Fraction | None:
    """A stage's figure from a school that has no other, the whole school's from all its stages."""
    statistics, code = registry.statistics, member.school_code
    if stage != "school":
        # A school of one stage may state its teachers for the whole school.
        return statistics.get((code, "school", item)) if len(member.stages) == 1 else None
    if "senior" in member.stages:
        return None
    parts = [statistics.get((code, each, item)) for each in STAGES if each in member.stages]
    known = [part for part in parts if part is not None]
    return sum(known, Fraction(0)) if known and len(known) == len(parts) else None


def _pupils(members: tuple[School, ...], stage: PupilStage) -> int | None:
    if len(members) == 1:
        return members[0].pupils(stage)
    counts = [member.pupils(stage) for member in members if stage in member.stages]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _share(
    members: tuple[School, ...], stage: Stage, weights: Weights | None
) -> tuple[Fraction | None, Reason]:
    """The stage's part of what the school's stages share: weighted pupils over all weighted pupils."""
    stages = members[0].stages
    if len(stages) == 1 and _pupils(members, stage) is not None:
        return WHOLE, NOTHING
    own = total = 0
    for other in stages:
        pupils = _pupils(members, other)
        if pupils is None:
            return None, reason("missing.stage_pupils", stage=other)
        weighted = pupils * (weights.whole[other] if weights else 1)
        total += weighted
        own += weighted if other == stage else 0
    return Fraction(own, total), NOTHING


def _exclusion(school: School, members: tuple[School, ...], rules: Iterable[Exclusion]) -> Reason:
    for rule in rules:
        if rule.kind not in {None, school.kind}:
            continue
        # What is not stated leaves nobody out.
        if rule.ownership not in {None, school.ownership}:
            continue
        if rule.flag is not None and rule.flag not in school.flags:
            continue
        if rule.below_pupils is not None and not _is_small(school, members, rule.below_pupils):
            continue
        return _excluded_by(rule, school, members)
    return NOTHING


def _is_small(school: School, members: tuple[School, ...], below_pupils: int) -> bool:
    counts = _all_pupils(school, members)
    return None not in counts and sum(count or 0 for count in counts) < below_pupils


def _all_pupils(school: School, members: tuple[School, ...]) -> list[int | None]:
    return [_pupils(members, stage) for stage in school.stages]


def _excluded_by(rule: Exclusion, school: School, members: tuple[School, ...]) -> Reason:
    if rule.below_pupils is not None:
        pupils = sum(count or 0 for count in _all_pupils(school, members))
        return reason("excluded.small", kind=school.kind, pupils=pupils, below_pupils=rule.below_pupils)
    if rule.flag is not None:
        return reason("excluded.flag", flag=rule.flag)
    if rule.ownership is not None:
        return reason("excluded.ownership", ownership=rule.ownership)
    return reason("excluded.kind", kind=school.kind)
