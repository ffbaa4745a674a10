"""The timetable of rooms: which lessons count in the rates, in the record of use and in an explanation."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract import Reading
from registry import Registry
from registry.calendar import Calendar
from registry.timetable import Timetable, TimetabledLesson
from rules.explain.explaining import explain
from rules.facts.days import DayMemory
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.utilisation import Rate, RateCode
from rules.judging.utilisation_total import totals_of
from rules.report.chapters.usage_record import FOLDER
from rules.report.files import WORKBOOK
from rules.report.usage import NO_LESSON, DeviceUsage, rates, usage_of
from rules.words import worded
from store import Store, open_store
from tests.rules.build import BINHAI, CALENDAR
from tests.rules.report_world import Q3, SMALL, files, made, small_registry, workbook
from tests.rules.telemetry import CODE, LAST_DAY, NOW, ms, one_school, points, polls, projector, room

DAYS = CALENDAR.school_days_before(LAST_DAY, 20)
MONDAYS = [day for day in DAYS if day.weekday() == 0]
SLOTS = [(weekday, slot) for weekday in range(5) for slot in ("1", "2")]
BEGINS = {"1": "08:00", "2": "08:50"}
# Every lesson that a display could be used in, and every one that a timetable could hold.
LESSONS = st.sets(st.sampled_from(SLOTS))


def lesson(
    weekday: int, slot: str, *, name: str = "R1", first: date | None = None, last: date | None = None
) -> TimetabledLesson:
    return TimetabledLesson(school_code=CODE, room=name, weekday=weekday, slot=slot, first=first, last=last)


def timetabled(known: Registry, *lessons: TimetabledLesson) -> Registry:
    return replace(known, timetable=Timetable(lessons=lessons))


def every_lesson(*names: str) -> list[TimetabledLesson]:
    return [lesson(weekday, slot, name=name) for weekday, slot in SLOTS for name in names]


def during(day: date, slot: str, power: str, *, name: str = "R1") -> list[Reading]:
    """Eight polls, five minutes apart: a lesson."""
    times = polls(day, count=8, begin=BEGINS[slot])
    return [projector(at, device=name, room=name, power=power) for at in times]


def judged(
    store: Store, known: Registry, *, now_ms: int = NOW, memory: DayMemory | None = None
) -> Evaluation:
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=now_ms, memory=memory)
    return evaluate(known, BINHAI, facts, LAST_DAY)


def rate(store: Store, known: Registry, code: RateCode = "U1") -> Rate:
    return judged(store, known).utilisation[0].of(code)


def parts(one: Rate) -> tuple[Fraction, Fraction, int, int]:
    return one.numerator, one.denominator, one.known, one.due


def test_a_room_is_asked_about_in_its_own_lessons_and_one_without_any_line_in_all(store: Store) -> None:
    """R1 has Mondays' first lesson, and is used in it and, against the timetable, in the second."""
    readings = [one for day in MONDAYS for slot in "12" for one in during(day, slot, "on")]
    readings += [one for day in DAYS for one in during(day, "1", "on", name="R2")]
    assert store.write(points(*readings)) == []
    known = timetabled(one_school(room("R1"), room("R2")), lesson(0, "1"))
    one = rate(store, known)
    assert (parts(one), one.completeness) == (
        (len(MONDAYS) + 20, len(MONDAYS) + 20, len(MONDAYS) + 20, len(MONDAYS) + 40),
        Fraction(24, 44),
    )


def test_power_on_outside_a_rooms_lessons_is_neither_used_nor_unused_but_is_time_on(store: Store) -> None:
    readings = [one for day in DAYS for one in during(day, "1", "off")]
    readings += [one for day in DAYS for one in during(day, "2", "on")]
    assert store.write(points(*readings)) == []
    known = timetabled(one_school(room()), *(lesson(weekday, "1") for weekday in range(5)))
    assert (
        [rate(store, known, code).value for code in ("U1", "U2", "U3", "U5")],
        parts(rate(store, known, "U2")),
    ) == ([0, Fraction(1, 2), 1, 0], parts(rate(store, one_school(room()), "U2")))


@pytest.mark.parametrize(("watched", "value"), [(4, Fraction(1)), (3, None)])
def test_a_room_with_lessons_on_mondays_is_unused_when_enough_mondays_were_watched(
    store: Store, watched: int, value: Fraction | None
) -> None:
    readings = [one for day in MONDAYS[:watched] for one in during(day, "1", "off")]
    assert store.write(points(*readings)) == []
    assert rate(store, timetabled(one_school(room()), lesson(0, "1")), "U3").value == value


def test_a_room_whose_lessons_lie_in_another_part_of_the_term_is_not_called_unused(store: Store) -> None:
    readings = [
        one
        for day in DAYS
        for name in ("R1", "R2")
        for slot in "12"
        for one in during(day, slot, "off", name=name)
    ]
    assert store.write(points(*readings)) == []
    later = lesson(0, "1", first=date(2021, 11, 1))
    one = rate(store, timetabled(one_school(room("R1"), room("R2")), later), "U3")
    assert parts(one) == (1, 1, 1, 1)


def test_before_any_lesson_is_over_every_room_is_still_asked_about(store: Store) -> None:
    some_use(store)
    known = one_school(room("R1"), room("R2"))
    began = ms(f"{DAYS[0]}T08:30")
    found = [
        judged(store, one, now_ms=began).utilisation[0].of("U3").due
        for one in (known, timetabled(known, lesson(0, "1")))
    ]
    assert found == [2, 2]


def test_a_lesson_counts_from_its_first_day_to_its_last(store: Store) -> None:
    readings = [one for day in MONDAYS for one in during(day, "1", "on")]
    assert store.write(points(*readings)) == []
    half = [
        lesson(0, "1", last=MONDAYS[0]),
        lesson(0, "1", first=MONDAYS[2], last=MONDAYS[2]),
    ]
    assert parts(rate(store, timetabled(one_school(room()), *half))) == (2, 2, 2, 2)


def makeup(followed: tuple[tuple[date, int], ...]) -> Calendar:
    """The Saturday after the third Monday is a school day."""
    return replace(CALENDAR, makeup_days=frozenset({date(2021, 9, 25)}), followed=followed)


@pytest.mark.parametrize(("followed", "due"), [((), 4), (((date(2021, 9, 25), 0),), 5)])
def test_a_make_up_day_has_its_own_weekdays_lessons_or_those_of_the_day_it_follows(
    store: Store, followed: tuple[tuple[date, int], ...], due: int
) -> None:
    known = replace(one_school(room()), calendar=makeup(followed))
    assert rate(store, timetabled(known, lesson(0, "1"))).due == due


def test_another_timetable_counts_remembered_days_again(store: Store) -> None:
    assert store.write(points(*(one for day in DAYS for one in during(day, "1", "on")))) == []
    known, memory = one_school(room()), DayMemory()
    found = [
        judged(store, one, memory=memory).utilisation[0].of("U1").numerator
        for one in (known, timetabled(known, lesson(0, "1")), timetabled(known, lesson(0, "2")), known)
    ]
    assert found == [20, 4, 0, 20]


def test_a_district_adds_up_the_lessons_that_rooms_have(store: Store) -> None:
    assert store.write(points(*(one for day in MONDAYS for one in during(day, "1", "on")))) == []
    schools = judged(store, timetabled(one_school(room()), lesson(0, "1"))).utilisation
    assert [parts(totals_of(BINHAI, schools)[code].rate) for code in ("U1", "U5")] == [
        (4, 4, 4, 4),
        (4, 100, 4, 4),
    ]


def some_use(store: Store) -> None:
    """Three rooms used here and there; some lessons without data."""
    readings = [
        one
        for number, day in enumerate(DAYS)
        for slot in "12"
        for index, name in enumerate(("R1", "R2", "R3"))
        if (number + index) % 7
        for one in during(day, slot, "on" if (number * int(slot) + index) % 3 else "off", name=name)
    ]
    assert store.write(points(*readings)) == []


def test_a_timetable_that_names_every_slot_equals_none_at_any_moment(store: Store) -> None:
    known = one_school(room("R1"), room("R2"), room("R3"), room("R4"))
    some_use(store)

    @settings(max_examples=30, deadline=None)
    @given(st.sets(st.sampled_from(["R1", "R2", "R3", "R4"])), st.sampled_from(DAYS), st.times())
    @example({"R1"}, DAYS[0], time(8, 30))  # no lesson is over yet
    def holds(named: set[str], day: date, clock: time) -> None:
        now_ms = int(datetime.combine(day, clock, CALENDAR.zone).timestamp()) * 1000
        full = timetabled(known, *every_lesson(*sorted(named)))
        with_it, without = (judged(store, one, now_ms=now_ms).utilisation for one in (full, known))
        assert with_it == without

    holds()


def test_fewer_lessons_never_raise_what_is_due_known_or_used(store: Store) -> None:
    known = one_school(room("R1"), room("R2"), room("R3"))
    some_use(store)

    @settings(max_examples=30, deadline=None)
    @given(LESSONS.filter(bool), LESSONS)
    def holds(few: set[tuple[int, str]], more: set[tuple[int, str]]) -> None:
        one, other = (
            rate(store, timetabled(known, *(lesson(*at) for at in sorted(lessons))))
            for lessons in (few, few | more)
        )
        assert all(small <= large for small, large in zip(parts(one), parts(other), strict=True))
        assert other.due <= rate(store, known).due

    holds()


@settings(max_examples=30, deadline=None)
@given(LESSONS.filter(bool), LESSONS, st.data())
def test_power_outside_its_lessons_changes_no_rate_of_lessons(
    own: set[tuple[int, str]], on: set[tuple[int, str]], data: st.DataObject
) -> None:
    outside = [at for at in SLOTS if at not in own]
    other = data.draw(st.sets(st.sampled_from(outside))) if outside else set()
    known = timetabled(one_school(room()), *(lesson(*at) for at in sorted(own)))
    assert lesson_rates(known, on) == lesson_rates(known, (on & own) | other)


def lesson_rates(known: Registry, on: Iterable[tuple[int, str]]) -> list[tuple[Fraction, ...]]:
    """U1, U3 and U5 where a display is on in these lessons of every week, and off in the others."""
    readings = [
        one
        for day in DAYS
        for slot in "12"
        for one in during(day, slot, "on" if (day.weekday(), slot) in on else "off")[:3]
    ]
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store.sqlite") as store:
        store.prepare()
        assert store.write(points(*readings)) == []
        found = judged(store, known).utilisation[0]
    return [parts(found.of(code)) for code in ("U1", "U3", "U5")]


def record_of(store: Store, known: Registry) -> DeviceUsage:
    until_ms = ms("2021-12-01T00:00")
    found = usage_of(store, known, BINHAI, Q3, as_of=LAST_DAY, until_ms=until_ms)
    return found[0].devices[0]


def test_the_record_of_use_marks_slots_without_a_lesson_and_counts_them_nowhere(store: Store) -> None:
    readings = [one for day in DAYS[-2:] for slot in "12" for one in during(day, slot, "on")]
    assert store.write(points(*readings)) == []
    found = record_of(store, timetabled(one_school(room()), lesson(0, "2"), lesson(1, "1")))
    known = rates([found], BINHAI.utilisation)
    # Monday the 27th and Tuesday the 28th have data; four of each lie in the term's first twenty days.
    assert (
        [day.slots for day in found.days[-3:]],
        (found.slots, found.total("known"), found.total("used"), known.completeness),
    ) == (
        [(NO_LESSON, NO_LESSON), (NO_LESSON, True), (True, NO_LESSON)],
        (8, 2, 2, 25),
    )


def test_the_books_show_no_lesson_with_its_legend_only_where_a_timetable_says_so(
    tmp_path: Path, store: Store
) -> None:
    assert store.write(points(*(projector(at, room="R101") for at in polls()))) == []
    with_it = small_registry(tmp_path / "registry")
    (with_it / "课表.csv").write_bytes(
        "学校标识码,房间编号,星期,节次\n2112000001,R101,周二,第1节\n".encode("gbk")
    )
    told = []
    for number, folder in enumerate((with_it, SMALL)):
        written = files(made(folder, tmp_path / str(number), Q3, store=store).folder)
        book = workbook(written[f"{FOLDER}/2112000001_海滨小学.xlsx"])
        cells = [[cell.value for cell in row] for row in book["一年一班（R101）"].iter_rows()]
        last = next(row for row in cells if row[0] == "2021-09-28")
        notes = " ".join(str(row[0]) for row in workbook(written[WORKBOOK])["设施利用"].values)
        told.append((last[3:7], "“休”" in str(cells[1]), "课表" in notes, book["汇总"]["E4"].value))
    # Tuesdays of the quarter up to its end: the 7th, 14th, 21st and 28th.
    assert told == [(["用", "休", 1, 1], True, True, 4), (["用", "缺", 1, 1], False, False, 44)]


def test_an_explanation_says_how_many_lessons_a_room_has_by_the_timetable(store: Store) -> None:
    assert store.write(points(*(one for day in MONDAYS for one in during(day, "1", "on")))) == []
    known = timetabled(
        one_school(room("R1"), room("R2"), room("R3")), lesson(0, "1"), lesson(1, "1", name="R2")
    )
    node = explain(judged(store, known), known, CODE, "U1").parts[0]
    said = {part.name: (worded(part.reason), part.completeness) for part in node.parts}
    assert said == {
        "R1": (
            "4 个课时中使用 4 个；课表中有 4 个课时",
            "1.0000",
        ),
        "R2": (
            "没有任何显示设备的数据；课表中有 4 个课时",
            None,
        ),
        "R3": ("没有任何显示设备的数据", None),
    }
