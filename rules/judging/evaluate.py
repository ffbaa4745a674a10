"""The evaluation: registry, standard and observed facts in, every answer with its reason and evidence out.

A pure function: nothing is read, no clock is asked, so that the past can be replayed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal, TypeVar

from registry import Registry, School
from rules.facts.facts import Facts
from rules.facts.heard import heard_in
from rules.judging.district import District, judge_district
from rules.judging.equipment import AssetUse, OnNetwork, equipment_of, seen_on_network
from rules.judging.guarantees import SchoolGuarantees, judge_guarantees
from rules.judging.matching import Unmatched, unmatched
from rules.judging.multimedia import MultimediaRoom, rooms_in_use
from rules.judging.rollup import Region, roll_up
from rules.judging.section_results import Observed, SectionResult, judge_sections
from rules.judging.sections import Excluded, groups, sections_of
from rules.judging.utilisation import SchoolUtilisation, utilisation_of
from rules.judging.wireless import SchoolCoverage, judge_school
from rules.standards.standard import Standard

Basis = Literal["declared", "observed", "declared_only"]
_T = TypeVar("_T")


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
    multimedia: tuple[MultimediaRoom, ...]
    assets: tuple[AssetUse, ...]
    utilisation: tuple[SchoolUtilisation, ...]
    excluded: tuple[Excluded, ...]
    never_heard: frozenset[str] = frozenset()
    unmatched: tuple[Unmatched, ...] = ()

    def basis_of(self, school_code: str) -> Basis:
        """What a school's verdicts rest on; `declared_only` beside schools that are observed."""
        return "declared_only" if school_code in self.never_heard else self.basis


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One district's share of an evaluation."""

    district: District
    sections: list[SectionResult]
    coverage: list[SchoolCoverage]
    guarantees: list[SchoolGuarantees]
    seen: Mapping[str, Observed]
    utilisation: list[SchoolUtilisation]
    excluded: list[Excluded]
    never_heard: list[str]


def evaluate(registry: Registry, standard: Standard, facts: Facts | None, as_of: date) -> Evaluation:
    """Judge every section and school; without facts the declared figures are judged alone.

    One district after the other, in the registry's order: what a district needs stays at hand that way.
    """
    devices = {} if facts is None else seen_on_network(facts)
    parts = [
        _judge(registry, standard, facts, devices, district, schools)
        for district, schools in _by_district(registry).items()
    ]
    districts = tuple(sorted((part.district for part in parts), key=lambda found: found.district))
    observed = [observed_school for part in parts for observed_school in part.seen.values()]
    return Evaluation(
        as_of=as_of,
        standard=standard,
        basis="declared" if facts is None else "observed",
        facts=facts,
        districts=districts,
        regions=roll_up(districts),
        sections=_joined(part.sections for part in parts),
        coverage=_joined(part.coverage for part in parts),
        guarantees=_joined(part.guarantees for part in parts),
        multimedia=_joined(observed_school.use.rooms for observed_school in observed),
        assets=_joined(
            observed_school.equipment.assets for observed_school in observed if observed_school.equipment
        ),
        utilisation=_joined(part.utilisation for part in parts),
        excluded=_joined(part.excluded for part in parts),
        never_heard=frozenset(_joined(part.never_heard for part in parts)),
        unmatched=() if facts is None else unmatched(registry, heard_in(facts)),
    )


def _judge(
    registry: Registry,
    standard: Standard,
    facts: Facts | None,
    devices: OnNetwork,
    district: str,
    schools: Sequence[tuple[School, ...]],
) -> _Part:
    sections, excluded = sections_of(schools, standard)
    never_heard = [] if facts is None else _never_heard(standard, facts, schools)
    heard = [members for members in schools if members[0].school_code not in never_heard]
    seen = {} if facts is None else _observed(registry, standard, facts, devices, heard)
    results = judge_sections(registry, standard, sections, seen, never_heard)
    coverage = [
        judge_school(registry, members, facts, standard.wireless)
        for members in schools
        if members[0].kind not in standard.wireless.exclude_kinds
    ]
    judged = {section.school.school_code for section in sections}
    guarantees = [
        judge_guarantees(
            registry,
            standard,
            members,
            observed_school.equipment if (observed_school := seen.get(members[0].school_code)) else None,
        )
        for members in schools
        if members[0].school_code in judged
    ]
    return _Part(
        district=judge_district(district, standard, results, coverage, guarantees),
        sections=results,
        coverage=coverage,
        guarantees=guarantees,
        seen=seen,
        utilisation=[] if facts is None else _utilisation(registry, standard, schools, facts),
        excluded=excluded,
        never_heard=never_heard,
    )


def _never_heard(standard: Standard, facts: Facts, schools: Iterable[tuple[School, ...]]) -> list[str]:
    """Schools that nothing was ever heard of, nor of one merged into them: their declared figures stand."""
    if standard.observation.never_heard == "undetermined":
        return []
    return [
        members[0].school_code
        for members in schools
        if not any(member.school_code in facts.heard for member in members)
    ]


def _by_district(registry: Registry) -> dict[str, list[tuple[School, ...]]]:
    """Schools with those that merge into them; a district all of whose schools merge elsewhere has none."""
    found: dict[str, list[tuple[School, ...]]] = {school.district: [] for school in registry.schools.values()}
    for members in groups(registry):
        found[members[0].district].append(members)
    return found


def _observed(
    registry: Registry,
    standard: Standard,
    facts: Facts,
    devices: OnNetwork,
    schools: Iterable[tuple[School, ...]],
) -> dict[str, Observed]:
    return {
        members[0].school_code: Observed(
            use=rooms_in_use(registry, members, facts, standard.observation),
            equipment=equipment_of(members, facts, standard.equipment, devices),
        )
        for members in schools
    }


def _utilisation(
    registry: Registry, standard: Standard, schools: Iterable[tuple[School, ...]], facts: Facts
) -> list[SchoolUtilisation]:
    found = (utilisation_of(registry, standard, members, facts) for members in schools)
    return [part for part in found if part is not None]


def _joined(parts: Iterable[Iterable[_T]]) -> tuple[_T, ...]:
    return tuple(chain.from_iterable(parts))
