"""An evaluation as tables for a terminal, in the program's language."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from registry.exact import plain, rounded, rounded_root
from rules.answers.school_tables import coverage_table, guarantee_table, section_table, utilisation_tables
from rules.answers.terminal import BALANCED, HEADINGS, NONE, PASSING, add_numbers, titled
from rules.judging.district import District, IndicatorBalance, Tally
from rules.judging.evaluate import Evaluation
from rules.judging.rollup import Region
from rules.words import Reason, name, reason, worded
from runtime.language import Text

_BASIS = {
    "observed": Text("按监测数", "observed figures"),
    "declared": Text("仅按申报数", "declared figures only"),
}
_LEVELS = {"city": Text("市", "City"), "province": Text("省", "Province")}
_LEFT_OUT = Text("不参与评估", "Left out")


def to_table(evaluation: Evaluation) -> RenderableType:
    """District figures, one row a section, one row a school for wireless, and who is left out."""
    standard = evaluation.standard
    head = f"{standard.title} · {standard.name} · {evaluation.as_of} · {_BASIS[evaluation.basis]}"
    left_out = [
        Styled(
            f"{_LEFT_OUT} · {excluded.school.name} {excluded.school.school_code} {worded(excluded.reason)}"
        )
        for excluded in evaluation.excluded
    ]
    left_out += [Styled(f"! {worded(warning)}") for warning in _warnings(evaluation)]
    districts = [_district(district) for district in evaluation.districts]
    # With one district every region is that district.
    regions = [_region(region) for region in evaluation.regions if len(region.districts) > 1]
    return Group(
        Styled(head),
        *districts,
        *regions,
        section_table(evaluation),
        coverage_table(evaluation),
        guarantee_table(evaluation),
        *utilisation_tables(evaluation),
        *left_out,
    )


_NAMED = 12  # so many readings without a registry entry are named; the JSON has all


def _warnings(evaluation: Evaluation) -> Iterator[Reason]:
    """What a reader must know before the figures: schools never heard of, readings that count nowhere."""
    if evaluation.never_heard:
        names = [
            section.section.school.name
            for section in evaluation.sections
            if section.section.school.school_code in evaluation.never_heard
        ]
        yield reason("evaluation.declared_only", schools=tuple(dict.fromkeys(names)))
    # Readings that are left out go first; rooms without a device are many where a roll-out is young.
    found = sorted(evaluation.unmatched, key=lambda unmatched: not unmatched.readings)
    for unmatched in found[:_NAMED]:
        yield reason("evaluation.unmatched", school=unmatched.school, why=unmatched.reason)
    if len(found) > _NAMED:
        yield reason("evaluation.more_unmatched", number=len(found) - _NAMED)


def _district(district: District) -> Table:
    verdict = name("verdicts", district.verdict)
    table = titled(f"{Text('区县', 'District')} {district.district} · {verdict}")
    table.add_column(str(HEADINGS["stage"]), no_wrap=True)
    table.add_column(str(HEADINGS["indicator"]), no_wrap=True)
    add_numbers(table, *PASSING, Text("均值", "Mean"), HEADINGS["cv"])
    table.add_column(str(HEADINGS["balanced"]), no_wrap=True)
    for stage, figures in district.stages.items():
        stage_name = name("stages", stage)
        for code, balance in figures.indicators.items():
            mean = balance.sums.mean
            known = NONE if mean is None else rounded(mean * balance.per, 2)
            balanced = str(BALANCED[balance.balanced])
            table.add_row(stage_name, code, *_counts(balance.tally), known, _cv(balance), balanced)
        composite = NONE if figures.composite_cv is None else rounded(figures.composite_cv, 3)
        overall = name("indicators", "overall")
        table.add_row(stage_name, overall, *_counts(figures.overall), "", composite, "", end_section=True)
    school, wireless = name("stages", "school"), name("indicators", "wireless")
    table.add_row(school, wireless, *_counts(district.wireless.schools), "", "", "")
    for guarantee, result in district.guarantees.items():
        title = f"{guarantee} {name('indicators_short', guarantee)}"
        table.add_row(school, title, *_counts(result.schools), "", "", "")
    return table


def _region(region: Region) -> Table:
    count = len(region.districts)
    districts = Text(f"{count} 个区县", f"{count} districts")
    table = titled(f"{_LEVELS[region.level]} {region.code} · {districts}")
    table.add_column(str(HEADINGS["stage"]), no_wrap=True)
    table.add_column(str(HEADINGS["indicator"]), no_wrap=True)
    add_numbers(table, *PASSING, HEADINGS["cv"], Text("区县间 %", "Between %"))
    for stage, figures in region.stages.items():
        stage_name = name("stages", stage)
        for code, balance in figures.indicators.items():
            split = region.splits[stage][code]
            share = split.between_share if split else None
            shown = NONE if share is None else rounded(share, 2)
            table.add_row(stage_name, code, *_counts(balance.tally), _cv(balance), shown)
        overall = name("indicators", "overall")
        table.add_row(stage_name, overall, *_counts(figures.overall), "", "", end_section=True)
    return table


def _counts(tally: Tally) -> tuple[str, str, str, str]:
    rate = NONE if tally.rate is None else rounded(tally.rate, 2)
    return str(tally.passing), str(tally.failing), str(tally.undetermined), rate


def _cv(balance: IndicatorBalance) -> str:
    squared = balance.sums.cv_squared
    if squared is None:
        return NONE
    sign = {True: "≤", False: ">", None: "?"}[balance.balanced]
    of_known = ""
    if balance.unknown:
        # Over the sections that are known for certain, so many of so many.
        known = balance.sums.sections
        of_known = f" ({known}/{known + balance.unknown})"
    return f"{rounded_root(squared, 3)}{sign}{plain(balance.limit, at_least=2)}{of_known}"
