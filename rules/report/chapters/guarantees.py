"""四、政府保障程度 about facilities: equipment, rooms for art and music, sizes of schools and classes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from registry.vocabulary import GUARANTEES, KIND_STAGES, STAGES, GuaranteeCode
from rules.answers.book import A3, VERDICT_STYLES, Book, Sheet
from rules.judging.district import District, GuaranteeResult, Tally, tally
from rules.judging.guarantees import Guarantee, SchoolGuarantees
from rules.report.blocks import Block, Paragraph, Table
from rules.report.printing import NONE, known, listed, rate, stage_name, verdict_name
from rules.report.report import Report
from rules.report.school_columns import HEADS, WIDTHS, school_cells, school_heads
from rules.words import worded

# Of the table of schools, by the number of guarantees judged: in mm, 156 together.
_TABLE_WIDTHS = {3: (36, 26, 20, 24, 19, 15, 16), 4: (30, 24, 18, 18, 20, 18, 14, 14)}
_NAMED = 15  # so many schools are in the table of the document; the workbook has all of them

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


def guarantees(report: Report) -> Iterator[Block]:
    """District by district, then the schools that fall short."""
    if not report.evaluation.guarantees:
        yield Paragraph("没有参与评估的学校。")
        return
    yield Paragraph(f"本章{_basis(report)}，与七项指标的结论相互独立，并列说明。")
    for district in report.evaluation.districts:
        if not any(found.schools.total for found in district.guarantees.values()):
            continue
        name = report.district_name(district.district)
        yield Paragraph(
            f"{name}：" + "".join(f"{_words(report, code, [district])}。" for code in codes(report))
        )
        yield Table(
            caption=f"{name}政府保障程度（设施部分）达标情况",
            heads=("项目", "学校数", "达标", "未达标", "未判定", "达标率"),
            rows=[
                (f"{code} {report.called(code)}", *_tally(found.schools))
                for code, found in district.guarantees.items()
            ],
            widths=(46, 22, 22, 22, 22, 22),
        )
    yield from _short(report)


def codes(report: Report) -> Sequence[GuaranteeCode]:
    """What was judged; G2 only where the registry has a catalogue."""
    found = report.evaluation.guarantees
    return list(found[0].answers) if found else [code for code in GUARANTEES if code != "G2"]


def _basis(report: Report) -> str:
    """What the answers rest on."""
    ledger = "（装备配置依据资产台账）" if "G2" in codes(report) else ""
    return f"按全校（含并入的单位）依据登记表{ledger}判定"


def _words(report: Report, code: GuaranteeCode, districts: Sequence[District]) -> str:
    """What adds up of a guarantee, district by district."""
    several = len(districts) > 1
    return "；".join(
        (f"{report.district_name(district.district)}：" if several else "")
        + _WORDS[code](district.guarantees[code])
        for district in districts
        if code in district.guarantees
    )


def _short_items(found: GuaranteeResult) -> str:
    if not known(found.schools):
        return "装备目录各项均未判定"
    items, schools = _count(found, "items_short")
    return f"对照装备目录不足的共{items}项次，涉及{schools}所学校" if items else "没有判为不足的装备目录项目"


def _occupied_rooms(found: GuaranteeResult) -> str:
    rooms, schools = _count(found, "occupied")
    if not rooms:
        return "没有登记为被挤占的音乐、美术专用教室"
    return f"音乐、美术专用教室被挤占{rooms}间，涉及{schools}所学校"


def _oversized_schools(found: GuaranteeResult) -> str:
    if not known(found.schools):
        return "学校规模均未判定"
    failing = found.failing_by_kind
    told = listed(f"{kind}{failing[kind]}所" for kind in KIND_STAGES if failing.get(kind))
    return f"规模超标的学校：{told or '无'}"


def _large_classes(found: GuaranteeResult) -> str:
    """A stage for which no school states them is not called free of them."""
    told = []
    for stage in STAGES:
        if stage in found.counts:
            classes, schools = _count(found, stage)
            where = f"（{schools}所学校）" if classes else ""
            told.append(f"{stage_name(stage)}{classes}个{where}")
    return f"已填报的超标班额班级：{listed(told)}" if told else "各校均未填报超标班额的班级数"


_WORDS: Mapping[GuaranteeCode, Callable[[GuaranteeResult], str]] = {
    "G2": _short_items,
    "G3": _occupied_rooms,
    "G4": _oversized_schools,
    "G5": _large_classes,
}


def _count(found: GuaranteeResult, name: str) -> tuple[int, int]:
    return found.counts.get(name, 0), found.schools_counted.get(name, 0)


def _tally(schools: Tally) -> tuple[str, ...]:
    counts = (schools.total, schools.passing, schools.failing, schools.undetermined)
    return (*(str(number) for number in counts), rate(schools))


def _short(report: Report) -> Iterator[Block]:
    failing = [school for school in report.evaluation.guarantees if _fails(school)]
    if not failing:
        yield Paragraph("没有判为未达标的学校。")
        return
    worst = sorted(failing, key=_fails, reverse=True)[:_NAMED]
    more = f"；前{_NAMED}所，共{len(failing)}所，余见工作簿" if len(failing) > _NAMED else ""
    yield Table(
        caption=f"政府保障未达标的学校（实际/标准{more}）",
        heads=(
            "学校",
            "办学类型",
            *(report.names[code].short.zh for code in codes(report)),
            "被挤占",
            "超标班",
        ),
        rows=[_table_cells(school) for school in worst],
        widths=_TABLE_WIDTHS[len(codes(report))],
    )


def _fails(school: SchoolGuarantees) -> int:
    return sum(answer.verdict == "fail" for answer in school.answers.values())


def _table_cells(school: SchoolGuarantees) -> tuple[str, ...]:
    return (
        school.school.name,
        school.school.kind,
        *(_in_few_words(answer) for answer in school.answers.values()),
        _adding(school.answers["G3"]),
        _adding(school.answers["G5"]),
    )


def _in_few_words(answer: Guarantee) -> str:
    """The figure against its limit where that shows why it fails."""
    value, limit = answer.value, answer.threshold
    if answer.verdict != "fail" or value is None or limit is None:
        return verdict_name(answer.verdict)
    # Oversized classes may be of a stage that has not told its largest class.
    if answer.code in {"G2", "G3"} or value > limit:
        return f"{value}/{limit}"
    return verdict_name(answer.verdict)


def _adding(answer: Guarantee) -> str:
    """Rooms occupied, or classes too large at any stage; nothing where no one told."""
    return str(sum(count for _, count in answer.counts)) if answer.counts else NONE


def guarantee_sheet(book: Book, report: Report) -> None:
    """政府保障: a row a school in the registry's order; a district's sums below."""
    sheet = book.sheet("政府保障")
    places = [(code, len(HEADS) + _COLUMNS * number) for number, code in enumerate(codes(report))]
    last = len(HEADS) + _COLUMNS * len(places) - 1
    sheet.head(f"政府保障程度（设施部分）　{report.quarter.title}", report.basis, last)
    school_heads(sheet)
    for code, first in places:
        unit, actual, limit, _ = _FIGURES[code]
        sheet.merge(2, first, 2, first + _COLUMNS - 1, f"{code} {report.names[code].short.zh}（{unit}）")
        sheet.row(3, ("结论", actual, limit, "说明"), "head", first=first)
    schools = report.evaluation.guarantees
    for number, school in enumerate(schools, 1):
        school_cells(sheet, 3 + number, number, school.school, report)
        for code, first in places:
            _answer(sheet, 3 + number, first, school.answers[code])
    row = 4 + len(schools)
    for name, members, districts in _sums(report):
        sheet.merge(row, 0, row, len(HEADS) - 1, name, "middle")
        for code, first in places:
            _total(sheet, row, first, code, [school.answers[code] for school in members])
            sheet.text(row, first + 3, _words(report, code, districts))
        row += 1
    sheet.merge(row, 0, row, last, f"注：{_basis(report)}。{_NOTE}", "note")
    widths = [width for code, _ in places for width in (11, 9, 9, _FIGURES[code][3])]
    sheet.layout((*WIDTHS, *widths), head_rows=(2, 3), frozen_columns=2, paper=A3)


def _answer(sheet: Sheet, row: int, first: int, answer: Guarantee) -> None:
    sheet.text(row, first, verdict_name(answer.verdict), VERDICT_STYLES[answer.verdict])
    for column, figure in ((first + 1, answer.value), (first + 2, answer.threshold)):
        if figure is None:
            sheet.text(row, column, NONE, "middle")
        else:
            sheet.number(row, column, figure, "middle")
    sheet.text(row, first + 3, worded(answer.reason, "zh"))


def _sums(report: Report) -> Iterable[tuple[str, list[SchoolGuarantees], list[District]]]:
    """Each district, and all of them where there are several."""
    districts, schools = report.evaluation.districts, report.evaluation.guarantees
    for district in districts:
        members = [school for school in schools if school.school.district == district.district]
        if members:
            yield f"{report.district_name(district.district)}合计", members, [district]
    if len(districts) > 1:
        yield "总计", list(schools), list(districts)


def _total(sheet: Sheet, row: int, first: int, code: GuaranteeCode, answers: Sequence[Guarantee]) -> None:
    """Schools by verdict; items, rooms and pupils add up, limits and class sizes do not."""
    counted = tally(answer.verdict for answer in answers)
    told = f"达标{counted.passing}/{counted.total}" if known(counted) else NONE
    sheet.text(row, first, told, "middle")
    for column, what in ((first + 1, "value"), (first + 2, "threshold")):
        stated = [figure for answer in answers if (figure := getattr(answer, what)) is not None]
        if what in _ADDING[code] and stated:
            sheet.number(row, column, sum(stated), "middle")
        else:
            sheet.text(row, column, NONE, "middle")
