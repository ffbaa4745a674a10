"""装备: the value that counts beside the declared one, per pupil against the standard, what is in order."""

from dashboards.grafana import looks
from dashboards.grafana.day_panels import devices_seen
from dashboards.grafana.influxql import HERE, Share, chosen, newest, newest_sum
from dashboards.grafana.model import TAG, Dashboard, Panel, Section
from dashboards.grafana.pages import EQUIPMENT, count, plain, school_name, stage_column, verdict_words
from dashboards.grafana.panels import COUNT, lines, numbers
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column, table
from dashboards.grafana.use_panels import rate_now, rate_over_time
from dashboards.grafana.variables import DISTRICT, DISTRICT_TAG, SCHOOL, STAGE, board, page_links
from dashboards.grafana.why_empty import NO_EVALUATION, NOT_IN_SPAN
from registry.vocabulary import Stage
from rules.words import name
from runtime.language import Text

_SECTION = ("district", "school", "stage", "indicator")
# By what it is about: another standard may give it another code.
_VALUE = "\"item\" = 'equipment_cny'"
_PER_PUPIL = Share(
    measurement="verdict",
    part='sum("numerator_number")',
    whole='sum("denominator_number")',
    tags=("district", "school"),
    times=1,
)
_THOUSANDS = "locale"  # 1,050,000 instead of 1.05 Mil


def equipment(setting: Setting) -> Dashboard:
    return Dashboard(
        uid=EQUIPMENT,
        title="装备",
        says=Text(
            "教学仪器设备：台账里计入的值和申报值、生均值和标准、完好率和装备目录。供装备部门。",
            "Teaching equipment: value that counts beside the "
            "declared one, per pupil, in order, the catalogue.",
        ),
        variables=(DISTRICT, SCHOOL, STAGE, board(setting.board)),
        links=page_links(taking=True),
        tags=(TAG, DISTRICT_TAG),
        span="now-30d",
        sections=(
            Section(title="现在", panels=(*_sums(), rate_now("U4", HERE))),
            Section(title="仪器设备值", panels=(_by_section(), *_per_pupil(setting))),
            Section(
                title="完好与配置",
                panels=(_in_order(setting), _order_by_school(), _catalogue(setting), devices_seen(HERE)),
            ),
        ),
    )


_STAGES: tuple[Stage, ...] = ("primary", "junior")


def _sums() -> tuple[Panel, ...]:
    where = f"{_VALUE} AND {chosen('district', 'school', 'stage')}"

    def of(title: str, says: Text, sums: str, unit: str, empty: Text) -> Panel:
        query = newest_sum("verdict", sums, ("passed", "observed_number", "declared_number"), _SECTION, where)
        return numbers(title, says, query, unit=unit, width=5, decimals=0, empty=empty)

    no_ledger = Text("没有任何学校的资产台账可用。", "No school's asset ledger can be used.")
    return (
        of(
            "计入的设备值（元）",
            Text(
                "台账中按标准计入教学仪器设备的原值之和；没有台账的学校不在其中。",
                "Book value that counts by the standard's rules; schools without a ledger are not in it.",
            ),
            'sum("observed_number") AS "计入"',
            _THOUSANDS,
            no_ledger,
        ),
        of(
            "申报的设备值（元）",
            Text("报表申报值之和，按学段分摊。", "What the forms declare, shared by stage."),
            'sum("declared_number") AS "申报"',
            _THOUSANDS,
            Text("没有学校申报这项数据。", "No school declared the figure."),
        ),
        of(
            "有台账的学段",
            Text("以资产台账判定的学段数。", "Sections that are judged by an asset ledger."),
            'count("observed_number") AS "学段"',
            COUNT,
            no_ledger,
        ),
        of(
            "达标学段",
            Text("生均值达到标准的学段数。", "Sections whose value per pupil meets the standard."),
            'sum("passed") AS "达标"',
            COUNT,
            NO_EVALUATION,
        ),
    )


def _by_section() -> Panel:
    fields = (
        "school_name",
        "verdict",
        "observed_number",
        "declared_number",
        "value_number",
        "threshold_number",
        "gap",
        "completeness_number",
        "reason",
        "item",
    )
    return table(
        "各校仪器设备值",
        Text(
            "计入的值、申报的值、生均值和标准，还差多少元。没有台账时按申报数判定。",
            "Value that counts, declared value, per pupil and "
            "the standard; without a ledger the form is judged.",
        ),
        newest("verdict", fields, _SECTION, f"{_VALUE} AND {chosen('district', 'school', 'stage')}"),
        (
            school_name(),
            stage_column(),
            verdict_words("verdict", "结论"),
            Column(field="observed_number", title="计入（元）", unit=_THOUSANDS, decimals=0, width=120),
            Column(field="declared_number", title="申报（元）", unit=_THOUSANDS, decimals=0, width=120),
            Column(field="value_number", title="生均（元）", unit=_THOUSANDS, decimals=2, width=110),
            Column(field="threshold_number", title="标准（元）", unit=_THOUSANDS, decimals=0, width=100),
            Column(field="gap", title="还差（元）", unit=_THOUSANDS, decimals=0, width=110),
            Column(
                field="completeness_number", title="台账完整率", unit="percentunit", decimals=1, width=110
            ),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "indicator", "item"),
        sort="学校",
        descending=False,
        height=12,
        empty=NO_EVALUATION,
    )


def _per_pupil(setting: Setting) -> list[Panel]:
    """One panel a stage; none where the standard does not ask for the value of equipment."""
    bars = [
        indicator.threshold for indicator in setting.standard.indicators if indicator.item == "equipment_cny"
    ]
    return [_value(setting, stage, float(bar.of(stage))) for bar in bars for stage in _STAGES]


def _value(setting: Setting, stage: Stage, limit: float) -> Panel:
    answered = f'{_VALUE} AND "known" = 1 AND "stage" = \'{stage}\' AND {HERE}'
    return lines(
        f"{name('stages', stage, 'zh')}生均仪器设备值变化（元）",
        Text(
            f"已判定学段的设备值之和除以学生数之和；虚线是标准 {limit:g} 元。",
            "Value over pupils, of all sections with an answer; the dashed line is the standard.",
        ),
        [("生均值", _PER_PUPIL.over_time(answered, zone=setting.zone))],
        unit=_THOUSANDS,
        limit=looks.steps(looks.RED, (limit, looks.GREEN)),
        empty=NOT_IN_SPAN,
    )


def _in_order(setting: Setting) -> Panel:
    limit = float(setting.standard.utilisation.serviceable_share * 100)
    return lines(
        "设备完好率变化",
        Text(
            f"应答足够多次的显示设备中没有一直报告故障的比例；虚线是标准 {limit:g}%。",
            "Displays in order, of those that answered often enough; the dashed line is the standard.",
        ),
        [(name("rates", "U4", "zh"), rate_over_time("U4", HERE, setting))],
        unit="percent",
        high=100,
        limit=looks.steps(looks.RED, (limit, looks.GREEN)),
        empty=NOT_IN_SPAN,
    )


def _order_by_school() -> Panel:
    fields = ("school_name", "verdict", "value_number", "numerator_number", "denominator_number", "reason")
    return table(
        "各校设备完好率",
        Text(
            "完好台数和已知台数；无应答的设备使结论未判定，不算故障。",
            "Devices in order and devices known; silent ones leave the answer open, they are no fault.",
        ),
        newest("utilisation", fields, ("district", "school", "rate"), f"\"rate\" = 'U4' AND {HERE}"),
        (
            school_name(),
            verdict_words("verdict", "结论"),
            Column(field="value_number", title="完好率", unit="percentunit", decimals=1, width=90),
            count("numerator_number", "完好", width=80),
            count("denominator_number", "已知", width=80),
            plain("reason", "依据"),
        ),
        hidden=("district", "school", "rate"),
        sort="学校",
        descending=False,
        width=12,
        height=8,
        empty=NO_EVALUATION,
    )


def _catalogue(setting: Setting) -> Panel:
    fields = ("school_name", "verdict", "value", "threshold", "gap", "reason")
    return table(
        setting.names["G2"].name.zh,
        Text(
            "台账对照装备目录：几项配齐，缺哪些。",
            "The ledger against the catalogue: how many items are there, and which are short.",
        ),
        newest("verdict", fields, _SECTION, f"\"indicator\" = 'G2' AND {HERE}"),
        (
            school_name(),
            verdict_words("verdict", "结论"),
            plain("value", "配齐（项）", width=100),
            plain("threshold", "应配（项）", width=100),
            count("gap", "缺（项）", width=90),
            plain("reason", "理由"),
        ),
        hidden=("district", "school", "stage", "indicator"),
        sort="学校",
        descending=False,
        height=8,
        empty=Text(
            "登记表中没有装备目录（可选的 catalogue 表），或最近没有评估。",
            "The registry has no catalogue of equipment, or no evaluation was made lately.",
        ),
    )
