"""三、校际均衡: which difference coefficients are within their limits, in the text and in two sheets."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from registry.exact import plain, root, rounded, rounded_down, rounded_up
from registry.vocabulary import STAGES, Stage
from rules.answers.book import A3, Book, Sheet
from rules.judging.balance import Sums
from rules.judging.district import District, IndicatorBalance, StageResult
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.printing import COLOURS, NONE, UNKNOWN, beside_limit, listed, range_of, stage_name
from rules.report.report import Report

_COMPOSITE = "综合"
_FIGURES = ("平均值", "标准差", "差异系数")
_WIDTHS = (25, 18)  # mm of a stage's column and of 上季
_LINES: Mapping[Stage, str] = {"primary": "000000", "junior": "7F7F7F"}  # of the limits
_BLOCK_ROWS = 26  # a district's rows in 校际均衡情况汇总表, chart included
_STYLES = {True: "three", False: "over", None: "near3"}


def balance(report: Report) -> Iterator[Block]:
    """District by district: what is said, the table, the chart."""
    for district in report.evaluation.districts:
        name = report.district_name(district.district)
        for stage, figures in district.stages.items():
            yield Paragraph(f"{name}{stage_name(stage)}：{_told(report, figures)}")
        if district.stages:
            yield _table(report, name, district)
            yield _chart(report, name, district)


def _limit(figures: StageResult) -> Fraction:
    """One for all indicators of a stage."""
    return next(iter(figures.indicators.values())).limit


def _told(report: Report, figures: StageResult) -> str:
    over = {code: found for code, found in figures.indicators.items() if found.balanced is False}
    unknown = [code for code, found in figures.indicators.items() if found.balanced is None]
    text = f"各单项差异系数应不高于{plain(_limit(figures), at_least=2)}。"
    if over:
        told = listed(f"{report.called(code)}（{_coefficient(found)}）" for code, found in over.items())
        text += f"超出限值的有{told}。"
    if unknown:
        every = len(unknown) == len(figures.indicators)
        which = "各项均" if every else listed(_unknown(report, figures, code) for code in unknown)
        ranges = any(_between(figures.indicators[code]) != NONE for code in unknown)
        text += f"{which}因部分学校数据缺失未判定{'，表中为差异系数可能的范围' if ranges else ''}。"
    if not over and not unknown:
        text += "七项均达到均衡要求。" if len(figures.indicators) == 7 else "各项均达到均衡要求。"
    if figures.composite_cv is not None:
        text += f"综合差异系数为{_composite(figures)}。"
    return text


def _unknown(report: Report, figures: StageResult, code: str) -> str:
    return f"{report.called(code)}（{figures.indicators[code].unknown}个学段数值未知）"


def _table(report: Report, name: str, district: District) -> Table:
    last = ("上季",) if report.last else ()
    heads = ["指标"]
    for stage, figures in district.stages.items():
        heads += [f"{stage_name(stage)}（≤{plain(_limit(figures), at_least=2)}）", *last]
    codes = [*(indicator.code for indicator in report.evaluation.standard.indicators), "overall"]
    widths = _WIDTHS[: 1 + len(last)] * len(district.stages)
    return Table(
        caption=f"{name}校际差异系数（▲为超出限值）",
        heads=heads,
        rows=[
            [
                _COMPOSITE if code == "overall" else f"{code} {report.called(code)}",
                *_cells(report, district, code),
            ]
            for code in codes
        ],
        widths=[156 - sum(widths), *widths],
    )


def _cells(report: Report, district: District, code: str) -> Iterator[str]:
    for stage, figures in district.stages.items():
        if code == "overall":
            yield _composite(figures)
        else:
            found = figures.indicators[code]
            mark = "▲" if found.balanced is False else ""
            yield _coefficient(found) + mark
        if report.last:
            last = report.last.coefficients.get((district.district, stage, code))
            yield NONE if last is None else _three_of(last)


def _coefficient(found: IndicatorBalance) -> str:
    """Where some are not known the range alone: the figure of the others need not lie in it."""
    between = _between(found)
    return beside_limit(found.sums.cv_squared, found.limit) if between == NONE else between


def _composite(figures: StageResult) -> str:
    if figures.composite_cv is None:
        return NONE
    if not any(found.unknown for found in figures.indicators.values()):
        return rounded(figures.composite_cv, 3)
    between = figures.composite_range
    if between is None:
        return f"{rounded(figures.composite_cv, 3)}（按已知数据）"
    low = rounded_down(between.low, 3)
    return f"{low}以上" if between.high is None else f"{low}～{rounded_up(between.high, 3)}"


def _between(found: IndicatorBalance) -> str:
    """Where the coefficient may lie; nothing where all is known, or nothing is."""
    if not found.unknown or found.sums.cv_squared is None:
        return NONE
    return range_of(found.cv_squared_range)


def _three_of(frozen: str) -> str:
    """Three decimals of the six that were frozen; all six where they cannot say which three they were."""
    return frozen if frozen.endswith("500") else rounded(Fraction(frozen), 3)


def _chart(report: Report, name: str, district: District) -> Chart:
    series = []
    for stage, figures in district.stages.items():
        # A bar stands for a figure; of what lies in a range there is none.
        whole = not any(found.unknown for found in figures.indicators.values())
        squares = [None if found.unknown else found.sums.cv_squared for found in figures.indicators.values()]
        values = [None if square is None else root(square, 12) for square in squares]
        limits = [_limit(figures)] * (len(values) + 1)
        colour, title = COLOURS[stage], stage_name(stage)
        series.append(
            Series(name=title, values=[*values, figures.composite_cv if whole else None], colour=colour)
        )
        series.append(Series(name=f"{title}限值", values=limits, colour=_LINES[stage], line=True))
    indicators = report.evaluation.standard.indicators
    return Chart(
        caption=f"{name}校际差异系数与限值",
        categories=[*(report.names[indicator.code].short.zh for indicator in indicators), _COMPOSITE],
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
    elif any(found.unknown for found in figures.indicators.values()):
        sheet.text(row + 1, last, _composite(figures), "open")
    else:
        sheet.number(row + 1, last, figures.composite_cv, _STYLES[figures.composite_within], places=6)


def _mean_and_coefficient(sheet: Sheet, row: int, column: int, found: IndicatorBalance) -> None:
    mean, squared = found.sums.mean, found.sums.cv_squared
    between = _between(found)
    if mean is None:
        sheet.text(row, column, UNKNOWN, "open")
    elif found.unknown:
        sheet.text(row, column, _mean_between(found), "open")
    else:
        sheet.number(row, column, mean * found.per, "two")
    if squared is None:
        sheet.text(row + 1, column, UNKNOWN, "open")
    elif between != NONE:
        sheet.text(row + 1, column, between, "bad" if found.balanced is False else "open")
    else:
        sheet.root(row + 1, column, squared, _STYLES[found.balanced])


def _mean_between(found: IndicatorBalance) -> str:
    if found.mean_range is None:
        return UNKNOWN
    low, high = found.mean_range.low * found.per, found.mean_range.high
    least = rounded_down(low, 2)
    return f"{least}以上" if high is None else f"{least}～{rounded_up(high * found.per, 2)}"


def _conclusion(report: Report, district: District) -> str:
    parts = []
    for stage, figures in district.stages.items():
        over = [code for code, found in figures.indicators.items() if found.balanced is False]
        unknown = [code for code, found in figures.indicators.items() if found.balanced is None]
        limit = plain(report.evaluation.standard.balance.of(stage), at_least=2)
        text = f"{stage_name(stage)}限值{limit}，超限：{listed(over) or '无'}"
        parts.append(text + (f"，未判定：{listed(unknown)}（所列为可能的范围）" if unknown else ""))
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
            line = {"color": f"#{_LINES[stage]}", "dash_type": "dash" if number else "long_dash"}
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
    each = len(_FIGURES)
    last = 1 + each * len(indicators)
    sheet.head(f"区县差异系数统计　{report.quarter.title}", report.basis, last)
    sheet.merge(2, 0, 3, 0, "组别")
    sheet.merge(2, 1, 3, 1, "区县")
    for number, indicator in enumerate(indicators):
        first = 2 + each * number
        sheet.merge(2, first, 2, first + each - 1, f"{indicator.code} {indicator.name}")
        sheet.row(3, _FIGURES, "head", first=first)
    row = 4
    for stage in STAGES:
        members = [district for district in report.evaluation.districts if stage in district.stages]
        if members:
            row = _statistics_rows(sheet, row, report, stage, members)
    sheet.raw.set_row(2, 44)
    widths = (8, 14, *[10] * each * len(indicators))
    sheet.layout(widths, head_rows=(2, 3), frozen_columns=2, paper=A3)
    note = (
        "注：学生数加权；平均值为资源总量÷学生总数；总计由各区县的和相加得出，与一并计算相同。"
        "仅含数值已知的学段；有未知的学段时，范围为其取遍各种可能时差异系数所在的区间。"
    )
    sheet.merge(row, 0, row, last, note, "note")


def _statistics_rows(
    sheet: Sheet, row: int, report: Report, stage: Stage, members: Sequence[District]
) -> int:
    """A row a district, below it one of ranges where schools are unknown, and the total."""
    first = row
    for district in members:
        found = list(district.stages[stage].indicators.values())
        _figures(
            sheet,
            row,
            report.district_name(district.district),
            [(balance.sums, balance.per) for balance in found],
        )
        row += 1
        if any(balance.unknown for balance in found):
            _ranges(sheet, row, found)
            row += 1
    indicators = report.evaluation.standard.indicators
    totals = [
        (
            sum((district.stages[stage].indicators[item.code].sums for district in members), Sums()),
            item.per,
        )
        for item in indicators
    ]
    _figures(sheet, row, "总计", totals)
    sheet.merge(first, 0, row, 0, stage_name(stage), "middle")
    return row + 1


def _figures(sheet: Sheet, row: int, name: str, found: Sequence[tuple[Sums, int]]) -> None:
    sheet.text(row, 1, name, "middle")
    for number, (sums, per) in enumerate(found):
        column = 2 + len(_FIGURES) * number
        mean, variance, squared = sums.mean, sums.variance, sums.cv_squared
        if mean is None or variance is None or squared is None:
            sheet.row(row, [UNKNOWN] * 3, "open", first=column)
            continue
        sheet.number(row, column, mean * per, "two")
        sheet.root(row, column + 1, variance * per**2, "three")
        sheet.root(row, column + 2, squared, "three")


def _ranges(sheet: Sheet, row: int, found: Sequence[IndicatorBalance]) -> None:
    sheet.text(row, 1, "差异系数范围", "middle")
    for number, balance in enumerate(found):
        column = 2 + len(_FIGURES) * number
        between = _between(balance)
        text = f"{between}（{balance.unknown}个学段未知）" if between != NONE else NONE
        sheet.merge(row, column, row, column + len(_FIGURES) - 1, text, "middle")
