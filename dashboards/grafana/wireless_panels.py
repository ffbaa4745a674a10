"""Panels about access points, radios and covered rooms, over whatever a page lets choose."""

from dashboards.grafana import looks
from dashboards.grafana.influxql import ROOM_TAGS, STEP, TIME, Share, mean_of, now
from dashboards.grafana.model import Panel
from dashboards.grafana.panels import COUNT, lines, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.why_empty import NO_DEVICE, NO_EVALUATION, NOT_IN_SPAN
from runtime.language import Text

BANDS = ("2.4", "5", "6")
# A channel that is busy for so much of the time is felt by those who use it.
BUSY_PCT = 70
_ANSWER = ("passed", "known")
_APS = ("aps_known", "aps_up")
_COVERED = Share(measurement="room_coverage", part='sum("passed")', whole='sum("known")', tags=ROOM_TAGS)
APS_UP = Share(measurement="room_state", part='sum("aps_up")', whole='sum("aps_known")', tags=ROOM_TAGS)


def covered_share(where: str) -> Panel:
    return numbers(
        "房间覆盖率",
        Text("已覆盖的房间占已判定房间的比例。", "Rooms covered, of those with an answer."),
        _COVERED.now(where, "覆盖率"),
        unit="percent",
        decimals=1,
        colours=looks.at_least(100, 90),
        empty=Text("没有任何房间有结论：缺少测点或接入点数据。", "No room has an answer yet."),
    )


def uncovered(where: str) -> Panel:
    return numbers(
        "未覆盖房间",
        Text("最近一次评估判定为未覆盖的房间数。", "Rooms that the last evaluation found not covered."),
        now("room_coverage", 'sum("known") - sum("passed") AS "房间"', _ANSWER, ROOM_TAGS, where),
        unit=COUNT,
        colours=looks.NONE_IS_GOOD,
        empty=NO_EVALUATION,
    )


def aps_down(where: str) -> Panel:
    return numbers(
        "离线 AP",
        Text(
            "状态已知但不在线的接入点；十五分钟内没有状态的不计。",
            "Access points known not to be up; those silent for 15 minutes are not counted.",
        ),
        now("room_state", 'sum("aps_known") - sum("aps_up") AS "离线"', _APS, ROOM_TAGS, where),
        unit=COUNT,
        colours=looks.NONE_IS_GOOD,
        empty=NO_EVALUATION,
    )


def clients_now(where: str) -> Panel:
    rows = (
        f'SELECT last("clients") AS "c" FROM "access_point" WHERE {TIME} AND {where} GROUP BY "school", "ap"'
    )
    return numbers(
        "在线终端",
        Text("最近十五分钟各接入点报告的终端数之和，只计数。", "Clients of all access points, counted only."),
        f'SELECT sum("c") AS "终端" FROM ({rows})',
        unit=COUNT,
        empty=NO_DEVICE,
        recent="15m",
    )


def coverage_over_time(where: str, setting: Setting) -> Panel:
    return lines(
        "房间覆盖率变化",
        Text(
            "每天最后一次评估中已覆盖房间占已判定房间的比例。",
            "Share of rooms covered, of those with an answer, at the end of each day.",
        ),
        [("覆盖率", _COVERED.over_time(where, zone=setting.zone))],
        unit="percent",
        high=100,
        empty=NOT_IN_SPAN,
    )


def aps_over_time(where: str) -> Panel:
    return lines(
        "AP 在线率变化",
        Text("状态已知的接入点中在线的比例。", "Share of access points up, of those whose state is known."),
        [("在线率", APS_UP.over_time(where))],
        unit="percent",
        high=100,
        empty=NOT_IN_SPAN,
    )


def clients_over_time(where: str) -> Panel:
    rows = (
        f'SELECT mean("clients") AS "c" FROM "access_point" WHERE {TIME} AND {where} '
        f'GROUP BY {STEP}, "school", "ap" fill(none)'
    )
    return lines(
        "在线终端变化",
        Text("所选范围内终端数之和，只计数。", "Clients in what is chosen, counted only."),
        [("终端", f'SELECT sum("c") FROM ({rows}) WHERE {TIME} GROUP BY {STEP} fill(none)')],
        unit=COUNT,
        empty=NO_DEVICE,
    )


def busy_over_time(where: str) -> Panel:
    return lines(
        "信道繁忙度",
        Text("各频段信道占用的平均值。", "Mean share of time that channels are busy, by band."),
        _by_band("utilisation_pct", where),
        unit="percent",
        high=100,
        limit=looks.steps(looks.GREEN, (BUSY_PCT, looks.RED)),
        empty=NO_DEVICE,
    )


def noise_over_time(where: str) -> Panel:
    return lines(
        "底噪",
        Text("各频段底噪的平均值，越低越好。", "Mean noise floor by band: the lower the better."),
        _by_band("noise_dbm", where),
        unit="dBm",
        low=None,
        empty=NO_DEVICE,
    )


def _by_band(field: str, where: str) -> list[tuple[str, str]]:
    return [(f"{band} GHz", mean_of("radio", field, f"\"band\" = '{band}' AND {where}")) for band in BANDS]
