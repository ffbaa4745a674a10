"""Names of schools and rooms in the store, as the registry has them: what went is told to have gone.

A list to choose from reads these rows. They are written when they change, and once a day, so that a store
that forgets old rows never forgets a name that is in force.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from contract import Measurement, Point, Value
from registry import Registry
from rules.stored.charted import Charts
from rules.stored.states import ROOM_NAME, SCHOOL_NAME
from store import Query, Row, Select, Store

_AGAIN_MS = 86_400_000
_Tags = tuple[str, ...]
_Fields = Mapping[str, Value | None]


def name_points(store: Store, charts: Charts, now_ms: int) -> Iterator[Point]:
    """The names that are new, changed, gone, or a day old; raises store.Unavailable."""
    wanted = {SCHOOL_NAME: dict(_schools(charts)), ROOM_NAME: dict(_rooms(charts))}
    for table, names in wanted.items():
        stored = {_tags(table, row): row for row in _stored(store, table)}
        for tags, fields in names.items():
            if _due(stored.get(tags), fields, now_ms):
                yield _point(table, tags, now_ms, fields)
        for tags, row in stored.items():
            if tags not in names and row.values["present"]:
                yield _point(table, tags, now_ms, {**row.values, "present": 0})


def _schools(charts: Charts) -> Iterator[tuple[_Tags, _Fields]]:
    registry: Registry = charts.registry
    for school in registry.schools.values():
        district = registry.district_title(school.district).zh
        yield (
            (school.district, school.school_code),
            {
                "name": school.name,
                "label": _label(school.school_code, school.name),
                "district_name": district,
                "district_label": _label(school.district, district),
                "kind": school.kind,
                "unit": school.unit,
                "present": 1,
            },
        )


def _rooms(charts: Charts) -> Iterator[tuple[_Tags, _Fields]]:
    called: dict[str, set[str]] = defaultdict(set)
    for room in charts.registry.rooms:
        called[room.room].add(room.name or room.room)
    for room in charts.registry.rooms:
        school = charts.registry.schools[room.school_code]
        name = room.name or room.room
        common = name if len(called[room.room]) == 1 else room.room
        yield (
            (school.district, room.school_code, room.room),
            {
                "name": name,
                "label": _label(room.room, name),
                "common_label": _label(room.room, common),
                "school_name": school.name,
                "kind": room.kind,
                "present": 1,
            },
        )


def _label(code: str, name: str) -> str:
    """Code and name with a tab between: whoever reads this cuts it there, so neither may hold one."""
    return f"{code}\t{' '.join(name.split())}"


def _stored(store: Store, table: Measurement) -> list[Row]:
    return store.query(
        Query(
            measurement=table,
            select=tuple(Select(name) for name in table.field_names),
            group_by=table.tag_names,
            newest=1,
        )
    )


def _due(row: Row | None, fields: _Fields, now_ms: int) -> bool:
    return row is None or now_ms - (row.time or 0) >= _AGAIN_MS or dict(row.values) != dict(fields)


def _tags(table: Measurement, row: Row) -> _Tags:
    return tuple(row.tags[name] for name in table.tag_names)


def _point(table: Measurement, tags: _Tags, now_ms: int, fields: _Fields) -> Point:
    return Point(table, tags, now_ms, tuple(map(fields.get, table.field_names)))
