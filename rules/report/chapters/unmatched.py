"""监测与登记不符: readings that count nowhere, and rooms of which no device is known."""

from collections.abc import Sequence

from rules.judging.matching import Unmatched
from rules.report.book import Book
from rules.report.printing import NONE
from rules.report.report import Report
from rules.words import worded

_NAMED = 3  # so many are told in the document; the sheet has all of them
_HEADS = ("序号", "学校标识码", "学校", "房间", "未计入读数", "说明")


def unmatched_told(report: Report) -> str:
    """What was left out of the figures; empty where nothing was."""
    left_out = [found for found in report.evaluation.unmatched if found.readings]
    if not left_out:
        return ""
    readings = sum(found.readings for found in left_out)
    first = "；".join(worded(found.reason, "zh") for found in left_out[:_NAMED])
    more = "等" if len(left_out) > _NAMED else ""
    return (
        f"监测与登记表有{len(left_out)}处不符，共{readings}条读数未计入（{first}{more}），"
        "见附件“监测与登记不符”表。"
    )


def unmatched_sheet(book: Book, report: Report) -> None:
    """Readings that are left out first."""
    sheet = book.sheet("监测与登记不符")
    sheet.head(f"监测与登记不符　{report.quarter.title}", report.basis, len(_HEADS) - 1)
    sheet.row(2, _HEADS, "head")
    found = _in_order(report.evaluation.unmatched)
    for row, unmatched in enumerate(found, 3):
        school = report.registry.schools.get(unmatched.school)
        sheet.number(row, 0, row - 2, "middle")
        sheet.text(row, 1, unmatched.school, "code")
        sheet.text(row, 2, NONE if school is None else school.name)
        sheet.text(row, 3, unmatched.room or NONE, "code")
        if unmatched.readings:
            sheet.number(row, 4, unmatched.readings)
        else:
            sheet.text(row, 4, NONE, "middle")
        sheet.text(row, 5, worded(unmatched.reason, "zh"))
    sheet.merge(3 + len(found), 0, 3 + len(found), len(_HEADS) - 1, _note(report, found), "note")
    sheet.layout((6, 14, 26, 14, 12, 70), head_rows=(2, 2))


def _note(report: Report, found: Sequence[Unmatched]) -> str:
    if report.evaluation.facts is None:
        return "本季未接入监测数据。"
    return "注：未计入的读数补正登记表或网关对照表后可重新评估。" if found else "监测与登记表没有不符之处。"


def _in_order(found: Sequence[Unmatched]) -> list[Unmatched]:
    return sorted(found, key=lambda unmatched: not unmatched.readings)
