"""A report as files: names and bytes, nothing written yet."""

from rules.answers.book import Book
from rules.report.chapters.balance import balance_sheets
from rules.report.chapters.correction import correction_sheet, correction_text
from rules.report.chapters.guarantees import guarantee_sheet
from rules.report.chapters.indicators import rates_sheet
from rules.report.chapters.seven_indicators import seven_sheets
from rules.report.chapters.shares import shares_sheet
from rules.report.chapters.shortfalls import shortfall_sheet
from rules.report.chapters.unmatched import unmatched_sheet
from rules.report.chapters.usage_record import usage_books
from rules.report.chapters.utilisation import utilisation_sheet
from rules.report.document import document
from rules.report.report import CORRECTIONS, DOCUMENT, WORKBOOK, Report

# In the order of the bureau's workbook.
_SHEETS = (
    seven_sheets,
    balance_sheets,
    rates_sheet,
    shares_sheet,
    guarantee_sheet,
    utilisation_sheet,
    shortfall_sheet,
    unmatched_sheet,
)


def render(report: Report) -> dict[str, bytes]:
    """Every file of the report by its path in the report's folder."""
    files = {WORKBOOK: _workbook(report), DOCUMENT: document(report), **usage_books(report)}
    if report.correction is not None:
        files[CORRECTIONS] = correction_text(report.correction).encode()
    return files


def _workbook(report: Report) -> bytes:
    book = Book(f"优质均衡发展七项指标报告　{report.quarter.title}", created=report.as_of)
    for sheets in _SHEETS:
        sheets(book, report)
    if report.correction is not None:
        correction_sheet(book, report.correction)
    return book.done()
