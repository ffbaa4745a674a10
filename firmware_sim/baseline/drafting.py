"""A district of invented schools that adds up to published totals: the baseline scenarios.

Everything is drawn from the seed and computed in whole numbers and fractions, so that a section meant to
miss a threshold misses it exactly, whatever its size.
"""

from collections.abc import Iterator
from decimal import Decimal

from firmware_sim.baseline.figures import Figures, figures_of
from firmware_sim.baseline.rooms import occupied_rooms, room_groups
from firmware_sim.baseline.schools import Draft, draft_schools
from firmware_sim.baseline.standings import Section, deal
from firmware_sim.baseline.targets import Indicator, Stage, Targets
from firmware_sim.chance import between, chance
from firmware_sim.faults import Plant
from firmware_sim.scenario import (
    Declared,
    Ledger,
    Scenario,
    School,
    SchoolFigures,
    SectionFigures,
)
from firmware_sim.term import Planted

# Where rooms with a display begin; the first of them are those that are broken.
_FIRST_ROOM = 101
# Of all schools those in which a room has no signal; of these the ones whose access point has failed.
_WITHOUT_SIGNAL, _AP_DOWN = 0.125, 0.5


def build(targets: Targets) -> Scenario:
    """The district; raises TargetsError where the targets contradict one another."""
    drafts = list(draft_schools(targets))
    sections = deal(targets, {draft.code: draft.stages for draft in drafts})
    overstated = _overstated(targets, sections)
    occupied = occupied_rooms({draft.code: draft.compulsory_classes for draft in drafts}, targets)
    schools = []
    for draft in drafts:
        own = {stage: sections[draft.code, stage] for stage in draft.stages}
        figures = figures_of(targets, draft, own, overstated.get(draft.code, frozenset()))
        schools.append(_school(targets, draft, figures, occupied.get(draft.code, 0)))
    return Scenario(
        name=targets.name,
        seed=targets.seed,
        district=targets.district,
        district_name=targets.district_name,
        lessons_share=targets.lessons_share,
        calendar=targets.calendar,
        schools=tuple(schools),
    )


def _overstated(
    targets: Targets, sections: dict[tuple[str, Stage], Section]
) -> dict[str, frozenset[Indicator]]:
    """Which single schools state more than there is, of what they miss."""
    found: dict[str, frozenset[Indicator]] = {}
    for stage, wanted in targets.overstated.items():
        for code, count in wanted.items():
            missing = [
                one.school
                for one in sections.values()
                if one.stage == stage and one.row is None and code in one.missed
            ]
            missing.sort(key=lambda school: chance(targets.seed, school, code, "states"))
            for school in missing[:count]:
                found[school] = found.get(school, frozenset()) | {code}
    return found


def _school(targets: Targets, draft: Draft, figures: Figures, occupied: int) -> School:
    seed = targets.seed
    largest = targets.classes.primary[1]
    return School(
        code=draft.code,
        name=draft.group.title.replace("{n}", str(draft.number)),
        kind=draft.group.kind,
        unit=targets.units[between(0, len(targets.units) - 1, seed, draft.code, "unit")],
        lon=Decimal(between(117_450, 117_800, seed, draft.code, "lon")) / 1000,
        lat=Decimal(between(38_650, 39_200, seed, draft.code, "lat")) / 1000,
        primary_pupils=sum(draft.primary),
        junior_pupils=sum(draft.junior),
        senior_pupils=sum(draft.senior),
        primary_classes=len(draft.primary),
        junior_classes=len(draft.junior),
        largest_primary_class=max(draft.primary, default=0),
        largest_junior_class=max(draft.junior, default=0),
        oversized_primary_classes=sum(size > largest for size in draft.primary),
        oversized_junior_classes=0,
        name_encoding="gbk" if chance(seed, draft.code, "gbk") < 0.3 else "utf-8",
        projectors_ask_password=chance(seed, draft.code, "password") < 0.2,
        rooms=room_groups(_FIRST_ROOM, figures.stated_rooms, draft.compulsory_classes, occupied),
        planted=(
            *(
                Planted(room=str(_FIRST_ROOM + number), fault="lamp-error")
                for number in range(figures.stated_rooms - figures.rooms)
            ),
            *_without_signal(seed, draft.code, figures.stated_rooms),
        ),
        ledger=_ledger(seed, draft.code, figures.equipment_cny),
        declared=_declared(figures),
    )


def _without_signal(seed: int, code: str, rooms: int) -> Iterator[Planted]:
    """The plan gives no figure for wireless: in one school of eight something is wrong with one room's."""
    if rooms and chance(seed, code, "wireless") < _WITHOUT_SIGNAL:
        room = _FIRST_ROOM + between(0, rooms - 1, seed, code, "no signal")
        fault: Plant = "ap-down" if chance(seed, code, "ap down") < _AP_DOWN else "weak-corner"
        yield Planted(room=str(room), fault=fault)


def _ledger(seed: int, code: str, equipment_cny: int) -> Ledger:
    """Offices keep their ledgers in many ways."""
    return Ledger(
        equipment_cny=Decimal(equipment_cny),
        form="xlsx" if chance(seed, code, "xlsx") < 0.2 else "csv",
        encoding="gb18030" if chance(seed, code, "gb18030") < 0.5 else "utf-8-sig",
        money="万元" if chance(seed, code, "money") < 0.2 else "元",
        old_codes=chance(seed, code, "old codes") < 0.2,
    )


def _declared(figures: Figures) -> Declared:
    return Declared(
        **{stage: SectionFigures(**teachers) for stage, teachers in figures.teachers.items()},
        school=SchoolFigures(
            teaching_area_m2=Decimal(figures.teaching_area_m2),
            sports_area_m2=Decimal(figures.sports_area_m2),
            equipment_cny=Decimal(figures.stated_equipment_cny),
            multimedia_rooms=figures.stated_rooms,
        ),
    )
