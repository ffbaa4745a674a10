"""Panels about displays and how much they are used, over whatever a page lets choose."""

from dashboards.grafana import looks
from dashboards.grafana.day_panels import DISPLAYS, NO_DAY
from dashboards.grafana.influxql import (
    ROOM_TAGS,
    TIME,
    Share,
    newest_sum,
    now,
    over_time,
    share_by_hour,
    where_known,
)
from dashboards.grafana.model import Panel
from dashboards.grafana.panels import COUNT, lines, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.why_empty import NO_DISPLAY, NO_EVALUATION, NOT_ENOUGH, NOT_IN_SPAN
from rules.words import name
from runtime.language import Text

# U5 is lessons per pupil; the others are shares.
SHARES = ("U1", "U2", "U3", "U4")
RATES = (*SHARES, "U5")
_RATE_TAGS = ("district", "school", "rate")
# As the rules count it: a display that warms up is on.
_LIT = '"power" =~ /^(on|warming)$/'


def silent_displays(where: str) -> Panel:
    return numbers(
        "无应答显示设备",
        Text(
            "正在询问但不应答的投影机和大屏，旁边是一天内询问过、但十五分钟内没有询问到的；都没有询问到时不显示。",
            "Projectors and panels that are asked and do not answer, beside those of the last day that were "
            "not asked for 15 minutes. Nothing is shown where none is asked.",
        ),
        where_known(
            now(
                "room_state",
                'sum("displays_silent") AS "无应答", '
                'sum("displays") - sum("displays_known") - sum("displays_silent") AS "未知", '
                'sum("displays_known") + sum("displays_silent") AS "asked"',
                ["displays", "displays_known", "displays_silent"],
                ROOM_TAGS,
                where,
            ),
            "asked",
            ("无应答", "未知"),
        ),
        unit=COUNT,
        colours=looks.NONE_IS_GOOD,
        others={"未知": looks.SOME_UNKNOWN},
        empty=Text(
            "没有正在询问的显示设备，或" + NO_EVALUATION.zh, "No display is asked. " + NO_EVALUATION.en
        ),
    )


def unused_rooms(where: str) -> Panel:
    return numbers(
        "闲置房间",
        Text(
            "统计期内所有已知课时都未使用显示设备的房间，旁边是数据不足而不知道的。",
            "Rooms whose displays no known lesson of the window used, and those not known enough.",
        ),
        # Rows without an answer have no such field: newest rows, not last values.
        where_known(
            newest_sum(
                "room_state",
                'sum("unused") AS "闲置", count("lessons_due") - count("unused") AS "未知", '
                'count("unused") AS "known"',
                ("aps", "unused", "lessons_due"),
                ROOM_TAGS,
                where,
            ),
            "known",
            ("闲置", "未知"),
        ),
        unit=COUNT,
        colours=looks.steps(looks.GREEN, (1, looks.YELLOW)),
        others={"未知": looks.SOME_UNKNOWN},
        empty=Text(
            "没有房间积累到足够的教学日来判断是否闲置。",
            "No room has been watched on enough school days to say so.",
        ),
    )


def rate_now(code: str, where: str) -> Panel:
    title = name("rates", code, "zh")
    per_cent = code in SHARES
    query = _share(code).now(f"\"rate\" = '{code}' AND {where}", title)
    return numbers(
        title,
        _RATE_NOW[per_cent](code),
        query,
        unit="percent" if per_cent else COUNT,
        decimals=1 if per_cent else 3,
        empty=NO_EVALUATION if per_cent else NOT_ENOUGH,
    )


def _known_part(code: str) -> Text:
    return Text(
        f"{code}：所选学校分子之和除以分母之和，只算已知的部分。数据是否足够见下表。",
        f"{code}: {name('rates', code, 'en')}, of what is known. Whether data are enough is said below.",
    )


def _enough(code: str) -> Text:
    return Text(
        f"{code}：数据足够的学校使用课时之和除以学生数之和；数据不足的学校不计，见下表。",
        f"{code}: {name('rates', code, 'en')}, of schools with enough data; which ones is said below.",
    )


_RATE_NOW = {True: _known_part, False: _enough}


def on_by_hour(where: str, zone: str, *, repeat: str = "", width: int = 12) -> Panel:
    query = share_by_hour("room_device", "power", _LIT, f"{DISPLAYS} AND {where}", zone)
    return lines(
        "每小时开机率 · ${school:text}" if repeat else "每小时开机率",
        Text(
            "每小时的应答中显示设备开机（含预热）的比例；整小时没有应答的不画，读数过了保留期的也不画。",
            "Of the answers of each hour the share in which a display was on or warming up; hours without "
            "answers, or of which the readings have expired, are left out.",
        ),
        [("开机率", query)],
        unit="percent",
        width=width,
        high=100,
        bars=True,
        empty=NO_DISPLAY,
        repeat=repeat,
    )


def hours_a_day(where: str, zone: str, *, repeat: str = "", width: int = 12) -> Panel:
    # Not from readings: how far apart they come differs from school to school, and they expire.
    query = (
        f'SELECT (sum("on_min") + sum("outside_min")) / 60 FROM "device_day" WHERE {TIME} AND {DISPLAYS} '
        f"AND {where} GROUP BY time(1d) fill(none) tz('{zone}')"
    )
    return lines(
        "每天开机小时数 · ${school:text}" if repeat else "每天开机小时数",
        Text(
            "每日统计：所选显示设备每天开机（含预热）时间之和，包括教学时间以外；没有应答的时间不知道，不计在内。"
            "没有柱子的日子没有询问过设备。",
            "From the day book: time on or warming up of all displays each day, in school hours and outside; "
            "time without answers is not known and not in it. Of a day without a bar no device was asked.",
        ),
        [("开机时间", query)],
        unit="suffix: h",
        width=width,
        decimals=1,
        bars=True,
        empty=NO_DAY,
        repeat=repeat,
    )


def rates_over_time(where: str, setting: Setting) -> Panel:
    limit = float(setting.standard.utilisation.serviceable_share * 100)
    return lines(
        "利用率与完好率变化",
        Text(
            "U1–U4：各校分子之和除以分母之和，从不取各校比率的平均；虚线是完好率的标准。数据不足时也画出，见完整率。",
            "U1 to U4: sums over schools divided, never the mean of rates; drawn also where data are short.",
        ),
        [(name("rates", code, "zh"), rate_over_time(code, where, setting)) for code in SHARES],
        unit="percent",
        high=100,
        limit=looks.steps(looks.RED, (limit, looks.GREEN)),
        empty=NOT_IN_SPAN,
    )


def per_pupil_over_time(where: str, setting: Setting) -> Panel:
    return lines(
        "生均使用课时变化",
        Text(
            "U5：使用课时数除以在校生数；数据不足或未填在校生数的学校不计。",
            "U5: lessons used per pupil; without schools whose data are not enough or without pupils told.",
        ),
        [(name("rates", "U5", "zh"), rate_over_time("U5", where, setting))],
        unit=COUNT,
        decimals=3,
        empty=NOT_ENOUGH,
    )


def completeness_over_time(where: str, setting: Setting) -> Panel:
    limit = float(setting.standard.utilisation.min_completeness * 100)
    rated = f"\"rate\" = 'U1' AND {where}"

    def query(how: str) -> str:
        return over_time(
            "utilisation",
            f'100 * {how}("completeness_number")',
            ["completeness_number"],
            _RATE_TAGS,
            rated,
            zone=setting.zone,
        )

    return lines(
        "采集完整率变化",
        Text(
            "课时数据的完整率：各校平均与最低。低于虚线的学校算数据不足。",
            "How much of the lessons is known: mean and least "
            "of the schools. Below the line: not enough data.",
        ),
        [("各校平均", query("mean")), ("最低的学校", query("min"))],
        unit="percent",
        high=100,
        limit=looks.steps(looks.RED, (limit, looks.GREEN)),
        empty=NOT_IN_SPAN,
    )


def rate_over_time(code: str, where: str, setting: Setting) -> str:
    return _share(code).over_time(f"\"rate\" = '{code}' AND {where}", zone=setting.zone)


def _share(code: str) -> Share:
    """A rate over several schools: the sums of its two parts divided, never the mean of rates."""
    return Share(
        measurement="utilisation",
        part='sum("numerator_number")',
        whole='sum("denominator_number")',
        tags=("district", "school", "rate"),
        times=100 if code in SHARES else 1,
        # A share of what is known has both its parts from there. All pupils of a school are in U5, so that it
        # would be too low where lessons are not known.
        keep="" if code in SHARES else '"enough" = true AND "denominator_number" > 0',
    )
