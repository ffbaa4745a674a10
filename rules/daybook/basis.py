"""What an entry follows beside readings, as short digests: where one changed, its days are made again."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from registry import Registry
from registry.calendar import Calendar
from registry.timetable import Timetable, TimetabledLesson
from rules.daybook.deriving import Basis
from rules.daybook.entry import digest_of
from rules.daybook.questions import DaySpans
from rules.standards.standard import Standard, Utilisation
from rules.stored.retirements import Retirement, Retirements

# Another number where counting or deriving itself changed: every day is made again, as far as it can be.
_COUNTING, _DERIVING = 7, 1
# What stands where a day is no school day; and behind the digest, where an entry outlived its readings.
NO_SCHOOL_DAY, OUTLIVED = "none", "~"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Calendar, timetable, limits and retirements of one moment."""

    calendar: Calendar
    timetable: Timetable
    rule: Utilisation
    max_clock_offset_ms: int
    retired: Retirements = field(default_factory=Retirements)
    _texts: dict[tuple[str, int], str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, registry: Registry, standard: Standard, retired: Retirements) -> "Terms":
        return cls(
            calendar=registry.calendar,
            timetable=registry.timetable,
            rule=standard.utilisation,
            max_clock_offset_ms=standard.observation.max_clock_offset_s * 1000,
            retired=retired,
        )

    @property
    def basis(self) -> Basis:
        return Basis(timetable=self.timetable, rule=self.rule, retired=self.retired)

    def counted_by(self, spans: DaySpans) -> str:
        """Of all lessons, also those that are not over yet: it does not change as the day goes."""
        lessons = self.calendar.named_slots(spans.day, until_ms=spans.whole.end_ms)
        return digest_of(
            _COUNTING, spans.whole, spans.hours, spans.weekday, lessons, self.max_clock_offset_ms
        )

    def derived_by(self, school: str, spans: DaySpans) -> str:
        out = [
            (found.kind, found.subject) for found in self._retired.get(school, ()) if found.since <= spans.day
        ]
        return digest_of(_DERIVING, self._rule_text, self._lessons_text(school, spans.weekday), sorted(out))

    def _lessons_text(self, school: str, weekday: int) -> str:
        """Of what the timetable gives a school on a weekday, and which of its rooms it names at all."""
        lessons = self._timetabled.get(school)
        if lessons is None:
            return ""
        key = school, weekday
        if key not in self._texts:
            held = [
                (lesson.room, lesson.slot, str(lesson.first), str(lesson.last))
                for lesson in lessons
                if lesson.weekday == weekday - 1
            ]
            self._texts[key] = digest_of(sorted({lesson.room for lesson in lessons}), sorted(held))
        return self._texts[key]

    @cached_property
    def _rule_text(self) -> str:
        rule = self.rule
        return digest_of(rule.used_minutes, rule.min_slot_samples, rule.min_lesson_share)

    @cached_property
    def _timetabled(self) -> Mapping[str, list[TimetabledLesson]]:
        found: dict[str, list[TimetabledLesson]] = defaultdict(list)
        for lesson in self.timetable.lessons:
            found[lesson.school_code].append(lesson)
        return found

    @cached_property
    def _retired(self) -> Mapping[str, list[Retirement]]:
        found: dict[str, list[Retirement]] = defaultdict(list)
        for retirement in self.retired.found.values():
            found[retirement.school].append(retirement)
        return found
