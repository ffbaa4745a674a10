"""The first columns of every sheet with a row a school: number, name, code as text, district, kind."""

from registry import School
from rules.answers.book import Sheet
from rules.report.report import Report

HEADS = ("序号", "学校", "学校标识码", "区县", "办学类型")
WIDTHS = (6, 28, 14, 11, 12)


def school_heads(sheet: Sheet) -> None:
    """Merged over both head rows."""
    for column, head in enumerate(HEADS):
        sheet.merge(2, column, 3, column, head)


def school_cells(sheet: Sheet, row: int, number: int, school: School, report: Report) -> None:
    sheet.number(row, 0, number, "middle")
    sheet.text(row, 1, school.name)
    sheet.text(row, 2, school.school_code, "code")
    sheet.row(row, (report.district_name(school.district), school.kind), "middle", first=3)
