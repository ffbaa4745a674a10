"""The world: the same for every asker, and consistent with itself at any moment."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from firmware_sim import Scenario, World
from firmware_sim.propagation import BANDS
from firmware_sim.states import ControllerState, ProjectorState, RadioState
from firmware_sim.world import LAMP_LIFE_H, Campus
from tests.firmware_sim.conftest import LESSON, NIGHT, moment

SCHOOL = "0112000004"
AUTUMN = st.integers(int(moment("2026-08-01 00:00")), int(moment("2027-02-28 00:00")))


def look(campus: Campus, time: int) -> tuple[ControllerState, list[RadioState], list[ProjectorState]]:
    """Everything the devices of a school would report."""
    return (
        campus.controller(time),
        [radio for ap in campus.layout.access_points for radio in campus.radios(ap, time)],
        [campus.projector_state(projector, time) for projector in campus.layout.projectors],
    )


@given(times=st.lists(AUTUMN, min_size=1, max_size=5))
def test_one_seed_gives_one_story_in_whatever_order_it_is_asked(week: Scenario, times: list[int]) -> None:
    first, second = World(week).campus(SCHOOL), World(week).campus(SCHOOL)
    forwards = [look(first, time) for time in times]
    backwards = [look(second, time) for time in reversed(times)]
    assert forwards == backwards[::-1]


def test_another_seed_gives_another_story(week: Scenario) -> None:
    other = World(week.model_copy(update={"seed": week.seed + 1})).campus(SCHOOL)
    assert look(other, int(LESSON)) != look(World(week).campus(SCHOOL), int(LESSON))


@given(time=AUTUMN)
def test_clients_are_counted_the_same_by_radio_access_point_and_controller(
    week_world: World, time: int
) -> None:
    campus = week_world.campus(SCHOOL)
    controller, radios, _ = look(campus, time)
    by_ap = [campus.ap_state(ap, time).clients for ap in campus.layout.access_points]
    assert (sum(radio.clients for radio in radios), sum(by_ap)) == (controller.clients,) * 2


@given(time=AUTUMN)
def test_an_access_point_that_is_down_has_no_radio_up_and_no_clients(week_world: World, time: int) -> None:
    campus = week_world.campus(SCHOOL)
    wrong = [
        ap.name
        for ap in campus.layout.access_points
        for radio in campus.radios(ap, time)
        if radio.up != campus.ap_up(ap, time) or (radio.clients and not radio.up)
    ]
    assert wrong == []


@given(time=AUTUMN)
def test_a_channel_is_never_busier_than_always(week_world: World, time: int) -> None:
    _, radios, _ = look(week_world.campus(SCHOOL), time)
    assert [radio for radio in radios if not 0 <= radio.utilisation_pct <= 100] == []


@given(time=AUTUMN, later=st.integers(1, 30 * 86_400))
def test_lamp_hours_never_run_back_nor_faster_than_the_clock(
    week_world: World, time: int, later: int
) -> None:
    campus = week_world.campus(SCHOOL)
    projector = campus.layout.projectors[0]
    before, after = (campus.projector_state(projector, moment).lamp_h or 0 for moment in (time, time + later))
    # A lamp that has reached its life is replaced, and its counter begins anew.
    grown = (after - before) % LAMP_LIFE_H
    assert 0 <= grown <= later / 3600 + 1


@given(time=AUTUMN, later=st.integers(1, 10 * 86_400))
def test_traffic_counters_only_grow_unless_the_access_point_started_anew(
    week_world: World, time: int, later: int
) -> None:
    campus = week_world.campus(SCHOOL)
    ap = campus.layout.access_points[0]
    before, after = campus.ap_state(ap, time), campus.ap_state(ap, time + later)
    sent = [campus.radios(ap, moment)[1].sent_bytes for moment in (time, time + later)]
    assert sent[1] > sent[0] if after.boots == before.boots else after.boots > before.boots


def test_a_projector_warms_up_shows_cools_down_and_rests(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    projector = campus.layout.projectors[0]
    begin, end = campus.timetable.shows(SCHOOL, projector.room.code, date(2026, 9, 2))[-1]
    times = (begin - 1, begin, begin + 30, end - 1, end, end + 89, end + 90)
    found = [campus.projector_state(projector, time).power for time in times]
    assert found == [0, 3, 1, 1, 2, 2, 0]


def test_school_is_on_weekdays_and_make_up_days_but_not_on_holidays(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    days = {
        "Wednesday": date(2026, 9, 2),
        "Saturday": date(2026, 9, 5),
        "holiday": date(2026, 10, 1),
        "make-up Saturday": date(2026, 10, 10),
        "after term": date(2027, 1, 25),
    }
    found = {name: campus.timetable.is_school_day(day) for name, day in days.items()}
    assert found == {
        "Wednesday": True,
        "Saturday": False,
        "holiday": False,
        "make-up Saturday": True,
        "after term": False,
    }


def test_on_a_holiday_nobody_is_there(week_world: World) -> None:
    controller, _, projectors = look(week_world.campus(SCHOOL), int(moment("2026-10-01 08:20")))
    assert (controller.clients, {state.power for state in projectors}) == (0, {0})


def test_a_lesson_brings_more_clients_than_a_break_and_the_evening_fewer_than_a_lesson(
    week_world: World,
) -> None:
    campus = week_world.campus(SCHOOL)
    lesson, evening = (campus.controller(time).clients for time in (LESSON, NIGHT))
    recess = campus.controller(moment("2026-09-02 09:45")).clients
    assert (lesson > recess, lesson > evening) == (True, True)


def test_an_unused_projector_is_never_on(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    unused = next(one for one in campus.layout.projectors if one.room.code == "107")
    day = moment("2026-09-02 00:00")
    found = {campus.projector_state(unused, day + 60 * minute).power for minute in range(24 * 60)}
    assert found == {0}


def test_a_flapping_access_point_is_down_a_third_of_the_time(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    ap = next(one for one in campus.layout.access_points if one.room.code == "103")
    up = sum(campus.ap_up(ap, LESSON + 600 * number) for number in range(3000))
    assert abs(up / 3000 - 2 / 3) < 0.03


def test_time_online_counts_from_the_last_failure(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    ap = next(one for one in campus.layout.access_points if one.room.code == "103")
    times = range(int(LESSON), int(LESSON) + 86_400, 37)
    wrong = [
        time
        for time in times
        if campus.ap_up(ap, time)
        and not all(campus.ap_up(ap, time - back) for back in (1, campus.ap_state(ap, time).online_s - 1))
        and campus.ap_state(ap, time).online_s > 1
    ]
    assert wrong == []


def test_where_access_points_work_only_the_corner_in_shadow_is_weak(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    served = {ap.room.code for ap in campus.layout.access_points if campus.ap_up(ap, LESSON)}
    weak = [
        (point.room.code, point.name)
        for point in campus.layout.points()
        # A room counts with its better band; -65 dBm is the limit for classrooms.
        if point.room.code in served
        and max(campus.signal(point, band, LESSON).rssi_dbm or -127 for band in BANDS) < -65
    ]
    assert weak == [("104", "P1")]


def test_a_room_shows_something_in_the_share_of_lessons_that_the_scenario_says(week: Scenario) -> None:
    campus = World(week.model_copy(update={"lessons_share": 0.25})).campus(SCHOOL)
    lessons = [
        campus.timetable.shows(SCHOOL, room.code, date(2026, 9, day))
        for room in campus.school.rooms
        for day in range(7, 12)
    ]
    # 13 rooms, 5 days, 4 lessons a day; neighbouring lessons melt into one, so the sum is of their lengths.
    shown = sum(end - begin for spans in lessons for begin, end in spans) / (13 * 5 * 4 * 2400)
    assert abs(shown - 0.25) < 0.06


def test_signal_over_noise_is_the_level_over_the_noise_its_radio_measures(week_world: World) -> None:
    campus = week_world.campus(SCHOOL)
    by_serial = {ap.serial: ap for ap in campus.layout.access_points}
    wrong = []
    for point in campus.layout.points():
        for number, band in enumerate(BANDS):
            signal = campus.signal(point, band, LESSON)
            if signal.rssi_dbm is None:
                continue
            noise = campus.radios(by_serial[signal.ap], int(LESSON))[number].noise_dbm
            if noise is not None and signal.snr_db != signal.rssi_dbm - noise:
                wrong.append((point.room.code, point.name, band))
    assert wrong == []


def test_serials_and_addresses_are_nowhere_the_same_and_no_makers(week_world: World) -> None:
    aps = [
        ap
        for school in week_world.scenario.schools
        for ap in week_world.campus(school.code).layout.access_points
    ]
    assert (
        len({ap.serial for ap in aps}),
        len({ap.mac for ap in aps}),
        {ap.mac[0] & 0x02 for ap in aps},
        {len(ap.serial) for ap in aps},
    ) == (len(aps), len(aps), {0x02}, {20})
