"""Every query of every panel and variable, run as Grafana would send it, against a real InfluxDB."""

from datetime import date
from typing import Any

import pytest

from contract import MEASUREMENTS
from contract.daybook import DAY_FACTS
from dashboards.grafana.alerting import SILENCE_QUERY, firing_query
from rules.alerts.rules_file import load_alert_rules
from rules.stored.tables import ALERT, UTILISATION
from store import Query, Select
from tests.dashboards.grafana.asking import (
    CASES,
    DAY_MS,
    EVERY,
    ODD_ROOM,
    PAGES,
    answers,
    chosen_on,
    last_values,
    offered,
    panel_of,
    panels,
    rows,
    span_of,
    zoomed,
)
from tests.dashboards.grafana.conftest import Filled
from tests.dashboards.grafana.grafana import ALL, Span, put_in
from tests.dashboards.grafana.term import (
    JUNIOR,
    MUTE,
    NINE_YEAR,
    POLL_S,
    PRIMARY,
    SILENT_SINCE,
)

SILENT_SINCE_MS = int(SILENT_SINCE.timestamp() * 1000)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("uid", PAGES)
def test_every_panel_gives_rows_or_says_why_it_may_not(filled: Filled, uid: str, case: str) -> None:
    page = PAGES[uid]
    chosen = chosen_on(page, CASES[case])
    empty = [panel for panel in panels(page) if not rows(filled, panel, page, chosen)]
    assert [] == [panel["title"] for panel in empty if "可能为空：" not in panel["description"]]


@pytest.mark.parametrize("uid", PAGES)
def test_ten_minutes_chosen_in_a_chart_still_show_what_was_decided_before(filled: Filled, uid: str) -> None:
    """An empty list of what fails would say that nothing does."""
    page, now_ms = PAGES[uid], filled.term.now_ms
    led = [panel for panel in panels(page) if panel.get("timeShift")]
    assert led
    for panel in led:
        found = answers(filled, panel, page, zoomed(panel, now_ms - 600_000, now_ms))
        assert all(found), panel["title"]
        # How things stand is told whole each time; answers only when they change.
        if panel["timeShift"] == "24h":
            assert found == answers(filled, panel, page, span_of(panel, filled.term)), panel["title"]


def test_what_looks_back_over_a_term_does_so_from_ten_minutes_too(filled: Filled) -> None:
    now_ms = filled.term.now_ms
    for uid, title in (
        ("campus-multimedia", "本学期未使用的房间"),
        ("campus-equipment", "询问过而从未应答的设备"),
    ):
        found, page = panel_of(uid, title), PAGES[uid]
        whole = answers(filled, found, page, span_of(found, filled.term))
        assert whole == answers(filled, found, page, zoomed(found, now_ms - 600_000, now_ms)) != [[]], title


@pytest.mark.parametrize("uid", PAGES)
def test_before_there_were_any_data_no_panel_shows_a_figure(filled: Filled, uid: str) -> None:
    page, begin = PAGES[uid], filled.term.begin_ms
    shown = {
        panel["title"]
        for panel in panels(page)
        if any(answers(filled, panel, page, zoomed(panel, begin - 3 * DAY_MS, begin - 2 * DAY_MS)))
    }
    # These look at all that is stored, and say so.
    assert shown <= {"正在告警的对象", "最近一次测量"}


@pytest.mark.parametrize("uid", PAGES)
def test_with_everything_chosen_nothing_is_empty(filled: Filled, uid: str) -> None:
    """So that no query is wrong in a way that its reason for being empty would hide."""
    page = PAGES[uid]
    chosen = chosen_on(page, CASES["all"])
    assert [] == [panel["title"] for panel in panels(page) if not rows(filled, panel, page, chosen)]


def test_variables_offer_names_and_stand_for_codes(filled: Filled) -> None:
    junior = {**EVERY, "school": (JUNIOR,)}
    assert (
        {"120116": "滨海新区"},
        {
            PRIMARY: "滨海模拟第一小学",
            JUNIOR: "滨海模拟第二中学(东/校区)",
            NINE_YEAR: "滨海模拟九年一贯制学校",
            MUTE: "滨海模拟第九小学",
        },
        # Over several schools a room is called by its code where they call it differently.
        {"101": "101", "102": "102", ODD_ROOM: "物理实验室 No.3"},
        {"101": "七年级(1)班", "102": "七年级(2)班", ODD_ROOM: "物理实验室 No.3"},
    ) == (
        offered(filled, "campus-wireless", "district", EVERY),
        offered(filled, "campus-wireless", "school", EVERY),
        offered(filled, "campus-wireless", "room", junior),
        offered(filled, "campus-room", "room", {"school": (JUNIOR,)}),
    )


# What the simulated district is known to have: faults that were planted, a school that is mute.
@pytest.mark.parametrize(
    ("uid", "title", "expected"),
    [
        ("campus-overview", "失联网关", [1]),
        ("campus-overview", "从未上报的学校", [1]),
        # Of the gateway that is silent the state of two access points and two projectors is not known.
        ("campus-overview", "离线 AP", [1, 2]),
        ("campus-overview", "未覆盖房间", [2, 1]),
        ("campus-overview", "无应答显示设备", [1, 2]),
        # Nothing is known of the mute projector's room, nor of the school that never said a word.
        ("campus-multimedia", "闲置房间", [1, 2]),
        ("campus-equipment", "计入的设备值（元）", [690_000 + 700_000 + 700_000]),
        ("campus-equipment", "申报的设备值（元）", [3 * 700_000]),
        ("campus-equipment", "有台账的学段", [4]),
        ("campus-gateways", "网关", [2, 1]),
        ("campus-gateways", "待传读数", [5]),
        ("campus-gateways", "丢弃读数", [0]),
    ],
)
def test_numbers_are_those_of_the_simulated_district(
    filled: Filled, uid: str, title: str, expected: list[int]
) -> None:
    assert expected == last_values(filled, uid, title)


def test_nothing_wrong_is_a_nought_and_not_an_empty_panel(filled: Filled) -> None:
    primary = {**EVERY, "school": (PRIMARY,)}
    titles = ("失联网关", "从未上报的学校", "离线 AP", "未覆盖房间", "无应答显示设备", "正在告警")
    assert [[0], [0], [0, 0], [0, 0], [0, 0], [0]] == [
        last_values(filled, "campus-overview", title, primary) for title in titles
    ]


def test_nothing_to_divide_by_is_no_answer_and_not_nought(filled: Filled) -> None:
    """InfluxDB says that 0 over 0 is 0; a school that was never heard has no rate and no share."""
    mute = {**EVERY, "school": (MUTE,)}
    for uid, title in (
        ("campus-multimedia", "课时使用率"),
        ("campus-multimedia", "设备完好率"),
        ("campus-wireless", "房间覆盖率"),
        ("campus-wireless", "AP 在线率"),
        ("campus-wireless", "房间覆盖率变化"),
        ("campus-multimedia", "利用率与完好率变化"),
        # Nor are none of its devices wrong, and none of its lessons unused.
        ("campus-overview", "离线 AP"),
        ("campus-overview", "未覆盖房间"),
        ("campus-overview", "无应答显示设备"),
        ("campus-multimedia", "闲置房间"),
        ("campus-multimedia", "生均使用课时"),
        ("campus-multimedia", "生均使用课时变化"),
    ):
        assert 0 == rows(filled, panel_of(uid, title), PAGES[uid], mute), title


def test_a_rate_over_schools_is_the_sum_of_its_parts_and_no_mean_of_rates(filled: Filled) -> None:
    stored = filled.term.store.query(
        Query(
            measurement=UTILISATION,
            select=(Select("numerator_number"), Select("denominator_number")),
            group_by=UTILISATION.tag_names,
            newest=1,
        )
    )
    parts = [
        (row.values["numerator_number"], row.values["denominator_number"])
        for row in stored
        if row.tags["rate"] == "U1"
    ]
    used, known = (sum(float(part or 0) for part in side) for side in zip(*parts, strict=True))
    assert [pytest.approx(100 * used / known)] == last_values(filled, "campus-multimedia", "课时使用率")


def test_displays_on_are_a_share_of_every_hour_and_nought_at_night(filled: Filled) -> None:
    page, one = PAGES["campus-multimedia"], panel_of("campus-multimedia", "每小时开机率")
    dark = {**EVERY, "school": (PRIMARY, JUNIOR)}  # at the nine-year school one stays on for a night
    query = put_in(one["targets"][0]["query"], dark, page["templating"]["list"], span_of(one, filled.term))
    (series,) = filled.database.ask(query)
    by_hour: dict[int, list[float]] = {}
    for moment, share in series["values"]:
        by_hour.setdefault(moment // 3_600_000 % 24 + 8, []).append(share)
    assert {0.0} == set(by_hour[20])  # eight in the evening
    assert max(by_hour[8]) > 30


def test_grafanas_alert_rules_say_what_ours_say(filled: Filled) -> None:
    fires = {
        rule.name: {
            series["tags"]["school"]: series["values"][0][1]
            for series in filled.database.ask(firing_query(rule.name))
        }
        for rule in load_alert_rules().alerts
    }
    assert ({NINE_YEAR: 1}, {JUNIOR: 1}) == (fires["gateway-silent"], fires["projector-fault"])
    assert last_values(filled, "campus-overview", "正在告警") == [
        sum(number for by_school in fires.values() for number in by_school.values())
    ]


def test_two_hours_without_an_evaluation_give_no_row_which_is_an_alert(filled: Filled) -> None:
    now_ms = filled.term.now_ms
    asked = [
        filled.database.ask(SILENCE_QUERY.replace("$timeFilter", Span(end - 2 * 3_600_000, end).filter()))
        for end in (now_ms, now_ms + 3 * 3_600_000)
    ]
    assert (True, []) == (asked[0][0]["values"][0][1] >= 1, asked[1])


def test_the_lists_name_schools_and_rooms(filled: Filled) -> None:
    page, one = PAGES["campus-wireless"], panel_of("campus-wireless", "有接入点离线的房间")
    query = put_in(
        one["targets"][0]["query"],
        {**EVERY, "school": (JUNIOR,)},
        page["templating"]["list"],
        span_of(one, filled.term),
    )
    (series,) = filled.database.ask(query)
    found = dict(zip(series["columns"], series["values"][0], strict=True))
    assert (ODD_ROOM, "滨海模拟第二中学(东/校区)", "物理实验室 No.3") == (
        series["tags"]["room"],
        found["school_name"],
        found["room_name"],
    )


def test_a_cell_by_lesson_and_weekday_is_the_share_of_known_lessons_that_used_a_display(
    filled: Filled,
) -> None:
    """Against the counts themselves; no lesson of a Sunday is drawn."""
    page, one = PAGES["campus-multimedia"], panel_of("campus-multimedia", "各节次使用率")
    query = put_in(one["targets"][0]["query"], EVERY, page["templating"]["list"], span_of(one, filled.term))
    cells = {
        (series["tags"]["slot"], series["tags"]["weekday"]): series["values"][0][1]
        for series in filled.database.ask(query)
    }
    span = span_of(one, filled.term)
    counted = filled.term.store.query(
        Query(
            measurement=DAY_FACTS["lesson_day"],
            select=(Select("used", "sum", "used"), Select("used", "count", "known")),
            group_by=("slot", "weekday"),
            since=span.since_ms,
            until=span.until_ms + 1,
        )
    )
    expected = {
        (row.tags["slot"], row.tags["weekday"]): 100 * int(row.values["used"] or 0) / int(row.values["known"])
        for row in counted
        if row.values["known"]
    }
    assert cells == pytest.approx(expected)
    assert (len(cells) >= 2 * 5, {weekday for _, weekday in cells} <= set("12345")) == (True, True)


def test_how_busy_a_lesson_is_is_told_from_every_reading_of_it(filled: Filled) -> None:
    """The mean over radios and days of each lesson's 95th percentile, from the readings."""
    page, one = PAGES["campus-wireless"], panel_of("campus-wireless", "各节次信道占用")
    span = span_of(one, filled.term)
    query = put_in(one["targets"][0]["query"], EVERY, page["templating"]["list"], span)
    cells = {
        (series["tags"]["slot"], series["tags"]["weekday"]): series["values"][0][1]
        for series in filled.database.ask(query)
    }
    radio, calendar = MEASUREMENTS["radio"], filled.term.registry.calendar
    tags = ("district", "school", "room", "ap", "radio")
    heard: dict[tuple[Any, ...], list[int]] = {}
    asked = Query(
        measurement=radio,
        select=(Select("utilisation_pct"),),
        group_by=tags,
        since=span.since_ms,
        until=span.until_ms + 1,
    )
    for row in filled.term.store.query(asked):
        moment = row.time or 0
        day = calendar.day_of(moment)
        for name, slot in calendar.named_slots(day, until_ms=filled.term.now_ms):
            if span.since_ms <= slot.begin_ms <= moment < slot.end_ms:
                key = (name, str(day.isoweekday()), day, *row.tags.values())
                heard.setdefault(key, []).append(int(row.values["utilisation_pct"] or 0))
    p95: dict[tuple[str, str], list[int]] = {}
    for (slot_name, weekday, *_), values in heard.items():
        p95.setdefault((slot_name, weekday), []).append(sorted(values)[int(len(values) * 0.95 + 0.5) - 1])
    assert cells == pytest.approx({key: sum(found) / len(found) for key, found in p95.items()})
    assert (len(cells) >= 2 * 5, {weekday for _, weekday in cells} <= set("12345")) == (True, True)


def test_weeks_begin_on_a_monday(filled: Filled) -> None:
    page, one = PAGES["campus-multimedia"], panel_of("campus-multimedia", "每周使用率和已知率")
    query = put_in(one["targets"][0]["query"], EVERY, page["templating"]["list"], span_of(one, filled.term))
    (series,) = filled.database.ask(query)
    calendar = filled.term.registry.calendar
    begins = [
        (calendar.day_of(row[0]).weekday(), calendar.day_of(row[0] - 1).weekday()) for row in series["values"]
    ]
    assert (set(begins), len(begins) >= 2) == ({(0, 6)}, True)


def test_lessons_per_pupil_leave_out_schools_of_which_too_little_is_known(filled: Filled) -> None:
    """Their pupils would make the figure too low."""
    stored = filled.term.store.query(
        Query(
            measurement=UTILISATION,
            select=(Select("enough"), Select("numerator_number"), Select("denominator_number")),
            group_by=UTILISATION.tag_names,
            newest=1,
        )
    )
    rates = [row.values for row in stored if row.tags["rate"] == "U5"]
    lessons, pupils = (
        sum(float(rate[part] or 0) for rate in rates if rate["enough"])
        for part in ("numerator_number", "denominator_number")
    )
    assert len([rate for rate in rates if not rate["enough"]]) == 2
    for title in ("生均使用课时", "生均使用课时变化"):
        assert [pytest.approx(lessons / pupils)] == last_values(filled, "campus-multimedia", title), title


def test_hours_of_a_day_are_those_of_every_answer_that_a_display_was_on(filled: Filled) -> None:
    """Counted from the readings: each answer stands for the time to the next poll, ten minutes."""
    page, found = PAGES["campus-multimedia"], panel_of("campus-multimedia", "每天开机小时数")
    span = span_of(found, filled.term)
    query = put_in(found["targets"][0]["query"], EVERY, page["templating"]["list"], span)
    (series,) = filled.database.ask(query)
    asked = Query(
        measurement=MEASUREMENTS["room_device"],
        select=(Select("power"),),
        group_by=("school", "device"),
        since=span.since_ms,
        until=span.until_ms + 1,
    )
    hours: dict[date, float] = {}
    for row in filled.term.store.query(asked):
        if row.values["power"] in {"on", "warming"}:
            day = filled.term.registry.calendar.day_of(row.time or 0)
            hours[day] = hours.get(day, 0.0) + POLL_S / 3600
    shown = {
        filled.term.registry.calendar.day_of(moment): value for moment, value in series["values"] if value
    }
    # A display that was left on is on for all of school hours, which are no whole number of polls long.
    assert shown == pytest.approx({day: hours[day] for day in hours if day in shown}, abs=0.1)
    assert len(shown) >= 9


def test_what_began_to_fire_counts_once_however_often_its_row_changed(filled: Filled) -> None:
    rows = filled.term.store.query(
        Query(measurement=ALERT, select=(Select("status"), Select("since_ms")), group_by=ALERT.tag_names)
    )
    began: dict[tuple[Any, ...], int] = {}
    for row in sorted(rows, key=lambda row: row.time or 0):
        if row.values["status"] == "firing":
            began.setdefault((*row.tags.values(), row.values["since_ms"]), row.time or 0)
    by_day: dict[date, int] = {}
    for moment in began.values():
        day = filled.term.registry.calendar.day_of(moment)
        by_day[day] = by_day.get(day, 0) + 1
    page, found = PAGES["campus-gateways"], panel_of("campus-gateways", "每天新增告警")
    ((series,),) = answers(filled, found, page, span_of(found, filled.term))
    shown = {filled.term.registry.calendar.day_of(row[0]): row[1] for row in series["values"]}
    assert (by_day, True) == (shown, sum(shown.values()) > len({key[:-1] for key in began}))


def test_a_line_ends_where_nothing_is_known(filled: Filled) -> None:
    """The nine-year school's gateway fell silent an hour before: neither states nor lines go on until now."""
    page, now_ms = PAGES["campus-room"], filled.term.now_ms
    chosen = {"school": (NINE_YEAR,), "room": ("202",)}
    for title in ("接入点状态", "显示设备电源", "各射频繁忙度", "终端数"):
        found = panel_of("campus-room", title)
        span = Span(now_ms - 3 * 3_600_000, now_ms - 1)
        query = put_in(found["targets"][0]["query"], chosen, page["templating"]["list"], span)
        for series in filled.database.ask(query):
            silent = [value for moment, value in series["values"] if moment >= SILENT_SINCE_MS]
            heard = [value for moment, value in series["values"] if moment < SILENT_SINCE_MS]
            assert ([None] * 6, True) == (silent, any(value is not None for value in heard)), title


def test_rates_over_time_are_of_the_stages_chosen(filled: Filled) -> None:
    """Of five sections four have their rooms; of the two junior ones both."""
    number = [target["alias"] for target in panel_of("campus-overview", "各指标达标率变化")["targets"]].index(
        "教学用房"
    )
    found = [
        last_values(
            filled, "campus-overview", "各指标达标率变化", {**EVERY, "stage": (stage,)}, target=number
        )
        for stage in (ALL, "junior", "primary")
    ]
    assert [[80], [100], [pytest.approx(200 / 3)]] == found
