"""多媒体教室: how much displays are used, which rooms stand idle, which devices are faulty or silent."""

from dashboards.grafana import looks
from dashboards.grafana.day_panels import on_outside_hours, unused_this_term, use_by_lesson, use_by_week
from dashboards.grafana.influxql import HERE, IN_ROOM, ROOM_TAGS, chosen, greatest, newest
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import (
    MULTIMEDIA,
    count,
    plain,
    room_name,
    school_name,
    stage_column,
    verdict_words,
)
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.use_panels import (
    RATES,
    completeness_over_time,
    hours_a_day,
    on_by_hour,
    per_pupil_over_time,
    rate_now,
    rates_over_time,
    silent_displays,
    unused_rooms,
)
from dashboards.grafana.variables import DISTRICT, DISTRICT_TAG, ROOM, SCHOOL, board, page_links
from dashboards.grafana.why_empty import NO_DISPLAY, NO_EVALUATION, nothing_wrong
from runtime.language import Text

_MOST = 15


def multimedia(setting: Setting) -> Dashboard:
    return Dashboard(
        uid=MULTIMEDIA,
        title="多媒体教室",
        says=Text(
            "显示设备用得多不多、哪些房间闲置、哪些设备有故障。供教体局和学校看设备利用率。",
            "How much displays are used, which rooms stand idle, "
            "which devices are faulty. For bureau and schools.",
        ),
        variables=(DISTRICT, SCHOOL, ROOM, board(setting.board)),
        links=page_links(taking=True),
        tags=(TAG, DISTRICT_TAG),
        span="now-14d",
        sections=(
            Section(
                title="利用率", panels=(*(rate_now(code, HERE) for code in RATES), unused_rooms(IN_ROOM))
            ),
            Section(title="各校利用率", panels=(_by_school(), _per_pupil())),
            Section(
                title="变化",
                panels=(
                    rates_over_time(HERE, setting),
                    completeness_over_time(HERE, setting),
                    per_pupil_over_time(HERE, setting),
                ),
            ),
            Section(
                title="按节次、星期和学期",
                panels=(
                    use_by_lesson(IN_ROOM),
                    use_by_week(IN_ROOM, setting.zone),
                    unused_this_term(IN_ROOM),
                    on_outside_hours(IN_ROOM),
                ),
            ),
            Section(
                title="开机时间",
                panels=(on_by_hour(IN_ROOM, setting.zone), hours_a_day(IN_ROOM, setting.zone)),
            ),
            Section(title="房间与设备", panels=(silent_displays(IN_ROOM), _unused(), _trouble(), _lamps())),
            Section(title="申报与观测", panels=(_declared(),)),
            Section(
                title="逐校查看（展开后按所选学校逐一画出）",
                panels=(
                    on_by_hour(IN_ROOM, setting.zone, repeat="school"),
                    hours_a_day(IN_ROOM, setting.zone, repeat="school"),
                ),
                folded=True,
            ),
        ),
    )


def _by_school() -> Panel:
    fields = (
        "school_name",
        "value_number",
        "completeness_number",
        "enough",
        "numerator",
        "denominator",
        "reason",
    )
    return table(
        "各校四项比率",
        Text(
            "每所学校的 U1–U4；数据不足时没有比率，只有分子分母和完整率。",
            "U1 to U4 of every school; with too little data there is no rate, only what is known.",
        ),
        newest(
            "utilisation",
            fields,
            ("district", "school", "rate"),
            f"\"rate\" <> 'U5' AND {HERE}",
        ),
        (
            school_name(),
            Column(field="rate", title="比率", words=looks.words("rates"), width=110),
            Column(
                field="value_number",
                title="值",
                unit="percentunit",
                cell="gauge",
                decimals=1,
                span=(0, 1),
                colours=looks.PLAIN,
                width=200,
            ),
            Column(field="completeness_number", title="完整率", unit="percentunit", decimals=1, width=90),
            Column(field="enough", title="数据足够", cell="word", words=looks.yes_no(), width=90),
            plain("numerator", "分子", width=100),
            plain("denominator", "分母", width=100),
            plain("reason", "依据"),
        ),
        hidden=("district", "school"),
        sort="学校",
        descending=False,
        width=16,
        height=12,
        empty=NO_EVALUATION,
    )


def _per_pupil() -> Panel:
    return table(
        "各校生均使用课时",
        Text("U5：统计期内使用的课时除以在校生数。", "U5: lessons used in the window, per pupil."),
        newest(
            "utilisation",
            ("school_name", "value_number", "completeness_number"),
            ("district", "school", "rate"),
            f"\"rate\" = 'U5' AND {HERE}",
        ),
        (
            school_name(),
            Column(field="value_number", title="课时/人", unit="none", decimals=3, width=110),
            Column(field="completeness_number", title="完整率", unit="percentunit", decimals=1),
        ),
        hidden=("district", "school", "rate"),
        sort="课时/人",
        width=8,
        height=12,
        empty=NO_EVALUATION,
    )


def _unused() -> Panel:
    fields = ("school_name", "room_name", "unused", "lessons_due", "lessons_known", "lessons_used")
    return table(
        "闲置房间",
        Text(
            "统计期内所有已知课时都没有用过显示设备的房间。",
            "Rooms whose displays no known lesson of the window used.",
        ),
        newest("room_state", fields, ROOM_TAGS, IN_ROOM, keep='"unused" = 1'),
        (
            school_name(),
            room_name(),
            count("lessons_due", "应有课时"),
            count("lessons_known", "已知课时"),
            count("lessons_used", "使用课时"),
        ),
        hidden=("district", "school", "room", "unused"),
        sort="学校",
        descending=False,
        width=20,
        height=8,
        empty=nothing_wrong(
            "没有闲置的房间，或教学日还不够判断", "no room is idle, or it is too early to say"
        ),
    )


def _trouble() -> Panel:
    fields = (
        "school_name",
        "room_name",
        "displays",
        "displays_known",
        "displays_silent",
        "displays_faulty",
        "silent",
        "faults",
    )
    return table(
        "故障和无应答的显示设备",
        Text(
            "正在报告故障、或被询问而不应答的投影机和大屏，按房间列出。",
            "Projectors and panels that report an error or do not answer, by room.",
        ),
        newest(
            "room_state",
            fields,
            ROOM_TAGS,
            IN_ROOM,
            keep='("displays_faulty" > 0 OR "displays_silent" > 0)',
        ),
        (
            school_name(),
            room_name(),
            count("displays", "设备"),
            count("displays_known", "有应答"),
            count("displays_silent", "无应答"),
            count("displays_faulty", "故障"),
            plain("silent", "无应答的设备"),
            plain("faults", "故障"),
        ),
        hidden=("district", "school", "room"),
        sort="学校",
        descending=False,
        width=14,
        height=10,
        empty=nothing_wrong("没有故障或无应答的设备", "no display is faulty or silent"),
    )


def _lamps() -> Panel:
    return table(
        f"灯泡时间最长的 {_MOST} 个房间",
        Text("用得最久的灯泡的小时数；激光机没有。", "Hours of the most used lamp; lasers have none."),
        greatest(
            "room_state", "lamp_h", "last", ("school_name", "room_name"), ROOM_TAGS, IN_ROOM, most=_MOST
        ),
        (
            school_name(),
            room_name(),
            Column(
                field="lamp_h",
                title="灯泡时间",
                unit="suffix: h",
                decimals=0,
                cell="word",
                colours=looks.steps(looks.GREEN, (2000, looks.YELLOW), (3000, looks.RED)),
            ),
        ),
        hidden=("district", "school", "room"),
        sort="灯泡时间",
        width=10,
        height=10,
        empty=NO_DISPLAY,
    )


def _declared() -> Panel:
    fields = (
        "school_name",
        "verdict",
        "declared_number",
        "observed_number",
        "value",
        "threshold",
        "completeness_number",
        "gap",
        "reason",
        "item",
    )
    return table(
        "网络多媒体教室：申报与观测",
        Text(
            "报表申报的间数和实际观测到正常使用的间数；两个学段按权重分摊全校间数。",
            "Rooms declared on the form beside rooms seen at work; stages share the school's by weight.",
        ),
        newest(
            "verdict",
            fields,
            ("district", "school", "stage", "indicator"),
            f"\"item\" = 'multimedia_rooms' AND {chosen('district', 'school')}",
        ),
        (
            school_name(),
            stage_column(),
            verdict_words("verdict", "结论"),
            Column(field="declared_number", title="申报（间）", unit="none", decimals=1, width=100),
            Column(field="observed_number", title="观测（间）", unit="none", decimals=1, width=100),
            plain("value", "每百人", width=90),
            plain("threshold", "标准", width=80),
            Column(field="completeness_number", title="完整率", unit="percentunit", decimals=1, width=90),
            count("gap", "还差", width=80),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "indicator", "item"),
        sort="学校",
        descending=False,
        height=10,
        empty=NO_EVALUATION,
    )
