"""Every section against every indicator (挂图作战): what the district has reached, and where it has not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.board.applied import Applied
from dashboards.board.figures import Overview, Target, Verdict
from dashboards.board.names import Names
from registry.vocabulary import GUARANTEES, STAGES, Stage
from rules.stored.shares import Away

_ORDER = {"fail": 0, "undetermined": 1, "pass": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLine:
    """One indicator over the district, by stage; a stage that nobody teaches is None."""

    code: str
    stages: tuple[Target | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLine:
    """One section against all indicators, in the order of the page's `codes`; None: not judged."""

    code: str
    name: str
    kind: str
    unit: str
    stage: str
    overall: Verdict
    answers: tuple[Verdict | None, ...]

    @property
    def well(self) -> bool:
        """Whether it meets every indicator: one that passes over all may still lack some."""
        return all(answer is not None and answer.verdict == "pass" for answer in self.answers)

    @property
    def failing(self) -> int:
        return sum(answer is not None and answer.verdict == "fail" for answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The page's figures. guarantees: music and art rooms, size of schools and classes, by school."""

    now_ms: int
    evaluated_ms: int | None
    away: tuple[Away, ...]
    standard: str | None
    as_of: str | None
    applied: Applied
    stages: tuple[Stage, ...]
    codes: tuple[str, ...]
    indicators: tuple[IndicatorLine, ...]
    overall: IndicatorLine
    guarantees: tuple[Target, ...]
    sections: tuple[SectionLine, ...]


def matrix(overview: Overview, names: Names) -> Matrix:
    """The page out of the overview's rows: no question of its own to the store."""
    results = {(target.indicator, target.stage): target for target in overview.results}
    stages = tuple(stage for stage in STAGES if ("overall", stage) in results)
    beside = {*GUARANTEES, "wireless", "overall"}
    judged = {item.indicator for items in overview.verdicts.values() for item in items} - beside
    codes = tuple(sorted(judged))
    return Matrix(
        now_ms=overview.now_ms,
        evaluated_ms=overview.evaluated_ms,
        away=overview.away,
        standard=overview.standard,
        as_of=overview.as_of,
        applied=overview.applied,
        stages=stages,
        codes=codes,
        indicators=tuple(_line(code, stages, results) for code in codes),
        overall=_line("overall", stages, results),
        guarantees=tuple(results[code, "school"] for code in GUARANTEES if (code, "school") in results),
        sections=tuple(sorted(_sections(overview, names, codes), key=_worst_first)),
    )


def _line(code: str, stages: Sequence[Stage], results: dict[tuple[str, str], Target]) -> IndicatorLine:
    return IndicatorLine(code=code, stages=tuple(results.get((code, stage)) for stage in stages))


def _sections(overview: Overview, names: Names, codes: Sequence[str]) -> Iterable[SectionLine]:
    for code, verdicts in overview.verdicts.items():
        school = names.school(code)
        for overall in verdicts:
            if overall.indicator != "overall":
                continue
            found = {item.indicator: item for item in verdicts if item.stage == overall.stage}
            yield SectionLine(
                code=code,
                name=school.name,
                kind=school.kind,
                unit=school.unit,
                stage=overall.stage,
                overall=overall,
                answers=tuple(found.get(indicator) for indicator in codes),
            )


def _worst_first(line: SectionLine) -> tuple[int, int, str, bool]:
    return _ORDER.get(line.overall.verdict, 1), -line.failing, line.code, line.stage != "primary"
