"""学段占比分析: how a whole school's resources are split over its stages."""

from fractions import Fraction

from rules.answers.book import Book, Sheet
from rules.report.printing import NONE, UNKNOWN, stage_name
from rules.report.report import Report


def shares_sheet(book: Book, report: Report) -> None:
    """A row a stage: pupils, weight and share, then the whole school's declared figures and the stage's."""
    sheet = book.sheet("学段占比分析")
    standard = report.evaluation.standard
    shared = [indicator for indicator in standard.indicators if indicator.code in standard.shared.indicators]
    heads = ("学校", "学校标识码", "办学类型", "学段", "学生数", "权重", "占比", "占比（%）")
    last = len(heads) + 2 * len(shared) - 1
    sheet.head(f"学段占比分析　{report.quarter.title}", report.basis, last)
    for column, head in enumerate(heads):
        sheet.merge(2, column, 3, column, head)
    for number, indicator in enumerate(shared):
        first = len(heads) + 2 * number
        sheet.merge(2, first, 2, first + 1, f"{indicator.code} {indicator.name}")
        sheet.row(3, ("全校", "本学段"), "head", first=first)
    row = 4
    for result in report.evaluation.sections:
        section = result.section
        school, weights = section.school, standard.weights.get(section.school.kind)
        if len(school.stages) < 2:
            continue
        weight = weights.of(section.stage) if weights else None
        sheet.text(row, 0, school.name)
        sheet.text(row, 1, school.school_code, "code")
        sheet.row(row, (school.kind, stage_name(section.stage)), "middle", first=2)
        _figure(sheet, row, 4, section.pupils, "未填报")
        _figure(sheet, row, 5, weight, NONE)
        sheet.text(row, 6, UNKNOWN if section.share is None else str(section.share), "number")
        _figure(sheet, row, 7, None if section.share is None else section.share * 100, UNKNOWN, places=2)
        for number, indicator in enumerate(shared):
            rests = result.judgements[indicator.code].evidence
            for offset, figure in enumerate((rests.whole, rests.declared)):
                _figure(sheet, row, len(heads) + 2 * number + offset, figure, "未填报")
        row += 1
    sheet.raw.set_row(2, 30)
    sheet.layout((24, 14, 12, 7, 8, 7, 12, 9, *[14] * 2 * len(shared)), head_rows=(2, 3), frozen_columns=2)
    note = (
        "注：共用资源按加权学生数拆分（占比＝学生数×权重÷各学段之和），不取整；"
        "高中学段只参与拆分，不参与评估。"
    )
    sheet.merge(row, 0, row, last, note, "note")


def _figure(
    sheet: Sheet, row: int, column: int, value: Fraction | int | None, missing: str, *, places: int = 4
) -> None:
    if value is None:
        sheet.text(row, column, missing, "open")
    else:
        sheet.number(row, column, value, places=places)
