"""监测与登记不符: readings that count nowhere, and rooms of which no device is known."""

from collections.abc import Iterator, Mapping

from rules.answers.book import Book
from rules.judging.matching import What
from rules.report.printing import NONE, first_of
from rules.report.report import Report
from rules.words import worded

_NAMED = 3  # so many are told in the document; the sheet has all of them
_WITHOUT: Mapping[What, str] = {
    "no_display": "标为多媒体教室，但没有任何显示设备对应",
    "no_access_point": "要求无线覆盖，但没有AP对应，也没有测点数据",
}
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
    """Readings that are left out, one by one; then rooms without a device, a row a school."""
    sheet = book.sheet("监测与登记不符")
    sheet.head(f"监测与登记不符　{report.quarter.title}", report.basis, len(_HEADS) - 1)
    sheet.row(2, _HEADS, "head")
    rows = list(_rows(report))
    for row, (code, room, readings, said) in enumerate(rows, 3):
        school = report.registry.schools.get(code)
        sheet.number(row, 0, row - 2, "middle")
        sheet.text(row, 1, code, "code")
        sheet.text(row, 2, NONE if school is None else school.name)
        sheet.text(row, 3, room or NONE)
        if readings:
            sheet.number(row, 4, readings)
        else:
            sheet.text(row, 4, NONE, "middle")
        sheet.text(row, 5, said)
    note = _note(report, any_found=bool(rows))
    sheet.merge(3 + len(rows), 0, 3 + len(rows), len(_HEADS) - 1, note, "note")
    sheet.layout((6, 14, 26, 24, 12, 70), head_rows=(2, 2))


def _rows(report: Report) -> Iterator[tuple[str, str, int, str]]:
    """School, room, readings, and what is wrong."""
    without: dict[tuple[str, What], list[str]] = {}
    for unmatched in report.evaluation.unmatched:
        if unmatched.what in _WITHOUT:
            without.setdefault((unmatched.school, unmatched.what), []).append(unmatched.room)
        else:
            said = worded(unmatched.reason, "zh")
            yield unmatched.school, unmatched.room, unmatched.readings, said
    for (school, what), rooms in without.items():
        yield school, first_of(rooms, _NAMED, "间"), 0, _WITHOUT[what]


def _note(report: Report, *, any_found: bool) -> str:
    if report.evaluation.facts is None:
        return "本季未接入监测数据。"
    return "注：补正登记表或网关对照表后可重新评估。" if any_found else "监测与登记表没有不符之处。"
