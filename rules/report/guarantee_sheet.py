"""政府保障: every school's equipment, music and art rooms, size and classes, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence

from registry.vocabulary import GUARANTEE_NAMES, VERDICT_NAMES, GuaranteeCode
from rules.judging.district import District, Tally, tally
from rules.judging.guarantees import Guarantee, SchoolGuarantees
from rules.report.book import A3, VERDICT_STYLES, Book, Sheet
from rules.report.guarantee_text import basis, codes, words_of
from rules.report.report import Report
from rules.report.school_rows import HEADS, WIDTHS, school_cells, school_heads
from rules.report.words import NONE, chinese, district_name

# The unit, what stands under 实际值 and 限值 of each, and how wide its 说明 is.
_FIGURES: Mapping[GuaranteeCode, tuple[str, str, str, int]] = {
    "G2": ("项", "配齐项数", "应有项数", 38),
    "G3": ("间", "合格间数", "应有间数", 38),
    "G4": ("人", "在校生数", "上限", 24),
    "G5": ("人", "最大班额", "上限", 32),
}
# Which of the two add up over schools.
_ADDING: Mapping[GuaranteeCode, Sequence[str]] = {
    "G2": ("value", "threshold"),
    "G3": ("value", "threshold"),
    "G4": ("value",),
    "G5": (),
}
_COLUMNS = 4
_NOTE = (
    "G3为音乐、美术各按每12个班级配备的间数之和，每科多出的不抵另一科；"
    "G5最大班额为距上限最近或超出最多的学段。合计的项数、间数、人数仅含已知的学校。数据缺失的为“未判定”，不按0计。"
)


def guarantee_sheet(book: Book, report: Report) -> None:
    """A row a school in the registry's order; a district's sums below."""
    sheet = book.sheet("政府保障")
    places = [(code, len(HEADS) + _COLUMNS * number) for number, code in enumerate(codes(report))]
    last = len(HEADS) + _COLUMNS * len(codes(report)) - 1
    sheet.head(f"政府保障程度（设施部分）　{report.quarter.title}", report.basis, last)
    school_heads(sheet)
    for code, first in places:
        unit, actual, limit, _ = _FIGURES[code]
        sheet.merge(2, first, 2, first + _COLUMNS - 1, f"{code} {GUARANTEE_NAMES[code]}（{unit}）")
        sheet.row(3, ("结论", actual, limit, "说明"), "head", first=first)
    schools = report.evaluation.guarantees
    for number, school in enumerate(schools, 1):
        row = 3 + number
        school_cells(sheet, row, number, school.school)
        for code, first in places:
            _answer(sheet, row, first, school.answers[code])
    row = 4 + len(schools)
    for name, members, districts in _sums(report):
        sheet.merge(row, 0, row, len(HEADS) - 1, name, "middle")
        for code, first in places:
            _total(sheet, row, first, code, [one.answers[code] for one in members])
            sheet.text(row, first + 3, words_of(code, districts))
        row += 1
    sheet.merge(row, 0, row, last, f"注：{basis(report)}。{_NOTE}", "note")
    widths = [width for code, _ in places for width in (11, 9, 9, _FIGURES[code][3])]
    sheet.layout((*WIDTHS, *widths), head_rows=(2, 3), frozen_columns=2, paper=A3)


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
        if members:
            yield f"{district_name(one.district)}合计", members, [one]
    if len(districts) > 1:
        yield "总计", list(schools), list(districts)


def _total(sheet: Sheet, row: int, first: int, code: GuaranteeCode, answers: Sequence[Guarantee]) -> None:
    """Schools by verdict; items, rooms and pupils add up, limits and class sizes do not."""
    counted: Tally = tally(one.verdict for one in answers)
    sheet.text(row, first, f"达标{counted.passing}/{counted.total}", "middle")
    for column, what in ((first + 1, "value"), (first + 2, "threshold")):
        known = [figure for one in answers if (figure := getattr(one, what)) is not None]
        if what in _ADDING[code] and known:
            sheet.number(row, column, sum(known), "middle")
        else:
            sheet.text(row, column, NONE, "middle")
