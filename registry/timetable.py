"""课表: the lessons that rooms really have. A room that it does not name has every lesson of the calendar."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

RoomKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetabledLesson:
    """One line of the timetable sheet: a weekly lesson, within `first` and `last` where they are given.

    weekday counts from Monday = 0; slot is the name of one of the calendar's lesson slots.
    """

    school_code: str
    room: str
    weekday: int
    slot: str
    first: date | None = None
    last: date | None = None

    def held_on(self, day: date) -> bool:
        """Whether the day lies within the lesson's dates, both of them included."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """All that the sheet says; of no lines, every room has every lesson."""

    lessons: tuple[TimetabledLesson, ...] = ()

    @property
    def rooms(self) -> Iterable[RoomKey]:
        """The rooms it names, by school code and room."""
        return self._of.keys()

    def names(self, room: RoomKey) -> bool:
        return room in self._of

    def has(self, room: RoomKey, slot: str, day: date, *, weekday: int) -> bool:
        """Whether a room has a lesson in a slot of a day, whose lessons are those of `weekday`."""
        own = self._of.get(room)
        if own is None:
            return True
        return any(lesson.held_on(day) for lesson in own.get((weekday, slot), ()))

    @cached_property
    def _of(self) -> Mapping[RoomKey, Mapping[tuple[int, str], list[TimetabledLesson]]]:
        found: dict[RoomKey, dict[tuple[int, str], list[TimetabledLesson]]] = defaultdict(dict)
        for lesson in self.lessons:
            room = found[lesson.school_code, lesson.room]
            room.setdefault((lesson.weekday, lesson.slot), []).append(lesson)
        return dict(found)
