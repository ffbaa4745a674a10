"""二、七项指标: which share of the stages meets each indicator, in the text and in 达标情况统计."""

from collections.abc import Iterable, Iterator
from typing import Any

from registry.vocabulary import Stage
from rules.judging.district import District, Tally
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.book import Book, Sheet
from rules.report.chapters.equipment import equipment
from rules.report.printing import COLOURS, guarantee_name, listed, percent, rate, rate_of, stage_name
from rules.report.report import Report

_LOWEST = 3  # so many of the lowest rates are named
_OVERALL = "综合"
_FULL = 100
_HEADS = ("区县", "学段", "指标", "学段（校）数", "达标", "未达标", "未判定", "达标率")


def indicators(report: Report) -> Iterator[Block]:
    """District by district, then what the ledgers of equipment add up to."""
    for district in report.evaluation.districts:
        yield Paragraph(_rates_told(report, district))
        yield _rates_table(report, district)
        yield _rates_chart(report, district)
    yield from equipment(report)


def _rates_told(report: Report, district: District) -> str:
    name = report.district_name(district.district)
    rates = [
        (found, f"{stage_name(stage)}{code}")
        for stage, figures in district.stages.items()
        for code, balance in figures.indicators.items()
        if (found := rate_of(balance.tally)) is not None
    ]
    if not rates:
        return f"{name}各项指标均未判定。"
    full = listed(place for found, place in rates if found == _FULL)
    lowest = sorted((found, place) for found, place in rates if found < _FULL)
    worst = listed(f"{place}（{percent(found)}）" for found, place in lowest[:_LOWEST])
    return f"{name}达标率为100%的有：{full or '无'}。" + (f"达标率较低的是{worst}。" if worst else "")


def _rates_table(report: Report, district: District) -> Table:
    stages = district.stages
    heads = ["指标", *(f"{stage_name(stage)}{word}" for stage in stages for word in ("达标", "达标率"))]
    rows = [
        [
            f"{indicator.code} {indicator.name}",
            *_rate_cells(figures.indicators[indicator.code].tally for figures in stages.values()),
        ]
        for indicator in report.evaluation.standard.indicators
    ]
    rows.append(["综合达标", *_rate_cells(figures.overall for figures in stages.values())])
    width = 96 // max(1, 2 * len(stages))
    return Table(
        caption=f"{report.district_name(district.district)}七项指标达标情况",
        heads=heads,
        rows=rows,
        widths=[156 - width * (len(heads) - 1), *[width] * (len(heads) - 1)],
    )


def _rate_cells(tallies: Iterable[Tally]) -> Iterator[str]:
    for tally in tallies:
        yield f"{tally.passing}/{tally.total}" + (
            f"（{tally.undetermined}未判）" if tally.undetermined else ""
        )
        yield rate(tally)


def _rates_chart(report: Report, district: District) -> Chart:
    return Chart(
        caption=f"{report.district_name(district.district)}七项指标达标率（%）",
        categories=[*(indicator.code for indicator in report.evaluation.standard.indicators), _OVERALL],
        series=[
            Series(
                name=stage_name(stage),
                values=[
                    *(rate_of(balance.tally) for balance in figures.indicators.values()),
                    rate_of(figures.overall),
                ],
                colour=COLOURS[stage],
            )
            for stage, figures in district.stages.items()
        ],
        number_format="0",
        maximum=100,
    )


def rates_sheet(book: Book, report: Report) -> None:
    """达标情况统计: every indicator, wireless and the guarantees, with a chart a district and stage."""
    sheet = book.sheet("达标情况统计")
    sheet.head(f"达标情况统计　{report.quarter.title}", report.basis, len(_HEADS) - 1)
    sheet.row(2, _HEADS, "head")
    row = 3
    charted: list[tuple[str, int, int]] = []
    for district in report.evaluation.districts:
        name = report.district_name(district.district)
        for stage in district.stages:
            first, row = row, _stage_rows(sheet, row, name, stage, district)
            charted.append((f"{name}{stage_name(stage)}各指标达标情况", first, row - 1))
        row = _school_rows(sheet, row, name, district)
    for number, (title, first, last) in enumerate(charted):
        chart = _stacked(book, sheet, first, last)
        chart.set_title({"name": title, "name_font": {"size": 12}})
        sheet.raw.insert_chart(2 + 16 * number, len(_HEADS) + 1, chart)
    sheet.layout((12, 8, 13, 13, 9, 9, 9, 10), head_rows=(2, 2))


def _stage_rows(sheet: Sheet, row: int, name: str, stage: Stage, district: District) -> int:
    figures = district.stages[stage]
    for code, balance in figures.indicators.items():
        _tally(sheet, row, (name, stage_name(stage), code), balance.tally)
        row += 1
    _tally(sheet, row, (name, stage_name(stage), _OVERALL), figures.overall)
    return row + 1


def _school_rows(sheet: Sheet, row: int, name: str, district: District) -> int:
    _tally(sheet, row, (name, stage_name("school"), "无线网络"), district.wireless.schools)
    row += 1
    for code, guarantee in district.guarantees.items():
        _tally(sheet, row, (name, stage_name("school"), f"{code} {guarantee_name(code)}"), guarantee.schools)
        row += 1
    return row


def _tally(sheet: Sheet, row: int, place: tuple[str, str, str], tally: Tally) -> None:
    sheet.row(row, place, "middle")
    counts = (tally.total, tally.passing, tally.failing, tally.undetermined)
    for column, number in enumerate(counts, len(place)):
        sheet.number(row, column, number)
    sheet.text(row, 7, rate(tally), "middle")


def _stacked(book: Book, sheet: Sheet, first: int, last: int) -> Any:
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
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": 300})
    return chart
