"""二、七项指标: which share of the stages meets each indicator, in the text and in 达标情况统计."""

from collections.abc import Iterator
from typing import Any

from registry.vocabulary import Stage
from rules.answers.book import Book, Sheet
from rules.judging.district import District, StageResult, Tally
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.chapters.equipment import equipment
from rules.report.printing import COLOURS, NONE, listed, percent, rate, rate_of, stage_name
from rules.report.report import Report

_LOWEST = 3  # so many of the lowest rates are named
_OVERALL, _FULL = "综合达标", 100
_WIDTHS = (19, 17, 17)  # mm of 达标, 达标率 and 上季
_HEADS = ("区县", "学段", "指标", "学段（校）数", "达标", "未达标", "未判定", "达标率", "上季达标率")


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
        (found, f"{stage_name(stage)}{report.called(code)}")
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
    last = ("上季",) if report.last else ()
    heads = ["指标"]
    for stage in district.stages:
        heads += [f"{stage_name(stage)}达标", "达标率", *last]
    codes = [*(indicator.code for indicator in report.evaluation.standard.indicators), "overall"]
    widths = _WIDTHS[: 2 + len(last)] * len(district.stages)
    return Table(
        caption=f"{report.district_name(district.district)}七项指标达标情况",
        heads=heads,
        rows=[[_label(report, code), *_rate_cells(report, district, code)] for code in codes],
        widths=[156 - sum(widths), *widths],
    )


def _label(report: Report, code: str) -> str:
    return _OVERALL if code == "overall" else f"{code} {report.called(code)}"


def _tally_of(figures: StageResult, code: str) -> Tally:
    return figures.overall if code == "overall" else figures.indicators[code].tally


def _rate_cells(report: Report, district: District, code: str) -> Iterator[str]:
    for stage, figures in district.stages.items():
        tally = _tally_of(figures, code)
        unknown = f"（{tally.undetermined}未判）" if tally.undetermined else ""
        yield f"{tally.passing}/{tally.total}{unknown}"
        yield rate(tally)
        if report.last:
            yield _last_rate(report, district.district, stage, code)


def _last_rate(report: Report, district: str, stage: str, code: str) -> str:
    found = None if report.last is None else report.last.rates.get((district, stage, code))
    return NONE if found is None else f"{found}%"


def _rates_chart(report: Report, district: District) -> Chart:
    indicators = report.evaluation.standard.indicators
    return Chart(
        caption=f"{report.district_name(district.district)}七项指标达标率（%）",
        categories=[*(report.names[indicator.code].short.zh for indicator in indicators), "综合"],
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
            first, row = row, _stage_rows(sheet, row, report, district, stage)
            charted.append((f"{name}{stage_name(stage)}各指标达标情况", first, row - 1))
        row = _school_rows(sheet, row, report, district)
    for number, (title, first, last) in enumerate(charted):
        chart = _stacked(book, sheet, first, last)
        chart.set_title({"name": title, "name_font": {"size": 12}})
        sheet.raw.insert_chart(2 + 16 * number, len(_HEADS) + 1, chart)
    sheet.layout((12, 8, 16, 13, 9, 9, 9, 10, 11), head_rows=(2, 2))


def _stage_rows(sheet: Sheet, row: int, report: Report, district: District, stage: Stage) -> int:
    figures = district.stages[stage]
    for code in (*figures.indicators, "overall"):
        called = "综合" if code == "overall" else f"{code} {report.names[code].short.zh}"
        _tally(sheet, row, report, (district.district, stage, code), called, _tally_of(figures, code))
        row += 1
    return row


def _school_rows(sheet: Sheet, row: int, report: Report, district: District) -> int:
    counted: dict[str, tuple[str, Tally]] = {
        "wireless": ("无线网络", district.wireless.schools),
        **{
            code: (f"{code} {report.names[code].short.zh}", found.schools)
            for code, found in district.guarantees.items()
        },
    }
    for code, (called, tally) in counted.items():
        _tally(sheet, row, report, (district.district, "school", code), called, tally)
        row += 1
    return row


def _tally(
    sheet: Sheet, row: int, report: Report, place: tuple[str, str, str], called: str, tally: Tally
) -> None:
    district, stage, code = place
    sheet.row(row, (report.district_name(district), stage_name(stage), called), "middle")
    for column, number in enumerate((tally.total, tally.passing, tally.failing, tally.undetermined), 3):
        sheet.number(row, column, number)
    sheet.text(row, 7, rate(tally), "middle")
    sheet.text(row, 8, _last_rate(report, district, stage, code), "middle")


# Dark, striped and white: told apart on paper without colour.
_FILLS: tuple[dict[str, Any], ...] = (
    {"fill": {"color": "#1F4E79"}},
    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#C00000", "bg_color": "#FFFFFF"}},
    {"fill": {"color": "#FFFFFF"}, "border": {"color": "#7F7F7F"}},
)


def _stacked(book: Book, sheet: Sheet, first: int, last: int) -> Any:
    chart = book.book.add_chart({"type": "column", "subtype": "percent_stacked"})
    for column, fill in enumerate(_FILLS, 4):
        chart.add_series(
            {
                "name": [sheet.raw.get_name(), 2, column],
                "categories": [sheet.raw.get_name(), first, 2, last, 2],
                "values": [sheet.raw.get_name(), first, column, last, column],
                **fill,
            }
        )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 640, "height": 300})
    return chart
