"""The shortfall register without a store: its days are the quarters handed in, and the figures of today."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from registry import Registry
from registry.vocabulary import GUARANTEES
from rules.answers.output import to_dict
from rules.judging.evaluate import Evaluation
from rules.report.quarter import Quarter, ReportError
from rules.report.snapshot import newest
from rules.shortfalls.fold import DayFinding, EvaluationDay, fold
from rules.shortfalls.register import Shortfalls, measures_of, name
from rules.words import joined, reasons_of
from runtime.errors import os_reason


def register_of(registry: Registry, evaluation: Evaluation, reports: Path | None) -> Shortfalls:
    """Folded over the newest version of every quarter before, then the evaluation itself.

    Raises ReportError where the folder is none of reports, or a version was changed after it was handed in.
    """
    standard = evaluation.standard
    districts = {code: school.district for code, school in registry.schools.items()}
    days = [] if reports is None else list(_quarters(reports, before=evaluation.as_of))
    days.append(_day(to_dict(evaluation, "zh"), districts))
    found = fold(days, pass_days=standard.register_rule.pass_days, measures=measures_of(registry))
    return name(found, registry, standard, as_of=evaluation.as_of, evaluated=days[-1].day)


def _quarters(reports: Path, *, before: date) -> Iterator[EvaluationDay]:
    for quarter in _quarters_of(reports):
        snapshot = newest(reports, quarter)
        if snapshot is None:
            continue
        evaluation, schools = snapshot.content["evaluation"], snapshot.content["printed"]["schools"]
        day = _day(evaluation, {code: school["district"] for code, school in schools.items()})
        if day.day < before:
            yield day


def _quarters_of(reports: Path) -> list[Quarter]:
    try:
        names = [path.name for path in reports.iterdir() if path.is_dir()]
    except OSError as error:
        raise ReportError(f"--reports {reports}: {os_reason(error)}") from error
    found = []
    for folder in names:
        try:
            found.append(Quarter.parse(folder))
        except ReportError:
            continue  # another folder, beside those of quarters
    return sorted(found)


def _day(evaluation: Mapping[str, Any], districts: Mapping[str, str]) -> EvaluationDay:
    """An evaluation as JSON has it: of today or frozen. A school of no known district has none."""
    return EvaluationDay(
        day=date.fromisoformat(evaluation["as_of"]),
        findings=tuple(
            _finding((districts.get(school, ""), school, stage, code), answer)
            for school, stage, code, answer in _answers(evaluation)
        ),
    )


def _answers(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    for section in evaluation["sections"]:
        for code, answer in section["indicators"].items():
            yield section["school_code"], section["stage"], code, answer
    for school in evaluation["wireless"]["schools"]:
        yield school["school_code"], "school", "wireless", school
    for school in evaluation.get("guarantees", ()):
        for code in GUARANTEES:
            if answer := school.get(code):
                yield school["school_code"], "school", code, answer


def _finding(key: tuple[str, str, str, str], answer: Mapping[str, Any]) -> DayFinding:
    gap = answer.get("gap")
    return DayFinding(
        key=key,
        verdict=answer["verdict"],
        reason=joined(*reasons_of(answer.get("reasons"), answer["reason"])),
        value=answer.get("value"),
        threshold=answer.get("threshold"),
        gap=None if gap is None else int(gap),
    )
