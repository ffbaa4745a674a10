"""A report as files: names and bytes, nothing written yet."""

from rules.report.balance_sheets import balance_sheets
from rules.report.book import Book
from rules.report.document import document
from rules.report.guarantee_sheet import guarantee_sheet
from rules.report.report import Report
from rules.report.seven import seven_sheets
from rules.report.shares_sheet import shares_sheet
from rules.report.shortfall_list_sheet import correction_sheet, correction_text, ledger_sheet
from rules.report.usage_book import usage_books
from rules.report.utilisation_sheet import utilisation_sheet

WORKBOOK, DOCUMENT, CORRECTIONS = "七项指标报告.xlsx", "季报.docx", "更正说明.md"


def render(report: Report) -> dict[str, bytes]:
    """Every file of the report by its path in the report's folder."""
    files = {WORKBOOK: _workbook(report), DOCUMENT: document(report), **usage_books(report)}
    if report.correction is not None:
        files[CORRECTIONS] = correction_text(report.correction).encode()
    return files


def _workbook(report: Report) -> bytes:
    book = Book(f"优质均衡发展七项指标报告　{report.quarter.title}", created=report.as_of)
    seven_sheets(book, report)
    balance_sheets(book, report)
    shares_sheet(book, report)
    guarantee_sheet(book, report)
    utilisation_sheet(book, report)
    ledger_sheet(book, report)
    if report.correction is not None:
        correction_sheet(book, report.correction)
    return book.done()
