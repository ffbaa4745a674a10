"""Alerts: transitions as a pure function, messages grouped, rules that contradict themselves refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from registry import Registry
from rules.alerts.judging import Observations, judge
from rules.alerts.machine import NEVER_SEEN, AlertStanding, Sighting, advance
from rules.alerts.notices import AlertKey, Notice
from rules.alerts.rules_file import AlertRule, AlertRules
from rules.words import reason, worded
from runtime.language import Text
from tests.rules.build import CALENDAR, DISTRICT
from tests.rules.telemetry import CODE, MINUTE, ms, one_school, room

START = ms("2021-09-28T08:00")


def rule(**change: object) -> AlertRule:
    fields = {
        "name": "down",
        "signal": "access_point_down",
        "severity": "warning",
        "fires_at": 10,
        "recovers_at": 4,
        "for_s": 120,
        "recover_for_s": 60,
        "fresh_s": 900,
        "title": "离线",
        "firing": "{room} {subject} {value} {detail} {minutes}",
        "resolved": "{subject} 恢复",
    }
    return AlertRule.model_validate({**fields, **change})


def run(one: AlertRule, *values: int | None, start: int = START) -> list[str]:
    """The status after each value, a minute apart."""
    standing, statuses = NEVER_SEEN, []
    for number, value in enumerate(values):
        now = start + number * MINUTE
        elapsed = CALENDAR.school_ms if one.counts == "school_hours" else lambda begin, end: end - begin
        standing = advance(one, standing, Sighting(value=value), now, elapsed)
        statuses.append(standing.status)
    return statuses


P, F, I = "pending", "firing", "inactive"  # noqa: E741 one letter a status reads as a line of time


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((10, 10, 10), [P, P, F]),
        ((10, 9, 10, 10, 10), [P, I, P, P, F]),
        ((10, 10, 10, 5, 5, 5, 5), [P, P, F, F, F, F, F]),
        ((10, 10, 10, 4, 4), [P, P, F, F, I]),
        ((10, 10, 10, 4, 5, 4, 4), [P, P, F, F, F, F, I]),
        ((10, None, None, None), [P, P, P, P]),
        ((10, 10, 10, None, None, 4, None, 4), [P, P, F, F, F, F, F, I]),
    ],
)
def test_it_fires_after_its_duration_and_recovers_below_its_own_threshold_for_its_own(
    values: tuple[int | None, ...], expected: list[str]
) -> None:
    assert expected == run(rule(), *values)


def test_without_durations_it_fires_and_recovers_at_once() -> None:
    assert [F, I] == run(rule(for_s=0, recover_for_s=0), 10, 4)


def test_what_was_never_well_does_not_fire_where_the_rule_asks_for_a_fall() -> None:
    fallen = rule(fires_from="good", for_s=0)
    assert ([I, I], [I, F]) == (run(fallen, 10, 10), run(fallen, 4, 10))


def test_time_outside_school_hours_does_not_count_towards_the_duration() -> None:
    # The lessons of the day end at 9:30; it goes down a minute before, and the next morning counts on.
    one = rule(counts="school_hours")
    standing = advance(one, NEVER_SEEN, Sighting(value=10), ms("2021-09-28T09:29"), CALENDAR.school_ms)
    evening = advance(one, standing, Sighting(value=10), ms("2021-09-28T20:00"), CALENDAR.school_ms)
    morning = advance(one, evening, Sighting(value=10), ms("2021-09-29T08:01"), CALENDAR.school_ms)
    assert [P, P, F] == [standing.status, evening.status, morning.status]


def test_what_is_bad_outside_school_hours_only_is_well_while_school_lasts() -> None:
    # Lessons are from 8:00 to 9:30. On from 7:20: 40 min do not count towards the hour after school.
    rules = rules_of(rule(counts="outside_school_hours", for_s=3600, recover_for_s=0))
    standings: dict[AlertKey, AlertStanding] = {}
    statuses = []
    for clock in (
        "28T07:20",
        "28T07:59",
        "28T08:00",
        "28T09:29",
        "28T09:30",
        "28T10:29",
        "28T10:30",
        "29T08:00",
    ):
        seen = Observations(sightings={"down": {(DISTRICT, CODE, "P1"): Sighting(value=10)}})
        found = judge(rules, one_school(room()), standings, seen, ms(f"2021-09-{clock}"))
        standings = dict(found.standings)
        statuses.append(standings[key].status if (key := (DISTRICT, CODE, "down", "P1")) in standings else I)
    assert [P, P, I, I, P, P, F, I] == statuses


def test_a_display_of_which_nothing_is_known_in_school_hours_stays_as_it_was() -> None:
    rules = rules_of(rule(counts="outside_school_hours", for_s=0))
    key = (DISTRICT, CODE, "down", "P1")
    firing = {key: AlertStanding(status="firing", since_ms=START, changed_ms=START, announced=True)}
    seen = Observations(sightings={"down": {(DISTRICT, CODE, "P1"): Sighting(value=None)}})
    found = judge(rules, one_school(room()), firing, seen, START + MINUTE)
    assert (F, {}) == (found.standings[key].status, found.changes)


@given(st.lists(st.none() | st.integers(0, 15), max_size=30), st.integers(0, 5))
def test_missing_data_never_changes_a_standing(values: list[int | None], missing: int) -> None:
    one, standing, now = rule(), NEVER_SEEN, START
    for value in values:
        now += MINUTE
        standing = advance(one, standing, Sighting(value=value), now, lambda begin, end: end - begin)
    for _ in range(missing):
        now += MINUTE
        assert standing is advance(one, standing, Sighting(value=None), now, lambda begin, end: end - begin)


def rounds(rules: AlertRules, registry: Registry, *seen: dict[str, int], start: int = START) -> list[Notice]:
    """Rounds a minute apart in which these subjects had these values; all messages."""
    standings: dict[AlertKey, AlertStanding] = {}
    told: list[Notice] = []
    for number, values in enumerate(seen):
        samples = {(DISTRICT, CODE, name): Sighting(value=value, room="R1") for name, value in values.items()}
        found = judge(
            rules, registry, standings, Observations(sightings={"down": samples}), start + number * MINUTE
        )
        standings = dict(found.standings)
        told += found.notices
    return told


def rules_of(*alerts: AlertRule, wait_s: int = 60) -> AlertRules:
    return AlertRules.model_validate({"group_wait_s": wait_s, "alert": alerts})


def test_an_outage_of_forty_access_points_is_one_message_that_names_twenty() -> None:
    early = {f"AP{number:02}": 10 for number in range(30)}
    late = {f"AP{number:02}": 10 for number in range(40)}
    rules = rules_of(rule(for_s=0, labels={"team": "网络组"}))
    told = rounds(rules, one_school(room()), early, late, late, late)
    lines = told[0].body.zh.splitlines()
    assert (1, 40, 22, "team: 网络组") == (len(told), told[0].subjects, len(lines), lines[-1])
    assert ("【警告】学校01 · 离线 · 40", "R1 AP00 10  1") == (told[0].title.zh, lines[0])


def test_a_notice_speaks_the_language_of_whoever_reads_it() -> None:
    said = rule(
        for_s=0,
        title={"zh": "离线", "en": "down"},
        firing={"zh": "{room} {subject}：{detail}", "en": "{room} {subject}: {detail}"},
    )
    (told, *_) = rounds(rules_of(said, wait_s=0), one_school(room()), {"AP": 10})
    assert (Text("【警告】学校01 · 离线 · 1", "[warning] 学校01 · down · 1"), "R1 AP：", "R1 AP:") == (
        told.title,
        told.body.zh,
        told.body.en,
    )


def test_an_indicator_is_told_by_stage_and_code_and_its_reason_in_each_language() -> None:
    short = rule(signal="indicator_short", for_s=0, fires_at=1, recovers_at=0, firing="{subject} {detail}")
    sighting = Sighting(value=2, detail=reason("missing.pupils"))
    seen = Observations(
        sightings={"down": {(DISTRICT, CODE, f"primary/{code}"): sighting for code in ("L7", "wireless")}}
    )
    found = judge(rules_of(short, wait_s=0), one_school(room()), {}, seen, START)
    assert [
        f"小学 L7 {worded(sighting.detail, 'zh')}\n小学 无线网络全覆盖 {worded(sighting.detail, 'zh')}",
        f"primary L7 {worded(sighting.detail, 'en')}\n"
        f"primary Full wireless coverage {worded(sighting.detail, 'en')}",
    ] == list(found.notices[0].body)


@pytest.mark.parametrize("given", ["", {"zh": "离线"}, {"zh": "离线", "en": ""}, "长" * 201, 7])
def test_a_text_of_a_rule_is_one_for_all_or_one_a_language(given: object) -> None:
    with pytest.raises(ValidationError):
        rule(title=given)


def test_what_comes_and_goes_while_it_may_not_be_sent_is_not_told() -> None:
    rules = rules_of(rule(for_s=0, recover_for_s=0, sends="school_hours"), wait_s=0)
    night = ms("2021-09-28T22:00")
    gone = rounds(rules, one_school(room()), {"AP": 10}, {"AP": 4}, start=night)
    stays = rounds(rules, one_school(room()), {"AP": 10}, {"AP": 10}, start=ms("2021-09-29T07:59"))
    assert ([], [ms("2021-09-29T08:00")]) == (gone, [message.time_ms for message in stays])


def test_a_resolution_is_told_once_to_those_who_heard_of_the_trouble() -> None:
    rules = rules_of(rule(for_s=0, recover_for_s=0), wait_s=0)
    told = rounds(rules, one_school(room()), {"AP": 10}, {"AP": 10}, {"AP": 4}, {"AP": 4})
    assert [("firing", "warning"), ("resolved", "warning")] == [(one.kind, one.severity) for one in told]


def test_an_alert_whose_rule_is_gone_is_over_without_a_word() -> None:
    standing = AlertStanding(status="firing", since_ms=START, changed_ms=START, announced=True)
    key = (DISTRICT, CODE, "old", "AP")
    found = judge(rules_of(), one_school(room()), {key: standing}, Observations(sightings={}), START + MINUTE)
    assert ({key: "inactive"}, (), {}) == (
        {key: one.status for key, one in found.changes.items()},
        found.notices,
        found.standings,
    )
