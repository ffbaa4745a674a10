"""An evaluation's tables with a row a section or a school."""

from rich.markup import escape
from rich.table import Table
from rich.text import Text as Styled

from registry import School
from registry.exact import rounded, told_apart
from registry.vocabulary import GUARANTEES, Verdict
from rules.answers.terminal import HEADINGS, MARKS, NONE, STYLES, add_numbers, titled
from rules.judging.evaluate import Evaluation
from rules.judging.guarantees import SchoolGuarantees
from rules.judging.indicators import Evidence, Judgement
from rules.judging.utilisation import RATES, Rate
from rules.standards.standard import Standard
from rules.words import name, worded
from runtime.language import Text

_NEAR = Text("临界", "near")
_NOT_ENOUGH = Text("数据不足", "too few data")


def section_table(evaluation: Evaluation) -> Table:
    """Sections × indicators: the value, and what was declared and observed where that differs in kind."""
    beside = _observed_codes(evaluation.standard)
    title = Text("学校 × 指标", "Sections × indicators")
    note = Text(f"（{'、'.join(beside)} 为申报/监测）", f" ({', '.join(beside)}: declared/observed)")
    table = titled(f"{title}{note}" if beside else str(title))
    table.add_column(str(HEADINGS["school"]), overflow="fold", min_width=10)
    for indicator in evaluation.standard.indicators:
        table.add_column(indicator.code, justify="right", no_wrap=True)
    add_numbers(table, HEADINGS["overall"])
    for result in evaluation.sections:
        section, overall = result.section, result.overall
        pupils = NONE if section.pupils is None else section.pupils
        who = f"{section.school.name}\n{section.school.school_code}\n{name('stages', section.stage)} {pupils}"
        whole = f"{MARKS[overall.verdict]} {overall.passing}/{len(overall.judgements)}"
        table.add_row(
            escape(who),
            *(_cell(judgement) for judgement in result.judgements.values()),
            Styled(f"{whole}\n{name('verdicts', overall.verdict)}", STYLES[overall.verdict]),
            end_section=True,
        )
    return table


def _observed_codes(standard: Standard) -> list[str]:
    """The indicators that are judged on what was observed, by the standard's own codes."""
    return [
        indicator.code
        for indicator in standard.indicators
        if indicator.item in {"equipment_cny", "multimedia_rooms"}
    ]


def _cell(judgement: Judgement) -> Styled:
    value, rests = judgement.value, judgement.evidence
    lines = [NONE if value is None else rounded(value, 2)]
    if value is not None and judgement.near:
        lines = [told_apart(value, judgement.bar.threshold), str(_NEAR)]
    if judgement.bar.indicator.item == "multimedia_rooms":
        lines.append("/".join(_beside(rests, places=1)))
    if rests.equipment is not None:
        lines.append("/\n".join(_beside(rests, places=0)))  # two sums of money are too wide for one line
    return Styled(f"{MARKS[judgement.verdict]} " + "\n".join(lines), STYLES[judgement.verdict])


def _beside(rests: Evidence, *, places: int) -> tuple[str, str]:
    declared, observed = (
        NONE if figure is None else rounded(figure, places).removesuffix(".0")
        for figure in (rests.declared, rests.observed)
    )
    return declared, observed


def coverage_table(evaluation: Evaluation) -> Table:
    """A row a school: rooms covered of those that should be, and why."""
    table = titled(name("indicators", "wireless"))
    table.add_column(str(HEADINGS["school"]), overflow="fold")
    add_numbers(table, Text("房间", "Rooms"))
    table.add_column(str(HEADINGS["verdict"]))
    table.add_column(str(HEADINGS["reason"]), overflow="fold")
    for coverage in evaluation.coverage:
        table.add_row(
            _named(coverage.school),
            f"{coverage.count('pass') if coverage.rooms else NONE}/{coverage.required}",
            _marked(coverage.verdict, name("verdicts", coverage.verdict)),
            escape(worded(coverage.reason)),
        )
    return table


def guarantee_table(evaluation: Evaluation) -> Table:
    """A row a school: each guarantee's value and limit, and why where one does not pass."""
    table = titled(str(Text("政府保障（值/限）", "Guarantees (value/limit)")))
    table.add_column(str(HEADINGS["school"]), overflow="fold")
    codes = evaluation.guarantees[0].answers if evaluation.guarantees else GUARANTEES
    for code in codes:
        table.add_column(f"{code}\n{name('indicators_short', code)}", justify="right")
    table.add_column(str(HEADINGS["reason"]), overflow="fold")
    for school in evaluation.guarantees:
        cells = [
            _marked(answer.verdict, f"{_known(answer.value)}/{_known(answer.threshold)}")
            for answer in school.answers.values()
        ]
        table.add_row(_named(school.school), *cells, escape(_reasons(school)))
    return table


def _reasons(school: SchoolGuarantees) -> str:
    wanting = (answer for answer in school.answers.values() if answer.verdict != "pass")
    return "\n".join(f"{answer.code} {worded(answer.reason)}" for answer in wanting)


def utilisation_tables(evaluation: Evaluation) -> list[Table]:
    """A row a school where something was observed."""
    if not evaluation.utilisation:
        return []
    table = titled(str(Text("设施设备利用（率%·采集完整率%）", "Utilisation (rate %·completeness %)")))
    table.add_column(str(HEADINGS["school"]), overflow="fold")
    for code in RATES:
        table.add_column(f"{code}\n{name('rates', code)}", justify="right")
    for school in evaluation.utilisation:
        table.add_row(_named(school.school), *(_rate(rate) for rate in school.rates))
    return [table]


def _rate(rate: Rate) -> Styled:
    complete = rounded(rate.completeness * 100, 0)
    if rate.value is None:
        return Styled(f"{_NOT_ENOUGH}·{complete}", STYLES["undetermined"])
    shown = rounded(rate.value if rate.code == "U5" else rate.value * 100, 2)
    return Styled(f"{shown}·{complete}", STYLES[rate.verdict] if rate.verdict else "")


def _named(school: School) -> str:
    return escape(f"{school.name} {school.school_code}")


def _marked(verdict: Verdict, text: str) -> Styled:
    return Styled(f"{MARKS[verdict]} {text}", STYLES[verdict])


def _known(value: int | None) -> str:
    return NONE if value is None else str(value)
