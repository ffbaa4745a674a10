"""网关与采集: is every gateway alive, does everything arrive, which collectors fail, what fires."""

from dashboards.grafana import looks
from dashboards.grafana.alert_panels import ALERT_TAGS, firing, firing_table
from dashboards.grafana.collecting_panels import (
    COLLECTOR_TAGS,
    GATEWAY_TAGS,
    backlog,
    clocks,
    failing_collectors,
    gateway_table,
)
from dashboards.grafana.influxql import HERE, TIME, Share, columns, newest, newest_sum, now, over_time
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import GATEWAYS, count, plain, school_name
from dashboards.grafana.panels import COUNT, lines, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.variables import DISTRICT, DISTRICT_TAG, SCHOOL, board, page_links
from dashboards.grafana.why_empty import NO_EVALUATION, NOT_IN_SPAN, nothing_wrong
from runtime.language import Text

_WHOLE = Share(measurement="collector_state", part='sum("ok")', whole='count("ok")', tags=COLLECTOR_TAGS)
_NEVER = Text("还没有任何网关上报过，或最近没有评估。", "No gateway was ever heard, or no recent evaluation.")


def gateways(setting: Setting) -> Dashboard:
    place = (school_name(),)
    return Dashboard(
        uid=GATEWAYS,
        title="网关与采集",
        says=Text(
            "网关是否在线、读数有没有丢、时钟准不准、采集器和告警的状况。供区信息中心值班。",
            "Gateways alive, nothing lost, clocks right, collectors and alerts. For whoever is on duty.",
        ),
        variables=(DISTRICT, SCHOOL, board(setting.board)),
        links=page_links(taking=True),
        tags=(TAG, DISTRICT_TAG),
        sections=(
            Section(title="现在", panels=(*_counts(), firing(HERE))),
            Section(title="网关", panels=(gateway_table(HERE, place), _never_heard(), _alive_over_time())),
            Section(title="传输与时钟", panels=(backlog(HERE), clocks(HERE))),
            Section(title="采集器", panels=(failing_collectors(HERE, place), _whole_rounds())),
            Section(title="告警", panels=(firing_table(HERE, place), _changes(setting.zone), _messages())),
        ),
    )


def _counts() -> tuple[Panel, ...]:
    alive = now(
        "gateway_state",
        'sum("alive") AS "在线", count("alive") - sum("alive") AS "失联"',
        ["alive"],
        GATEWAY_TAGS,
        HERE,
    )

    def account(title: str, says: Text, sums: str, colours: looks.JSON) -> Panel:
        fields = ("alive", "pending", "dropped")
        query = newest_sum("gateway_state", sums, fields, GATEWAY_TAGS, HERE)
        return numbers(title, says, query, unit=COUNT, colours=colours, empty=_NEVER)

    return (
        numbers(
            "网关",
            Text(
                "在线的网关，和五分钟没有消息或已断开的。",
                "Gateways alive, and those silent or disconnected.",
            ),
            alive,
            unit=COUNT,
            empty=_NEVER,
        ),
        numbers(
            "从未上报的学校",
            Text(
                "登记表中有、但没有任何网关上报的学校。", "Schools of the registry that no gateway spoke for."
            ),
            now(
                "school_state",
                'count("heard") - sum("heard") AS "学校"',
                ["heard"],
                ("district", "school"),
                HERE,
            ),
            unit=COUNT,
            colours=looks.NONE_IS_GOOD,
            empty=NO_EVALUATION,
        ),
        account(
            "待传读数",
            Text("所有网关里还没有被确认的读数。", "Readings that wait in all gateways."),
            'sum("pending") AS "待传"',
            looks.steps(looks.GREEN, (10_000, looks.YELLOW)),
        ),
        account(
            "丢弃读数",
            Text("因存满或过旧而放弃的读数：计了数，但已经没有了。", "Readings given up: counted, but gone."),
            'sum("dropped") AS "丢弃"',
            looks.NONE_IS_GOOD,
        ),
        numbers(
            "采集完整",
            Text(
                "最近一轮完整结束的采集占全部的比例；网关失联后停在失联前的那一轮。",
                "Share of collectors whose last round was whole; of a silent gateway its last one.",
            ),
            _WHOLE.now(HERE, "完整"),
            unit="percent",
            decimals=1,
            colours=looks.at_least(99, 90),
            empty=Text("最近一天没有采集。", "No round of a collector in the last day."),
        ),
    )


def _never_heard() -> Panel:
    return table(
        "从未上报的学校",
        Text(
            "登记表中有、但六十天内没有任何网关上报的学校。", "Schools that no gateway spoke for in 60 days."
        ),
        newest(
            "school_state",
            ("school_name", "heard", "gateways"),
            ("district", "school"),
            HERE,
            keep='"heard" = 0',
        ),
        (school_name(), count("gateways", "网关数")),
        hidden=("district", "school", "heard"),
        sort="学校",
        descending=False,
        width=12,
        height=8,
        empty=nothing_wrong("每所学校都有网关上报过", "every school was heard"),
    )


def _alive_over_time() -> Panel:
    def query(sums: str) -> str:
        return over_time("gateway_state", sums, ["alive"], GATEWAY_TAGS, HERE)

    return lines(
        "在线网关变化",
        Text(
            "每次评估时在线的网关数和全部网关数。", "Gateways alive, and all gateways, at every evaluation."
        ),
        [("在线", query('sum("alive")')), ("全部", query('count("alive")'))],
        unit=COUNT,
        decimals=0,
        empty=NOT_IN_SPAN,
    )


def _whole_rounds() -> Panel:
    return lines(
        "采集完整比例变化",
        Text("每次评估时最近一轮完整的采集占全部的比例。", "Share of collectors whole, at every evaluation."),
        [("完整", _WHOLE.over_time(HERE))],
        unit="percent",
        width=24,
        high=100,
        empty=NOT_IN_SPAN,
    )


def _changes(zone: str) -> Panel:
    # A row is written when anything of an alert changes: what began is what nobody was told of yet, once.
    at = f"tz('{zone}')"
    began = (
        'SELECT count(distinct("changed_ms")) AS "n" FROM "alert" '
        f'WHERE {TIME} AND "status" = \'firing\' AND "announced" = false AND {HERE} '
        f"GROUP BY time(1d), {columns(ALERT_TAGS)} fill(none) {at}"
    )
    query = f'SELECT sum("n") FROM ({began}) WHERE {TIME} GROUP BY time(1d) fill(none) {at}'
    return lines(
        "每天新增告警",
        Text("每天转为告警的次数；没有柱子的日子没有新增。", "How often something began to fire, by day."),
        [("新增", query)],
        unit=COUNT,
        decimals=0,
        bars=True,
        empty=Text("所选时间内没有新增告警。", "Nothing began to fire in this span."),
    )


def _messages() -> Panel:
    query = (
        f'SELECT "title", "severity", "subjects", "body" FROM "alert_message" WHERE {TIME} AND {HERE} '
        f"GROUP BY {columns((*ALERT_TAGS[:3], 'kind'))} ORDER BY time DESC"
    )
    return table(
        "发出的消息",
        Text("所选时间内发给值班人员的消息。", "Messages handed over for sending in this span."),
        query,
        (
            Column(
                field="kind",
                title="类别",
                cell="word",
                words=looks.spoken(
                    {
                        "firing": ("告警", looks.RED),
                        "resolved": ("恢复", looks.GREEN),
                        "withdrawn": ("撤销", looks.GREY),
                    }
                ),
                width=80,
            ),
            Column(field="severity", title="级别", words=looks.words("severities"), width=80),
            plain("title", "标题", width=320),
            count("subjects", "对象数", width=80),
            plain("body", "内容"),
        ),
        hidden=("district", "school", "alert"),
        sort="时间",
        width=12,
        height=8,
        recent="",
        time="时间",
        empty=Text("所选时间内没有发出消息。", "No message in this span."),
    )
