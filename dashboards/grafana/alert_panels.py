"""Panels about alerts, over whatever a page lets choose."""

from dashboards.grafana import looks
from dashboards.grafana.influxql import newest, now
from dashboards.grafana.model import Panel
from dashboards.grafana.panels import COUNT, numbers
from dashboards.grafana.tables import Column, table
from dashboards.grafana.why_empty import NO_EVALUATION
from runtime.language import Text

ALERT_TAGS = ("district", "school", "alert", "subject")


def firing(where: str) -> Panel:
    return numbers(
        "正在告警",
        Text(
            "处于告警状态的对象数，每五分钟记一次；包括教育局自己的和未登记学校的。",
            "Subjects that fire, told every five minutes; also of the bureau and of schools not registered.",
        ),
        now("school_state", 'sum("firing") AS "告警"', ["firing"], ("district", "school"), where),
        unit=COUNT,
        colours=looks.NONE_IS_GOOD,
        empty=NO_EVALUATION,
    )


def firing_table(where: str, place: tuple[Column, ...], *, height: int = 8) -> Panel:
    query = newest(
        "alert",
        # What is the bureau's own has no school and no name of one.
        ("status", "school_name", "severity", "title", "room_name", "detail", "value", "since_ms"),
        ALERT_TAGS,
        where,
        keep="\"status\" = 'firing'",
        within="",
    )
    return table(
        "正在告警的对象",
        Text(
            "每个对象最近一次变化为告警的；从何时起见“开始”。不受所选时间限制。",
            "Subjects whose newest change says firing, whatever span is chosen.",
        ),
        query,
        (
            *place,
            Column(field="severity", title="级别", cell="colour", words=looks.words("severities"), width=90),
            Column(field="title", title="告警", width=260),
            Column(field="room_name", title="房间", width=180),
            Column(field="subject", title="对象", width=200),
            Column(field="detail", title="详情"),
            Column(field="value", title="观测值", unit="none", width=90),
            Column(field="since_ms", title="开始", unit="dateTimeFromNow", width=140),
        ),
        hidden=("district", "school", "alert", "status"),
        sort="开始",
        descending=False,
        height=height,
        recent="",
        empty=Text("没有对象处于告警状态。", "Nothing fires."),
    )
