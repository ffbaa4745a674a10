"""A plan as a workbook, in Chinese: what it comes to, what each school buys, sections before and after."""

from collections.abc import Sequence
from datetime import date

from registry.exact import plain
from rules.answers.book import VERDICT_STYLES, Book, Sheet
from rules.judging.indicators import Judgement
from rules.planner.effects import DistrictEffect, SchoolEffect, SectionEffect, effects_of
from rules.planner.making import Plan
from rules.planner.words import coefficient, others_reason, summary
from rules.standards.standard import Indicator
from rules.words import name, worded

_BASES = {"observed": "监测数", "declared": "仅申报数"}
_LINE_HEIGHT, _LINE_LETTERS = 14, 56  # points; Chinese characters across the first sheet
_WIDTHS = (30, 14, 16, 14, 14, 14, 14)


def to_workbook(plan: Plan) -> bytes:
    """The sheets 汇总, 各校增购 and 各学段. The schools that could not be planned for stand first."""
    evaluation = plan.evaluation
    book = Book(f"购置规划　{evaluation.standard.title}", created=evaluation.as_of)
    effects = effects_of(plan)
    note = (
        f"{evaluation.standard.title}；{_day(evaluation.as_of)}；{_BASES[evaluation.basis]}；"
        f"单价假设：{plain(plan.prices.room_cny, at_least=2)} 元/间，不是规定价格"
    )
    _totals(book.sheet("汇总"), plan, effects, note)
    _schools(book.sheet("各校增购"), effects, note)
    _sections(book.sheet("各学段"), effects, note)
    return book.done()


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _planned(effect: DistrictEffect) -> tuple[Indicator, ...]:
    """Both, in the order of their codes."""
    both = (effect.plan.equipment.indicator, effect.plan.rooms.indicator)
    return tuple(sorted(both, key=lambda indicator: indicator.code))


def _totals(sheet: Sheet, plan: Plan, effects: Sequence[DistrictEffect], note: str) -> None:
    last = len(_WIDTHS) - 1
    sheet.head("购置规划", note, last)
    parts = (
        ("未纳入计划或只按已知部分计划", _left_out(effects) or ["无：各学段的数据齐全"]),
        ("结果", [worded(line, "zh") for line in summary(plan)] + _others(effects)),
    )
    row = 2
    for title, lines in parts:
        sheet.merge(row, 0, row, last, title)
        for line in lines:
            row += 1
            sheet.merge(row, 0, row, last, line, "text")
            sheet.raw.set_row(row, _LINE_HEIGHT * (1 + len(line) // _LINE_LETTERS))
        row += 1
    heads = ("区 / 学段", "指标", "现达标学段", "计划后达标", "现差异系数", "计划后", "限值")
    sheet.row(row, heads, "head")
    for below, cells in enumerate(_stage_rows(plan, effects), row + 1):
        sheet.row(below, cells)
    sheet.layout(_WIDTHS, head_rows=(0, 1))


def _left_out(effects: Sequence[DistrictEffect]) -> list[str]:
    return [
        f"{section.before.section.school.name}（{section.before.section.school.school_code}）"
        f"{name('stages', section.before.section.stage, 'zh')}：{worded(why, 'zh')}"
        for effect in effects
        for school in effect.schools
        for section in school.sections
        for why in section.open
    ]


def _others(effects: Sequence[DistrictEffect]) -> list[str]:
    return [worded(others, "zh") for effect in effects if (others := others_reason(effect))]


def _stage_rows(plan: Plan, effects: Sequence[DistrictEffect]) -> list[tuple[str, ...]]:
    found = []
    for effect in effects:
        district = plan.district_title(effect.plan.district)
        for stage, after in effect.after.stages.items():
            before, title = effect.before.stages[stage], f"{district} {name('stages', stage, 'zh')}"
            for indicator in _planned(effect):
                then, now = before.indicators[indicator.code], after.indicators[indicator.code]
                coefficients = [coefficient(then).zh, coefficient(now).zh]
                passing = [
                    f"{side.tally.passing}/{stages.sections}"
                    for side, stages in ((then, before), (now, after))
                ]
                limit = plain(now.limit, at_least=2)
                found.append((title, _short(indicator), *passing, *coefficients, limit))
            overall = [f"{side.overall.passing}/{side.sections}" for side in (before, after)]
            found.append((title, name("indicators", "overall", "zh"), *overall, "", "", ""))
    return found


def _short(indicator: Indicator) -> str:
    return f"{indicator.code} {name('items_short', indicator.item, 'zh')}"


def _schools(sheet: Sheet, effects: Sequence[DistrictEffect], note: str) -> None:
    heads = ("学校标识码", "学校名称", "责任单位", "增建多媒体教室（间）", "增购设备（元）", "费用（元）")
    sheet.head("各校增购", note, len(heads) - 1)
    sheet.row(2, heads, "head")
    bought = [school for effect in effects for school in effect.schools if school.cost]
    for row, school in enumerate(bought, 3):
        _school(sheet, row, school)
    if bought:
        total = len(bought) + 3
        sheet.merge(total, 0, total, 2, "合计")
        sheet.number(total, 3, sum(school.rooms for school in bought))
        sheet.number(total, 4, sum(school.equipment for school in bought), "money")
        sheet.number(total, 5, sum(school.cost for school in bought), "money")
    else:
        sheet.merge(3, 0, 3, len(heads) - 1, "各校都不需要增购", "text")
    sheet.layout((13, 32, 18, 20, 18, 18), head_rows=(0, 2), frozen_columns=2)


def _school(sheet: Sheet, row: int, bought: SchoolEffect) -> None:
    school = bought.buyer.school
    sheet.text(row, 0, school.school_code, "code")
    sheet.text(row, 1, school.name)
    sheet.text(row, 2, school.unit or "")
    sheet.number(row, 3, bought.rooms)
    sheet.number(row, 4, bought.equipment, "money")
    sheet.number(row, 5, bought.cost, "money")


def _sections(sheet: Sheet, effects: Sequence[DistrictEffect], note: str) -> None:
    heads = (
        "学校标识码",
        "学校名称",
        "学段",
        "学生数",
        "指标",
        "现值",
        "计划后",
        "达标值",
        "现结论",
        "计划后结论",
        "其他未达标指标",
    )
    sheet.head("各学段前后对照", note, len(heads) - 1)
    sheet.row(2, heads, "head")
    row = 3
    for effect in effects:
        for school in effect.schools:
            for section in school.sections:
                for indicator in _planned(effect):
                    _section(sheet, row, section, indicator)
                    row += 1
    sheet.raw.autofilter(2, 0, max(2, row - 1), len(heads) - 1)
    sheet.layout((13, 28, 7, 9, 16, 12, 12, 10, 9, 11, 18), head_rows=(0, 2), frozen_columns=2)


def _section(sheet: Sheet, row: int, section: SectionEffect, indicator: Indicator) -> None:
    before, after = (side.judgements[indicator.code] for side in (section.before, section.after))
    place = section.before.section
    sheet.text(row, 0, place.school.school_code, "code")
    sheet.text(row, 1, place.school.name)
    sheet.text(row, 2, name("stages", place.stage, "zh"), "middle")
    _amount(sheet, row, 3, before.pupils)
    sheet.text(row, 4, _short(indicator))
    _value(sheet, row, 5, before)
    _value(sheet, row, 6, after)
    sheet.number(row, 7, before.bar.threshold, "two")
    for column, judgement in ((8, before), (9, after)):
        sheet.text(row, column, name("verdicts", judgement.verdict, "zh"), VERDICT_STYLES[judgement.verdict])
    sheet.text(row, 10, " ".join(section.others), "middle")


def _amount(sheet: Sheet, row: int, column: int, amount: int | None) -> None:
    if amount is None:
        sheet.text(row, column, "—", "middle")
    else:
        sheet.number(row, column, amount)


def _value(sheet: Sheet, row: int, column: int, judgement: Judgement) -> None:
    """Four decimals where two would print the threshold and the verdict is another."""
    if judgement.value is None:
        sheet.text(row, column, "—", "middle")
    else:
        sheet.number(row, column, judgement.value, "near4" if judgement.near else "two")
