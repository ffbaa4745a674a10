"""The evaluation: registry, standard and observed facts in, every answer with its reason and evidence out.

A pure function: nothing is read, no clock is asked, so that the past can be replayed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rules.district import District, judge_district
from rules.equipment import AssetUse, equipment_of, seen_on_network
from rules.facts import Facts
from rules.guarantees import SchoolGuarantees, judge_guarantees
from rules.indicators import bars_of
from rules.judging import Observed, SectionResult, judge_section
from rules.multimedia import RoomUse, rooms_in_use
from rules.registry import Registry, School
from rules.rollup import Region, roll_up
from rules.sections import Excluded, groups, sections_of
from rules.standard import Standard
from rules.utilisation import SchoolUtilisation, utilisation_of
from rules.wireless import SchoolCoverage, judge_school

Basis = Literal["declared", "observed"]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Everything one evaluation says. `coverage`, `multimedia` and `assets` lead down to rooms and lines."""

    as_of: date
    standard: Standard
    basis: Basis
    facts: Facts | None
    districts: tuple[District, ...]
    regions: tuple[Region, ...]
    sections: tuple[SectionResult, ...]
    coverage: tuple[SchoolCoverage, ...]
    guarantees: tuple[SchoolGuarantees, ...]
    multimedia: tuple[RoomUse, ...]
    assets: tuple[AssetUse, ...]
    utilisation: tuple[SchoolUtilisation, ...]
    excluded: tuple[Excluded, ...]


def evaluate(registry: Registry, standard: Standard, facts: Facts | None, as_of: date) -> Evaluation:
    """Judge every section and school; without facts the declared figures are judged alone."""
    sections, excluded = sections_of(registry, standard)
    schools = groups(registry)
    seen: dict[str, Observed] = {}
    if facts is not None:
        devices = seen_on_network(facts)
        for members in schools:
            seen[members[0].school_code] = Observed(
                use=rooms_in_use(registry, members, facts, standard.observation),
                equipment=equipment_of(members, facts, standard.equipment, devices),
            )
    bars = bars_of(standard)
    results = tuple(
        judge_section(registry, standard, bars, section, seen.get(section.school.school_code))
        for section in sections
    )
    coverage = tuple(
        judge_school(registry, members, facts, standard.wireless)
        for members in schools
        if members[0].kind not in standard.wireless.exclude_kinds
    )
    judged = {result.section.school.school_code for result in results}
    guarantees = tuple(
        judge_guarantees(registry, standard, members)
        for members in schools
        if members[0].school_code in judged
    )
    districts = _districts(registry, standard, results, coverage, guarantees)
    return Evaluation(
        as_of=as_of,
        standard=standard,
        basis="declared" if facts is None else "observed",
        facts=facts,
        districts=districts,
        regions=roll_up(districts),
        sections=results,
        coverage=coverage,
        guarantees=guarantees,
        multimedia=tuple(room for school in seen.values() for room in school.use.rooms),
        assets=tuple(
            line for school in seen.values() if school.equipment for line in school.equipment.assets
        ),
        utilisation=_utilisation(registry, standard, schools, facts),
        excluded=tuple(excluded),
    )


def _utilisation(
    registry: Registry, standard: Standard, schools: Iterable[tuple[School, ...]], facts: Facts | None
) -> tuple[SchoolUtilisation, ...]:
    if facts is None:
        return ()
    found = (utilisation_of(registry, standard, members, facts) for members in schools)
    return tuple(one for one in found if one is not None)


def _districts(
    registry: Registry,
    standard: Standard,
    results: Iterable[SectionResult],
    coverage: Iterable[SchoolCoverage],
    guarantees: Iterable[SchoolGuarantees],
) -> tuple[District, ...]:
    judged: dict[str, list[SectionResult]] = defaultdict(list)
    covered: dict[str, list[SchoolCoverage]] = defaultdict(list)
    for result in results:
        judged[result.section.school.district].append(result)
    for one in coverage:
        covered[one.school.district].append(one)
    guaranteed: dict[str, list[SchoolGuarantees]] = defaultdict(list)
    for school in guarantees:
        guaranteed[school.school.district].append(school)
    districts = sorted({school.district for school in registry.schools.values()})
    return tuple(
        judge_district(district, standard, judged[district], covered[district], guaranteed[district])
        for district in districts
    )
