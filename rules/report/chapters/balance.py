"""三、校际均衡: which difference coefficients are within their limits, in the text and in two sheets."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from registry.exact import plain, root, rounded
from registry.vocabulary import STAGES
from rules.judging.balance import Sums
from rules.judging.district import Balance, District, StageResult
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.book import A3, Book, Sheet
from rules.report.printing import COLOURS, NONE, UNKNOWN, beside_limit, listed, stage_name
from rules.report.report import Report

_COMPOSITE = "综合"
_WIDTH = 17  # mm of a column of the document's table
_BLOCK_ROWS = 26  # a district's rows in 校际均衡情况汇总表, chart included
_STYLES = {True: "three", False: "over", None: "near3"}


def balance(report: Report) -> Iterator[Block]:
    """District by district: what is said, the table, the chart."""
    for district in report.evaluation.districts:
        name = report.district_name(district.district)
        for stage, figures in district.stages.items():
            yield Paragraph(f"{name}{stage_name(stage)}：{_told(figures)}")
        if district.stages:
            yield _table(name, district)
            yield _chart(name, district)


def _limit(figures: StageResult) -> Fraction:
    """One for all indicators of a stage."""
    return next(iter(figures.indicators.values())).limit


def _told(figures: StageResult) -> str:
    over = {code: found for code, found in figures.indicators.items() if found.balanced is False}
    unknown = [code for code, found in figures.indicators.items() if found.balanced is None]
    text = f"各单项差异系数应不高于{plain(_limit(figures), at_least=2)}。"
    if over:
        told = listed(
            f"{code}（{beside_limit(found.sums.cv_squared, found.limit)}）" for code, found in over.items()
        )
        text += f"超出限值的有{told}。"
    if unknown:
        text += f"{listed(unknown)}因部分学校数据缺失未判定。"
    if not over and not unknown:
        text += "七项均达到均衡要求。" if len(figures.indicators) == 7 else "各项均达到均衡要求。"
    if figures.composite_cv is not None:
        known = "（按已知数据）" if unknown else ""
        text += f"综合差异系数为{rounded(figures.composite_cv, 3)}{known}。"
    return text


def _table(name: str, district: District) -> Table:
    heads = ["学段", *next(iter(district.stages.values())).indicators, _COMPOSITE]
    rows = []
    for stage, figures in district.stages.items():
        cells = [beside_limit(found.sums.cv_squared, found.limit) for found in figures.indicators.values()]
        composite = NONE if figures.composite_cv is None else rounded(figures.composite_cv, 3)
        rows.append([stage_name(stage), *cells, composite])
    widths = [156 - _WIDTH * (len(heads) - 1), *[_WIDTH] * (len(heads) - 1)]
    return Table(caption=f"{name}校际差异系数", heads=heads, rows=rows, widths=widths)


def _chart(name: str, district: District) -> Chart:
    series = []
    for stage, figures in district.stages.items():
        squares = [found.sums.cv_squared for found in figures.indicators.values()]
        values = [None if square is None else root(square, 12) for square in squares]
        limits = [_limit(figures)] * (len(values) + 1)
        colour, title = COLOURS[stage], stage_name(stage)
        series.append(Series(name=title, values=[*values, figures.composite_cv], colour=colour))
        series.append(Series(name=f"{title}限值", values=limits, colour=colour, line=True))
    return Chart(
        caption=f"{name}校际差异系数与限值",
        categories=[*next(iter(district.stages.values())).indicators, _COMPOSITE],
        series=series,
        number_format="0.00",
    )


def balance_sheets(book: Book, report: Report) -> None:
    """Both; a district a block in the first, a row a stage in the second."""
    _summary(book, book.sheet("校际均衡情况汇总表"), report)
    _statistics(book.sheet("区县差异系数统计"), report)


def _summary(book: Book, sheet: Sheet, report: Report) -> None:
    indicators = report.evaluation.standard.indicators
    last = len(indicators) + 1
    sheet.head(f"义务教育优质均衡发展校际均衡情况汇总表　{report.quarter.title}", report.basis, last)
    sheet.layout((22, *[13] * len(indicators), 10), head_rows=(2, 3), frozen_columns=1)
    sheet.merge(2, 0, 3, 0, "项目")
    sheet.row(2, [indicator.code for indicator in indicators], "head", first=1)
    sheet.row(3, [f"{indicator.name}（{indicator.unit}）" for indicator in indicators], "head", first=1)
    sheet.merge(2, last, 3, last, _COMPOSITE)
    sheet.raw.set_row(3, 66)
    row, several = 4, len(report.evaluation.districts) > 1
    for district in report.evaluation.districts:
        name = report.district_name(district.district)
        if several:
            sheet.merge(row, 0, row, last, name, "middle")
            row += 1
        for offset, stage in zip((0, 2), STAGES, strict=True):
            _stage_rows(sheet, row + offset, stage_name(stage), district.stages.get(stage), last)
        sheet.merge(row + 4, 0, row + 4, last, _conclusion(report, district), "note")
        _limit_rows(sheet, row + 5, report, last)
        _summary_chart(book, sheet, row, name, district, last)
        row += _BLOCK_ROWS


def _stage_rows(sheet: Sheet, row: int, name: str, figures: StageResult | None, last: int) -> None:
    """A stage's means, and its difference coefficients below."""
    sheet.row(row, (f"{name}平均值",), "middle")
    sheet.row(row + 1, (f"{name}差异系数",), "middle")
    if figures is None:
        sheet.row(row, [NONE] * last, "middle", first=1)
        sheet.row(row + 1, [NONE] * last, "middle", first=1)
        return
    for column, found in enumerate(figures.indicators.values(), 1):
        _mean_and_coefficient(sheet, row, column, found)
    sheet.text(row, last, NONE, "middle")
    if figures.composite_cv is None:
        sheet.text(row + 1, last, UNKNOWN, "open")
    else:
        sheet.number(row + 1, last, figures.composite_cv, _STYLES[figures.composite_within], places=6)


def _mean_and_coefficient(sheet: Sheet, row: int, column: int, found: Balance) -> None:
    mean, squared = found.sums.mean, found.sums.cv_squared
    if mean is None:
        sheet.text(row, column, UNKNOWN, "open")
    else:
        sheet.number(row, column, mean * found.per, "two")
    if squared is None:
        sheet.text(row + 1, column, UNKNOWN, "open")
    else:
        sheet.root(row + 1, column, squared, _STYLES[found.balanced])


def _conclusion(report: Report, district: District) -> str:
    parts = []
    for stage, figures in district.stages.items():
        over = [code for code, found in figures.indicators.items() if found.balanced is False]
        unknown = [code for code, found in figures.indicators.items() if found.balanced is None]
        limit = plain(report.evaluation.standard.balance.of(stage), at_least=2)
        text = f"{stage_name(stage)}限值{limit}，超限：{listed(over) or '无'}"
        parts.append(text + (f"，未判定：{listed(unknown)}" if unknown else ""))
    return "注：" + "；".join(parts) + "。综合为各单项差异系数（未取整）的平均值，均衡与否按单项逐一判定。"


def _limit_rows(sheet: Sheet, row: int, report: Report, last: int) -> None:
    """The limits as rows of their own: the chart draws them as lines."""
    for offset, stage in enumerate(STAGES):
        sheet.text(row + offset, 0, f"{stage_name(stage)}差异系数限值", "middle")
        for column in range(1, last + 1):
            sheet.number(row + offset, column, report.evaluation.standard.balance.of(stage), "two")


def _summary_chart(book: Book, sheet: Sheet, row: int, name: str, district: District, last: int) -> None:
    if not district.stages:
        return
    chart = book.book.add_chart({"type": "column"})
    lines = book.book.add_chart({"type": "line"})
    for number, stage in enumerate(STAGES):
        if stage in district.stages:
            colour = f"#{COLOURS[stage]}"
            chart.add_series(_series(sheet, row + 2 * number + 1, last) | {"fill": {"color": colour}})
            line = {"color": colour, "dash_type": "dash"}
            lines.add_series(_series(sheet, row + 5 + number, last) | {"line": line})
    chart.combine(lines)
    chart.set_title({"name": f"{name}校际差异系数", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"num_format": "0.00", "min": 0})
    chart.set_size({"width": 900, "height": 320})
    sheet.raw.insert_chart(row + 8, 0, chart)


def _series(sheet: Sheet, row: int, last: int) -> dict[str, object]:
    name = sheet.raw.get_name()
    return {
        "name": [name, row, 0],
        "categories": [name, 2, 1, 2, last],
        "values": [name, row, 1, row, last],
    }


def _statistics(sheet: Sheet, report: Report) -> None:
    indicators = report.evaluation.standard.indicators
    sheet.head(f"区县差异系数统计　{report.quarter.title}", report.basis, 1 + 3 * len(indicators))
    sheet.merge(2, 0, 3, 0, "组别")
    sheet.merge(2, 1, 3, 1, "区县")
    for number, indicator in enumerate(indicators):
        sheet.merge(2, 2 + 3 * number, 2, 4 + 3 * number, f"{indicator.code} {indicator.name}")
        sheet.row(3, ("平均值", "标准差", "差异系数"), "head", first=2 + 3 * number)
    row = 4
    for stage in STAGES:
        members = [district for district in report.evaluation.districts if stage in district.stages]
        if not members:
            continue
        sheet.merge(row, 0, row + len(members), 0, stage_name(stage), "middle")
        for district in members:
            found = district.stages[stage].indicators.values()
            name = report.district_name(district.district)
            _sums(sheet, row, name, [(balance.sums, balance.per) for balance in found])
            row += 1
        totals = [
            (
                sum((district.stages[stage].indicators[item.code].sums for district in members), Sums()),
                item.per,
            )
            for item in indicators
        ]
        _sums(sheet, row, "总计", totals)
        row += 1
    sheet.raw.set_row(2, 44)
    sheet.layout((8, 12, *[10] * 3 * len(indicators)), head_rows=(2, 3), frozen_columns=2, paper=A3)
    note = (
        "注：学生数加权；平均值为资源总量÷学生总数；总计由各区县的和相加得出，与一并计算相同。"
        "仅含数值已知的学段。"
    )
    sheet.merge(row, 0, row, 1 + 3 * len(indicators), note, "note")


def _sums(sheet: Sheet, row: int, name: str, found: Sequence[tuple[Sums, int]]) -> None:
    sheet.text(row, 1, name, "middle")
    for number, (sums, per) in enumerate(found):
        column = 2 + 3 * number
        mean, variance, squared = sums.mean, sums.variance, sums.cv_squared
        if mean is None or variance is None or squared is None:
            sheet.row(row, [UNKNOWN] * 3, "open", first=column)
            continue
        sheet.number(row, column, mean * per, "two")
        sheet.root(row, column + 1, variance * per**2, "three")
        sheet.root(row, column + 2, squared, "three")
