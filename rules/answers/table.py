"""An evaluation as tables for a terminal: Chinese first, English beside it."""

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from registry.exact import plain, rounded, rounded_root, told_apart
from registry.vocabulary import GUARANTEE_NAMES, STAGE_NAMES, VERDICT_NAMES, Verdict
from rules.judging.district import Balance, District, Tally
from rules.judging.evaluate import Evaluation
from rules.judging.indicators import Evidence, Judgement
from rules.judging.rollup import LEVEL_NAMES, Region
from rules.judging.utilisation import RATE_NAMES, Rate
from rules.words import worded

_STYLES: dict[Verdict, str] = {"pass": "green", "fail": "red", "undetermined": "yellow"}
# The words say it; the mark only helps the eye.
_MARKS: dict[Verdict, str] = {"pass": "✓", "fail": "✗", "undetermined": "?"}


def to_table(evaluation: Evaluation) -> RenderableType:
    """District figures, one row a section, one row a school for wireless, and who is left out."""
    basis = "监测数 observed" if evaluation.basis == "observed" else "仅申报数 declared only"
    head = Text(f"{evaluation.standard.title} · {evaluation.standard.name} · {evaluation.as_of} · {basis}")
    left_out = [
        Text(f"不参与评估 left out: {one.school.name} {one.school.school_code} {worded(one.reason)}")
        for one in evaluation.excluded
    ]
    districts = [_district(district) for district in evaluation.districts]
    # With one district every region is that district.
    regions = [_region(one) for one in evaluation.regions if len(one.districts) > 1]
    return Group(
        head,
        *districts,
        *regions,
        _sections(evaluation),
        _coverage(evaluation),
        _guarantees(evaluation),
        *_utilisation(evaluation),
        *left_out,
    )


def _district(district: District) -> Table:
    verdict = VERDICT_NAMES[district.verdict]
    table = _table(f"区县 District {district.district} · {verdict} {district.verdict}")
    table.add_column("学段\nStage", no_wrap=True)
    table.add_column("指标\nIndicator", no_wrap=True)
    for title in (
        "达标\nPass",
        "未达标\nFail",
        "未判\nOpen",
        "达标 %\nRate",
        "均值\nMean",
        "差异系数\nCV",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("均衡\nBalanced", no_wrap=True)
    for stage, figures in district.stages.items():
        name = f"{STAGE_NAMES[stage]} {stage}"
        for code, one in figures.indicators.items():
            mean = one.sums.mean
            known = "–" if mean is None else rounded(mean * one.per, 2)
            table.add_row(name, code, *_counts(one.tally), known, _cv(one), _balanced(one.balanced))
        composite = "–" if figures.composite_cv is None else rounded(figures.composite_cv, 3)
        table.add_row(name, "综合 overall", *_counts(figures.overall), "", composite, "", end_section=True)
    table.add_row("全校 school", "无线 wireless", *_counts(district.wireless.schools), "", "", "")
    for guarantee, result in district.guarantees.items():
        name = f"{guarantee} {GUARANTEE_NAMES[guarantee]}"
        table.add_row("全校 school", name, *_counts(result.schools), "", "", "")
    return table


def _region(region: Region) -> Table:
    table = _table(f"{LEVEL_NAMES[region.level]} {region.level} {region.code} · {len(region.districts)} 区县")
    table.add_column("学段\nStage", no_wrap=True)
    table.add_column("指标\nIndicator", no_wrap=True)
    for title in (
        "达标\nPass",
        "未达标\nFail",
        "未判\nOpen",
        "达标 %\nRate",
        "差异系数\nCV",
        "区县间 %\nBetween",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for stage, figures in region.stages.items():
        name = f"{STAGE_NAMES[stage]} {stage}"
        for code, one in figures.indicators.items():
            split = region.splits[stage][code]
            share = split.between_share if split else None
            shown = "–" if share is None else rounded(share, 2)
            table.add_row(name, code, *_counts(one.tally), _cv(one), shown)
        table.add_row(name, "综合 overall", *_counts(figures.overall), "", "", end_section=True)
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), header_style="bold")


def _counts(one: Tally) -> tuple[str, str, str, str]:
    rate = "–" if one.rate is None else rounded(one.rate, 2)
    return str(one.passing), str(one.failing), str(one.undetermined), rate


def _balanced(answer: bool | None) -> str:
    return {True: "是 yes", False: "否 no", None: "未判 ?"}[answer]


def _cv(one: Balance) -> str:
    squared = one.sums.cv_squared
    if squared is None:
        return "–"
    sign = {True: "≤", False: ">", None: "?"}[one.balanced]
    return f"{rounded_root(squared, 3)}{sign}{plain(one.limit, at_least=2)}"


def _sections(evaluation: Evaluation) -> Table:
    table = _table("学校 × 指标 Sections × indicators（L6、L7 申报/监测 declared/observed）")
    table.add_column("学校\nSchool", overflow="fold", min_width=10)
    for indicator in evaluation.standard.indicators:
        table.add_column(indicator.code, justify="right", no_wrap=True)
    table.add_column("综合\nOverall", justify="right", no_wrap=True)
    for result in evaluation.sections:
        section, overall = result.section, result.overall
        pupils = "–" if section.pupils is None else section.pupils
        who = f"{section.school.name}\n{section.school.school_code}\n{STAGE_NAMES[section.stage]} {pupils}"
        whole = f"{_MARKS[overall.verdict]} {overall.passing}/{len(overall.judgements)}"
        table.add_row(
            escape(who),
            *(_cell(one) for one in result.judgements.values()),
            Text(f"{whole}\n{VERDICT_NAMES[overall.verdict]}", _STYLES[overall.verdict]),
            end_section=True,
        )
    return table


def _cell(one: Judgement) -> Text:
    value, rests = one.value, one.evidence
    lines = ["–" if value is None else rounded(value, 2)]
    if value is not None and one.near:
        lines = [told_apart(value, one.bar.threshold), "临界 near"]
    if one.bar.indicator.item == "multimedia_rooms":
        lines.append("/".join(_beside(rests, places=1)))
    if rests.equipment is not None:
        lines.append("/\n".join(_beside(rests, places=0)))  # two sums of money are too wide for one line
    return Text(f"{_MARKS[one.verdict]} " + "\n".join(lines), _STYLES[one.verdict])


def _beside(rests: Evidence, *, places: int) -> tuple[str, str]:
    declared, observed = (
        "–" if figure is None else rounded(figure, places).removesuffix(".0")
        for figure in (rests.declared, rests.observed)
    )
    return declared, observed


def _coverage(evaluation: Evaluation) -> Table:
    table = _table("无线网络全覆盖 Wireless coverage")
    table.add_column("学校 School", overflow="fold")
    table.add_column("房间 Rooms", justify="right")
    table.add_column("结论 Verdict")
    table.add_column("理由 Reason", overflow="fold")
    for one in evaluation.coverage:
        table.add_row(
            escape(f"{one.school.name} {one.school.school_code}"),
            f"{one.count('pass') if one.rooms else '–'}/{one.required}",
            Text(f"{_MARKS[one.verdict]} {VERDICT_NAMES[one.verdict]}", _STYLES[one.verdict]),
            escape(worded(one.reason)),
        )
    return table


def _guarantees(evaluation: Evaluation) -> Table:
    table = _table("政府保障 Guarantees（值/限 value/limit）")
    table.add_column("学校 School", overflow="fold")
    codes = evaluation.guarantees[0].answers if evaluation.guarantees else GUARANTEE_NAMES
    for code in codes:
        table.add_column(f"{code}\n{GUARANTEE_NAMES[code]}", justify="right")
    table.add_column("理由 Reason", overflow="fold")
    for school in evaluation.guarantees:
        cells = [
            Text(
                f"{_MARKS[one.verdict]} {'–' if one.value is None else one.value}"
                f"/{'–' if one.threshold is None else one.threshold}",
                _STYLES[one.verdict],
            )
            for one in school.answers.values()
        ]
        reasons = "\n".join(
            f"{one.code} {worded(one.reason)}" for one in school.answers.values() if one.verdict != "pass"
        )
        table.add_row(escape(f"{school.school.name} {school.school.school_code}"), *cells, escape(reasons))
    return table


def _utilisation(evaluation: Evaluation) -> list[Table]:
    """A row a school where something was observed."""
    if not evaluation.utilisation:
        return []
    table = _table("设施设备利用 Utilisation（率%·完整率% rate·completeness）")
    table.add_column("学校 School", overflow="fold")
    for code, name in RATE_NAMES.items():
        table.add_column(f"{code}\n{name}", justify="right")
    for school in evaluation.utilisation:
        cells = [_rate(rate) for rate in school.rates]
        table.add_row(escape(f"{school.school.name} {school.school.school_code}"), *cells)
    return [table]


def _rate(one: Rate) -> Text:
    complete = rounded(one.completeness * 100, 0)
    if one.value is None:
        return Text(f"数据不足·{complete}", _STYLES["undetermined"])
    shown = rounded(one.value if one.code == "U5" else one.value * 100, 2)
    return Text(f"{shown}·{complete}", _STYLES[one.verdict] if one.verdict else "")
