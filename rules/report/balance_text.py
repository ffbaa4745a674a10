"""The chapter on 校际均衡: which difference coefficients are within their limits."""

from collections.abc import Iterator

from registry.exact import plain, root, rounded
from registry.vocabulary import STAGE_NAMES, STAGES
from rules.judging.district import District, StageResult
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.report import Report
from rules.report.words import COLOURS, NONE, beside_limit, coefficient, district_name


def balance(report: Report) -> Iterator[Block]:
    """District by district: what is said, the table, the chart."""
    for district in report.evaluation.districts:
        name = district_name(district.district)
        for stage, figures in district.stages.items():
            yield Paragraph(f"{name}{STAGE_NAMES[stage]}：{_balance_text(figures)}")
        heads = (
            ["学段", *next(iter(district.stages.values())).indicators, "综合"]
            if district.stages
            else ["学段"]
        )
        rows = []
        for stage, figures in district.stages.items():
            cells = [beside_limit(one.sums.cv_squared, one.limit) for one in figures.indicators.values()]
            composite = NONE if figures.composite_cv is None else rounded(figures.composite_cv, 3)
            rows.append([STAGE_NAMES[stage], *cells, composite])
        if rows:
            width = 17
            widths = [156 - width * (len(heads) - 1), *[width] * (len(heads) - 1)]
            yield Table(caption=f"{name}校际差异系数", heads=heads, rows=rows, widths=widths)
            yield _cv_chart(district)


def _balance_text(figures: StageResult) -> str:
    limit = next(iter(figures.indicators.values())).limit
    over = {code: one for code, one in figures.indicators.items() if one.balanced is False}
    unknown = [code for code, one in figures.indicators.items() if one.balanced is None]
    text = f"各单项差异系数应不高于{plain(limit, at_least=2)}。"
    if over:
        told = "、".join(
            f"{code}（{beside_limit(one.sums.cv_squared, one.limit)}）" for code, one in over.items()
        )
        text += f"超出限值的有{told}。"
    if unknown:
        text += f"{'、'.join(unknown)}因部分学校数据缺失未判定。"
    if not over and not unknown:
        text += "七项均达到均衡要求。" if len(figures.indicators) == 7 else "各项均达到均衡要求。"
    if figures.composite_cv is not None:
        text += f"综合差异系数为{coefficient(figures.composite_cv**2)}" + (
            "（按已知数据）。" if unknown else "。"
        )
    return text


def _cv_chart(district: District) -> Chart:
    series = []
    categories: list[str] = []
    for stage in STAGES:
        figures = district.stages.get(stage)
        if figures is None:
            continue
        categories = [*figures.indicators, "综合"]
        squares = [one.sums.cv_squared for one in figures.indicators.values()]
        values = [None if square is None else root(square, 12) for square in squares]
        series.append(
            Series(name=STAGE_NAMES[stage], values=[*values, figures.composite_cv], colour=COLOURS[stage])
        )
        limits = [next(iter(figures.indicators.values())).limit] * len(categories)
        series.append(
            Series(name=f"{STAGE_NAMES[stage]}限值", values=limits, colour=COLOURS[stage], line=True)
        )
    return Chart(
        caption=f"{district_name(district.district)}校际差异系数与限值",
        categories=categories,
        series=series,
        number_format="0.00",
    )
