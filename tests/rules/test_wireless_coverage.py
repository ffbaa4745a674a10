"""A room is covered, not covered, or nobody knows: walking surveys and access points together."""

from fractions import Fraction

import pytest

from contract import Reading
from registry import Registry
from rules.answers.rows import of_coverage
from rules.judging.wireless import RoomCoverage
from rules.words import worded
from store import Store
from tests.rules.observing import ALL_UP, DAYS, look
from tests.rules.telemetry import (
    MINUTE,
    access_point,
    good_survey,
    ms,
    one_school,
    polls,
    room,
    run,
    sample,
)


def coverage(store: Store, *readings: Reading, registry: Registry | None = None) -> RoomCoverage:
    return look(store, registry or one_school(room()), *readings).coverage[0].rooms[0]


def test_a_room_with_a_good_survey_and_an_access_point_that_is_up_is_covered(store: Store) -> None:
    one = coverage(store, *good_survey(), *ALL_UP)
    assert (one.verdict, one.points, one.points_covered, one.points_required, one.ap_samples, one.ap_up) == (
        "pass",
        3,
        3,
        3,
        10,
        10,
    )


def test_a_school_of_whose_rooms_none_is_decided_has_no_percentage(store: Store) -> None:
    (school,) = look(store, one_school(room()), *ALL_UP).coverage
    assert ("undetermined", None) == (school.verdict, of_coverage(school)["value"])


def test_one_weak_corner_of_three_points_leaves_the_room_uncovered_and_is_named(store: Store) -> None:
    one = coverage(store, *good_survey()[:2], sample("C", -66), *ALL_UP)
    assert (one.verdict, one.worst_rssi_dbm, worded(one.reason)) == (
        "fail",
        -66,
        "2/3 个测点达标：C -66 dBm, SNR 30 dB（≥ -65 dBm, SNR ≥ 20 dB）；AP 在线 100.00%",
    )


def test_an_access_point_that_serves_others_networks_only_covers_nothing(store: Store) -> None:
    others = [one.model_copy(update={"serves_campus": False}) for one in ALL_UP]
    assert coverage(store, *good_survey(), *others).verdict == "fail"


def test_an_access_point_of_which_nobody_knows_the_networks_counts_as_before(store: Store) -> None:
    known = [one.model_copy(update={"serves_campus": one.time % 2 == 0 or None}) for one in ALL_UP]
    assert coverage(store, *good_survey(), *known).verdict == "pass"


def test_a_point_without_any_signal_is_not_covered_though_it_was_once(store: Store) -> None:
    """The newest sample counts, also when it holds no figure."""
    later = "2021-09-20T16:00"
    one = coverage(store, *good_survey(), sample("C", None, time=later), *ALL_UP)
    assert (one.verdict, one.points_covered, "C 无信号" in worded(one.reason)) == ("fail", 2, True)


def test_the_best_band_of_a_point_counts(store: Store) -> None:
    both = [sample("C", -80, band="5"), sample("C", -60, band="2.4")]
    assert coverage(store, *good_survey()[:2], *both, *ALL_UP).verdict == "pass"


@pytest.mark.parametrize(("snr", "verdict"), [(20, "pass"), (19, "fail"), (None, "undetermined")])
def test_a_strong_signal_needs_a_signal_to_noise_ratio_too(
    store: Store, snr: int | None, verdict: str
) -> None:
    assert coverage(store, *good_survey()[:2], sample("C", -50, snr), *ALL_UP).verdict == verdict


@pytest.mark.parametrize(("area_class", "limit"), [("key", -65), ("minor", -75), ("outdoor", -70)])
def test_every_class_of_area_has_its_own_limit(store: Store, area_class: str, limit: int) -> None:
    rooms = [
        room("IN", area=20, coverage=area_class),  # type: ignore[arg-type]  # one of the classes
        room("OUT", area=20, coverage=area_class),  # type: ignore[arg-type]
    ]
    readings = [sample("A", limit, room="IN"), sample("A", limit - 1, room="OUT")]
    served = [access_point(time, "up", room=name, ap=name) for time in polls() for name in ("IN", "OUT")]
    found = look(store, one_school(*rooms), *readings, *served).coverage[0].rooms
    assert [one.verdict for one in found] == ["pass", "fail"]


def test_an_access_point_down_half_of_the_time_leaves_the_room_uncovered(store: Store) -> None:
    states = ["up", "down"] * 5
    readings = [access_point(time, state) for time, state in zip(polls(), states, strict=True)]
    one = coverage(store, *good_survey(), *readings)
    assert (one.verdict, one.ap_samples, one.ap_up, worded(one.reason).partition("；")[0]) == (
        "fail",
        10,
        5,
        "AP 在线 50.00% < 95%（AP1）",
    )


def test_ninety_five_percent_of_polls_up_is_enough_and_less_is_not(store: Store) -> None:
    times = polls(count=18) + polls(DAYS[-2], count=2)
    rooms = [room("R1"), room("R2")]
    survey = [*good_survey("R1"), *good_survey("R2")]
    enough = [access_point(t, "up" if t != times[0] else "down") for t in times]
    less = [access_point(t, "up" if t not in times[:2] else "fault", room="R2", ap="AP2") for t in times]
    found = look(store, one_school(*rooms), *survey, *enough, *less).coverage[0].rooms
    assert [(one.verdict, one.ap_up) for one in found] == [("pass", 19), ("fail", 18)]


def test_a_controller_that_does_not_answer_makes_coverage_unknown_not_failed(store: Store) -> None:
    unknown = [access_point(time, "unknown") for time in polls()]
    one = coverage(store, *good_survey(), *unknown, *(run(time, "timeout") for time in polls()))
    assert (one.verdict, one.ap_samples, one.signal_source, worded(one.reason)) == (
        "undetermined",
        0,
        None,
        "AP 状态已知 0/10 次，不足以判定；3/3 个测点达标",
    )


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ("up unknown unknown unknown unknown", "undetermined"),
        ("up down unknown unknown", "fail"),
    ],
)
def test_unknown_states_leave_it_open_where_they_could_turn_it(
    store: Store, states: str, verdict: str
) -> None:
    known = ["up"] * 14
    readings = [
        access_point(time, state)
        for time, state in zip(polls(count=18), [*states.split(), *known][:18], strict=True)
    ]
    one = coverage(store, *good_survey(), *readings)
    assert (one.verdict, one.ap_samples) == (verdict, 18 - states.count("unknown"))


def test_what_happens_outside_school_hours_and_on_weekends_does_not_count(store: Store) -> None:
    night = [access_point(ms("2021-09-27T23:00") + n * MINUTE, "down") for n in range(30)]
    weekend = [access_point(ms("2021-09-25T08:30") + n * MINUTE, "down") for n in range(30)]
    one = coverage(store, *good_survey(), *ALL_UP, *night, *weekend)
    assert (one.verdict, one.ap_samples) == ("pass", 10)


def test_a_survey_with_too_few_points_is_undetermined_and_says_how_many(store: Store) -> None:
    one = coverage(store, *good_survey()[:2], *ALL_UP)
    assert (one.verdict, worded(one.reason)) == (
        "undetermined",
        "应有 3 个测点，仅有 2 个；AP 在线 100.00%",
    )


def test_a_survey_that_is_too_old_is_no_survey(store: Store) -> None:
    old = [sample(point, -60, time="2021-03-31T16:00") for point in ("A", "B", "C")]
    one = coverage(store, *old, *ALL_UP)
    assert (one.verdict, worded(one.reason)) == (
        "undetermined",
        "2021-04-01 以来没有测点数据；AP 在线 100.00%",
    )


def test_a_room_without_an_access_point_is_served_by_the_one_heard_best_in_it(store: Store) -> None:
    survey = [sample(point, -60, ap="CORRIDOR") for point in ("A", "B", "C")]
    corridor = [access_point(time, "up", ap="CORRIDOR", room="HALL") for time in polls()]
    one = coverage(store, *survey, *corridor)
    assert (one.verdict, one.ap_samples) == ("pass", 10)


def test_a_room_whose_access_point_nobody_knows_is_undetermined(store: Store) -> None:
    one = coverage(store, *good_survey())
    assert (one.verdict, worded(one.reason)) == ("undetermined", "未知由哪个 AP 覆盖；3/3 个测点达标")


def test_a_school_is_covered_when_every_room_that_needs_it_is(store: Store) -> None:
    rooms = [room("R1"), room("R2"), room("P", coverage="none")]
    known = one_school(*rooms)
    first = look(store, known, *good_survey("R1"), *ALL_UP)
    rest = [access_point(time, "up", room="R2", ap="AP2") for time in polls()]
    second = look(store, known, *good_survey("R2"), *rest)
    third = look(store, known, *(sample("B", -90, room="R2", time="2021-09-21T16:00") for _ in range(1)))
    assert [(one.coverage[0].verdict, one.coverage[0].completeness) for one in (first, second, third)] == [
        ("undetermined", Fraction(1, 2)),
        ("pass", Fraction(1)),
        ("fail", Fraction(1)),
    ]
