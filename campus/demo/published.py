"""What a plan publishes about a district beside what the platform computes of it, line by line."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from registry.exact import plain, rounded, rounded_root
from registry.vocabulary import STAGES, GuaranteeCode, Kind, Stage
from rules.judging.district import GuaranteeResult, StageResult
from rules.judging.evaluate import Evaluation
from rules.words import name
from runtime.language import Text
from runtime.settings import Settings, load

FILE = Path(__file__).with_name("published_2021.toml")
Answer = str  # an indicator's code, or overall
Results = Mapping[GuaranteeCode, GuaranteeResult]

_HEADINGS = (
    Text("指标", "Figure"),
    Text("方案公布值", "Published"),
    Text("仅按申报", "Declared only"),
    Text("平台计算值", "Computed"),
    Text("一致", "Agrees"),
)
_MET, _UNMET = Text("达标", "met"), Text("未达标", "not met")
_OPEN = Text("未判定", "undetermined")
_INFERRED = Text("（推断）", " (inferred)")
_SCHOOLS, _ROOMS, _CLASSES = Text("所", "schools"), Text("间", "rooms"), Text("个", "classes")


class PublishedGuarantees(Settings):
    """政府保障方面."""

    occupied_schools: int
    occupied_rooms: int
    oversized_schools: dict[Kind, int]
    oversized_primary_classes: int


class Published(Settings):
    """The plan's own figures, as printed."""

    scenario: str
    standard: str
    source: str
    moment: dt.datetime
    rate: dict[Stage, dict[Answer, str]]
    unbalanced: dict[Stage, tuple[Answer, ...]]
    guarantees: PublishedGuarantees


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure: as published, from the yearly forms alone, and from what was observed.

    `note` goes with the published figure, `detail` with the computed one; neither is compared.
    """

    what: str
    published: str
    declared: str
    computed: str
    note: str = ""
    detail: str = ""

    @property
    def agrees(self) -> bool:
        return self.published == self.computed


def read_published() -> Published:
    """The figures that come with the package."""
    return load(Published, FILE)


def compare(published: Published, declared: Evaluation, observed: Evaluation) -> list[Line]:
    """Every published figure with what both evaluations say. Each holds one district."""
    ((before,), (after,)) = declared.districts, observed.districts
    lines = [
        line
        for stage in STAGES
        for line in (
            *_rates(published, stage, before.stages[stage], after.stages[stage]),
            *_balances(published, stage, before.stages[stage], after.stages[stage]),
        )
    ]
    return lines + _guarantees(published.guarantees, before.guarantees, after.guarantees)


def to_table(published: Published, lines: list[Line]) -> Table:
    """The comparison for a terminal."""
    agreeing = sum(line.agrees for line in lines)
    table = Table(
        *map(str, _HEADINGS),
        title=f"{published.source} · {agreeing}/{len(lines)} {Text('一致', 'agree')}",
        title_justify="left",
        box=None,
        padding=(0, 2, 0, 0),
        header_style="bold",
    )
    for line in lines:
        changed = "" if line.declared == line.computed else "yellow"
        table.add_row(
            line.what,
            line.published + line.note,
            f"[{changed}]{line.declared}[/{changed}]" if changed else line.declared,
            f"{line.computed} {line.detail}".rstrip(),
            "[green]✓[/green]" if line.agrees else "[red]✗[/red]",
        )
    return table


def _rates(published: Published, stage: Stage, before: StageResult, after: StageResult) -> Iterator[Line]:
    for code, text in published.rate[stage].items():
        passing, of = _tally(after, code)
        yield Line(
            what=f"{_name(stage, code)} {Text('达标学校比例', 'share of schools that pass')}",
            published=text,
            declared=_rate(before, code),
            computed=_rate(after, code),
            detail=f"({passing}/{of})",
        )


def _balances(published: Published, stage: Stage, before: StageResult, after: StageResult) -> Iterator[Line]:
    for code in published.rate[stage]:
        unmet = code in published.unbalanced[stage]
        yield Line(
            what=f"{_name(stage, code)} {Text('差异系数', 'CV')}",
            published=str(_UNMET if unmet else _MET),
            note="" if unmet else str(_INFERRED),
            declared=_balanced(before, code),
            computed=_balanced(after, code),
            detail=_coefficient(after, code),
        )


def _guarantees(published: PublishedGuarantees, before: Results, after: Results) -> list[Line]:
    """These come from the registry alone, so that both columns say the same."""

    def line(what: Text, figure: int, unit: Text, count: Callable[[Results], int]) -> Line:
        figures = (figure, count(before), count(after))
        published_text, declared, computed = (f"{number} {unit}" for number in figures)
        return Line(what=str(what), published=published_text, declared=declared, computed=computed)

    return [
        line(
            Text("专用教室被挤占学校", "schools with occupied special rooms"),
            published.occupied_schools,
            _SCHOOLS,
            lambda results: results["G3"].schools_counted["occupied"],
        ),
        line(
            Text("被挤占专用教室", "occupied special rooms"),
            published.occupied_rooms,
            _ROOMS,
            lambda results: results["G3"].counts["occupied"],
        ),
        *(
            line(
                Text(f"超规模{kind}", f"{name('school_kinds', kind, 'en')} above the size"),
                figure,
                _SCHOOLS,
                lambda results, kind=kind: results["G4"].failing_by_kind.get(kind, 0),  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            )
            for kind, figure in published.oversized_schools.items()
        ),
        line(
            Text("小学大班额", "primary classes above the limit"),
            published.oversized_primary_classes,
            _CLASSES,
            lambda results: results["G5"].counts["primary"],
        ),
    ]


def _name(stage: Stage, code: Answer) -> str:
    return f"{name('stages', stage)} {Text('综合', 'overall') if code == 'overall' else code}"


def _tally(result: StageResult, code: Answer) -> tuple[int, int]:
    tally = result.overall if code == "overall" else result.indicators[code].tally
    return tally.passing, tally.total


def _rate(result: StageResult, code: Answer) -> str:
    tally = result.overall if code == "overall" else result.indicators[code].tally
    if tally.rate is None or tally.undetermined:
        return f"{_OPEN} {tally.undetermined}"
    return f"{rounded(tally.rate, 2)}%"


def _balanced(result: StageResult, code: Answer) -> str:
    answer = result.composite_within if code == "overall" else result.indicators[code].balanced
    return str({True: _MET, False: _UNMET, None: _OPEN}[answer])


def _coefficient(result: StageResult, code: Answer) -> str:
    if code == "overall":
        return "" if result.composite_cv is None else f"({rounded(result.composite_cv, 3)})"
    indicator = result.indicators[code]
    squared, limit = indicator.sums.cv_squared, plain(indicator.limit, at_least=2)
    return "" if squared is None else f"({rounded_root(squared, 3)}, {limit})"
