"""Panels about gateways and collectors, over whatever a page lets choose."""

from dashboards.grafana import looks
from dashboards.grafana.influxql import STEP, TIME, columns, newest
from dashboards.grafana.model import Panel
from dashboards.grafana.pages import count, plain
from dashboards.grafana.panels import COUNT, lines
from dashboards.grafana.tables import Column, table
from dashboards.grafana.why_empty import nothing_wrong
from dashboards.grafana.wireless_panels import SUMMED
from runtime.language import Text

GATEWAY_TAGS = ("district", "school", "gateway")
COLLECTOR_TAGS = (*GATEWAY_TAGS, "collector", "target")
# The contract's limit for a clock that may still be believed.
_CLOCK_MS = 5 * 60 * 1000


def gateway_table(where: str, place: tuple[Column, ...], *, height: int = 10) -> Panel:
    fields = (
        "school_name",
        "alive",
        "silent_s",
        "pending",
        "dropped",
        "produced",
        "acknowledged",
        "clock_offset_ms",
        "collectors_failing",
        "version",
    )
    return table(
        "网关",
        Text(
            "每台网关是否在线、多久没有消息、还有多少读数待传、"
            "丢弃了多少、时钟差多少。产生 = 已确认 + 待传 + 丢弃。",
            "Alive, since when silent, what waits, what was given up, how far its clock is off. "
            "Produced = acknowledged + pending + dropped.",
        ),
        newest("gateway_state", fields, GATEWAY_TAGS, where),
        (
            *place,
            plain("gateway", "网关", width=110),
            Column(field="alive", title="在线", cell="colour", words=looks.yes_no(), width=80),
            Column(field="silent_s", title="距上次消息", unit="dtdurations", width=130),
            Column(
                field="pending",
                title="待传",
                unit="none",
                cell="word",
                colours=looks.steps(looks.GREEN, (1000, looks.YELLOW), (100_000, looks.RED)),
                width=90,
            ),
            Column(
                field="dropped", title="丢弃", unit="none", cell="word", colours=looks.NONE_IS_GOOD, width=90
            ),
            count("produced", "产生"),
            count("acknowledged", "已确认"),
            Column(
                field="clock_offset_ms",
                title="时钟偏差",
                unit="ms",
                cell="word",
                colours=looks.steps(looks.RED, (-_CLOCK_MS, looks.GREEN), (_CLOCK_MS, looks.RED)),
                width=110,
            ),
            Column(
                field="collectors_failing",
                title="失败的采集器",
                unit="none",
                cell="word",
                colours=looks.NONE_IS_GOOD,
                width=120,
            ),
            plain("version", "版本", width=90),
        ),
        hidden=("district", "school"),
        sort="距上次消息",
        height=height,
        empty=Text(
            "还没有任何网关上报过，或最近没有评估。", "No gateway was ever heard, or no recent evaluation."
        ),
    )


def failing_collectors(where: str, place: tuple[Column, ...], *, height: int = 10) -> Panel:
    fields = ("school_name", "ok", "status", "rows", "expected", "why", "silent_s")
    return table(
        "没有完整结束的采集",
        Text(
            "每个采集器对每个目标的最近一轮，凡不是“正常”的，连同原因。",
            "The last round of every collector over every target that was not whole, with its reason.",
        ),
        newest("collector_state", fields, COLLECTOR_TAGS, where, keep='"ok" = 0'),
        (
            *place,
            plain("gateway", "网关", width=110),
            plain("collector", "采集器", width=120),
            plain("target", "目标", width=180),
            Column(field="status", title="结果", cell="colour", words=looks.words("run_states"), width=100),
            count("rows", "读到", width=80),
            count("expected", "应有", width=80),
            plain("why", "原因"),
            Column(field="silent_s", title="距上一轮", unit="dtdurations", width=130),
        ),
        hidden=("district", "school", "ok"),
        sort="结果",
        descending=False,
        height=height,
        empty=nothing_wrong("所有采集都完整", "every round was whole"),
    )


def backlog(where: str) -> Panel:
    rows = (
        f'SELECT max("pending") AS "p" FROM "gateway" WHERE {TIME} AND {where} '
        f"GROUP BY {STEP}, {columns(GATEWAY_TAGS)} fill(none)"
    )

    def query(how: str) -> str:
        return f'SELECT {how}("p") FROM ({rows}) WHERE {TIME} GROUP BY {STEP} fill(null)'

    return lines(
        "待传读数",
        Text(
            "网关里还没有被数据库确认的读数：全部之和，与最多的一台。",
            "Readings that the store has not confirmed yet: of all gateways, and of the one with most.",
        ),
        [("合计", query("sum")), ("最多的网关", query("max"))],
        unit=COUNT,
        empty=Text("所选时间内没有网关消息。", "No word of a gateway in this span."),
        step=SUMMED,
    )


def clocks(where: str) -> Panel:
    def query(how: str) -> str:
        return (
            f'SELECT {how}("clock_offset_ms") FROM "gateway" WHERE {TIME} AND {where} '
            f"GROUP BY {STEP} fill(null)"
        )

    return lines(
        "时钟偏差",
        Text(
            "服务器时钟减网关时钟，最大和最小；正负五分钟以外的读数不可信。",
            "Server's clock minus gateway's, largest and "
            "smallest; beyond five minutes readings are doubtful.",
        ),
        [("最大", query("max")), ("最小", query("min"))],
        unit="ms",
        low=None,
        empty=Text("网关没有报告时钟偏差。", "No gateway reported how far its clock is off."),
    )
