"""Panels about access points, radios and covered rooms, over whatever a page lets choose."""

from dashboards.grafana import looks
from dashboards.grafana.influxql import ROOM_TAGS, STEP, TIME, Share, led, mean_of, newest, now, where_known
from dashboards.grafana.model import Panel
from dashboards.grafana.panels import COUNT, lines, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.why_empty import NO_DEVICE, NO_EVALUATION, NOT_IN_SPAN
from runtime.language import Text

BANDS = ("2.4", "5", "6")
# Several polls long.
SUMMED = "5m"
# A channel that is busy for so much of the time is felt by those who use it.
BUSY_PCT = 70
_ANSWER = ("passed", "known")
_APS = ("aps", "aps_known", "aps_up")
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
        Text(
            "最近一次评估判定为未覆盖的房间数，旁边是缺少测点、面积或接入点状态而未判定的；"
            "没有任何房间有结论时不显示。",
            "Rooms that the last evaluation found not covered, beside those without an answer, of which "
            "points, area or the access point's state is missing. Nothing where no room has an answer.",
        ),
        where_known(
            now(
                "room_coverage",
                'sum("known") - sum("passed") AS "未覆盖", count("known") - sum("known") AS "未判定", '
                'sum("known") AS "known"',
                _ANSWER,
                ROOM_TAGS,
                where,
            ),
            "known",
            ("未覆盖", "未判定"),
        ),
        unit=COUNT,
        colours=looks.NONE_IS_GOOD,
        others={"未判定": looks.SOME_UNKNOWN},
        empty=Text(
            "没有任何房间有结论，或" + NO_EVALUATION.zh, "No room has an answer yet. " + NO_EVALUATION.en
        ),
    )


def aps_down(where: str) -> Panel:
    return numbers(
        "离线 AP",
        Text(
            "状态已知但不在线的接入点，旁边是一天内出现过、但十五分钟内没有状态的；没有任何状态已知时不显示。",
            "Access points known not to be up, beside those of the last day whose state is not known for 15 "
            "minutes. Nothing is shown where the state of none is known.",
        ),
        where_known(
            now(
                "room_state",
                'sum("aps_known") - sum("aps_up") AS "离线", sum("aps") - sum("aps_known") AS "未知", '
                'sum("aps_known") AS "known"',
                _APS,
                ROOM_TAGS,
                where,
            ),
            "known",
            ("离线", "未知"),
        ),
        unit=COUNT,
        colours=looks.NONE_IS_GOOD,
        others={"未知": looks.SOME_UNKNOWN},
        empty=Text("没有状态已知的接入点，或" + NO_EVALUATION.zh, "No state is known. " + NO_EVALUATION.en),
    )


def clients_now(where: str) -> Panel:
    # Every row has `seq`; an access point that is down says nothing of clients, and its old figure is none.
    rows = newest("access_point", ("seq", "clients"), ("school", "ap"), where, within=led("5m"))
    return numbers(
        "在线终端",
        Text("最近十五分钟各接入点报告的终端数之和，只计数。", "Clients of all access points, counted only."),
        f'SELECT sum("clients") AS "终端" FROM ({rows})',
        unit=COUNT,
        empty=NO_DEVICE,
        recent="10m",
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
        [("终端", f'SELECT sum("c") FROM ({rows}) WHERE {TIME} GROUP BY {STEP} fill(null)')],
        unit=COUNT,
        empty=NO_DEVICE,
        step=SUMMED,
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
