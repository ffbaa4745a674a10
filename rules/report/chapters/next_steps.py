"""九、下一步工作: what follows from the figures of the chapters before, each step only where it does."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rules.report.blocks import Block, Paragraph
from rules.report.chapters.guarantees import codes
from rules.report.printing import listed, stage_name
from rules.report.report import Report
from rules.report.shortfall_list import LASTS

_GRAVEST = 3  # so many indicators are named


def next_steps(report: Report) -> Iterator[Block]:
    """A numbered step a paragraph."""
    steps = list(_steps(report))
    if not steps:
        yield Paragraph("保持现有达标水平，按季监测，发现新短板及时列入台账。")
    for numeral, step in zip("一二三四五六七", steps, strict=False):
        yield Paragraph(f"{numeral}是{step}")


def _steps(report: Report) -> Iterator[str]:
    lines, failing = report.shortfalls.lines, report.shortfalls.failing()
    if failing:
        worst = Counter(line.called.name.zh for line in failing).most_common(_GRAVEST)
        told = listed(f"{name}（{number}项）" for name, number in worst)
        yield f"补短板。对{len(failing)}项未达标项目逐校逐项销号，重点是{told}。"
    if lasting := len(report.shortfalls.of_state(LASTS)):
        yield f"促整改。{lasting}项连续两个季度未达标，由责任单位倒排工期。"
    if over := listed(_over(report)):
        yield f"抓均衡。差异系数超出限值的{over}，新增资源优先投向低于平均水平的学校。"
    if below := listed(_below(report)):
        yield f"强保障。{below}，列入整改。"
    if broken := sum(school.of("U4").verdict == "fail" for school in report.evaluation.utilisation):
        yield f"保完好。{broken}所学校设备完好率未达到要求，限期维修更换。"
    if unknown := sum(line.verdict == "undetermined" for line in lines):
        yield f"补数据。{unknown}项因数据缺失未判定，须补报报表数或恢复监测。"
    if unstated := sum(not line.measure for line in failing):
        yield f"明责任。{unstated}项尚未登记整改措施，由责任单位补登。"


def _below(report: Report) -> Iterable[str]:
    schools = report.evaluation.guarantees
    for code in codes(report):
        number = sum(school.answers[code].verdict == "fail" for school in schools)
        if number:
            yield f"{report.names[code].short.zh}未达标{number}所"


def _over(report: Report) -> Iterable[str]:
    return (
        f"{stage_name(stage)}{report.called(code)}"
        for district in report.evaluation.districts
        for stage, figures in district.stages.items()
        for code, balance in figures.indicators.items()
        if balance.balanced is False
    )
