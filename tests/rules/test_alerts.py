"""Alerts: transitions as a pure function, messages grouped, rules that contradict themselves refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contract import (
    Account,
    CertificateState,
    Point,
    Radio,
    RenewalTrouble,
    RunningSettings,
    Status,
    status_point,
    utc_text,
)
from registry import Registry
from rules.alerts.judging import Observations, judge, look
from rules.alerts.machine import NEVER_SEEN, AlertStanding, Sighting, advance
from rules.alerts.notices import AlertKey, Notice
from rules.alerts.rules_file import SHIPPED, AlertRule, AlertRules, AlertRulesError, load_alert_rules
from rules.alerts.signals import samples
from rules.stored.states import ROOM_STATE
from rules.words import reason, worded
from runtime.language import Text
from store import open_store
from tests.rules.build import CALENDAR, DISTRICT
from tests.rules.telemetry import ADDRESS, CODE, MINUTE, ms, one_school, points, projector, room, silent

SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")
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


def test_the_shipped_rules_cover_what_the_district_asks_for() -> None:
    signals = sorted({one.signal for one in load_alert_rules().alerts})
    assert [
        *(
            "access_point_down",
            "bureau_certificate_ended",
            "certificate_ended",
            "clock_wrong",
            "device_fault",
            "device_silent",
            "display_on",
            "gateway_silent",
        ),
        *(
            "indicator_short",
            "radio_busy",
            "room_uncovered",
            "room_unused",
            "settings_behind",
            "settings_taken_back",
            "spool_full",
            "spool_waiting",
            "unregistered",
        ),
    ] == signals


@pytest.mark.parametrize(
    ("offset_ms", "said"),
    [
        (None, None),
        (290_000, None),
        (-290_000, None),
        (3 * 24 * 60 * MINUTE, "网关 gw1 时钟慢 3 天，其读数不计入课时"),
        (-2 * 60 * MINUTE, "网关 gw1 时钟快 2 小时，其读数不计入课时"),
    ],
)
def test_a_gateway_whose_clock_is_wrong_is_told_with_by_how_much(
    offset_ms: int | None, said: str | None, tmp_path: Path
) -> None:
    shipped, registry = load_alert_rules(), one_school(room())
    rules = shipped.model_copy(
        update={"alerts": tuple(one for one in shipped.alerts if one.signal == "clock_wrong")}
    )
    standings: dict[AlertKey, AlertStanding] = {}
    told: list[str] = []
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        for instant in range(START, START + 4 * MINUTE, MINUTE):
            status = Status(online=True, time=utc_text(instant), clock_offset_ms=offset_ms)
            assert store.write([status_point(ADDRESS, status, time_ms=instant)]) == []
            found = judge(
                rules, registry, standings, look(store, rules, registry, standings, instant), instant
            )
            standings = dict(found.standings)
            told += [line for notice in found.notices for line in str(notice.body).splitlines()]
    assert ([] if said is None else [said]) == [line for line in told if "时钟" in line]


def _gateway_says(offset_ms: int = 0, **account: object) -> Point:
    told = Account.model_validate(
        {"epoch": "0" * 16, "last_seq": 9, "produced": 90, "acknowledged": 80, "dropped": 0, **account}
    )
    status = Status(online=True, time=utc_text(START), account=told, clock_offset_ms=offset_ms)
    return status_point(ADDRESS, status, time_ms=START)


def _certified(until_days: int, renews_days: int, trouble: RenewalTrouble | None = None) -> Point:
    until, renews = (utc_text(START + days * 24 * 60 * MINUTE) for days in (until_days, renews_days))
    told = CertificateState(until=until, renews=renews, trouble=trouble)
    return status_point(ADDRESS, Status(online=True, time=utc_text(START), certificate=told), time_ms=START)


def _settings(version: int, *, outcome: str | None = None, left: int = 7, **more: object) -> Point:
    not_taken = outcome and {
        "version": left,
        "outcome": outcome,
        "code": "fleet.lost",
        "args": {"collectors": ("ac1",), "rounds": 3},
        "time": utc_text(START),
    }
    told = {"version": version, "since": utc_text(START), "wanted": 7, "not_taken": not_taken, **more}
    settings = RunningSettings.model_validate(told)
    return status_point(ADDRESS, Status(online=True, time=utc_text(START), settings=settings), time_ms=START)


def _spool(room: int, most: int = 200_000_000) -> Point:
    return _gateway_says(pending=0, spool_max_bytes=most, spool_room_bytes=room)


def _room_used(unused: int | None) -> Point:
    told = {"unused": unused, "lessons_known": 70, "lessons_due": 80, "displays": 1}
    values = tuple(told.get(name) for name in ROOM_STATE.field_names)
    return Point(ROOM_STATE, (DISTRICT, CODE, "R1"), START, values)


def _radio(busy: int | None) -> list[Point]:
    return points(Radio(time=START, ap="AP1", radio="1", room="R1", utilisation_pct=busy, clients=41))


@pytest.mark.parametrize(
    ("name", "stored", "subject", "value", "detail"),
    [
        ("display-silent", points(silent(START)), "P1", 1, ""),
        ("display-silent", points(projector(START, power="off")), "P1", 0, ""),
        ("display-on-after-school", points(projector(START, power="on")), "P1", 1, ""),
        ("display-on-after-school", points(projector(START, power="warming")), "P1", 1, ""),
        ("display-on-after-school", points(projector(START, power="cooling")), "P1", 0, ""),
        ("display-on-after-school", points(silent(START)), "P1", None, ""),
        ("access-point-overloaded", _radio(83), "AP1/1", 83, "（41 个终端）"),
        ("access-point-overloaded", _radio(None), "AP1/1", None, "（41 个终端）"),
        ("room-unused", [_room_used(1)], "R1", 1, "时段内应有 80 节课，70 节有数据"),
        ("room-unused", [_room_used(0)], "R1", 0, "时段内应有 80 节课，70 节有数据"),
        ("room-unused", [_room_used(None)], "R1", None, "时段内应有 80 节课，70 节有数据"),
        (
            "gateway-backlog",
            [_gateway_says(pending=10, oldest_pending=utc_text(START - 120 * MINUTE))],
            *("gw1", 7200, "10 条读数尚未送达，最早的已等 2 小时"),
        ),
        (  # its clock is an hour behind: what it made an hour before its own time is as old as that
            "gateway-backlog",
            [_gateway_says(60 * MINUTE, pending=10, oldest_pending=utc_text(START - 120 * MINUTE))],
            *("gw1", 3600, "10 条读数尚未送达，最早的已等 1 小时"),
        ),
        (
            "gateway-backlog",
            [_gateway_says(pending=0, inherited=4, oldest_pending=utc_text(START - 60 * MINUTE))],
            *("gw1", 3600, "4 条读数尚未送达，最早的已等 1 小时"),
        ),
        ("gateway-backlog", [_gateway_says(pending=0)], "gw1", 0, "0 条读数尚未送达，最早的已等 0 小时"),
        ("gateway-backlog", [_gateway_says(pending=7)], "gw1", None, "7 条读数尚未送达，最早的已等 0 小时"),
        ("gateway-spool-full", [_gateway_says(pending=7)], "gw1", None, "还能存 0 MB，上限 0 MB"),
        ("gateway-spool-full", [_spool(200_000_000)], "gw1", 0, "还能存 200 MB，上限 200 MB"),
        ("gateway-spool-full", [_spool(40_000_001)], "gw1", 80, "还能存 40 MB，上限 200 MB"),
        ("gateway-spool-full", [_spool(0)], "gw1", 100, "还能存 0 MB，上限 200 MB"),
        ("gateway-settings-behind", [_gateway_says(pending=7)], "gw1", None, "现为第 0 版，应为第 0 版"),
        ("gateway-settings-behind", [_settings(7)], "gw1", 0, "现为第 7 版，应为第 7 版"),
        ("gateway-settings-behind", [_settings(6)], "gw1", 1, "现为第 6 版，应为第 7 版"),
        ("gateway-settings-behind", [_settings(0, wanted=None)], "gw1", 0, "现为第 0 版，应为第 0 版"),
        (
            "gateway-settings-behind",
            [_settings(0, wanted=None, outcome="refused", left=0, master="school")],
            *("gw1", 1, "现为第 0 版，应为第 0 版；试用 3 轮，原来正常的 ac1 一直读不到"),
        ),
        ("gateway-settings-back", [_settings(6)], "gw1", 0, "现为第 6 版，应为第 7 版"),
        (
            "gateway-settings-back",
            [_settings(6, outcome="rolled_back")],
            *("gw1", 1, "现为第 6 版，应为第 7 版；试用 3 轮，原来正常的 ac1 一直读不到"),
        ),
        (
            "gateway-settings-back",
            [_settings(6, outcome="refused")],
            *("gw1", 0, "现为第 6 版，应为第 7 版；试用 3 轮，原来正常的 ac1 一直读不到"),
        ),
        (
            "gateway-settings-back",
            [_settings(8, outcome="rolled_back")],
            *("gw1", 0, "现为第 8 版，应为第 7 版；试用 3 轮，原来正常的 ac1 一直读不到"),
        ),
        ("gateway-certificate", [_gateway_says(pending=0)], "gw1", None, ""),
        ("gateway-certificate", [_certified(31, 1)], "gw1", -36_500, "证书 31 天内到期"),
        ("gateway-certificate", [_certified(30, 0)], "gw1", -30, "证书 30 天内到期"),
        (
            "gateway-certificate",
            [_certified(20, -10, "unreachable")],
            *("gw1", -20, "证书 20 天内到期；续期失败：连不上注册服务"),
        ),
        (
            "gateway-certificate",
            [_certified(0, -30, "refused")],
            *("gw1", 0, "证书已到期 0 天，不再被接纳；续期失败：注册服务拒绝"),
        ),
    ],
)
def test_a_shipped_alert_reads_its_number_from_what_is_stored(
    name: str, stored: list[Point], subject: str, value: int | None, detail: str, tmp_path: Path
) -> None:
    (asked,) = (one for one in load_alert_rules().alerts if one.name == name)
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        assert store.write(stored) == []
        found = samples(store, asked, START + MINUTE)
    assert {(DISTRICT, CODE, subject): (value, detail)} == {
        key: (sighting.value, worded(sighting.detail, "zh")) for key, sighting in found.items()
    }


def test_an_unused_room_that_the_registry_no_longer_has_is_withdrawn() -> None:
    rules, key = load_alert_rules(), (DISTRICT, CODE, "room-unused", "R9")
    nothing = Observations(sightings={one.name: {} for one in rules.alerts})
    firing = AlertStanding(status="firing", since_ms=START, changed_ms=START)
    found = judge(rules, one_school(room()), {key: firing}, nothing, START + MINUTE)
    assert "withdrawn" == found.changes[key].status


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("before", "after", "key", "why"),
    [
        (
            'fires_from = "good"',
            'fires_from = "good"\ncounts = "outside_school_hours"',
            "alert[3].fires_from",
            "not together with counts = outside_school_hours",
        ),
        ("recovers_at = 120", "recovers_at = 300", "alert[1].recovers_at", "300 is not below fires_at = 300"),
        ("{minutes} 分钟", "{hours} 分钟", "alert[2].firing", "{hours} is unknown"),
        ("{minutes} 分钟", "{minutes 分钟", "alert[2].firing", "not a template"),
        ('"access-point-down"', '"gateway-silent"', "alert[2].name", "gateway-silent is given twice"),
        ('"access_point_down"', '"ap_down"', "alert[2].signal", "must be one of"),
        ("for_s = 1800", "wait_s = 1800", "alert[3].for_s", "must be set"),
        ("for_s = 1800", "for_s = -1", "alert[3].for_s", "at least 0"),
        ("group_wait_s = 60", "group_wait = 60", "group_wait", "no such setting"),
        (
            'severity = "critical"',
            'severity = "critical"\nindicators = ["L7"]',
            "alert[1].indicators",
            "no ind",
        ),
    ],
)
def test_rules_that_contradict_themselves_are_refused_with_file_line_and_key(
    before: str, after: str, key: str, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "alerts.toml"
    file.write_text(SHIPPED_TEXT.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(AlertRulesError) as caught:
        load_alert_rules(file)
    told = [line for line in str(caught.value).splitlines() if f": {key}: " in line and why in line]
    assert [True] == [line.startswith(f"{file}:") for line in told], str(caught.value)
