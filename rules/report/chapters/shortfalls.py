"""八、短板与措施: the list of shortfalls (台账), its worst lines in the text and all of them in a sheet."""

from collections import Counter
from collections.abc import Iterator

from rules.report.blocks import Block, Paragraph, Table
from rules.report.book import A3, VERDICT_STYLES, Book
from rules.report.printing import NONE, listed, stage_name
from rules.report.report import Report
from rules.report.shortfall_list import ShortfallLine
from rules.standards.naming import indicator_names

_FIRST = 15  # so many lines are in the document; the workbook has all of them
_HEADS = (
    "序号",
    "学校",
    "学校标识码",
    "学段",
    "指标",
    "状态",
    "本季",
    "上季",
    "增减",
    "目标",
    "差距",
    "责任单位",
    "措施",
    "销号状态",
)
_WIDTHS = (6, 24, 14, 7, 54, 12, 16, 12, 10, 10, 18, 22, 34, 12)


def shortfalls(report: Report) -> Iterator[Block]:
    """How many by responsible unit, and the first of them."""
    failing = report.shortfalls.failing()
    if not failing:
        yield Paragraph("本季没有未达标的项目。")
        return
    units = Counter(line.school.unit or "未登记责任单位" for line in failing)
    told = "，".join(f"{unit}{number}项" for unit, number in sorted(units.items()))
    stated = sum(bool(line.measure) for line in failing)
    yield Paragraph(
        f"未达标共{len(failing)}项，按责任单位：{told}。"
        f"已登记整改措施{stated}项，未登记{len(failing) - stated}项。"
    )
    more = f"（前{_FIRST}项，全部见附件工作簿）" if len(failing) > _FIRST else ""
    yield Table(
        caption=f"短板整改台账{more}",
        heads=("学校", "学段", "指标", "本季", "上季", "增减", "目标", "差距", "责任单位", "措施"),
        rows=[_cells(line) for line in failing[:_FIRST]],
        widths=(24, 11, 11, 18, 18, 14, 15, 19, 17, 9),
    )


def _cells(line: ShortfallLine) -> list[str]:
    return [
        line.school.name,
        stage_name(line.stage),
        "无线" if line.code == "wireless" else line.code,
        line.now,
        line.before,
        line.change,
        line.target,
        line.gap,
        line.school.unit or NONE,
        line.measure,
    ]


def shortfall_sheet(book: Book, report: Report) -> None:
    """台账: a line a shortfall; what no one has stated stays empty."""
    sheet = book.sheet("台账")
    sheet.head(f"短板整改台账　{report.quarter.title}", report.basis, len(_HEADS) - 1)
    sheet.row(2, _HEADS, "head")
    row = 3
    for number, line in enumerate(report.shortfalls.lines, 1):
        name = line.indicator if line.code == "wireless" else f"{line.code} {line.indicator}"
        sheet.number(row, 0, number, "middle")
        sheet.text(row, 1, line.school.name)
        sheet.text(row, 2, line.school.school_code, "code")
        sheet.text(row, 3, stage_name(line.stage), "middle")
        sheet.text(row, 4, name)
        sheet.text(row, 5, line.state, VERDICT_STYLES[line.verdict])
        sheet.row(row, (line.now, line.before, line.change, line.target, line.gap), "number", first=6)
        sheet.row(row, (line.school.unit or NONE, line.measure, line.status), first=11)
        row += 1
    for note in _notes(report):
        sheet.merge(row, 0, row, len(_HEADS) - 1, note, "note")
        row += 1
    sheet.layout(_WIDTHS, head_rows=(2, 2), frozen_columns=2, paper=A3)


def _notes(report: Report) -> list[str]:
    """What a reader must know to read the columns."""
    before = (
        f"上季为{report.before.title}已报送的数据。"
        if report.before
        else "没有已报送的上季季报，上季、增减两栏为空。"
    )
    gap = (
        "差距为达标尚需增加的最少整数（间、人、平方米、元）；"
        "一贯制学校共用资源按全校计，同校两个学段的差距不可相加。"
    )
    status = "销号状态取自短板整改台账的历次评估，没有评估记录者为空。"
    stray = _stray_measures(report)
    return [f"注：{before}", f"{gap}措施栏为登记的措施，未登记者为空。{status}", *([stray] if stray else [])]


def _stray_measures(report: Report) -> str:
    """Measures for an indicator that the standard does not have: they stand nowhere else."""
    known = indicator_names(report.evaluation.standard)
    stray = [measure for measure in report.registry.measures if measure.indicator not in known]
    codes = listed(dict.fromkeys(measure.indicator for measure in stray))
    return f"登记的措施有{len(stray)}条所写指标（{codes}）不在所用标准中，未列入。" if stray else ""
