"""台账 as a sheet, and 更正说明 where a report handed in is corrected."""

from rules.report.book import A3, VERDICT_STYLES, Book
from rules.report.report import Correction, Report
from rules.report.shortfall_list import stage_name
from rules.report.words import NONE

HEADS = (
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


def ledger_sheet(book: Book, report: Report) -> None:
    """A line a shortfall; what no one has stated stays empty."""
    sheet = book.sheet("台账")
    sheet.head(f"短板整改台账　{report.quarter.title}", report.basis, len(HEADS) - 1)
    sheet.row(2, HEADS, "head")
    row = 3
    for number, line in enumerate(report.ledger.lines, 1):
        name = line.indicator if line.code == "wireless" else f"{line.code} {line.indicator}"
        sheet.number(row, 0, number, "middle")
        sheet.text(row, 1, line.school.name)
        sheet.text(row, 2, line.school.school_code, "code")
        sheet.text(row, 3, stage_name(line), "middle")
        sheet.text(row, 4, name)
        sheet.text(row, 5, line.state, VERDICT_STYLES[line.verdict])
        sheet.row(row, (line.now, line.before, line.change, line.target, line.gap), "number", first=6)
        sheet.row(row, (line.school.unit or NONE, line.measure, line.status), first=11)
        row += 1
    for note in notes(report):
        sheet.merge(row, 0, row, len(HEADS) - 1, note, "note")
        row += 1
    sheet.layout(_WIDTHS, head_rows=(2, 2), frozen_columns=2, paper=A3)


def notes(report: Report) -> list[str]:
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
    return [f"注：{before}", f"{gap}措施栏为登记的措施，未登记者为空。{status}"]


def correction_sheet(book: Book, correction: Correction) -> None:
    """Each changed field: old and new."""
    heads = ("序号", "学校·学段", "指标", "项目", "原值", "现值")
    sheet = book.sheet("更正说明")
    note = f"更正第{correction.corrects}版；原因：{correction.reason}"
    sheet.head("更正说明", note, len(heads) - 1)
    sheet.row(2, heads, "head")
    for row, change in enumerate(correction.changes, 3):
        sheet.number(row, 0, row - 2, "middle")
        sheet.row(row, (change.place, change.indicator, change.field, change.old, change.new), first=1)
    sheet.layout((6, 36, 16, 16, 30, 30), head_rows=(2, 2))


def correction_text(correction: Correction) -> str:
    """更正说明.md: the same, to be read without a spreadsheet."""
    lines = [
        f"# 更正说明（更正第{correction.corrects}版）",
        "",
        f"原因：{correction.reason}",
        "",
        "| 学校·学段 | 指标 | 项目 | 原值 | 现值 |",
        "|---|---|---|---|---|",
    ]
    for one in correction.changes:
        cells = (one.place, one.indicator, one.field, one.old, one.new)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join([*lines, ""])
