"""一间教室: measuring points, access points and displays of one room, and how they were over time."""

from dashboards.grafana import looks
from dashboards.grafana.alert_panels import firing_table
from dashboards.grafana.day_panels import DISPLAYS, use_by_lesson, use_by_week
from dashboards.grafana.influxql import ONE_ROOM, ROOM_TAGS, STEP, TIME, mean_of, newest, newest_sum
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import ROOM, count, plain
from dashboards.grafana.panels import COUNT, lines, numbers, states
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.use_panels import hours_a_day, on_by_hour
from dashboards.grafana.variables import DETAIL_TAG, ONE_SCHOOL, board, page_links
from dashboards.grafana.variables import ONE_ROOM as ROOM_VARIABLE
from dashboards.grafana.why_empty import NO_DEVICE, NO_DISPLAY, NO_EVALUATION
from runtime.language import Text

_NO_COVERAGE = Text(
    "这个房间不要求无线覆盖，或最近没有评估。",
    "The room needs no coverage, or no evaluation was made lately.",
)
_NO_SURVEY = Text("这个房间没有测点数据。", "The room was not surveyed.")


def one_room(setting: Setting) -> Dashboard:
    return Dashboard(
        uid=ROOM,
        title="一间教室",
        says=Text(
            "一个房间的测点、接入点和显示设备，现在怎样、过去怎样。供现场处理。",
            "One room: points, access points and displays, now and over time. For whoever goes there.",
        ),
        variables=(ONE_SCHOOL, ROOM_VARIABLE, board(setting.board)),
        links=page_links(taking=False, to_board="${board}/school/${school}"),
        tags=(TAG, DETAIL_TAG),
        span="now-24h",
        sections=(
            Section(title="${school:text} · ${room:text}", panels=_now()),
            Section(title="测点", panels=(_points(), _signal(setting))),
            Section(title="接入点", panels=(_aps(), _ap_states(), _busy(), _noise(), _clients())),
            Section(
                title="显示设备",
                panels=(
                    _displays(),
                    _power(),
                    use_by_lesson(ONE_ROOM),
                    use_by_week(ONE_ROOM, setting.zone),
                    on_by_hour(ONE_ROOM, setting.zone),
                    hours_a_day(ONE_ROOM, setting.zone),
                ),
            ),
            Section(title="告警", panels=(firing_table(ONE_ROOM, (), height=6),)),
        ),
    )


def _now() -> tuple[Panel, ...]:
    return (
        numbers(
            "无线覆盖",
            Text("最近一次评估对这个房间的结论。", "What the last evaluation says of the room."),
            newest_sum("room_coverage", 'last("verdict") AS "verdict"', ("verdict",), ROOM_TAGS, ONE_ROOM),
            unit="string",
            text="verdict",
            mappings=looks.words("coverage"),
            width=6,
            empty=_NO_COVERAGE,
        ),
        numbers(
            "测点",
            Text("达标的测点和要求的测点数。", "Points covered, and points required."),
            newest_sum(
                "room_coverage",
                'sum("points_covered") AS "达标", sum("points_required") AS "应有"',
                ("verdict", "points_covered", "points_required"),
                ROOM_TAGS,
                ONE_ROOM,
            ),
            unit=COUNT,
            width=6,
            empty=_NO_COVERAGE,
        ),
        numbers(
            "接入点与显示设备",
            Text(
                "在线的接入点、开机的显示设备，旁边是状态已知的和全部的。",
                "Access points up and displays on, beside how many are known, and how many there are.",
            ),
            newest_sum(
                "room_state",
                'sum("aps_up") AS "AP 在线", sum("aps_known") AS "AP 已知", '
                'sum("displays_on") AS "开机", sum("displays_known") AS "有应答", '
                'sum("displays") AS "显示设备"',
                ("aps", "aps_up", "aps_known", "displays_on", "displays_known", "displays"),
                ROOM_TAGS,
                ONE_ROOM,
            ),
            unit=COUNT,
            width=6,
            empty=NO_EVALUATION,
        ),
        numbers(
            "使用课时",
            Text("统计期内使用的课时和已知的课时。", "Lessons used in the window, and lessons known."),
            newest_sum(
                "room_state",
                'sum("lessons_used") AS "使用", sum("lessons_known") AS "已知"',
                ("aps", "lessons_used", "lessons_known"),
                ROOM_TAGS,
                ONE_ROOM,
            ),
            unit=COUNT,
            width=6,
            empty=Text(
                "这个房间没有显示设备，或最近没有评估。", "The room has no display, or no recent evaluation."
            ),
        ),
    )


def _points() -> Panel:
    return table(
        "最近一次测量",
        Text(
            "每个测点每个频段最近一次测到的信号；没有数值表示没有听到信号。不受所选时间限制。",
            "The newest measurement of every point and band; no figure means no signal was heard.",
        ),
        newest(
            "signal_sample",
            ("seq", "rssi_dbm", "snr_db", "ap"),
            ("room", "point", "band"),
            ONE_ROOM,
            within="",
        ),
        (
            plain("point", "测点", width=100),
            plain("band", "频段 GHz", width=100),
            Column(field="rssi_dbm", title="信号", unit="dBm", width=100),
            Column(field="snr_db", title="信噪比", unit="dB", width=100),
            plain("ap", "接入点"),
        ),
        hidden=("room", "seq"),
        sort="测点",
        descending=False,
        width=12,
        recent="",
        time="测量时间",
        empty=_NO_SURVEY,
    )


def _signal(setting: Setting) -> Panel:
    limit = setting.standard.wireless.limit_dbm.key
    return lines(
        "测点信号变化",
        Text(
            f"每个测点的信号强度；虚线是重点区域的下限 {limit} dBm。",
            "Signal at every point; the dashed line is the limit of key areas.",
        ),
        [
            (
                "[[tag_point]] · [[tag_band]] GHz",
                # Months lie between two surveys, and the line goes on.
                mean_of("signal_sample", "rssi_dbm", ONE_ROOM, '"point", "band"', filled="none"),
            )
        ],
        unit="dBm",
        low=None,
        height=10,
        limit=looks.steps(looks.RED, (limit, looks.GREEN)),
        empty=Text("所选时间内没有测量。", "Nothing was measured in this span."),
    )


def _aps() -> Panel:
    fields = ("state", "name", "model", "clients", "uptime_s", "cpu_pct", "temperature_c", "seq")
    return table(
        "接入点",
        Text("控制器对每个接入点最近一次的报告。", "What the controller said of every access point last."),
        newest("access_point", fields, ("room", "ap"), ONE_ROOM),
        (
            plain("ap", "序列号", width=200),
            Column(field="state", title="状态", cell="colour", words=looks.words("ap_states"), width=90),
            plain("name", "名称", width=220),
            plain("model", "型号", width=140),
            count("clients", "终端", width=80),
            Column(field="uptime_s", title="已运行", unit="dtdurations", width=120),
            Column(field="cpu_pct", title="处理器", unit="percent", width=80),
            Column(field="temperature_c", title="温度", unit="celsius", width=80),
        ),
        hidden=("room", "seq"),
        sort="序列号",
        descending=False,
        height=6,
        recent="",
        time="时间",
        empty=NO_DEVICE,
    )


def _ap_states() -> Panel:
    return states(
        "接入点状态",
        Text(
            "每个接入点在所选时间内的状态；空白是不知道。",
            "The state of every access point over this span; a gap is not known.",
        ),
        _last_text("access_point", "state", '"ap"', ONE_ROOM),
        "[[tag_ap]]",
        looks.words("ap_states"),
        height=5,
        empty=NO_DEVICE,
    )


def _last_text(measurement: str, field: str, by: str, where: str) -> str:
    groups = f"GROUP BY {STEP}, {by} fill(null)"
    return f'SELECT last("{field}") FROM "{measurement}" WHERE {TIME} AND {where} {groups}'


def _busy() -> Panel:
    return lines(
        "各射频繁忙度",
        Text("每个射频的信道占用率。", "How busy each radio's channel is."),
        [("[[tag_ap]] · [[tag_radio]]", mean_of("radio", "utilisation_pct", ONE_ROOM, '"ap", "radio"'))],
        unit="percent",
        width=8,
        high=100,
        empty=NO_DEVICE,
    )


def _noise() -> Panel:
    return lines(
        "各射频底噪",
        Text("每个射频的底噪，越低越好。", "Each radio's noise floor: the lower the better."),
        [("[[tag_ap]] · [[tag_radio]]", mean_of("radio", "noise_dbm", ONE_ROOM, '"ap", "radio"'))],
        unit="dBm",
        width=8,
        low=None,
        empty=NO_DEVICE,
    )


def _clients() -> Panel:
    return lines(
        "终端数",
        Text("每个接入点的终端数，只计数。", "Clients of each access point, counted only."),
        [("[[tag_ap]]", mean_of("access_point", "clients", ONE_ROOM, '"ap"'))],
        unit=COUNT,
        width=8,
        empty=NO_DEVICE,
    )


def _displays() -> Panel:
    fields = ("reachable", "power", "condition", "faults", "source", "lamp_h", "maker", "model", "seq")
    return table(
        "设备",
        Text(
            "每台设备最近一次的应答；无应答时其余各栏不知道，就空着。",
            "The last answer of every device; where it did not answer nothing else is known.",
        ),
        newest("room_device", fields, ("room", "device", "type"), ONE_ROOM),
        (
            plain("device", "设备", width=160),
            Column(field="type", title="种类", words=looks.words("device_types"), width=100),
            Column(field="reachable", title="应答", cell="word", words=looks.yes_no(), width=70),
            Column(field="power", title="电源", cell="colour", words=looks.words("power"), width=90),
            Column(field="condition", title="状况", cell="colour", words=looks.words("conditions"), width=90),
            plain("faults", "故障", width=180),
            plain("source", "信号源", width=90),
            Column(field="lamp_h", title="灯泡时间", unit="suffix: h", width=100),
            plain("maker", "厂商", width=120),
            plain("model", "型号"),
        ),
        hidden=("room", "seq"),
        sort="设备",
        descending=False,
        height=6,
        recent="",
        time="时间",
        empty=NO_DISPLAY,
    )


def _power() -> Panel:
    return states(
        "显示设备电源",
        Text(
            "每台显示设备在所选时间内的电源状态；空白是不知道。",
            "Power of every display; a gap is not known.",
        ),
        _last_text("room_device", "power", '"device"', f"{DISPLAYS} AND {ONE_ROOM}"),
        "[[tag_device]]",
        looks.words("power"),
        height=5,
        empty=NO_DISPLAY,
    )
