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
_DUE = Condition("lesson", "=", 1)
_COUNTS = (
    Select("lesson", "sum", "due"),
    Select("known", "sum", "known"),
    Select("used", "sum", "used"),
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
    cells = {
        (row.tags["slot"], row.tags["weekday"]): _count(row)
        for row in store.query(_asked(("slot", "weekday"), where, since, now_ms))
    }
    rooms = store.query(_asked(("school", "room"), where, since, now_ms))
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


def _asked(tags: tuple[str, ...], where: list[Condition], since: int, now_ms: int) -> Query:
    return Query(
        measurement=_LESSON,
        select=_COUNTS,
        group_by=tags,
        where=(_DUE, _DISPLAYS, *where),
        since=since,
        until=now_ms + 1,
    )


def _count(row: Row) -> LessonCount:
    return LessonCount(*(int(row.values[name] or 0) for name in ("due", "known", "used")))


def _slot_order(slot: str) -> tuple[int, str]:
    """By the number in its name: the second lesson before the tenth."""
    digits = "".join(letter for letter in slot if letter.isdecimal())
    return int(digits) if digits else 1 << 30, slot


Minutes = dict[tuple[str, str], Row]


def _rooms(names: Names, rooms: list[Row], minutes: Minutes) -> tuple[PlaceUse, ...]:
    found = [_room(names, row, minutes) for row in rooms]
    return tuple(sorted(found, key=lambda place: (_rank(place.lessons), place.code)))


def _room(names: Names, row: Row, minutes: Minutes) -> PlaceUse:
    school, room = row.tags["school"], row.tags["room"]
    on = [minutes[school, room]] if (school, room) in minutes else []
    return PlaceUse(
        code=room,
        school=school,
        name=names.room(school, room).title,
        lessons=_count(row),
        on_min=_sum(row.values["on"] for row in on),
        outside_min=_sum(row.values["outside"] for row in on),
    )


def _schools(names: Names, rooms: list[Row], minutes: Minutes) -> tuple[PlaceUse, ...]:
    by_school: dict[str, list[PlaceUse]] = defaultdict(list)
    for row in rooms:
        by_school[row.tags["school"]].append(_room(names, row, minutes))
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
