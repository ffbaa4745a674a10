"""Made-up districts for `campus bench rules`: the same every time, with shares, floors and failures."""

from collections.abc import Iterator
from datetime import date, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from registry import Registry, Room, School
from registry.calendar import Calendar, Slot, Term
from registry.vocabulary import Item, Kind, Stage, StatisticsItem, StatisticsStage
from rules.facts.facts import AccessPointFacts, DisplayFacts, Facts, RoomFacts, Sample

FIRST, LAST = date(2021, 9, 1), date(2022, 7, 8)
# Binhai's mix, roughly: of nine schools five 小学, two 初中, two 九年一贯制.
_KINDS: tuple[Kind, ...] = (
    "小学",
    "小学",
    "初中",
    "小学",
    "九年一贯制",
    "小学",
    "初中",
    "小学",
    "九年一贯制",
)
# Per 100 pupils; a remainder of the school's number makes some sections fall short.
_OF_STAGE: dict[Item, int] = {"qualified_teachers": 5, "backbone_teachers": 1, "arts_pe_teachers": 1}
_OF_SCHOOL: dict[Item, int] = {
    "teaching_area_m2": 560,
    "sports_area_m2": 900,
    "equipment_cny": 230_000,
    "multimedia_rooms": 2,
}
_SCHOOLS_PER_DISTRICT = 800

Statistics = dict[tuple[str, StatisticsStage, StatisticsItem], Fraction]


def registry_of(sections: int, *, rooms: int = 0) -> Registry:
    """So many sections, in districts of some thousand; each school with so many listed rooms."""
    schools: dict[str, School] = {}
    statistics: Statistics = {}
    listed: list[Room] = []
    made = 0
    while made < sections:
        school = _school(len(schools), sections - made)
        schools[school.school_code] = school
        statistics.update(_figures(school, len(schools)))
        made += len(school.stages)
        listed += [
            Room(
                school_code=school.school_code,
                room=f"R{number}",
                coverage="key",
                area_m2=Fraction(60),
                multimedia=True,
            )
            for number in range(rooms)
        ]
    return Registry(schools=schools, rooms=tuple(listed), statistics=statistics, calendar=_CALENDAR)


def facts_of(registry: Registry, day: date) -> Facts:
    """What was observed up to this day: one room in eleven dark, another one every day."""
    rooms = {
        (room.school_code, room.room): _room(dark=(index + day.toordinal()) % 11 == 0)
        for index, room in enumerate(registry.rooms)
    }
    return Facts(days=(day,), until_ms=0, survey_since=FIRST, rooms=rooms)


def school_days(registry: Registry) -> list[date]:
    """The school days of the year, oldest first."""
    days = (date.fromordinal(number) for number in range(FIRST.toordinal(), LAST.toordinal() + 1))
    return [day for day in days if registry.calendar.school_hours(day) is not None]


_CALENDAR = Calendar(
    zone=ZoneInfo("Asia/Shanghai"),
    school_weekdays=frozenset(range(5)),
    terms=(
        Term(name="2021-2022-1", first=FIRST, last=date(2022, 1, 14)),
        Term(name="2021-2022-2", first=date(2022, 2, 21), last=LAST),
    ),
    holidays=(),
    makeup_days=frozenset(),
    lesson_slots=(Slot(name="1", begin=time(8), end=time(16)),),
)


def _school(number: int, wanted: int) -> School:
    kind = _KINDS[number % len(_KINDS)] if wanted > 1 else "小学"
    primary, junior = 100 + number * 37 % 1800, 90 + number * 53 % 1500
    return School(
        school_code=f"{'31' if kind != '小学' else '21'}12{number:06}",
        name=f"学校{number}",
        district=f"12{number // _SCHOOLS_PER_DISTRICT:04}",
        kind=kind,
        primary_pupils=None if kind == "初中" else primary,
        junior_pupils=None if kind == "小学" else junior,
    )


def _figures(
    school: School, number: int
) -> Iterator[tuple[tuple[str, StatisticsStage, StatisticsItem], Fraction]]:
    total = 0
    stages: tuple[Stage, ...] = ("primary", "junior")
    for stage in stages:
        pupils = school.pupils(stage)
        if pupils is None:
            continue
        total += pupils
        for item, per in _OF_STAGE.items():
            yield (school.school_code, stage, item), Fraction(pupils * per // 100 + number % 4)
    for item, per in _OF_SCHOOL.items():
        yield (school.school_code, "school", item), Fraction(total * per // 100 + number % 5 * (per // 3 + 1))


def _room(*, dark: bool) -> RoomFacts:
    polls = 100
    up = 0 if dark else polls
    display = DisplayFacts(
        device="P",
        type="projector",
        polls=polls,
        answered=up,
        working=up // 2,
        faulty=0,
        days_answered=up // 5,
        days_whole=up // 5,
        due=polls,
        days_due=20,
        last_ms=0,
    )
    samples = tuple(
        Sample(point=point, band="5", time_ms=0, rssi_dbm=-60, snr_db=30, ap=None)
        for point in ("A", "B", "C")
    )
    ap = AccessPointFacts(
        ap="AP", polls=polls, unknown=0, up=up, last_state="down" if dark else "up", due=polls, last_ms=0
    )
    return RoomFacts(aps=(ap,), displays=(display,), samples=samples)
