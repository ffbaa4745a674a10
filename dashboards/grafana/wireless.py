"""无线: which rooms have a signal, which access points are dead, how busy and noisy the air is."""

from dashboards.grafana import looks
from dashboards.grafana.day_panels import busiest_lessons, busiest_radios, busy_by_lesson, clients_by_weekday
from dashboards.grafana.influxql import HERE, IN_ROOM, ROOM_TAGS, columns, greatest, newest, now
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import (
    WIRELESS,
    count,
    plain,
    room_name,
    school_name,
    unknown_count,
    wrong_count,
)
from dashboards.grafana.panels import numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.variables import DISTRICT, DISTRICT_TAG, ROOM, SCHOOL, board, page_links
from dashboards.grafana.why_empty import NO_DEVICE, NO_EVALUATION, nothing_wrong
from dashboards.grafana.wireless_panels import (
    APS_UP,
    aps_down,
    aps_over_time,
    busy_over_time,
    clients_now,
    clients_over_time,
    coverage_over_time,
    covered_share,
    noise_over_time,
    uncovered,
)
from runtime.language import Text

_MOST = 15


def wireless(setting: Setting) -> Dashboard:
    return Dashboard(
        uid=WIRELESS,
        title="无线",
        says=Text(
            "哪些房间有信号、哪些接入点离线、空口有多忙。供学校和区信息中心处理故障。",
            "Which rooms are covered, which access points are down, how busy the air is. For IT staff.",
        ),
        variables=(DISTRICT, SCHOOL, ROOM, board(setting.board)),
        links=page_links(taking=True),
        tags=(TAG, DISTRICT_TAG),
        sections=(
            Section(
                title="现在",
                panels=(
                    covered_share(IN_ROOM),
                    uncovered(IN_ROOM),
                    _aps_up(),
                    aps_down(IN_ROOM),
                    clients_now(IN_ROOM),
                ),
            ),
            Section(
                title="覆盖", panels=(_by_school(), coverage_over_time(IN_ROOM, setting), _not_covered())
            ),
            Section(title="接入点", panels=(_dead(), aps_over_time(IN_ROOM), clients_over_time(IN_ROOM))),
            Section(
                title="教学时间（每日统计）",
                panels=(
                    busy_by_lesson(IN_ROOM),
                    busiest_lessons(IN_ROOM),
                    clients_by_weekday(IN_ROOM),
                    busiest_radios(IN_ROOM),
                ),
            ),
            Section(title="信道", panels=(busy_over_time(IN_ROOM), noise_over_time(IN_ROOM), _busiest())),
        ),
    )


def _aps_up() -> Panel:
    return numbers(
        "AP 在线率",
        Text("状态已知的接入点中在线的比例。", "Access points up, of those whose state is known."),
        APS_UP.now(IN_ROOM, "在线率"),
        unit="percent",
        decimals=1,
        colours=looks.at_least(95, 85),
        empty=Text("没有状态已知的接入点。", "No access point whose state is known."),
    )


def _by_school() -> Panel:
    sums = (
        'last("school_name") AS "school_name", count("known") AS "rooms", sum("passed") AS "covered", '
        'sum("known") - sum("passed") AS "uncovered", count("known") - sum("known") AS "unknown", '
        '100 * sum("passed") / count("known") AS "share"'
    )
    return table(
        "各校覆盖",
        Text(
            "要求覆盖的房间里已覆盖、未覆盖、未判定各多少；覆盖率是已覆盖的占全部的比例。",
            "Rooms that need coverage: covered, not covered, undetermined; the share is of all of them.",
        ),
        now(
            "room_coverage",
            sums,
            ("school_name", "passed", "known"),
            ROOM_TAGS,
            HERE,
            columns(("district", "school")),
        ),
        (
            school_name(),
            count("rooms", "房间"),
            count("covered", "已覆盖"),
            wrong_count("uncovered", "未覆盖"),
            unknown_count("unknown", "未判定"),
            # No red: where nothing is known none is covered either.
            Column(
                field="share",
                title="覆盖率",
                unit="percent",
                cell="gauge",
                decimals=1,
                span=(0, 100),
                colours=looks.steps(looks.BLUE, (100, looks.GREEN)),
            ),
        ),
        hidden=("district", "school"),
        sort="未覆盖",
        width=12,
        height=8,
        empty=NO_EVALUATION,
    )


def _not_covered() -> Panel:
    fields = (
        "school_name",
        "room_name",
        "verdict",
        "area_class",
        "points_covered",
        "points",
        "points_required",
        "worst_rssi_dbm",
        "ap_up",
        "ap_samples",
        "reason",
    )
    return table(
        "未覆盖和未判定的房间",
        Text(
            "每个房间的测点、最弱信号和接入点在线次数，以及为什么没有通过。点房间看测点。",
            "Points, weakest signal, times the access points "
            "were up, and why; a room's name leads to its points.",
        ),
        newest("room_coverage", fields, ROOM_TAGS, IN_ROOM, keep="\"verdict\" <> 'pass'"),
        (
            school_name(),
            room_name(),
            Column(field="verdict", title="结论", cell="colour", words=looks.words("coverage"), width=90),
            Column(field="area_class", title="区域", words=looks.words("area_classes"), width=100),
            count("points_covered", "达标测点", width=90),
            count("points", "测点", width=80),
            count("points_required", "应有", width=80),
            Column(field="worst_rssi_dbm", title="最弱信号", unit="dBm", width=100),
            count("ap_up", "AP 在线次数", width=110),
            count("ap_samples", "AP 已知次数", width=110),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "room"),
        sort="结论",
        descending=False,
        height=12,
        empty=nothing_wrong("所选房间全部已覆盖", "every room chosen is covered"),
    )


def _dead() -> Panel:
    fields = ("school_name", "room_name", "aps", "aps_known", "aps_up", "aps_down", "silent_s")
    return table(
        "有接入点离线的房间",
        Text(
            "控制器说不在线的接入点，按房间列出序列号。",
            "Access points that their controller reports as not up, by room.",
        ),
        newest("room_state", fields, ROOM_TAGS, IN_ROOM, keep='"aps_known" - "aps_up" > 0'),
        (
            school_name(),
            room_name(),
            count("aps", "AP 总数"),
            count("aps_known", "状态已知"),
            count("aps_up", "在线"),
            plain("aps_down", "离线的 AP"),
            Column(field="silent_s", title="距上次读数", unit="dtdurations", width=140),
        ),
        hidden=("district", "school", "room"),
        sort="学校",
        descending=False,
        height=8,
        empty=nothing_wrong("没有接入点离线", "no access point is down"),
    )


def _busiest() -> Panel:
    return table(
        f"最忙的 {_MOST} 个房间",
        Text(
            "所选时间内每次评估时最忙射频的占用率，取平均。",
            "Mean over this span of the busiest radio's share of time busy, as evaluations found it.",
        ),
        greatest(
            "room_state", "busy_pct", "mean", ("school_name", "room_name"), ROOM_TAGS, IN_ROOM, most=_MOST
        ),
        (
            school_name(),
            room_name(),
            Column(
                field="busy_pct",
                title="平均占用率",
                unit="percent",
                cell="gauge",
                decimals=1,
                span=(0, 100),
                colours=looks.steps(looks.GREEN, (50, looks.YELLOW), (70, looks.RED)),
            ),
        ),
        hidden=("district", "school", "room"),
        sort="平均占用率",
        height=10,
        recent="",
        empty=NO_DEVICE,
    )
