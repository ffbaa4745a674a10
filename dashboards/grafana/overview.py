"""区域总览: does the district meet the standard, how balanced is it, and what is wrong right now."""

from dataclasses import replace

from dashboards.grafana import looks
from dashboards.grafana.alert_panels import firing
from dashboards.grafana.day_panels import TWO_QUARTERS
from dashboards.grafana.influxql import HERE, Share, chosen, newest, now, over_time
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import (
    OVERVIEW,
    count,
    indicator_column,
    plain,
    school_name,
    stage_column,
    unknown_count,
    verdict_words,
    wrong_count,
)
from dashboards.grafana.panels import COUNT, lines, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.use_panels import silent_displays
from dashboards.grafana.variables import DISTRICT, DISTRICT_TAG, SCHOOL, STAGE, board, page_links
from dashboards.grafana.why_empty import NO_EVALUATION, NOT_IN_SPAN, nothing_wrong
from dashboards.grafana.wireless_panels import aps_down, uncovered
from registry.vocabulary import Stage
from rules.words import name
from runtime.language import Text

_SECTION = ("district", "school", "stage")
_DISTRICT_ROW = ("district", "stage", "indicator")
_TALLY = ("passing", "failing", "undetermined")
_PASSING = Share(
    measurement="district_indicator",
    part='sum("passing")',
    whole='sum("passing") + sum("failing") + sum("undetermined")',
    tags=("district", "stage"),
)
_STAGES: tuple[Stage, ...] = ("primary", "junior")


def overview(setting: Setting) -> Dashboard:
    return Dashboard(
        uid=OVERVIEW,
        title="区域总览",
        says=Text(
            "全区是否达标、是否均衡、现在哪里不对。供教体局日常查看和上墙。",
            "Whether the district meets the standard, how balanced it is, what is wrong now. For the bureau.",
        ),
        variables=(DISTRICT, SCHOOL, STAGE, board(setting.board)),
        links=page_links(taking=True),
        tags=(TAG, DISTRICT_TAG),
        span="now-30d",  # a point a day
        sections=(
            Section(title="现在", panels=(*_now(), *map(_passing, (*_STAGES, "school")))),
            Section(
                title="达标率",
                panels=(_district_table(setting), _rates(setting), _whole_rates(setting), _quarters(setting)),
            ),
            Section(title="均衡", panels=tuple(_balance(setting, stage) for stage in _STAGES)),
            Section(title="达标矩阵", panels=(_matrix(setting), _whole_schools(setting))),
            Section(title="短板", panels=(_shortfalls(setting),)),
        ),
    )


def _now() -> tuple[Panel, ...]:
    return (
        numbers(
            "失联网关",
            Text("五分钟没有消息或已断开的网关。", "Gateways not heard for five minutes, or disconnected."),
            now(
                "gateway_state",
                'count("alive") - sum("alive") AS "失联"',
                ["alive"],
                ("district", "school", "gateway"),
                HERE,
            ),
            unit=COUNT,
            colours=looks.NONE_IS_GOOD,
            empty=Text("还没有任何网关上报过。", "No gateway was ever heard."),
        ),
        numbers(
            "从未上报的学校",
            Text(
                "登记表中有、但六十天内没有任何网关上报的学校。",
                "Schools of the registry that no gateway spoke for in 60 days.",
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
        aps_down(HERE),
        uncovered(HERE),
        silent_displays(HERE),
        firing(HERE),
    )


def _passing(stage: str) -> Panel:
    what = "无线全覆盖" if stage == "school" else "综合达标"
    code = "wireless" if stage == "school" else "overall"
    who = Text(name("stages", stage, "zh"), name("stages", stage, "en"))
    return numbers(
        f"{who.zh}{what}",
        Text(
            f"{who.zh}{what}的所数，旁边是未达标和未判定的。",
            f"{who.en}: how many pass, fail, and are undetermined.",
        ),
        now(
            "district_indicator",
            'sum("passing") AS "达标", sum("failing") AS "未达标", sum("undetermined") AS "未判定"',
            _TALLY,
            _DISTRICT_ROW,
            f"\"indicator\" = '{code}' AND \"stage\" = '{stage}' AND {chosen('district')}",
        ),
        unit=COUNT,
        width=8,
        empty=NO_EVALUATION,
    )


def _district_table(setting: Setting) -> Panel:
    fields = ("district_name", *_TALLY, "rate_number", "mean", "cv_number", "cv_limit_number", "balanced")
    return table(
        "各项指标",
        Text(
            "每个学段每项指标：多少达标，达标率，全区均值，差异系数和它的上限。名称取自标准："
            + setting.standard.title,
            "Every indicator of every stage: how many pass, "
            "the mean, the difference coefficient and its limit.",
        ),
        newest("district_indicator", fields, _DISTRICT_ROW, chosen("district", "stage")),
        (
            plain("district_name", "区县", width=120),
            stage_column(),
            indicator_column(setting),
            count("passing", "达标"),
            wrong_count("failing", "未达标"),
            unknown_count("undetermined", "未判定"),
            # No red: what is not decided may still pass.
            Column(
                field="rate_number",
                title="达标率",
                unit="percent",
                cell="gauge",
                span=(0, 100),
                decimals=1,
                colours=looks.steps(looks.BLUE, (100, looks.GREEN)),
                width=180,
            ),
            plain("mean", "全区比值", width=110),
            Column(field="cv_number", title="差异系数", unit="none", decimals=3, width=100),
            Column(field="cv_limit_number", title="上限", unit="none", decimals=2, width=80),
            Column(field="balanced", title="均衡", cell="word", words=looks.yes_no(), width=80),
        ),
        hidden=("district",),
        sort="学段",
        descending=False,
        height=12,
        empty=NO_EVALUATION,
    )


def _rates(setting: Setting) -> Panel:
    return lines(
        "各指标达标率变化",
        Text(
            "所选区县和学段中达标的占全部的比例，未判定的算在全部之内。",
            "Sections that pass, of all sections chosen; undetermined ones count among all.",
        ),
        [
            (setting.short(code), _rate(code, setting, "district", "stage"))
            for code in (*setting.own, "overall")
        ],
        unit="percent",
        high=100,
        empty=NOT_IN_SPAN,
    )


def _quarters(setting: Setting) -> Panel:
    """This quarter beside the last one: a span of its own, whatever the page shows."""
    says = Text(
        "约两个季度的达标率：左半是上季，右半是本季。",
        "About two quarters: the left half is the last one, the right half this one.",
    )
    return replace(_rates(setting), title="上季与本季达标率", says=says, width=24, recent=TWO_QUARTERS)


def _whole_rates(setting: Setting) -> Panel:
    return lines(
        "全校项目达标率变化",
        Text(
            "无线全覆盖和政府保障程度中达标学校的比例。没有装备目录时没有“装备配置”。",
            "Schools that pass, of all: wireless coverage and the guarantees.",
        ),
        [(setting.short(code), _rate(code, setting, "district")) for code in setting.beside],
        unit="percent",
        high=100,
        empty=NOT_IN_SPAN,
    )


def _rate(code: str, setting: Setting, *by: str) -> str:
    where = f"\"indicator\" = '{code}' AND {chosen(*by)}"
    return _PASSING.over_time(where, zone=setting.zone)


def _balance(setting: Setting, stage: Stage) -> Panel:
    limit = float(setting.standard.balance.of(stage))
    stage_name = name("stages", stage, "zh")
    return lines(
        f"{stage_name}差异系数变化",
        Text(
            f"{stage_name}各指标的校际差异系数，虚线是上限 {limit:g}；选了多个区县时取最大的。"
            "只算比值已知的学段，因此有未判定的学段时还不能说明均衡，见“各项指标”的“均衡”一栏。",
            "Difference coefficient of every indicator; the dashed line is its limit. Of several districts "
            "the largest. Only of sections whose ratio is known: the table says whether all are balanced.",
        ),
        [
            (
                setting.short(code),
                over_time(
                    "district_indicator",
                    'max("cv_number")',
                    ["cv_number"],
                    ("district",),
                    f"\"indicator\" = '{code}' AND \"stage\" = '{stage}' AND {chosen('district')}",
                    zone=setting.zone,
                ),
            )
            for code in (*setting.own, "overall")
        ],
        unit=COUNT,
        decimals=3,
        limit=looks.steps(looks.GREEN, (limit, looks.RED)),
        empty=NOT_IN_SPAN,
    )


def _matrix(setting: Setting) -> Panel:
    items = [(indicator.item, setting.short(indicator.code)) for indicator in setting.standard.indicators]
    asked = (("overall", setting.short("overall")), *items)
    return table(
        "各校各指标",
        Text(
            "每个学段对每项指标的结论；点学校看这所学校。",
            "Every section against every indicator; a school's name leads to its page.",
        ),
        newest(
            "standing",
            ("school_name", "unit", *(field for field, _ in asked)),
            _SECTION,
            f"\"stage\" <> 'school' AND {chosen('district', 'school', 'stage')}",
        ),
        (
            school_name(),
            stage_column(),
            plain("unit", "责任单位", width=120),
            *(verdict_words(field, title) for field, title in asked),
        ),
        hidden=("district", "school"),
        sort="学校",
        descending=False,
        height=14,
        empty=Text(
            NO_EVALUATION.zh + "只选“全校”学段时也为空。",
            NO_EVALUATION.en + " Also where only the whole school is chosen as stage.",
        ),
    )


def _whole_schools(setting: Setting) -> Panel:
    return table(
        "各校全校项目",
        Text("每所学校的无线覆盖和政府保障程度。", "Every school: wireless coverage and the guarantees."),
        newest(
            "standing",
            ("school_name", "unit", *setting.beside),
            _SECTION,
            f"\"stage\" = 'school' AND {HERE}",
        ),
        (
            school_name(),
            plain("unit", "责任单位", width=120),
            *(verdict_words(code, setting.short(code)) for code in setting.beside),
        ),
        hidden=("district", "school", "stage"),
        sort="学校",
        descending=False,
        height=12,
        empty=NO_EVALUATION,
    )


def _shortfalls(setting: Setting) -> Panel:
    fields = ("school_name", "verdict", "value", "threshold", "gap", "declared", "observed", "reason")
    return table(
        "未达标项",
        Text(
            "最近一次评估判定为未达标的项，差多少、为什么。差额以指标自己的单位计。",
            "What fails, by how much in the indicator's own unit, and why.",
        ),
        newest(
            "verdict",
            fields,
            (*_SECTION, "indicator"),
            chosen("district", "school", "stage"),
            keep="\"verdict\" = 'fail'",
        ),
        (
            school_name(),
            stage_column(),
            indicator_column(setting),
            plain("value", "现值", width=100),
            plain("threshold", "标准", width=90),
            count("gap", "还差", width=100),
            plain("declared", "申报", width=110),
            plain("observed", "观测", width=110),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "verdict"),
        sort="学校",
        descending=False,
        height=12,
        empty=nothing_wrong("没有未达标的项", "nothing fails"),
    )
