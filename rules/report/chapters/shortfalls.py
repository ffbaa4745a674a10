"""八、短板与措施: the list of shortfalls (台账), its first lines in the text and all of them in a sheet."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rules.answers.book import A3, VERDICT_STYLES, Book
from rules.report.blocks import Block, Paragraph, Table
from rules.report.printing import NONE, first_of, listed, money, stage_name
from rules.report.report import Report
from rules.report.shortfall_list import FOUND_OUT, MENDED, NEW, ShortfallLine

_FIRST = 15  # so many lines are in the document; the workbook has all of them
_NAMED = 6  # so many are named in a sentence
_HEADS = (
    "序号",
    "学校",
    "学校标识码",
    "学段",
    "指标",
    "状态",
    "本季",
    "上季",
    "增减",
    "变动原因",
    "目标",
    "差距",
    "责任单位",
    "措施",
    "销号状态",
)
_WIDTHS = (6, 24, 14, 7, 48, 12, 14, 10, 10, 32, 10, 18, 22, 34, 12)


def shortfalls(report: Report) -> Iterator[Block]:
    """What changed since the last quarter, how many by responsible unit, and the first of them."""
    yield from _changed(report)
    failing = report.shortfalls.failing()
    if not failing:
        yield Paragraph("本季没有未达标的项目。")
        return
    units = Counter(line.school.unit or "未登记责任单位" for line in failing)
    told = "，".join(f"{unit}{number}项" for unit, number in sorted(units.items()))
    stated = sum(bool(line.measure) for line in failing)
    yield Paragraph(
        f"未达标共{len(failing)}项，按责任单位：{told}。"
        f"已登记整改措施{stated}项，未登记{len(failing) - stated}项。"
    )
    more = f"（前{_FIRST}项，全部见附件）" if len(failing) > _FIRST else ""
    yield Table(
        caption=f"短板整改台账{more}",
        heads=("学校、学段", "指标", "本季", "上季", "目标", "差距", "责任单位", "措施"),
        rows=[_cells(line) for line in failing[:_FIRST]],
        widths=(31, 22, 16, 16, 14, 18, 17, 22),
    )


def _changed(report: Report) -> Iterator[Block]:
    """Which items passed or fell short since the last quarter, and what moved the figure."""
    if report.last is None:
        return
    for state, said in (
        (MENDED, "本季新达标"),
        (NEW, "本季新出现未达标"),
        (FOUND_OUT, "上季未判定、本季判为未达标"),
    ):
        lines = report.shortfalls.of_state(state)
        if lines:
            named = first_of([_named(line) for line in lines], _NAMED, "项")
            yield Paragraph(f"{said}{len(lines)}项：{named}。")
    moved = [line for line in report.shortfalls.lines if line.state in {MENDED, NEW, FOUND_OUT}]
    if moved:
        more = f"（前{_FIRST}项，全部见附件）" if len(moved) > _FIRST else ""
        yield Table(
            caption=f"较上季结论有变化的项目{more}",
            heads=("学校、学段", "指标", "上季", "本季", "状态", "变动原因"),
            rows=[_moved_cells(line) for line in moved[:_FIRST]],
            widths=(32, 24, 16, 16, 20, 48),
        )


def _named(line: ShortfallLine) -> str:
    return f"{_place(line)}{line.called.short.zh}"


def _place(line: ShortfallLine) -> str:
    """A guarantee and wireless are a whole school's; a stage is named where it is one of several."""
    school = line.school
    return f"{school.name}（{stage_name(line.stage)}）" if _of_stage(line) else school.name


def _of_stage(line: ShortfallLine) -> bool:
    return line.stage != "school" and len(line.school.stages) > 1


def _moved_cells(line: ShortfallLine) -> tuple[str, ...]:
    return (
        _place(line),
        line.called.short.zh,
        line.before.text,
        line.now.text,
        line.state,
        line.cause,
    )


def _cells(line: ShortfallLine) -> tuple[str, ...]:
    return (
        _place(line),
        line.called.short.zh,
        line.now.text,
        line.before.text or NONE,
        line.target.text,
        _gap(line),
        line.school.unit or NONE,
        line.measure or NONE,
    )


def _gap(line: ShortfallLine) -> str:
    """A sum of money in 万元, rounded up: less would not do."""
    gap = line.gap
    if gap.value is None or gap.around[1] != "元":
        return gap.text
    return gap.around[0] + money(gap.value, up=True)


def shortfall_sheet(book: Book, report: Report) -> None:
    """台账: a line a shortfall; what no one has stated stays empty."""
    sheet = book.sheet("台账")
    sheet.head(f"短板整改台账　{report.quarter.title}", report.basis, len(_HEADS) - 1)
    sheet.row(2, _HEADS, "head")
    row = 3
    for number, line in enumerate(report.shortfalls.lines, 1):
        called = line.called.name.zh
        sheet.number(row, 0, number, "middle")
        sheet.text(row, 1, line.school.name)
        sheet.text(row, 2, line.school.school_code, "code")
        sheet.text(row, 3, stage_name(line.stage), "middle")
        sheet.text(row, 4, called if line.code == "wireless" else f"{line.code} {called}")
        sheet.text(row, 5, line.state, VERDICT_STYLES[line.verdict])
        for column, figure in enumerate((line.now, line.before, line.change), 6):
            sheet.figure(row, column, figure)
        sheet.text(row, 9, line.cause)
        sheet.figure(row, 10, line.target)
        sheet.figure(row, 11, line.gap)
        sheet.row(row, (line.school.unit or NONE, line.measure, line.status), first=12)
        row += 1
    for note in _notes(report):
        sheet.merge(row, 0, row, len(_HEADS) - 1, note, "note")
        row += 1
    sheet.layout(_WIDTHS, head_rows=(2, 2), frozen_columns=2, paper=A3)


def _notes(report: Report) -> Sequence[str]:
    """What a reader must know to read the columns."""
    before = (
        f"上季为{report.before.title}已报送的数据，增减为两季所印数值之差。"
        if report.before
        else "没有已报送的上季季报，上季、增减、变动原因各栏为空。"
    )
    gap = (
        "差距为达标尚需增加的最少整数（间、人、平方米、元）；"
        "一贯制学校共用资源按全校计，同校两个学段的差距不可相加。"
    )
    status = "销号状态取自短板整改台账的历次评估，没有评估记录者为空。"
    stray = _stray_measures(report)
    return [f"注：{before}", f"{gap}措施栏为登记的措施，未登记者为空。{status}", *([stray] if stray else [])]


def _stray_measures(report: Report) -> str:
    """Measures for an indicator that the standard does not have: they stand nowhere else."""
    stray = [measure for measure in report.registry.measures if measure.indicator not in report.names]
    codes = listed(dict.fromkeys(measure.indicator for measure in stray))
    return f"登记的措施有{len(stray)}条所写指标（{codes}）不在所用标准中，未列入。" if stray else ""
