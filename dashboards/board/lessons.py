"""Use by lesson and weekday, of a district, a school or a room: the day book's counts, added up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from contract import DISPLAY_TYPES, Value
from contract.daybook import DAY_FACTS
from dashboards.board.names import Names
from dashboards.board.newest import DAY
from registry.exact import rounded_ratio
from store import Condition, Query, Row, Select, Store

SPANS = (7, 28, 92, 183, 366)  # days
_LESSON, _DEVICE = DAY_FACTS["lesson_day"], DAY_FACTS["device_day"]
_DISPLAYS = Condition("type", "=", DISPLAY_TYPES)
_DUE, _KNOWN = Condition("lesson", "=", 1), Condition("known", "=", 1)
# `used` holds only where a lesson is known: a store does not forget what an earlier counting said.
_COUNTS = (
    ((_DUE,), (Select("lesson", "sum", "due"), Select("known", "sum", "known"))),
    ((_DUE, _KNOWN), (Select("used", "sum", "used"),)),
)


@dataclass(frozen=True, slots=True)
class LessonCount:
    """Lessons of displays: due, of these known whether used, and of these used."""

    due: int = 0
    known: int = 0
    used: int = 0

    @property
    def percent(self) -> str | None:
        """Of the known lessons the share used, with a decimal; None where none is known."""
        return rounded_ratio((100 * self.used, self.known), 1) if self.known else None

    @property
    def level(self) -> int | None:
        """The share in tenths, 0 to 10, for its colour."""
        return (20 * self.used + self.known) // (2 * self.known) if self.known else None

    def __add__(self, other: "LessonCount") -> "LessonCount":
        return LessonCount(self.due + other.due, self.known + other.known, self.used + other.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceUse:
    """A school, or a room of one: its lessons, and minutes on in school hours and outside of them."""

    code: str
    school: str
    name: str
    lessons: LessonCount
    on_min: int | None
    outside_min: int | None
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsPage:
    """cells by (slot, weekday); places: the schools of a district, or the rooms of a school."""

    school: str | None
    room: str | None
    days: int
    slots: tuple[str, ...]
    weekdays: tuple[str, ...]
    cells: dict[tuple[str, str], LessonCount] = field(default_factory=dict)
    places: tuple[PlaceUse, ...] = ()

    @property
    def whole(self) -> LessonCount:
        return sum(self.cells.values(), LessonCount())

    def of_slot(self, slot: str) -> LessonCount:
        return sum((self.cells.get((slot, day), LessonCount()) for day in self.weekdays), LessonCount())

    def of_weekday(self, weekday: str) -> LessonCount:
        return sum((self.cells.get((slot, weekday), LessonCount()) for slot in self.slots), LessonCount())


def read_lessons(
    store: Store, names: Names, *, school: str | None, room: str | None, days: int, now_ms: int
) -> LessonsPage:
    """Days that are over, and the lessons of today that are. Raises store.Unavailable."""
    where = [Condition(tag, "=", value) for tag, value in (("school", school), ("room", room)) if value]
    since = now_ms - days * DAY
    cells = _counted(store, ("slot", "weekday"), where, since, now_ms)
    rooms = _counted(store, ("school", "room"), where, since, now_ms)
    hours = store.query(
        Query(
            measurement=_DEVICE,
            select=(Select("on_min", "sum", "on"), Select("outside_min", "sum", "outside")),
            group_by=("school", "room"),
            where=(_DISPLAYS, *where),
            since=since,
            until=now_ms + 1,
        )
    )
    minutes = {(row.tags["school"], row.tags["room"]): row for row in hours}
    return LessonsPage(
        school=school,
        room=room,
        days=days,
        slots=tuple(sorted({slot for slot, _ in cells}, key=_slot_order)),
        weekdays=tuple(sorted({weekday for _, weekday in cells})),
        cells=cells,
        places=_rooms(names, rooms, minutes) if school else _schools(names, rooms, minutes),
    )


def _counted(
    store: Store, tags: tuple[str, str], where: list[Condition], since: int, now_ms: int
) -> dict[tuple[str, str], LessonCount]:
    """The lessons of every pair of values of these tags."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for which, counts in _COUNTS:
        query = Query(
            measurement=_LESSON,
            select=counts,
            group_by=tags,
            where=(*which, _DISPLAYS, *where),
            since=since,
            until=now_ms + 1,
        )
        for row in store.query(query):
            first, second = tags
            found = sums[row.tags[first], row.tags[second]]
            found.update({name: int(value or 0) for name, value in row.values.items()})
    return {key: LessonCount(**found) for key, found in sums.items()}


def _slot_order(slot: str) -> tuple[int, str]:
    """By the number in its name: the second lesson before the tenth."""
    digits = "".join(letter for letter in slot if letter.isdecimal())
    return int(digits) if digits else 1 << 30, slot


# By school and room.
Lessons = dict[tuple[str, str], LessonCount]
Minutes = dict[tuple[str, str], Row]


def _rooms(names: Names, rooms: Lessons, minutes: Minutes) -> tuple[PlaceUse, ...]:
    found = [_room(names, place, lessons, minutes) for place, lessons in rooms.items()]
    return tuple(sorted(found, key=lambda place: (_rank(place.lessons), place.code)))


def _room(names: Names, place: tuple[str, str], lessons: LessonCount, minutes: Minutes) -> PlaceUse:
    school, room = place
    on = [minutes[school, room]] if (school, room) in minutes else []
    return PlaceUse(
        code=room,
        school=school,
        name=names.room(school, room).title,
        lessons=lessons,
        on_min=_sum(row.values["on"] for row in on),
        outside_min=_sum(row.values["outside"] for row in on),
    )


def _schools(names: Names, rooms: Lessons, minutes: Minutes) -> tuple[PlaceUse, ...]:
    by_school: dict[str, list[PlaceUse]] = defaultdict(list)
    for place, lessons in rooms.items():
        by_school[place[0]].append(_room(names, place, lessons, minutes))
    found = [
        PlaceUse(
            code=code,
            school=code,
            name=names.school(code).name,
            lessons=sum((room.lessons for room in places), LessonCount()),
            on_min=_sum(room.on_min for room in places),
            outside_min=_sum(room.outside_min for room in places),
            unused=tuple(room.name for room in places if room.lessons.known and not room.lessons.used),
        )
        for code, places in by_school.items()
    ]
    return tuple(sorted(found, key=lambda place: (-len(place.unused), _rank(place.lessons), place.code)))


def _rank(count: LessonCount) -> float:
    """Least used first, of which nothing is known last."""
    return count.used / count.known if count.known else 2.0


def _sum(values: Iterable[Value | None]) -> int | None:
    known = [int(value) for value in values if value is not None]
    return sum(known) if known else None
