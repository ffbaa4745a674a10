"""校际均衡情况汇总表, 区县差异系数统计 and 达标情况统计, with the workbook's own charts."""

from collections.abc import Sequence

from registry.exact import plain, rounded_root
from registry.vocabulary import GUARANTEE_NAMES, STAGE_NAMES, STAGES, Stage
from rules.judging.balance import Sums
from rules.judging.district import District, Tally
from rules.report.book import A3, Book, Sheet
from rules.report.report import Report
from rules.report.words import COLOURS, NONE, UNKNOWN, district_name, percent

_LINES = {"primary": ("小学平均值", "小学差异系数"), "junior": ("初中平均值", "初中差异系数")}


def balance_sheets(book: Book, report: Report) -> None:
    """All three; a district a block."""
    _summary(book, book.sheet("校际均衡情况汇总表"), report)
    _statistics(book.sheet("区县差异系数统计"), report)
    _rates(book, book.sheet("达标情况统计"), report)


def _summary(book: Book, sheet: Sheet, report: Report) -> None:
    indicators = report.evaluation.standard.indicators
    last = len(indicators) + 1
    sheet.head(f"义务教育优质均衡发展校际均衡情况汇总表　{report.quarter.title}", report.basis, last)
    sheet.layout((22, *[13] * len(indicators), 10), head_rows=(2, 3), frozen_columns=1)
    sheet.merge(2, 0, 3, 0, "项目")
    sheet.row(2, [one.code for one in indicators], "head", first=1)
    sheet.row(3, [f"{one.name}（{one.unit}）" for one in indicators], "head", first=1)
    sheet.merge(2, last, 3, last, "综合")
    sheet.raw.set_row(3, 66)
    row, several = 4, len(report.evaluation.districts) > 1
    for district in report.evaluation.districts:
        if several:
            sheet.merge(row, 0, row, last, district_name(district.district), "middle")
            row += 1
        _district(sheet, row, district, last)
        sheet.merge(row + 4, 0, row + 4, last, _conclusion(report, district), "note")
        _limits(sheet, row + 5, report, last)
        _coefficients(book, sheet, row, district, last)
        row += 26


def _district(sheet: Sheet, row: int, district: District, last: int) -> None:
    for offset, stage in zip((0, 2), STAGES, strict=True):
        sheet.row(row + offset, (_LINES[stage][0],), "middle")
        sheet.row(row + offset + 1, (_LINES[stage][1],), "middle")
        figures = district.stages.get(stage)
        if figures is None:
            sheet.row(row + offset, [NONE] * last, "middle", first=1)
            sheet.row(row + offset + 1, [NONE] * last, "middle", first=1)
            continue
        for column, one in enumerate(figures.indicators.values(), 1):
            mean, squared = one.sums.mean, one.sums.cv_squared
            if mean is None:
                sheet.text(row + offset, column, UNKNOWN, "open")
            else:
                sheet.number(row + offset, column, mean * one.per, "two")
            if squared is None:
                sheet.text(row + offset + 1, column, UNKNOWN, "open")
            else:
                style = {True: "three", False: "over", None: "near3"}[one.balanced]
                sheet.number(row + offset + 1, column, rounded_root(squared, 6), style)
        sheet.text(row + offset, last, NONE, "middle")
        if figures.composite_cv is None:
            sheet.text(row + offset + 1, last, UNKNOWN, "open")
        else:
            style = {True: "three", False: "over", None: "near3"}[figures.composite_within]
            sheet.number(row + offset + 1, last, figures.composite_cv, style, places=6)


def _conclusion(report: Report, district: District) -> str:
    parts = []
    for stage, figures in district.stages.items():
        over = [code for code, one in figures.indicators.items() if one.balanced is False]
        unknown = [code for code, one in figures.indicators.items() if one.balanced is None]
        limit = plain(report.evaluation.standard.balance.of(stage), at_least=2)
        text = f"{STAGE_NAMES[stage]}限值{limit}，超限：{'、'.join(over) or '无'}"
        parts.append(text + (f"，未判定：{'、'.join(unknown)}" if unknown else ""))
    return "注：" + "；".join(parts) + "。综合为各单项差异系数（未取整）的平均值，均衡与否按单项逐一判定。"


def _limits(sheet: Sheet, row: int, report: Report, last: int) -> None:
    """The limits as rows of their own: the chart draws them as lines."""
    for offset, stage in enumerate(STAGES):
        sheet.text(row + offset, 0, f"{STAGE_NAMES[stage]}差异系数限值", "middle")
        for column in range(1, last + 1):
            sheet.number(row + offset, column, report.evaluation.standard.balance.of(stage), "two")


def _coefficients(book: Book, sheet: Sheet, row: int, district: District, last: int) -> None:
    if not district.stages:
        return
    chart = book.book.add_chart({"type": "column"})
    lines = book.book.add_chart({"type": "line"})
    name = sheet.raw.get_name()
    for number, stage in enumerate(STAGES):
        if stage in district.stages:
            colour = f"#{COLOURS[stage]}"
            chart.add_series(_series(name, row + 2 * number + 1, last) | {"fill": {"color": colour}})
            line = {"color": colour, "dash_type": "dash"}
            lines.add_series(_series(name, row + 5 + number, last) | {"line": line})
    chart.combine(lines)
    chart.set_title({"name": f"{district_name(district.district)}校际差异系数", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"num_format": "0.00", "min": 0})
    chart.set_size({"width": 900, "height": 320})
    sheet.raw.insert_chart(row + 8, 0, chart)


def _series(sheet: str, row: int, last: int) -> dict[str, object]:
    return {
        "name": [sheet, row, 0],
        "categories": [sheet, 2, 1, 2, last],
        "values": [sheet, row, 1, row, last],
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
        members = [one for one in report.evaluation.districts if stage in one.stages]
        if not members:
            continue
        sheet.merge(row, 0, row + len(members), 0, STAGE_NAMES[stage], "middle")
        for district in members:
            balances = district.stages[stage].indicators.values()
            _sums(sheet, row, district_name(district.district), [(one.sums, one.per) for one in balances])
            row += 1
        totals = [
            (sum((one.stages[stage].indicators[item.code].sums for one in members), Sums()), item.per)
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


def _sums(sheet: Sheet, row: int, name: str, sums: Sequence[tuple[Sums, int]]) -> None:
    sheet.text(row, 1, name, "middle")
    for number, (one, per) in enumerate(sums):
        column = 2 + 3 * number
        mean, variance, squared = one.mean, one.variance, one.cv_squared
        if mean is None or variance is None or squared is None:
            sheet.row(row, [UNKNOWN] * 3, "open", first=column)
            continue
        sheet.number(row, column, mean * per, "two")
        sheet.number(row, column + 1, rounded_root(variance * per**2, 6), "three")
        sheet.number(row, column + 2, rounded_root(squared, 6), "three")


def _rates(book: Book, sheet: Sheet, report: Report) -> None:
    heads = ("区县", "学段", "指标", "学段（校）数", "达标", "未达标", "未判定", "达标率")
    sheet.head(f"达标情况统计　{report.quarter.title}", report.basis, len(heads) - 1)
    sheet.row(2, heads, "head")
    row = 3
    spans: list[tuple[str, Stage, int, int]] = []
    for district in report.evaluation.districts:
        name = district_name(district.district)
        for stage, figures in district.stages.items():
            first = row
            for code, one in figures.indicators.items():
                _tally(sheet, row, (name, STAGE_NAMES[stage], code), one.tally)
                row += 1
            _tally(sheet, row, (name, STAGE_NAMES[stage], "综合"), figures.overall)
            spans.append((name, stage, first, row))
            row += 1
        _tally(sheet, row, (name, STAGE_NAMES["school"], "无线网络"), district.wireless.schools)
        row += 1
        for promise, guarantee in district.guarantees.items():
            place = (name, STAGE_NAMES["school"], f"{promise} {GUARANTEE_NAMES[promise]}")
            _tally(sheet, row, place, guarantee.schools)
            row += 1
    for number, (name, stage, first, last) in enumerate(spans):
        chart = book.book.add_chart({"type": "column", "subtype": "percent_stacked"})
        for column, colour in ((4, "#70AD47"), (5, "#C00000"), (6, "#FFC000")):
            chart.add_series(
                {
                    "name": [sheet.raw.get_name(), 2, column],
                    "categories": [sheet.raw.get_name(), first, 2, last, 2],
                    "values": [sheet.raw.get_name(), first, column, last, column],
                    "fill": {"color": colour},
                }
            )
        title = f"{name}{STAGE_NAMES[stage]}各指标达标情况"
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 560, "height": 300})
        sheet.raw.insert_chart(2 + 16 * number, len(heads) + 1, chart)
    sheet.layout((12, 8, 13, 13, 9, 9, 9, 10), head_rows=(2, 2))


def _tally(sheet: Sheet, row: int, place: tuple[str, str, str], one: Tally) -> None:
    sheet.row(row, place, "middle")
    for column, number in enumerate((one.total, one.passing, one.failing, one.undetermined), len(place)):
        sheet.number(row, column, number)
    sheet.text(row, 7, NONE if one.rate is None else percent(one.rate), "middle")
