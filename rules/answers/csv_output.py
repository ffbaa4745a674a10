"""An evaluation as CSV: a row for every section and indicator, then a school's wireless and guarantees."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry import School
from registry.vocabulary import Verdict
from rules.answers import rows
from rules.answers.output import guarantee_dict, judgement_dict, why
from rules.judging.evaluate import Evaluation
from rules.words import name
from runtime.csv_text import csv_text

# "学校标识码 school_code": Chinese for the reader, English for the program that splits at the space.
CSV_HEADERS = (
    "区县 district",
    "学校标识码 school_code",
    "学校名称 name",
    "学段 stage",
    "指标 indicator",
    "结论 verdict",
    "实际值 value",
    "达标值 threshold",
    "下限 floor",
    "分子 numerator",
    "分母 denominator",
    "申报 declared",
    "监测 observed",
    "采集完整率 completeness",
    "临界 near",
    "理由 reason",
    "依据 evidence",
)


def to_csv(evaluation: Evaluation) -> str:
    """Its first mark tells Excel that it is UTF-8."""
    return csv_text(CSV_HEADERS, _rows(evaluation))


def _rows(evaluation: Evaluation) -> Iterator[list[str]]:
    for result in evaluation.sections:
        place = _place(result.section.school, result.section.stage)
        for code, judgement in result.judgements.items():
            yield [*place, code, *_cells(judgement_dict(judgement, None))]
        overall = {"verdict": result.overall.verdict, **why(result.overall.reason, None)}
        yield [*place, "综合 overall", *_cells(overall)]
    for coverage in evaluation.coverage:
        figures = rows.only(rows.of_coverage(coverage), "numerator", "denominator", "completeness")
        answer = {"verdict": coverage.verdict, **why(coverage.reason, None), **figures}
        yield [*_place(coverage.school, "school"), "无线 wireless", *_cells(answer)]
    for school in evaluation.guarantees:
        for code, guarantee in school.answers.items():
            title = f"{code} {name('indicators_short', code, 'zh')}"
            yield [*_place(school.school, "school"), title, *_cells(guarantee_dict(guarantee, None))]


def _place(school: School, stage: str) -> list[str]:
    return [school.district, school.school_code, school.name, name("stages", stage, "zh")]


def _cells(answer: Mapping[str, Any]) -> list[str]:
    return [
        _cell(column, answer.get(column)) for column in (header.split(" ")[1] for header in CSV_HEADERS[5:])
    ]


def _cell(column: str, value: Any) -> str:
    if column == "verdict":
        verdict: Verdict = value
        return f"{name('verdicts', verdict, 'zh')} {verdict}"
    if isinstance(value, bool):
        return "是 yes" if value else ""
    return "" if value is None else str(value)
