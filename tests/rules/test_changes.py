"""What is stored as changes says to every reader what storing everything at every evaluation says."""

import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import Measurement, Point
from dashboards.board.daily import DailyRows
from dashboards.board.newest import LastRounds, Standing
from rules.alerts.replay import replay
from rules.alerts.rules_file import AlertRules
from rules.alerts.signals import samples
from rules.answers.changes import Changes
from rules.shortfalls.fold import fold
from rules.shortfalls.history import days_of
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, UTILISATION, VERDICT
from store import Row, Store, open_store
from tests.rules.telemetry import CODE, MINUTE, ms
from tests.rules.test_alerts import rule
from tests.rules.test_window import REGISTRY, row
from tests.servers import Server

HOUR = 60 * MINUTE
BEGIN, END = ms("2021-09-27T20:00"), ms("2021-09-29T12:00")
DISTRICTS = ("120116", "120101")
TABLES: tuple[Measurement, ...] = (VERDICT, ROOM_COVERAGE, DISTRICT_INDICATOR, UTILISATION)
# What may be judged, by table: the tags behind the district.
SUBJECTS: tuple[tuple[Measurement, tuple[str, ...]], ...] = (
    (VERDICT, (CODE, "primary", "L1")),
    (VERDICT, (CODE, "primary", "L7")),
    (VERDICT, ("2112000999", "school", "wireless")),
    (ROOM_COVERAGE, (CODE, "R101")),
    (ROOM_COVERAGE, (CODE, "R102")),
    (DISTRICT_INDICATOR, ("primary", "L1")),
    (UTILISATION, (CODE, "U1")),
)


class Evaluated(NamedTuple):
    """One evaluation: when, what it says of every subject that it judges, and what has happened before it."""

    moment: int
    answers: dict[tuple[str, int], tuple[str, int]]
    restarted: bool
    unsure: bool


ANSWER = st.tuples(st.sampled_from(["pass", "fail", "undetermined"]), st.integers(0, 2))


@st.composite
def histories(draw: st.DrawFn) -> list[Evaluated]:
    """Most answers stay from one evaluation to the next; some change, some end, some begin."""
    moments = sorted(draw(st.sets(st.integers(BEGIN // MINUTE, END // MINUTE), min_size=1, max_size=14)))
    answers: dict[tuple[str, int], tuple[str, int]] = {}
    found = []
    for moment in moments:
        changed = draw(
            st.dictionaries(
                st.tuples(st.sampled_from(DISTRICTS), st.integers(0, len(SUBJECTS) - 1)),
                st.none() | ANSWER,
                max_size=4 if found else 12,
            )
        )
        answers = {**answers, **{key: answer for key, answer in changed.items() if answer is not None}}
        answers = {key: answer for key, answer in answers.items() if changed.get(key, answer) is not None}
        restarted, unsure = draw(st.integers(0, 5)) == 0, draw(st.integers(0, 5)) == 0
        found.append(Evaluated(moment * MINUTE, answers, restarted, unsure))
    return found


def day_of(moment: int) -> date:
    return REGISTRY.calendar.day_of(moment)


def points_of(evaluated: Evaluated) -> list[Point]:
    moment, as_of = evaluated.moment, day_of(evaluated.moment).isoformat()
    found = []
    for (district, number), (verdict, gap) in evaluated.answers.items():
        table, tags = SUBJECTS[number]
        told = {
            "verdict": verdict,
            "gap": gap,
            "reason": f"{verdict} {gap}",
            "points": gap,
            "passing": gap,
            "rate_number": float(gap),
            "value": str(gap),
            "value_number": None if verdict == "undetermined" else float(gap),
            "enough": True,
            "as_of": as_of,
        }
        fields = {name: value for name, value in told.items() if name in table.field_names}
        found.append(row(table, (district, *tags), moment, fields))
    for district in DISTRICTS:
        fields = {"passing": 1, "as_of": as_of}
        found.append(row(DISTRICT_INDICATOR, (district, "school", "wireless"), moment, fields))
    return found


def fill(whole: Store, changed: Store, history: list[Evaluated]) -> int:
    """The same history in both stores; gives how many points the second one was spared."""
    changes, spared = Changes(), 0
    for evaluated in history:
        points = points_of(evaluated)
        if evaluated.restarted:
            changes = Changes()
        some = changes.of(points, as_of=day_of(evaluated.moment).isoformat(), now_ms=evaluated.moment)
        whole.write(points)
        changed.write(some)
        spared += len(points) - len(some)
        if evaluated.unsure:
            changes.forget()
    return spared


def without_rounds(rows: list[Row]) -> list[Row]:
    """The moment of the last whole one is a matter of how things are stored."""
    return [Row(one.tags, one.time, {k: v for k, v in one.values.items() if k != "whole_ms"}) for one in rows]


RULES = AlertRules.model_validate(
    {
        "alert": [
            rule(name="rooms", signal="room_uncovered", fresh_s=fresh, **change).model_dump(
                exclude_unset=True
            )
            if number == 0
            else rule(name="short", signal="indicator_short", fresh_s=fresh, **change).model_dump(
                exclude_unset=True
            )
            for number, (fresh, change) in enumerate(
                ((7200, {"gone_after_s": 600, "for_s": 0}), (3600, {"gone_after_s": 1, "for_s": 1800}))
            )
        ]
    }
)


def said(store: Store, looks: list[int]) -> list[object]:
    """What every reader of history makes of a store."""
    calendar = REGISTRY.calendar
    first, last = day_of(BEGIN), day_of(END)
    found: list[object] = [list(days_of(store, calendar, until=last))]
    for table in (VERDICT, DISTRICT_INDICATOR, UTILISATION):
        figures = tuple(name for name in table.field_names if name.endswith("_number"))
        rows = DailyRows(store, table, figures)
        found += [without_rounds(stood) for _, stood in rows.read(calendar, first, last)]
    found += [samples(store, one, look) for look in looks for one in RULES.alerts]
    replayed = replay(store, REGISTRY, RULES, since_ms=BEGIN, until_ms=END, every_ms=20 * MINUTE)
    return [*found, replayed.changes, replayed.notices]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), looks=st.lists(st.integers(BEGIN, END), max_size=4))
def test_every_reader_of_history_says_the_same(
    history: list[Evaluated], looks: list[int], tmp_path: Path
) -> None:
    name = uuid.uuid4().hex
    with (
        open_store(f"sqlite:///{tmp_path / name}.whole") as whole,
        open_store(f"sqlite:///{tmp_path / name}.changes") as changed,
    ):
        fill(whole, changed, history)
        assert said(whole, looks) == said(changed, looks)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(ANSWER, ANSWER, ANSWER), min_size=2, max_size=8), begun=st.integers(0, 7))
def test_a_register_read_by_what_has_failed_is_the_register_of_everything(
    days: list[tuple[tuple[str, int], ...]], begun: int, tmp_path: Path
) -> None:
    calendar, last = REGISTRY.calendar, day_of(BEGIN + len(days) * 24 * HOUR)
    with open_store(f"sqlite:///{tmp_path / uuid.uuid4().hex}") as store:
        for number, said_of in enumerate(days):
            answers = {(DISTRICTS[0], subject): answer for subject, answer in enumerate(said_of)}
            store.write(points_of(Evaluated(BEGIN + number * 24 * HOUR, answers, False, False)))
        whole = fold(days_of(store, calendar, until=last), pass_days=2, measures={})
        found = fold(days_of(store, calendar, until=last, known=()), pass_days=2, measures={})
        # As a source does that has folded some days already.
        cut = day_of(BEGIN + begun * 24 * HOUR)
        register = fold(days_of(store, calendar, until=cut, known=()), pass_days=2, measures={})
        rest = days_of(store, calendar, since=cut + timedelta(days=1), until=last, known=register.keys())
        gone_on = fold(rest, pass_days=2, measures={}, start=register)
    assert (whole, whole) == (found, gone_on)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), reopened=st.integers(0, 13))
def test_a_board_that_looks_after_every_evaluation_shows_the_same(
    history: list[Evaluated], reopened: int, tmp_path: Path
) -> None:
    name = uuid.uuid4().hex
    with (
        open_store(f"sqlite:///{tmp_path / name}.whole") as whole,
        open_store(f"sqlite:///{tmp_path / name}.changes") as changed,
    ):
        boards = [(store, LastRounds(), [Standing(table) for table in TABLES]) for store in (whole, changed)]
        changes = Changes()
        for number, evaluated in enumerate(history):
            points = points_of(evaluated)
            if evaluated.restarted:
                changes = Changes()
            as_of = day_of(evaluated.moment).isoformat()
            whole.write(points)
            changed.write(changes.of(points, as_of=as_of, now_ms=evaluated.moment))
            if number == reopened:
                boards = [
                    (store, LastRounds(), [Standing(table) for table in TABLES]) for store, *_ in boards
                ]
            now_ms = evaluated.moment + 1
            shown = [
                [
                    without_rounds(table.read(store, rounds.read(store, now_ms=now_ms), now_ms=now_ms))
                    for table in tables
                ]
                for store, rounds, tables in boards
            ]
            assert shown[0] == shown[1]


def test_a_quiet_day_costs_a_heartbeat_an_evaluation(tmp_path: Path, influx: Server) -> None:
    answers = {("120116", number): ("fail", 1) for number in range(len(SUBJECTS))}
    quiet = [Evaluated(ms("2021-09-28T08:00") + n * 5 * MINUTE, answers, False, False) for n in range(100)]
    with (
        open_store(f"sqlite:///{tmp_path / 'whole'}") as whole,
        open_store(f"influxdb://127.0.0.1:{influx.port}/{uuid.uuid4().hex}") as changed,
    ):
        changed.prepare()
        assert 99 * len(answers) == fill(whole, changed, quiet)
        looks = [quiet[50].moment + 1, quiet[-1].moment + HOUR, quiet[-1].moment + 3 * HOUR]
        assert said(whole, looks) == said(changed, looks)
