"""更正说明, where a report that was handed in is corrected: as a sheet, and to be read without one."""

from rules.answers.book import Book
from rules.report.report import Change, Correction

_HEADS = ("学校·学段", "指标", "项目", "原值", "现值")


def correction_sheet(book: Book, correction: Correction) -> None:
    """Each changed field: old and new."""
    sheet = book.sheet("更正说明")
    note = f"更正第{correction.corrects}版；原因：{correction.reason}"
    sheet.head("更正说明", note, len(_HEADS))
    sheet.row(2, ("序号", *_HEADS), "head")
    for row, change in enumerate(correction.changes, 3):
        sheet.number(row, 0, row - 2, "middle")
        sheet.row(row, _cells(change), first=1)
    sheet.layout((6, 36, 16, 16, 30, 30), head_rows=(2, 2))


def correction_text(correction: Correction) -> str:
    """更正说明.md."""
    lines = [
        f"# 更正说明（更正第{correction.corrects}版）",
        "",
        f"原因：{correction.reason}",
        "",
        "| " + " | ".join(_HEADS) + " |",
        "|---|---|---|---|---|",
    ]
    for change in correction.changes:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in _cells(change))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _cells(change: Change) -> tuple[str, ...]:
    return (change.place, change.indicator, change.field, change.old, change.new)
