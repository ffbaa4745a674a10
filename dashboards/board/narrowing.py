"""The registry's names cut down to what a reader may see."""

from dataclasses import replace

from dashboards.access.roles import Scope
from dashboards.board.names import Names
from registry import Registry
from registry.timetable import Timetable


def narrowed(names: Names, scope: Scope) -> Names:
    """Only schools inside the scope. Of which nobody knows the district are outside every district."""
    if scope.whole:
        return names
    registry = names.registry
    districts = {code: school.district for code, school in registry.schools.items()} if registry else {}
    codes = {code for code in names.schools if scope.holds(districts.get(code, ""), code)}
    return Names(
        schools={code: school for code, school in names.schools.items() if code in codes},
        rooms={key: room for key, room in names.rooms.items() if key[0] in codes},
        registry=_registry(registry, codes) if registry else None,
    )


def _registry(registry: Registry, codes: set[str]) -> Registry:
    districts = {registry.schools[code].district for code in codes if code in registry.schools}
    return replace(
        registry,
        schools={code: school for code, school in registry.schools.items() if code in codes},
        rooms=tuple(room for room in registry.rooms if room.school_code in codes),
        statistics={key: value for key, value in registry.statistics.items() if key[0] in codes},
        measures=tuple(measure for measure in registry.measures if measure.school_code in codes),
        timetable=Timetable(
            lessons=tuple(lesson for lesson in registry.timetable.lessons if lesson.school_code in codes)
        ),
        district_names={code: name for code, name in registry.district_names.items() if code in districts},
        notes=(),
    )
