"""政府保障: every school's music and art rooms, size and classes, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence

from rules.district import District, Tally, tally
from rules.guarantees import Guarantee, SchoolGuarantees
from rules.report.book import A3, VERDICT_STYLES, Book, Sheet
from rules.report.guarantee_text import UNITS, large_classes, occupied_rooms, oversized_schools
from rules.report.report import Report
from rules.report.school_rows import HEADS, WIDTHS, school_cells, school_heads
from rules.report.words import NONE, chinese, district_name
from rules.vocabulary import GUARANTEE_NAMES, VERDICT_NAMES, GuaranteeCode

# What stands under 实际值 and 限值 of each.
_FIGURES: Mapping[GuaranteeCode, tuple[str, str]] = {
    "G3": ("合格间数", "应有间数"),
    "G4": ("在校生数", "上限"),
    "G5": ("最大班额", "上限"),
}
_COLUMNS = 4
_NOTE = (
    "注：按全校（含并入的单位）依据登记表判定；G3为音乐、美术各按每12个班级配备的间数之和，每科多出的不抵另一科；"
    "G5最大班额为距上限最近或超出最多的学段。合计的间数、人数仅含已知的学校。数据缺失的为“未判定”，不按0计。"
)


def guarantee_sheet(book: Book, report: Report) -> None:
    """A row a school in the registry's order; a district's sums below."""
    sheet = book.sheet("政府保障")
    last = len(HEADS) + _COLUMNS * len(GUARANTEE_NAMES) - 1
    sheet.head(f"政府保障程度（设施部分）　{report.quarter.title}", report.basis, last)
    school_heads(sheet)
    for code, first in _places():
        title = f"{code} {GUARANTEE_NAMES[code]}（{UNITS[code]}）"
        sheet.merge(2, first, 2, first + _COLUMNS - 1, title)
        sheet.row(3, ("结论", *_FIGURES[code], "说明"), "head", first=first)
    schools = report.evaluation.guarantees
    for number, school in enumerate(schools, 1):
        row = 3 + number
        school_cells(sheet, row, number, school.school)
        for code, first in _places():
            _answer(sheet, row, first, school.answers[code])
    row = 4 + len(schools)
    for name, members, districts in _sums(report):
        sheet.merge(row, 0, row, len(HEADS) - 1, name, "middle")
        for code, first in _places():
            _total(sheet, row, first, [one.answers[code] for one in members])
            sheet.text(row, first + 3, "；".join(_told(code, districts)))
        row += 1
    sheet.merge(row, 0, row, last, _NOTE, "note")
    widths = (*WIDTHS, *(11, 9, 9, 38), *(11, 9, 9, 24), *(11, 9, 9, 32))
    sheet.layout(widths, head_rows=(2, 3), frozen_columns=2, paper=A3)


def _places() -> Iterable[tuple[GuaranteeCode, int]]:
    return ((code, len(HEADS) + _COLUMNS * number) for number, code in enumerate(GUARANTEE_NAMES))


def _answer(sheet: Sheet, row: int, first: int, one: Guarantee) -> None:
    sheet.text(row, first, VERDICT_NAMES[one.verdict], VERDICT_STYLES[one.verdict])
    for column, figure in ((first + 1, one.value), (first + 2, one.threshold)):
        if figure is None:
            sheet.text(row, column, NONE, "middle")
        else:
            sheet.number(row, column, figure, "middle")
    sheet.text(row, first + 3, chinese(one.reason))


def _sums(report: Report) -> Iterable[tuple[str, list[SchoolGuarantees], list[District]]]:
    """Each district, and all of them where there are several."""
    districts, schools = report.evaluation.districts, report.evaluation.guarantees
    for one in districts:
        members = [school for school in schools if school.school.district == one.district]
        yield f"{district_name(one.district)}合计", members, [one]
    if len(districts) > 1:
        yield "总计", list(schools), list(districts)


def _total(sheet: Sheet, row: int, first: int, answers: Sequence[Guarantee]) -> None:
    """Schools by verdict; rooms and pupils add up, limits and class sizes do not."""
    counted: Tally = tally(one.verdict for one in answers)
    sheet.text(row, first, f"达标{counted.passing}/{counted.total}", "middle")
    code = answers[0].code if answers else None
    adding = {"G3": ("value", "threshold"), "G4": ("value",)}.get(code or "", ())
    for column, what in ((first + 1, "value"), (first + 2, "threshold")):
        known = [figure for one in answers if (figure := getattr(one, what)) is not None]
        if what in adding and known:
            sheet.number(row, column, sum(known), "middle")
        else:
            sheet.text(row, column, NONE, "middle")


def _told(code: GuaranteeCode, districts: Sequence[District]) -> Iterable[str]:
    words = {"G3": occupied_rooms, "G4": oversized_schools, "G5": large_classes}[code]
    several = len(districts) > 1
    return ((f"{district_name(one.district)}：" if several else "") + words(one) for one in districts)
