"""Panels over the day book: by lesson and weekday, by week, over a term.

A share over everything chosen is a sum over a sum, never the mean of shares. `used` holds only where `known`
is 1: a store does not forget what it said before a day was counted again.
"""

from dashboards.grafana import looks
from dashboards.grafana.influxql import TIME, columns, until
from dashboards.grafana.model import Panel
from dashboards.grafana.pages import count, plain, room_link
from dashboards.grafana.panels import lines
from dashboards.grafana.tables import Column, matrix, table
from runtime.language import Text

_ROOM = ("district", "school", "room")
TERM = "150d"
QUARTER = "92d"
TWO_QUARTERS = "184d"
DISPLAYS = '"type" =~ /^(projector|panel)$/'
WEEKDAYS = {"1": "周一", "2": "周二", "3": "周三", "4": "周四", "5": "周五", "6": "周六", "7": "周日"}
# InfluxDB's weeks begin on a Thursday, as 1970 did.
_WEEK = "time(1w, 4d)"
_USED = '"lesson", "known", "used" * "known" AS "used"'
_SHARE_SPAN: tuple[float, float] = (0, 100)
NO_DAY = Text(
    "所选时间内没有过完的教学日，或日志（campus rules watch）还没有统计到。",
    "No school day of this span is over, or the day book (campus rules watch) has not counted it yet.",
)

# The column by which lessons stand in their order.
_ORDER = "order"
NO_BUSY = Text(
    "控制器没有给出信道占用，或还没有过完的教学日。",
    "The controllers say nothing of channel use, or no school day is over yet.",
)
BUSY = looks.steps(looks.GREEN, (50, looks.YELLOW), (70, looks.RED))


def use_by_lesson(where: str, *, width: int = 12, title: str = "各节次使用率") -> Panel:
    """A cell for every lesson and weekday: the share of the known lessons that used a display."""
    query = _by_slot(
        '100 * mean("used") AS "share"',
        "known",
        f'"lesson_day" WHERE {TIME} AND "lesson" = 1 AND "known" = 1 AND {DISPLAYS} AND {where}',
    )
    return matrix(
        title,
        Text(
            "每个星期几、每一节课：已知是否使用的课时中，用过显示设备的比例。空格表示没有课或不知道。",
            "By weekday and lesson: of the lessons that are known, the share in which a display was used. "
            "An empty cell: no lesson, or not known.",
        ),
        query,
        down=("slot", "节次"),
        order=_ORDER,
        across=("weekday", WEEKDAYS),
        value="share",
        unit="percent",
        span=_SHARE_SPAN,
        width=width,
        empty=NO_DAY,
    )


def _by_slot(cell: str, known: str, source: str) -> str:
    """A cell for every slot and weekday, and the slot's place: 第10节 below 第2节, which as text it is above.

    Nothing in a row says its slot's place but the name, and no function of InfluxQL looks into that: the
    names with two digits are asked for apart. known: a field that is above 0 in every row.
    """
    value = cell.rpartition(" AS ")[2]

    def part(place: int, names: str) -> str:
        return (
            f'SELECT {cell}, {place} * mean("{known}") / mean("{known}") AS "{_ORDER}" '
            f'FROM {source} AND "slot" {names} /[0-9]{{2}}/ GROUP BY "slot", "weekday"'
        )

    parts = ", ".join(f"({part(place, names)})" for place, names in ((1, "!~"), (2, "=~")))
    return f'SELECT {value}, "{_ORDER}" FROM {parts} GROUP BY "slot", "weekday"'


def use_by_week(where: str, zone: str, *, width: int = 12) -> Panel:
    at = f"tz('{zone}')"
    lessons = f'SELECT {_USED} FROM "lesson_day" WHERE {TIME} AND "lesson" = 1 AND {DISPLAYS} AND {where}'

    def share(part: str, whole: str) -> str:
        sums = (
            f'SELECT sum("{part}") AS "part", sum("{whole}") AS "whole" FROM ({lessons}) '
            f"WHERE {TIME} GROUP BY {_WEEK} fill(none) {at}"
        )
        return f'SELECT 100 * "part" / "whole" FROM ({sums}) WHERE {TIME} AND "whole" > 0 {at}'

    return lines(
        "每周使用率和已知率",
        Text(
            "每周（周一起）应有课时中：已知是否使用的比例，以及已知课时中用过的比例。",
            "By week from Monday: of the lessons due the share that is known, and of these the share used.",
        ),
        [("使用率", share("used", "known")), ("已知率", share("known", "lesson"))],
        unit="percent",
        high=100,
        width=width,
        bars=True,
        empty=NO_DAY,
    )


def unused_this_term(where: str, *, width: int = 12) -> Panel:
    lessons = (
        f'SELECT {_USED} FROM "lesson_day" '
        f'WHERE {until(TERM)} AND "lesson" = 1 AND {DISPLAYS} AND {where} GROUP BY {columns(_ROOM)}'
    )
    sums = (
        f'SELECT sum("lesson") AS "lessons", sum("known") AS "known", sum("used") AS "used" '
        f"FROM ({lessons}) GROUP BY {columns(_ROOM)}"
    )
    return table(
        "本学期未使用的房间",
        Text(
            "到所选时间的终点为止约一个学期（150 天）里，已知的课时没有一节用过显示设备的房间；"
            "旁边是应有和已知的课时。",
            "Rooms of which no known lesson used a display in about a term (150 days) up to the end of the "
            "span chosen, with the lessons due and known.",
        ),
        f'SELECT "lessons", "known", "used" FROM ({sums}) WHERE "used" = 0 AND "known" > 0 '
        f"GROUP BY {columns(_ROOM)}",
        (
            plain("school", "学校标识码", width=140),
            room_link("room", "房间"),
            count("lessons", "应有课时"),
            count("known", "已知课时"),
        ),
        hidden=("district", "used"),
        sort="已知课时",
        width=width,
        height=8,
        empty=Text(
            "没有房间整个学期都未使用，或还没有过完的教学日。",
            "No room was unused for the whole span, or no school day is over yet.",
        ),
        recent="",
    )


def on_outside_hours(where: str, *, width: int = 12) -> Panel:
    sums = (
        'SELECT sum("outside_min") / 60.0 AS "hours" FROM "device_day" '
        f"WHERE {TIME} AND {where} GROUP BY {columns((*_ROOM, 'device'))}"
    )
    return table(
        "教学时间以外的开机小时数",
        Text(
            "所选时间内，教学时间以外开机最久的设备。", "Devices that were on longest outside school hours."
        ),
        f'SELECT "hours" FROM ({sums}) WHERE "hours" > 0 GROUP BY {columns((*_ROOM, "device"))}',
        (
            plain("school", "学校标识码", width=140),
            room_link("room", "房间"),
            plain("device", "设备"),
            Column(
                field="hours",
                title="小时",
                unit="suffix: h",
                decimals=1,
                cell="word",
                colours=looks.steps(looks.GREEN, (5, looks.YELLOW), (20, looks.RED)),
            ),
        ),
        hidden=("district",),
        sort="小时",
        width=width,
        height=8,
        empty=Text("没有设备在教学时间以外开机。", "No device was on outside school hours."),
        recent="",
    )


def clients_by_weekday(where: str, *, width: int = 12) -> Panel:
    means = (
        'SELECT mean("clients_most") AS "c" FROM "ap_day" '
        f'WHERE {TIME} AND "polls" > 0 AND {where} GROUP BY {columns((*_ROOM, "ap", "weekday"))}'
    )
    query = f'SELECT sum("c") AS "clients" FROM ({means}) GROUP BY "school", "weekday"'
    return matrix(
        "各校每星期几的终端数",
        Text(
            "教学时间内每台接入点一天中同时在线终端最多的数，取所选各周平均，再按学校相加。",
            "Most clients at once of each access point in school hours, "
            "averaged over the weeks and summed by school.",
        ),
        query,
        down=("school", "学校标识码"),
        across=("weekday", WEEKDAYS),
        value="clients",
        unit="none",
        span=None,
        width=width,
        empty=NO_DAY,
    )


def busy_by_lesson(where: str, *, width: int = 12) -> Panel:
    """A cell for every lesson and weekday: the mean of the radios' 95th percentiles."""
    return matrix(
        "各节次信道占用",
        Text(
            "每个星期几、每一节课：各射频占用的第 95 百分位，按射频和各日平均。空格：没有课或没有数据。",
            "By weekday and lesson: the 95th percentile of channel use, averaged over radios and days. "
            "An empty cell: no lesson, or no data.",
        ),
        _by_slot(
            'mean("busy_p95") AS "busy"',
            "busy_known",
            f'"radio_lesson" WHERE {TIME} AND "busy_known" > 0 AND {where}',
        ),
        down=("slot", "节次"),
        order=_ORDER,
        across=("weekday", WEEKDAYS),
        value="busy",
        unit="percent",
        span=_SHARE_SPAN,
        good="low",
        width=width,
        empty=NO_BUSY,
    )


def busiest_lessons(where: str, *, most: int = 15, width: int = 12) -> Panel:
    tags = (*_ROOM, "weekday", "slot")
    inner = (
        'SELECT mean("busy_p95") AS "busy", mean("busy_mean") AS "usual", mean("clients_mean") AS "clients" '
        f'FROM "radio_lesson" WHERE {TIME} AND "busy_known" > 0 AND {where} GROUP BY {columns(tags)}'
    )
    return table(
        f"信道最忙的 {most} 个课时",
        Text(
            "哪个房间、星期几、第几节课信道最忙：占用的第 95 百分位，按房间的射频和所选各日平均；"
            "旁边是平均占用和每个射频的平均终端数。",
            "Where, on which weekday and in which lesson channels are busiest: the 95th percentile, averaged "
            "over the room's radios and the days chosen; beside it the mean, and mean clients of a radio.",
        ),
        f'SELECT top("busy", {most}) AS "busy", "usual", "clients", {columns(tags)} FROM ({inner})',
        (
            plain("school", "学校标识码", width=140),
            room_link("room", "房间"),
            Column(field="weekday", title="星期", words=looks.named(WEEKDAYS), width=80),
            plain("slot", "节次", width=90),
            Column(
                field="busy",
                title="占用",
                unit="percent",
                decimals=0,
                cell="gauge",
                span=(0, 100),
                colours=BUSY,
            ),
            Column(field="usual", title="平均占用", unit="percent", decimals=0, width=100),
            Column(field="clients", title="终端", decimals=1, width=80),
        ),
        hidden=("district",),
        sort="占用",
        width=width,
        height=10,
        empty=NO_BUSY,
        recent="",
    )


def busiest_radios(where: str, *, most: int = 15, width: int = 12) -> Panel:
    tags = (*_ROOM, "ap", "radio")
    inner = (
        'SELECT mean("busy_p95") AS "busy", mean("noise_p95") AS "noise" FROM "radio_day" '
        f'WHERE {TIME} AND "busy_known" > 0 AND {where} GROUP BY {columns(tags)}'
    )
    return table(
        f"教学时间信道最忙的 {most} 个射频",
        Text(
            "每天教学时间内信道占用的第 95 百分位，按所选各日平均。",
            "The 95th percentile of channel use in school hours, averaged over the days chosen.",
        ),
        f'SELECT top("busy", {most}) AS "busy", "noise", {columns(tags)} FROM ({inner})',
        (
            plain("school", "学校标识码", width=140),
            room_link("room", "房间"),
            plain("ap", "接入点"),
            plain("radio", "射频", width=70),
            Column(
                field="busy",
                title="占用",
                unit="percent",
                decimals=0,
                cell="gauge",
                span=(0, 100),
                colours=BUSY,
            ),
            Column(field="noise", title="底噪", unit="suffix: dBm", decimals=0, width=100),
        ),
        hidden=("district",),
        sort="占用",
        width=width,
        height=10,
        empty=NO_BUSY,
        recent="",
    )


def devices_seen(where: str) -> Panel:
    sums = (
        'SELECT count("polls") AS "days", sum("answered") AS "answered" FROM "device_day" '
        f'WHERE {until(QUARTER)} AND "polls" > 0 AND "retired" = 0 AND {where} '
        f"GROUP BY {columns((*_ROOM, 'device', 'type'))}"
    )
    return table(
        "询问过而从未应答的设备",
        Text(
            "到所选时间的终点为止约一个季度（92 天）的教学时间里询问过、却一次也没有应答的设备：断电、拆走，"
            "或地址不对。停用的设备不列。",
            "Devices that were asked in school hours and never answered, in about a quarter (92 days) up to "
            "the end of the span chosen; without those out of service.",
        ),
        f'SELECT "days", "answered" FROM ({sums}) WHERE "answered" = 0 '
        f"GROUP BY {columns((*_ROOM, 'device', 'type'))}",
        (
            plain("school", "学校标识码", width=140),
            room_link("room", "房间"),
            plain("device", "设备"),
            Column(field="type", title="种类", words=looks.words("device_types"), width=110),
            count("days", "询问天数"),
        ),
        hidden=("district", "answered"),
        sort="询问天数",
        width=12,
        height=8,
        empty=Text("询问过的设备都应答过。", "Every device that was asked has answered."),
        recent="",
    )
