"""一所学校: every verdict with its reason, every room, its gateways and alerts."""

from dataclasses import replace

from dashboards.grafana import looks
from dashboards.grafana.alert_panels import firing, firing_table
from dashboards.grafana.collecting_panels import backlog, failing_collectors, gateway_table
from dashboards.grafana.day_panels import use_by_lesson, use_by_week
from dashboards.grafana.influxql import ONE_SCHOOL, ROOM_TAGS, newest, now
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import (
    SCHOOL,
    count,
    indicator_column,
    plain,
    room_of_this_school,
    stage_column,
    verdict_words,
)
from dashboards.grafana.panels import COUNT, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.use_panels import (
    hours_a_day,
    on_by_hour,
    rates_over_time,
    silent_displays,
    unused_rooms,
)
from dashboards.grafana.variables import DETAIL_TAG, board, page_links
from dashboards.grafana.variables import ONE_SCHOOL as SCHOOL_VARIABLE
from dashboards.grafana.why_empty import NO_EVALUATION
from dashboards.grafana.wireless_panels import (
    aps_down,
    busy_over_time,
    clients_over_time,
    coverage_over_time,
    covered_share,
    uncovered,
)
from runtime.language import Text

_TAGS = ("district", "school")


def one_school(setting: Setting) -> Dashboard:
    return Dashboard(
        uid=SCHOOL,
        title="一所学校",
        says=Text(
            "一所学校的全部结论和理由、每个房间、网关和告警。供学校和督导。",
            "All verdicts of one school with their reasons, every room, gateways and alerts.",
        ),
        variables=(SCHOOL_VARIABLE, board(setting.board)),
        links=page_links(taking=False, to_board="${board}/school/${school}"),
        tags=(TAG, DETAIL_TAG),
        span="now-7d",
        sections=(
            Section(
                title="${school:text} · 现在",
                panels=(
                    replace(_alive(), width=3),
                    replace(covered_share(ONE_SCHOOL), width=3),
                    uncovered(ONE_SCHOOL),
                    aps_down(ONE_SCHOOL),
                    silent_displays(ONE_SCHOOL),
                    replace(unused_rooms(ONE_SCHOOL), width=3),
                    replace(firing(ONE_SCHOOL), width=3),
                ),
            ),
            Section(title="结论", panels=(_verdicts(setting),)),
            Section(title="房间", panels=(_coverage(), _rooms())),
            Section(
                title="变化",
                panels=(
                    use_by_lesson(ONE_SCHOOL),
                    use_by_week(ONE_SCHOOL, setting.zone),
                    rates_over_time(ONE_SCHOOL, setting),
                    coverage_over_time(ONE_SCHOOL, setting),
                    on_by_hour(ONE_SCHOOL, setting.zone),
                    hours_a_day(ONE_SCHOOL, setting.zone),
                    busy_over_time(ONE_SCHOOL),
                    clients_over_time(ONE_SCHOOL),
                ),
            ),
            Section(
                title="网关与告警",
                panels=(
                    gateway_table(ONE_SCHOOL, (), height=6),
                    failing_collectors(ONE_SCHOOL, (), height=8),
                    firing_table(ONE_SCHOOL, ()),
                    backlog(ONE_SCHOOL),
                ),
            ),
        ),
    )


def _alive() -> Panel:
    """Before everything else: of a school that says nothing, nothing is known now."""
    states = {"2": ("在线", looks.GREEN), "1": ("失联", looks.RED), "0": ("从未上报", looks.GREY)}
    return numbers(
        "网关",
        Text(
            "学校的网关是否在线；失联或从未上报时，现在怎样一概不知道。",
            "Whether a gateway of the school is alive; else nothing is known of how things are now.",
        ),
        now("school_state", 'sum("heard") + sum("alive") AS "网关"', ["heard", "alive"], _TAGS, ONE_SCHOOL),
        unit=COUNT,
        mappings=looks.spoken(states),
        empty=NO_EVALUATION,
    )


def _verdicts(setting: Setting) -> Panel:
    fields = (
        "verdict",
        "value",
        "threshold",
        "floor",
        "gap",
        "declared",
        "observed",
        "completeness_number",
        "near",
        "reason",
        "school_name",
    )
    return table(
        "各项结论",
        Text(
            "每个学段每项指标的结论、现值和标准、申报和观测、数据完整率和理由。",
            "Every verdict with value and standard, declared and observed figure, completeness and reason.",
        ),
        newest("verdict", fields, ("district", "school", "stage", "indicator"), ONE_SCHOOL),
        (
            stage_column(),
            indicator_column(setting),
            verdict_words("verdict", "结论"),
            plain("value", "现值", width=90),
            plain("threshold", "标准", width=80),
            plain("floor", "底线", width=80),
            count("gap", "还差", width=90),
            plain("declared", "申报", width=100),
            plain("observed", "观测", width=100),
            Column(field="completeness_number", title="完整率", unit="percentunit", decimals=1, width=90),
            Column(field="near", title="临界", words=looks.yes_no(good=False), width=70),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "school_name"),
        sort="学段",
        descending=False,
        height=14,
        empty=NO_EVALUATION,
    )


def _coverage() -> Panel:
    fields = (
        "room_name",
        "verdict",
        "area_class",
        "points_covered",
        "points_required",
        "worst_rssi_dbm",
        "ap_up",
        "ap_samples",
        "reason",
    )
    return table(
        "房间的无线覆盖",
        Text(
            "每个要求覆盖的房间的结论和依据。",
            "Every room that needs coverage, with what its answer rests on.",
        ),
        newest("room_coverage", fields, ROOM_TAGS, ONE_SCHOOL),
        (
            room_of_this_school(),
            Column(field="verdict", title="结论", cell="colour", words=looks.words("coverage"), width=90),
            Column(field="area_class", title="区域", words=looks.words("area_classes"), width=100),
            count("points_covered", "达标测点", width=90),
            count("points_required", "应有", width=80),
            Column(field="worst_rssi_dbm", title="最弱信号", unit="dBm", width=100),
            count("ap_up", "AP 在线次数", width=110),
            count("ap_samples", "AP 已知次数", width=110),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "room"),
        sort="房间",
        descending=False,
        height=12,
        empty=NO_EVALUATION,
    )


def _rooms() -> Panel:
    fields = (
        "room_name",
        "aps",
        "aps_known",
        "aps_up",
        "clients",
        "busy_pct",
        "displays",
        "displays_known",
        "displays_on",
        "displays_silent",
        "displays_faulty",
        "lamp_h",
        "lessons_known",
        "lessons_used",
        "silent_s",
    )
    return table(
        "房间里的设备",
        Text(
            "每个房间的接入点、终端、显示设备、灯泡时间和使用课时。在线和开机的数只在已知和有应答的里面数：其余的不知道。",
            "Every room: access points, clients, displays, lamp hours, and lessons in which they were used. "
            "Up and on are counted among those known and answering: of the others nothing is known.",
        ),
        newest("room_state", fields, ROOM_TAGS, ONE_SCHOOL),
        (
            room_of_this_school(),
            count("aps", "AP", width=70),
            count("aps_known", "AP 已知", width=90),
            count("aps_up", "AP 在线", width=90),
            count("clients", "终端", width=80),
            Column(field="busy_pct", title="信道繁忙", unit="percent", width=100),
            count("displays", "显示设备", width=100),
            count("displays_known", "有应答", width=80),
            count("displays_on", "开机", width=80),
            count("displays_silent", "无应答", width=80),
            count("displays_faulty", "故障", width=80),
            Column(field="lamp_h", title="灯泡时间", unit="suffix: h", width=100),
            count("lessons_known", "已知课时", width=100),
            count("lessons_used", "使用课时", width=100),
            Column(field="silent_s", title="距上次读数", unit="dtdurations"),
        ),
        hidden=("district", "school", "room"),
        sort="房间",
        descending=False,
        height=12,
        empty=NO_EVALUATION,
    )
