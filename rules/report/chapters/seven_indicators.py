"""优质均衡发展七项指标报告: a sheet for each kind of school, 44 columns, a row a section; then the codes."""

from collections.abc import Sequence
from fractions import Fraction

from registry.exact import plain
from registry.vocabulary import ITEMS, Item, Kind, Stage
from rules.answers.book import A3, VERDICT_STYLES, Book, Sheet
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.report.printing import NONE, UNKNOWN, stage_name
from rules.report.report import Report
from rules.report.sections import judgement_on, label
from rules.report.shortfall_list import shown
from rules.words import name as word
from rules.words import worded

# Which sections stand in which sheet; sections of other schools are outside the indicators.
SHEETS: tuple[tuple[str, tuple[tuple[Kind, Stage], ...]], ...] = (
    ("小学", (("小学", "primary"), ("教学点", "primary"))),
    ("初中", (("初中", "junior"), ("完全中学", "junior"))),
    ("九年一贯", (("九年一贯制", "primary"), ("九年一贯制", "junior"))),
    ("十二年一贯", (("十二年一贯制", "primary"), ("十二年一贯制", "junior"))),
)
COLUMNS = ("基本值", "达标值", "实际值", "分子", "学生数", "是否达标")
_WIDTHS = (6, 6, 8.5, 10.5, 6.5, 8.5)
_ANSWERS = {"pass": "是", "fail": "否", "undetermined": UNKNOWN}
# What the stages of a school share, in the order of the indicators.
_SHARED: tuple[Item, ...] = tuple(item for item, facts in ITEMS.items() if not facts.by_stage)
_TOGETHER = 4  # so many indicators are printed side by side
_FIRST = 4  # the first row of data, from 0


def seven_sheets(book: Book, report: Report) -> None:
    """The four sheets, also those without a school, so that every quarter has the same."""
    for name, members in SHEETS:
        _sheet(book.sheet(name), name, report, _results(report, members))
    _codes(book.sheet("学校对照"), report)


def _results(report: Report, members: Sequence[tuple[Kind, Stage]]) -> list[SectionResult]:
    return [
        result
        for result in report.evaluation.sections
        if (result.section.school.kind, result.section.stage) in members
    ]


def _sheet(sheet: Sheet, name: str, report: Report, rows: Sequence[SectionResult]) -> None:
    indicators = report.evaluation.standard.indicators
    last = 2 + len(COLUMNS) * len(indicators) - 1
    title = f"优质均衡发展七项指标报告（{name}）　{report.quarter.title}"
    sheet.head(title, report.basis, 1 + _TOGETHER * len(COLUMNS))
    sheet.merge(2, 0, 3, 0, "序号")
    sheet.merge(2, 1, 3, 1, "学校")
    for number, indicator in enumerate(indicators):
        first = 2 + number * len(COLUMNS)
        title = f"{indicator.code} {indicator.name}（{indicator.unit}）"
        sheet.merge(2, first, 2, first + len(COLUMNS) - 1, title)
        sheet.row(3, COLUMNS, "head", first=first)
    for number, result in enumerate(rows, 1):
        row = _FIRST + number - 1
        sheet.number(row, 0, number, "middle")
        sheet.text(row, 1, label(result))
        for place, judgement in enumerate(result.judgements.values()):
            _judgement(sheet, row, 2 + place * len(COLUMNS), judgement)
    end = _district_rows(sheet, _FIRST + len(rows), report, rows)
    sheet.raw.set_row(2, 30)
    sheet.layout((6, 24, *_WIDTHS * len(indicators)), head_rows=(2, 3), frozen_columns=2, paper=A3)
    # On one page's width 44 columns would be too small to read: L1–L4 on one page, L5–L7 on the next.
    sheet.raw.repeat_columns(0, 1)
    sheet.raw.set_print_scale(66)
    sheet.raw.set_v_pagebreaks([2 + _TOGETHER * len(COLUMNS)])
    for line, note in enumerate(_notes(report, rows), end + 1):
        sheet.merge(line, 0, line, last, note, "note")


def _judgement(sheet: Sheet, row: int, column: int, judgement: Judgement) -> None:
    sheet.number(row, column, judgement.bar.floor)
    sheet.number(row, column + 1, judgement.bar.threshold)
    figure = shown(judgement)
    if figure.value is None or judgement.verdict == "undetermined":
        sheet.text(row, column + 2, figure.text, "open")
    elif judgement.near:
        sheet.number(row, column + 2, figure.text, f"near{figure.places}")
    else:
        sheet.number(row, column + 2, figure.value, "two")
    if judgement.numerator is None:
        sheet.text(row, column + 3, UNKNOWN, "open")
    else:
        sheet.number(row, column + 3, judgement.numerator)
    if judgement.pupils is None:
        sheet.text(row, column + 4, "未填报", "open")
    else:
        sheet.number(row, column + 4, judgement.pupils)
    answer = _ANSWERS[judgement.verdict] + ("（临界）" if judgement.near else "")
    sheet.text(row, column + 5, answer, VERDICT_STYLES[judgement.verdict])


def _district_rows(sheet: Sheet, row: int, report: Report, rows: Sequence[SectionResult]) -> int:
    """Below the schools, a row a district and stage: sums of what is known, the mean, and how many pass."""
    groups: dict[tuple[str, Stage], list[SectionResult]] = {}
    for result in rows:
        section = result.section
        groups.setdefault((section.school.district, section.stage), []).append(result)
    for (district, stage), members in groups.items():
        name = f"{report.district_name(district)}{stage_name(stage)}合计"
        sheet.merge(row, 0, row, 1, name, "middle")
        for place, code in enumerate(members[0].judgements):
            judgements = [member.judgements[code] for member in members]
            _total(sheet, row, 2 + place * len(COLUMNS), judgements)
        row += 1
    return row


def _total(sheet: Sheet, row: int, column: int, judgements: Sequence[Judgement]) -> None:
    bar = judgements[0].bar
    known = [
        (judgement.numerator, judgement.pupils)
        for judgement in judgements
        if judgement.numerator is not None and judgement.pupils
    ]
    sheet.number(row, column, bar.floor)
    sheet.number(row, column + 1, bar.threshold)
    if known:
        total = sum((numerator for numerator, _ in known), Fraction(0))
        pupils = sum(number for _, number in known)
        sheet.number(row, column + 2, total * bar.indicator.per / pupils, "two")
        sheet.number(row, column + 3, total)
        sheet.number(row, column + 4, pupils)
    else:
        sheet.row(row, [NONE] * 3, "middle", first=column + 2)
    passing = sum(judgement.verdict == "pass" for judgement in judgements)
    answered = any(judgement.verdict != "undetermined" for judgement in judgements)
    sheet.text(row, column + 5, f"{passing}/{len(judgements)}" if answered else NONE, "middle")


def _notes(report: Report, rows: Sequence[SectionResult]) -> list[str]:
    floor = plain(report.evaluation.standard.overall.floor * 100)
    notes = [
        f"注：基本值为达标值的{floor}%。判定按精确值进行，四舍五入仅用于显示；"
        "“临界”指按两位小数显示与达标值相同而实际不等，加显小数位。",
        "学校标识码、综合结论见“学校对照”表。数据缺失的为“未判定”，不按0计；“～”“不低于”表示尚有未知的部分。",
        "合计行为本表各校之和：实际值为分子之和除以学生数之和，仅含数值已知的学校；是否达标栏为达标数/学校数。",
    ]
    notes += _allowed(rows)
    return notes if rows else ["本类学校：无。", *notes]


def _allowed(rows: Sequence[SectionResult]) -> list[str]:
    """Figures that allowances added or that were stated besides, by school: they stand in no column."""
    told = [
        f"{label(result)} {code}：{worded(judgement.evidence.allowed, 'zh')}"
        for result in rows
        for code, judgement in result.judgements.items()
        if judgement.evidence.allowed
    ]
    return [f"放宽条款：{'；'.join(told)}。"] if told else []


def _codes(sheet: Sheet, report: Report) -> None:
    """Where the codes stand as text, beside the number of the row in its sheet, and the whole answer."""
    heads = (
        "工作表",
        "序号",
        "学校",
        "学段",
        "学校标识码",
        "区县",
        "办学类型",
        "责任单位",
        "综合达标",
        "依据",
        "理由",
        "高中在校生数",
        *(f"全校{ITEMS[item].chinese}" for item in _SHARED),
    )
    sheet.head(f"学校对照　{report.quarter.title}", report.basis, len(heads) - 1)
    sheet.row(2, heads, "head")
    row = 3
    for name, members in SHEETS:
        for number, result in enumerate(_results(report, members), 1):
            school = result.section.school
            sheet.text(row, 0, name, "middle")
            sheet.number(row, 1, number, "middle")
            sheet.row(row, (school.name, stage_name(result.section.stage)), first=2)
            sheet.text(row, 4, school.school_code, "code")
            sheet.row(row, (report.district_name(school.district), school.kind, school.unit or NONE), first=5)
            overall = result.overall
            sheet.text(row, 8, _ANSWERS[overall.verdict], VERDICT_STYLES[overall.verdict])
            basis = report.evaluation.basis_of(school.school_code)
            sheet.text(row, 9, word("bases", basis, "zh"), "middle")
            sheet.text(row, 10, worded(overall.reason, "zh"))
            if "senior" in school.stages:
                _whole(sheet, row, result)
            row += 1
    for excluded in report.evaluation.excluded:
        school = excluded.school
        sheet.row(row, ("不参与", "", school.name, NONE), "middle")
        sheet.text(row, 4, school.school_code, "code")
        sheet.row(row, (report.district_name(school.district), school.kind, school.unit or NONE), first=5)
        sheet.row(row, (NONE, NONE), "middle", first=8)
        sheet.text(row, 10, worded(excluded.reason, "zh"))
        row += 1
    sheet.layout((10, 6, 24, 6, 14, 12, 12, 20, 10, 10, 46, *[12] * 5), head_rows=(2, 2), frozen_columns=3)
    sheet.raw.autofilter(2, 0, max(row - 1, 2), len(heads) - 1)


def _whole(sheet: Sheet, row: int, result: SectionResult) -> None:
    """What a school with a senior stage has as a whole: its part in the sheets does not show it."""
    school = result.section.school
    if school.senior_pupils is not None:
        sheet.number(row, 11, school.senior_pupils)
    for column, item in enumerate(_SHARED, 12):
        judgement = judgement_on(result, item)
        share = result.section.share
        if judgement is not None and judgement.exact and judgement.numerator is not None and share:
            sheet.number(row, column, judgement.numerator / share)
