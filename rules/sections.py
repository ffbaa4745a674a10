"""From legal schools to sections (school code, stage): who is judged, with which pupils and which share."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from rules.registry import Registry, School
from rules.said import said
from rules.standard import Exclusion, Standard, Weights
from rules.vocabulary import ITEMS, STAGE_NAMES, STAGES, Item, PupilStage, Stage, StatisticsStage

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
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A school, or one stage of it, that the indicators leave out, and why."""

    school: School
    reason: str


class Figure(NamedTuple):
    """A figure of the statistics, or what is missing for it. A tuple: there are seven to every section."""

    value: Fraction | None
    missing: str = ""


def groups(registry: Registry) -> list[tuple[School, ...]]:
    """Schools as they are counted: each with those that merge into it, itself first."""
    merged: dict[str, list[School]] = {
        code: [school] for code, school in registry.schools.items() if school.merge_into is None
    }
    for school in registry.schools.values():
        if school.merge_into is not None:
            merged[school.merge_into].append(school)
    return [tuple(members) for members in merged.values()]


def sections_of(registry: Registry, standard: Standard) -> tuple[list[Section], list[Excluded]]:
    """Every section the standard judges, in the registry's order, and what it leaves out."""
    sections: list[Section] = []
    excluded: list[Excluded] = []
    for members in groups(registry):
        school = members[0]
        reason = _exclusion(school, members, standard.exclude)
        if reason:
            excluded.append(Excluded(school=school, reason=reason))
            continue
        for stage in STAGES:
            if stage not in school.stages:
                continue
            pupils = _pupils(members, stage)
            if pupils == 0:
                text = said("该学段没有在校生", f"no pupils in the {stage} stage")
                excluded.append(Excluded(school=school, reason=text))
                continue
            share, missing = _share(members, stage, standard.weights.get(school.kind))
            sections.append(
                Section(
                    school=school, members=members, stage=stage, pupils=pupils, share=share, missing=missing
                )
            )
    return sections, excluded


def stage_figure(registry: Registry, section: Section, item: Item) -> Figure:
    """What the section itself has (teachers): the stage's own figure, summed over its members."""
    values: list[Fraction] = []
    for member in section.members:
        if section.stage not in member.stages:
            continue
        stated = _stated(registry, member, section.stage, item)
        if stated is not None:
            values.append(stated)
            continue
        # A school of one stage may state its teachers for the whole school.
        whole = _stated(registry, member, "school", item) if len(member.stages) == 1 else None
        if whole is None:
            return Figure(value=None, missing=_not_stated(member, item, section.stage))
        values.append(whole)
    return Figure(value=_sum(values))


def whole_figure(registry: Registry, members: Iterable[School], item: Item) -> Figure:
    """What the whole school has (rooms, areas, equipment), before it is split over the stages."""
    values: list[Fraction] = []
    for member in members:
        value = _stated(registry, member, "school", item)
        if value is None and "senior" not in member.stages:
            parts = [_stated(registry, member, stage, item) for stage in STAGES if stage in member.stages]
            known = [part for part in parts if part is not None]
            value = sum(known, Fraction(0)) if known and len(known) == len(parts) else None
        if value is None:
            return Figure(value=None, missing=_not_stated(member, item, "school"))
        values.append(value)
    return Figure(value=_sum(values))


def _sum(values: list[Fraction]) -> Fraction:
    return values[0] if len(values) == 1 else sum(values, Fraction(0))


def _stated(registry: Registry, school: School, stage: StatisticsStage, item: Item) -> Fraction | None:
    return registry.statistics.get((school.school_code, stage, item))


def _not_stated(school: School, item: Item, stage: StatisticsStage) -> str:
    return said(
        f"{school.name}未填报{STAGE_NAMES[stage]}的{ITEMS[item].chinese}",
        f"no {item} for stage {stage} of {school.school_code}",
    )


def _pupils(members: Iterable[School], stage: PupilStage) -> int | None:
    counts = [member.pupils(stage) for member in members if stage in member.stages]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _share(members: tuple[School, ...], stage: Stage, weights: Weights | None) -> tuple[Fraction | None, str]:
    """The stage's part of what the school's stages share: weighted pupils over all weighted pupils."""
    stages = members[0].stages
    if len(stages) == 1 and _pupils(members, stage) is not None:
        return WHOLE, ""
    weighted: dict[PupilStage, Fraction] = {}
    for other in stages:
        pupils = _pupils(members, other)
        if pupils is None:
            return None, said(f"缺少{STAGE_NAMES[other]}在校生数", f"no number of {other} pupils")
        weight = (weights.of(other) if weights else None) or Fraction(1)
        weighted[other] = pupils * weight
    return weighted[stage] / sum(weighted.values()), ""


def _exclusion(school: School, members: tuple[School, ...], rules: Iterable[Exclusion]) -> str:
    for rule in rules:
        if rule.kind != school.kind:
            continue
        if rule.below_pupils is None:
            return said(f"{school.kind}不参与评估", f"{school.kind} is outside the evaluation")
        counts = [_pupils(members, stage) for stage in school.stages]
        known = [count for count in counts if count is not None]
        if len(known) == len(counts) and sum(known) < rule.below_pupils:
            return said(
                f"{school.kind}不足 {rule.below_pupils} 人，不参与评估",
                f"{school.kind} with {sum(known)} pupils, fewer than {rule.below_pupils}",
            )
    return ""
