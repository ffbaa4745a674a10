"""The alerts that are shipped: what each reads of the store, and rules that are refused."""

from pathlib import Path

import pytest

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
from rules.alerts.judging import Observations, judge, look
from rules.alerts.machine import AlertStanding
from rules.alerts.notices import AlertKey
from rules.alerts.rules_file import SHIPPED, AlertRulesError, load_alert_rules
from rules.alerts.signals import samples
from rules.stored.states import ROOM_STATE
from rules.words import worded
from store import open_store
from tests.rules.build import DISTRICT
from tests.rules.telemetry import ADDRESS, CODE, MINUTE, one_school, points, projector, room, silent
from tests.rules.test_alerts import START

SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")


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
