"""From readings in a store to facts and verdicts: what is seen, what is not, and what nobody can know."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import count

import pytest

from contract import Reading
from rules.facts.days import DayMemory
from rules.facts.facts import Facts
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.section_results import evidence_reason
from rules.stored.retirements import Retirement, retirement_point
from rules.words import worded
from store import Store, open_store
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.ledgers import LATER, asset, telling
from tests.rules.observing import ALL_UP, DAYS, l7, look
from tests.rules.telemetry import (
    CODE,
    LAST_DAY,
    MINUTE,
    NOW,
    access_point,
    good_survey,
    one_school,
    points,
    polls,
    projector,
    room,
    run,
    sample,
    silent,
)
from tests.servers import Server

_databases = (f"rules{number}" for number in count())


def test_rooms_with_a_working_display_are_observed_beside_the_declared_figure(store: Store) -> None:
    rooms = [room(f"R{number}") for number in range(1, 4)]
    seen = [projector(time, device=f"P{n}", room=f"R{n}") for n in (1, 2, 3) for time in polls(count=3)]
    one = l7(look(store, one_school(*rooms, pupils=120), *seen))
    rests = one.evidence
    assert (one.verdict, rests.declared, rests.observed, rests.completeness) == ("pass", 3, 3, 1)


def test_a_projector_that_always_reports_a_fault_takes_its_room_from_the_observed_figure(
    store: Store,
) -> None:
    rooms = [room("R1"), room("R2"), room("R3")]
    seen = [projector(time, device=f"P{n}", room=f"R{n}") for n in (1, 2) for time in polls(count=3)]
    broken = [projector(time, device="P3", room="R3", condition="error") for time in polls(count=3)]
    one = l7(look(store, one_school(*rooms, pupils=100), *seen, *broken))
    assert (one.verdict, one.evidence.declared, one.evidence.observed) == ("fail", 3, 2)


@pytest.mark.parametrize(
    ("missing", "verdict", "observed"),
    [
        ((), "fail", 0),
        # Ten minutes of a day without an answer could hold no use; half an hour could, and so could a day.
        (((3, 4), (3, 5)), "fail", 0),
        (((3, 4), (3, 5), (3, 6)), "undetermined", None),
        (tuple((7, at) for at in range(18)), "undetermined", None),
    ],
)
def test_only_a_projector_that_was_heard_all_the_time_is_known_never_to_be_on(
    store: Store, missing: tuple[tuple[int, int], ...], verdict: str, observed: int | None
) -> None:
    seen = [
        projector(time, power="off")
        for place, day in enumerate(DAYS)
        for at, time in enumerate(polls(day, count=18))
        if (place, at) not in missing
    ]
    one = l7(look(store, one_school(room(), pupils=40), *seen))
    assert (one.verdict, one.evidence.observed) == (verdict, observed)
    if missing and verdict == "fail":
        assert "2 次未应答" in worded(evidence_reason(one.evidence))


def test_a_projector_not_yet_on_in_a_few_days_is_unknown(store: Store) -> None:
    seen = [projector(polls(day)[0], power="off") for day in DAYS[-14:]]
    one = l7(look(store, one_school(room(), pupils=40), *seen))
    assert (one.verdict, one.evidence.observed, one.value) == ("undetermined", None, None)


def test_a_projector_that_does_not_answer_is_unknown_not_off(store: Store) -> None:
    seen = [silent(polls(day)[0]) for day in DAYS]
    one = l7(look(store, one_school(room(), pupils=40), *seen))
    assert (one.verdict, one.evidence.observed) == ("undetermined", None)


def test_being_on_once_without_a_word_about_faults_is_being_seen_at_work(store: Store) -> None:
    first, *later = polls()
    seen = [projector(first, condition=None), *(silent(time) for time in later)]
    one = l7(look(store, one_school(room(), pupils=40), *seen))
    assert (one.verdict, one.evidence.observed) == ("pass", 1)


def test_a_room_nobody_declared_counts_once_its_display_is_seen_at_work(store: Store) -> None:
    unmarked = replace(room(), multimedia=None, kind="普通教室")
    one = l7(look(store, one_school(unmarked, declared=0, pupils=40), *(projector(t) for t in polls())))
    assert (one.verdict, one.evidence.declared, one.evidence.observed) == ("pass", 0, 1)


@pytest.mark.parametrize(
    ("mark", "kind", "verdict", "observed"),
    [
        (True, None, "pass", 1),
        (False, "普通教室", "fail", 0),  # the bureau said no, whatever stands in it
        (None, "校长办公室", "fail", 0),
        (None, "会议室", "fail", 0),
        (None, "多媒体会议教室", "pass", 1),
        (None, None, "undetermined", 0),  # nobody says what it is
    ],
)
def test_what_a_room_is_decides_whether_its_display_makes_it_a_multimedia_room(
    store: Store, mark: bool | None, kind: str | None, verdict: str, observed: int
) -> None:
    there = replace(room(), multimedia=mark, kind=kind)
    other = room("R2")
    readings = [projector(time) for time in every_day()]
    readings += [projector(time, device="P2", room="R2", power="off") for time in every_day()]
    one = l7(look(store, one_school(there, other, declared=1, pupils=40), *readings))
    assert (verdict, observed) == (one.verdict, one.evidence.observed)


def every_day() -> list[int]:
    """A poll every five minutes of the lessons of every day of the window."""
    return [time for day in DAYS for time in polls(day, count=18)]


def test_three_answers_on_one_morning_and_nineteen_silent_days_prove_nothing(store: Store) -> None:
    readings = [projector(time) for time in polls(DAYS[0], count=3)]
    others = [projector(time, device="P2", room="R2") for time in every_day()]
    gone = look(store, one_school(room(), room("R2"), pupils=40), *readings, *others)
    assert {"R1": "unknown", "R2": "working"} == {one.room: one.seen for one in gone.multimedia}


def test_missing_rounds_count_as_unknown(store: Store) -> None:
    """The gateway was away after the first morning: nobody knows how the room is now."""
    found = look(store, one_school(room(), pupils=40), *(projector(time) for time in polls(DAYS[0], count=3)))
    assert ["unknown"] == [one.seen for one in found.multimedia]


def test_a_display_counts_where_it_is_now(store: Store) -> None:
    readings = [
        projector(time, room="R1" if day < DAYS[10] else "R2")
        for day in DAYS
        for time in polls(day, count=18)
    ]
    found = look(store, one_school(room(), room("R2"), pupils=40), *readings)
    assert {"R1": "unknown", "R2": "working"} == {one.room: one.seen for one in found.multimedia}


def test_a_display_that_the_gateway_no_longer_asks_stops_counting(store: Store) -> None:
    readings = [
        projector(time, device=name, room=room)
        for name, room in (("P1", "R1"), ("P2", "R2"))
        for day in DAYS[:12]
        for time in polls(day, count=18)
    ]
    readings += [
        projector(time, device="P2", room="R2") for day in DAYS[12:] for time in polls(day, count=18)
    ]
    found = look(store, one_school(room(), room("R2"), pupils=40), *readings)
    assert {"R1": "unknown", "R2": "working"} == {one.room: one.seen for one in found.multimedia}


@pytest.mark.parametrize(
    ("marks", "least", "most"),
    [((True, None, None), 1, 3), ((True, False, None), 1, 2), ((True, False), 1, 1)],
)
def test_an_empty_mark_is_no_no(marks: tuple[bool | None, ...], least: int, most: int) -> None:
    rooms = [replace(room(f"R{number}"), multimedia=mark) for number, mark in enumerate(marks)]
    known = replace(one_school(*rooms), statistics={})
    one = l7(evaluate(known, BINHAI, None, LAST_DAY))
    assert (least, most) == (one.numerator, one.most)


def test_declared_rooms_that_the_registry_does_not_name_are_unknown(store: Store) -> None:
    known = one_school(room(), declared=3, pupils=100)
    one = l7(look(store, known, *(projector(time) for time in polls())))
    assert (one.verdict, one.numerator, one.most, one.evidence.completeness) == (
        "undetermined",
        1,
        3,
        Fraction(1, 3),
    )


def test_partial_data_decides_what_the_unknown_rooms_cannot_change(store: Store) -> None:
    rooms = [room(f"R{number}") for number in range(1, 5)]
    seen = [projector(time, device=f"P{n}", room=f"R{n}") for n in (1, 2, 3) for time in polls(count=3)]
    enough = l7(look(store, one_school(*rooms, pupils=130), *seen))
    open_ = l7(look(store, one_school(*rooms, pupils=150)))
    beyond = l7(look(store, one_school(*rooms, pupils=200)))
    assert [(one.verdict, one.exact) for one in (enough, open_, beyond)] == [
        ("pass", False),
        ("undetermined", False),
        ("fail", False),
    ]


def test_a_district_with_an_unknown_value_is_not_called_balanced(store: Store) -> None:
    rooms = [room("R1"), room("R2")]
    stage = look(store, one_school(*rooms), *(projector(t) for t in polls())).districts[0].stages["primary"]
    assert (stage.indicators["L7"].unknown, stage.indicators["L7"].balanced) == (1, None)


def test_nothing_after_the_moment_of_evaluation_counts(store: Store) -> None:
    later = [access_point(time, "down") for time in polls()[5:]]
    assert store.write(points(*good_survey(), *ALL_UP[:5], *later)) == []
    facts = observe(store, one_school(room()), BINHAI, as_of=LAST_DAY, now_ms=polls()[4])
    assert [(ap.polls, ap.up) for ap in facts.room(CODE, "R1").aps] == [(5, 5)]


@pytest.mark.parametrize(("since", "seen"), [("2021-09-20", "unknown"), ("2021-09-29", "working")])
def test_a_display_that_is_retired_counts_no_more_from_that_day_on(
    store: Store, since: str, seen: str
) -> None:
    decided = Retirement(
        district=DISTRICT,
        school=CODE,
        kind="device",
        subject="P1",
        since=date.fromisoformat(since),
        reason="报废",
    )
    assert store.write([retirement_point(decided, NOW - MINUTE)]) == []
    found = look(store, one_school(room()), *(projector(time) for time in every_day()))
    assert [seen] == [use.seen for use in found.multimedia]
    used = found.utilisation[0].of("U1")
    assert used.known == sum(2 for day in DAYS if day < date.fromisoformat(since))


def test_a_retirement_can_be_taken_back(store: Store) -> None:
    decided = Retirement(
        district=DISTRICT, school=CODE, kind="room", subject="R1", since=DAYS[0], reason="改造"
    )
    back = replace(decided, retired=False)
    assert store.write([retirement_point(decided, NOW - 2), retirement_point(back, NOW - 1)]) == []
    found = look(store, one_school(room()), *(projector(time) for time in every_day()))
    assert ["working"] == [use.seen for use in found.multimedia]


def test_a_school_never_heard_of_keeps_its_declared_verdict_and_says_so(store: Store) -> None:
    found = look(store, one_school(room()))
    assert ("fail", "undetermined", "declared_only") == (
        l7(found).verdict,
        found.coverage[0].verdict,
        found.basis_of(CODE),
    )
    assert "仅申报" in worded(l7(found).reason)


def test_a_school_never_heard_of_is_undetermined_where_the_standard_is_strict(store: Store) -> None:
    strict = BINHAI.model_copy(
        update={"observation": BINHAI.observation.model_copy(update={"never_heard": "undetermined"})}
    )
    facts = observe(store, one_school(room()), strict, as_of=LAST_DAY, now_ms=NOW)
    found = evaluate(one_school(room()), strict, facts, LAST_DAY)
    assert ("undetermined", "observed") == (l7(found).verdict, found.basis_of(CODE))


def test_readings_of_a_room_that_the_registry_does_not_name_are_told_with_the_likely_one(
    store: Store,
) -> None:
    readings = [projector(time, room="R1") for time in polls()]
    found = look(store, one_school(room("R101"), room("R205")), *readings)
    assert [("room", "R1", 10, ("R101",)), ("no_display", "R101", 0, ()), ("no_display", "R205", 0, ())] == [
        (one.what, one.room, one.readings, one.likely)
        for one in found.unmatched
        if one.what != "no_access_point"
    ]


def test_collector_rounds_are_counted_beside_the_facts(store: Store) -> None:
    rounds = [run(time, "ok" if index < 4 else "timeout") for index, time in enumerate(polls(count=5))]
    assert store.write(points(*rounds)) == []
    facts = observe(store, one_school(room()), BINHAI, as_of=LAST_DAY, now_ms=NOW)
    assert (facts.collected(CODE), facts.collected("2112000009")) == (Fraction(4, 5), None)


def test_days_that_are_over_are_counted_again_once_late_data_came(store: Store) -> None:
    known, memory, yesterday = one_school(room()), DayMemory(), DAYS[-2]

    def seen(now_ms: int) -> list[int]:
        facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=now_ms, memory=memory)
        return [ap.polls for ap in facts.room(CODE, "R1").aps]

    store.write(points(*(access_point(time, "up") for time in polls(yesterday, count=3))))
    first = seen(NOW)
    store.write(points(*(access_point(time, "up") for time in polls(yesterday, count=8))))
    store.write(points(*(access_point(time, "up") for time in polls(count=2))))
    assert (first, seen(NOW + 1)) == ([3], [10])


def test_a_day_still_going_on_is_counted_afresh_each_time(store: Store) -> None:
    known, memory = one_school(room()), DayMemory()
    found = []
    for number in (2, 5):
        store.write(points(*(access_point(time, "up") for time in polls(count=number))))
        now_ms = polls()[number]
        facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=now_ms, memory=memory)
        found.append(facts.room(CODE, "R1").aps[0].polls)
    assert found == [2, 5]


def test_influxdb_gives_the_same_facts_as_sqlite(store: Store, influx: Server) -> None:
    """The same readings in both stores; every counting question is asked of both."""
    readings: list[Reading] = [
        *good_survey(),
        sample("C", None, time="2021-09-20T16:00"),
        sample("D", -50, None, band="2.4", ap="AP1"),
        *(access_point(t, s) for t, s in zip(polls(count=4), ("up", "down", "unknown", "up"), strict=True)),
        *(projector(t, condition=c) for t, c in zip(polls(count=3), ("ok", "error", None), strict=True)),
        *(projector(t, power="off", condition="error") for t in polls(DAYS[-3], count=2)),
        *(silent(t) for t in polls(DAYS[-2], count=2)),
        *(run(t, s) for t, s in zip(polls(count=3), ("ok", "partial", "timeout"), strict=True)),
        *telling(asset("1", 5_000, serial="S'1"), asset("2", 60, category=None)),
        *telling(asset("1", 5_000, time=LATER), time=LATER, rows=2),
    ]

    def facts(target: Store) -> Facts:
        assert target.write(points(*readings)) == []
        return observe(target, one_school(room()), BINHAI, as_of=LAST_DAY, now_ms=NOW)

    with open_store(f"influxdb://127.0.0.1:{influx.port}/{next(_databases)}") as other:
        other.prepare()
        assert facts(other) == facts(store)


def test_evaluating_is_a_pure_function_of_what_it_is_given(store: Store) -> None:
    known = one_school(room())
    assert store.write(points(*good_survey(), *ALL_UP)) == []
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    again: Callable[[], Evaluation] = lambda: evaluate(known, BINHAI, facts, LAST_DAY)  # noqa: E731 short
    assert (again(), facts.days[0]) == (again(), LAST_DAY - timedelta(days=27))
