"""The report's text, told from its figures: every sentence holds whatever they are. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator

from registry.vocabulary import GUARANTEE_NAMES, STAGE_NAMES, Verdict
from rules.judging.district import District, Tally
from rules.report.balance_text import balance
from rules.report.blocks import Block, Chart, Heading, Paragraph, Series, Table
from rules.report.guarantee_text import codes, guarantees
from rules.report.observed_text import equipment, multimedia, wireless
from rules.report.report import Report
from rules.report.shortfall_list import Line, stage_name
from rules.report.utilisation_text import utilisation
from rules.report.words import COLOURS, NONE, chinese_date, district_name, percent

_WORST = 15  # so many lines of the register are in the document; the workbook has all of them
_VERDICTS: dict[Verdict, str] = {
    "pass": "达到县域义务教育优质均衡发展资源配置要求",
    "fail": "尚未达到县域义务教育优质均衡发展资源配置要求",
    "undetermined": "因部分数据缺失，暂不能判定是否达到县域义务教育优质均衡发展资源配置要求",
}


def narrative(report: Report) -> list[Block]:
    """All nine chapters, in the order of the official form."""
    chapters = (
        ("总体情况", _overall),
        ("七项指标", _indicators),
        ("校际均衡", balance),
        ("政府保障程度（设施部分）", guarantees),
        ("无线网络全覆盖", wireless),
        ("网络多媒体教室监测与上报对照", multimedia),
        ("设施设备利用率和完好率", utilisation),
        ("短板与措施", _shortfalls),
        ("下一步工作", _next),
    )
    blocks: list[Block] = []
    for numeral, (title, chapter) in zip("一二三四五六七八九", chapters, strict=True):
        blocks += [Heading(f"{numeral}、{title}"), *chapter(report)]
    return blocks


def _overall(report: Report) -> Iterator[Block]:
    evaluation = report.evaluation
    schools = len({one.section.school.school_code for one in evaluation.sections})
    until = "截至" if report.running else "数据日期为"
    before = f"与{report.before.title}季报对比" if report.before else "没有可对比的上季季报"
    yield Paragraph(
        f"本季报依据《{evaluation.standard.title}》，对{schools}所学校的{len(evaluation.sections)}个学段逐校逐项评估，"
        f"{until}{chinese_date(report.as_of)}，{before}。"
        + ("" if evaluation.basis == "observed" else "本季未接入监测数据，各项均按学校报表数判定。")
    )
    for district in evaluation.districts:
        parts = [
            f"{STAGE_NAMES[stage]}{figures.sections}个，综合达标{figures.overall.passing}个，"
            f"达标率{percent(figures.overall.rate)}" + _open(figures.overall.undetermined)
            for stage, figures in district.stages.items()
        ]
        stages = "；".join(parts) or "没有参与评估的学段"
        yield Paragraph(f"{district_name(district.district)}：{stages}。{_VERDICTS[district.verdict]}。")
    counts = Counter(line.state for line in report.ledger.lines)
    told = "，".join(f"{state}{number}项" for state, number in sorted(counts.items()))
    yield Paragraph(f"台账共{len(report.ledger.lines)}项" + (f"，其中{told}。" if told else "。"))
    if evaluation.excluded:
        yield Paragraph(
            f"另有{len(evaluation.excluded)}所学校（学段）按规定不参与评估，名单见附表“学校对照”。"
        )


def _open(number: int) -> str:
    return f"，未判定{number}个" if number else ""


def _indicators(report: Report) -> Iterator[Block]:
    standard = report.evaluation.standard
    for district in report.evaluation.districts:
        full = [
            f"{STAGE_NAMES[stage]}{code}"
            for stage, figures in district.stages.items()
            for code, one in figures.indicators.items()
            if one.tally.passing == one.tally.total
        ]
        lowest = sorted(
            (
                (one.tally.rate, f"{STAGE_NAMES[stage]}{code}")
                for stage, figures in district.stages.items()
                for code, one in figures.indicators.items()
                if one.tally.rate is not None and one.tally.passing < one.tally.total
            ),
        )[:3]
        worst = "、".join(f"{name}（{percent(rate)}）" for rate, name in lowest)
        yield Paragraph(
            f"{district_name(district.district)}达标率为100%的有：{'、'.join(full) or '无'}。"
            + (f"达标率较低的是{worst}。" if worst else "")
        )
        heads = [
            "指标",
            *(f"{STAGE_NAMES[stage]}{word}" for stage in district.stages for word in ("达标", "达标率")),
        ]
        rows = []
        for indicator in standard.indicators:
            row = [f"{indicator.code} {indicator.name}"]
            for figures in district.stages.values():
                one = figures.indicators[indicator.code].tally
                row += [_passed(one), percent(one.rate)]
            rows.append(row)
        rows.append(
            ["综合达标"]
            + [
                cell
                for figures in district.stages.values()
                for cell in (_passed(figures.overall), percent(figures.overall.rate))
            ]
        )
        name = district_name(district.district)
        width = 96 // max(1, 2 * len(district.stages))
        yield Table(
            caption=f"{name}七项指标达标情况",
            heads=heads,
            rows=rows,
            widths=[156 - width * (len(heads) - 1), *[width] * (len(heads) - 1)],
        )
        yield _rate_chart(district, [one.code for one in standard.indicators])
    yield from equipment(report)


def _passed(one: Tally) -> str:
    return f"{one.passing}/{one.total}" + (f"（{one.undetermined}未判）" if one.undetermined else "")


def _rate_chart(district: District, codes: list[str]) -> Chart:
    return Chart(
        caption=f"{district_name(district.district)}七项指标达标率（%）",
        categories=[*codes, "综合"],
        series=[
            Series(
                name=STAGE_NAMES[stage],
                values=[*(one.tally.rate for one in figures.indicators.values()), figures.overall.rate],
                colour=COLOURS[stage],
            )
            for stage, figures in district.stages.items()
        ],
        number_format="0",
        maximum=100,
    )


def _shortfalls(report: Report) -> Iterator[Block]:
    found = report.ledger.open()
    if not found:
        yield Paragraph("本季没有未达标的项目。")
        return
    units = Counter(line.school.unit or "未登记责任单位" for line in found)
    told = "，".join(f"{unit}{number}项" for unit, number in sorted(units.items()))
    stated = sum(bool(line.measure) for line in found)
    yield Paragraph(
        f"未达标共{len(found)}项，按责任单位：{told}。"
        f"已登记整改措施{stated}项，未登记{len(found) - stated}项。"
    )
    shown = found[:_WORST]
    caption = (
        "短板整改台账" if len(found) == len(shown) else f"短板整改台账（前{_WORST}项，全部见附件工作簿）"
    )
    yield Table(
        caption=caption,
        heads=("学校", "学段", "指标", "本季", "上季", "增减", "目标", "差距", "责任单位", "措施"),
        rows=[_row(line) for line in shown],
        widths=(24, 11, 11, 18, 18, 14, 15, 19, 17, 9),
    )


def _row(line: Line) -> list[str]:
    code = "无线" if line.code == "wireless" else line.code
    return [
        line.school.name,
        stage_name(line),
        code,
        line.now,
        line.before,
        line.change,
        line.target,
        line.gap,
        line.school.unit or NONE,
        line.measure,
    ]


def _next(report: Report) -> Iterator[Block]:
    steps = list(_steps(report))
    if not steps:
        yield Paragraph("保持现有达标水平，按季监测，发现新短板及时列入台账。")
    for numeral, step in zip("一二三四五六七", steps, strict=False):
        yield Paragraph(f"{numeral}是{step}")


def _steps(report: Report) -> Iterator[str]:
    found = report.ledger.open()
    if found:
        worst = Counter(line.indicator for line in found).most_common(3)
        told = "、".join(f"{name}（{number}项）" for name, number in worst)
        yield f"补短板。对{len(found)}项未达标项目逐校逐项销号，重点是{told}。"
    lasting = sum(line.state == "持续未达标" for line in found)
    if lasting:
        yield f"促整改。{lasting}项连续两个季度未达标，由责任单位倒排工期。"
    over = list(_over(report))
    if over:
        yield f"抓均衡。差异系数超出限值的{'、'.join(over)}，新增资源优先投向低于平均水平的学校。"
    below = list(_below(report))
    if below:
        yield f"强保障。{'、'.join(below)}，列入整改。"
    broken = sum(one.of("U4").verdict == "fail" for one in report.evaluation.utilisation)
    if broken:
        yield f"保完好。{broken}所学校设备完好率未达到要求，限期维修更换。"
    unknown = sum(line.verdict == "undetermined" for line in report.ledger.lines)
    if unknown:
        yield f"补数据。{unknown}项因数据缺失未判定，须补报报表数或恢复监测。"
    unstated = sum(not line.measure for line in found)
    if unstated:
        yield f"明责任。{unstated}项尚未登记整改措施，由责任单位补登。"


def _below(report: Report) -> Iterable[str]:
    schools = report.evaluation.guarantees
    for code in codes(report):
        number = sum(one.answers[code].verdict == "fail" for one in schools)
        if number:
            yield f"{GUARANTEE_NAMES[code]}未达标{number}所"


def _over(report: Report) -> Iterable[str]:
    return (
        f"{STAGE_NAMES[stage]}{code}"
        for district in report.evaluation.districts
        for stage, figures in district.stages.items()
        for code, one in figures.indicators.items()
        if one.balanced is False
    )
