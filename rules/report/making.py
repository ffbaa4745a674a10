"""Making a report: read, judge, compare with the quarter before, write a draft or a frozen version."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from contract import Point
from contract.expiry import HELD
from registry import Registry, read_registry
from registry.calendar_file import FILE as CALENDAR
from rules.answers.inquiry import inquire
from rules.answers.output import to_dict
from rules.facts.facts import Facts
from rules.judging.evaluate import Evaluation
from rules.report.corrections import changes
from rules.report.figures import Frozen
from rules.report.files import render
from rules.report.last_quarter import last_quarter
from rules.report.letterhead import FILE as LETTERHEAD
from rules.report.letterhead import Letterhead, read_letterhead
from rules.report.pdf import pdfs
from rules.report.printed import printed_of
from rules.report.quarter import Quarter, ReportError
from rules.report.report import DOCUMENT, WORKBOOK, Correction, Report
from rules.report.shortfall_list import Noted, shortfall_list
from rules.report.snapshot import Snapshot, digest, draft, freeze, newest
from rules.report.usage import SchoolUsage, usage_of
from rules.shortfalls.register import Shortfalls, shortfalls
from rules.standards.reading import STANDARDS
from rules.standards.standard import Standard
from rules.stored.frozen import Place, fingerprint
from rules.words import name as word
from runtime.language import Text
from store import Store

_LIBRARIES = ("XlsxWriter", "python-docx")
_REGISTRY_FILES = {".csv", ".xlsx", ".toml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. correct: the reason for a new version of what was handed in. pdf: where the machine
    has LibreOffice."""

    quarter: Quarter
    registry: Path
    standard: str | None
    out: Path
    submit: bool = False
    correct: str | None = None
    as_of: date | None = None
    pdf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where the report is; the seal of a frozen one; the report itself; why a PDF asked for is not there."""

    folder: Path
    report: Report
    seal: str | None
    without_pdf: Text | None = None


def make(order: Order, store: Store | None, *, now_ms: int, program: str) -> Made:
    """The whole report. Raises ReportError, RegistryError, StandardError and store.Unavailable."""
    last = newest(order.out, order.quarter)
    _may_be_made(order, last)
    registry = read_registry(order.registry)
    as_of = order.quarter.as_of(registry.calendar.day_of(now_ms), order.as_of)
    inquiry = inquire(registry, order.standard, now_ms=now_ms, as_of=as_of)
    standard, facts = inquiry.standard, inquiry.facts(store)
    usage = (
        None
        if store is None or facts is None
        else usage_of(store, registry, standard, order.quarter, as_of=as_of, until_ms=facts.until_ms)
    )
    before = newest(order.out, order.quarter.previous)
    evaluation = inquiry.judge(facts)
    letterhead = read_letterhead(order.registry)
    noted = _noted(registry, None if store is None else shortfalls(store, registry, standard, as_of=as_of))
    until_ms = min(registry.calendar.end_of(as_of), now_ms + 1)
    report = _report(order, registry, evaluation, usage, noted, letterhead, before, last, until_ms)
    files, without_pdf = _files(order, report)
    if report.version is None:
        folder = draft(order.out, order.quarter, files)
        return Made(folder=folder, report=report, seal=None, without_pdf=without_pdf)
    content = {
        "as_of": as_of.isoformat(),
        "standard": standard.name,
        "data": report.fingerprint,
        "inputs": _inputs(order, standard, facts, usage),
        "versions": {"program": program, **{name: installed(name) for name in _LIBRARIES}},
        "before": None if before is None else _reference(before),
        "corrects": None if last is None else _reference(last) | {"reason": order.correct},
        "evaluation": to_dict(evaluation, "zh"),
        "printed": printed_of(evaluation, noted, usage),
    }
    if store is not None and facts is not None:
        _hold(store, order.quarter, registry, facts, now_ms)
    seal = freeze(order.out, order.quarter, report.version, files, content)
    folder = order.out / str(order.quarter) / f"v{report.version}"
    return Made(folder=folder, report=report, seal=seal, without_pdf=without_pdf)


def _hold(store: Store, quarter: Quarter, registry: Registry, facts: Facts, now_ms: int) -> None:
    """Facts of the days that the report rests on are kept from now on, whatever their class says."""
    first = min((quarter.first, *facts.days))
    since_ms = registry.calendar.end_of(first - timedelta(days=1))
    store.write([Point(HELD, (str(quarter),), now_ms, (since_ms, registry.calendar.end_of(quarter.last)))])


def _files(order: Order, report: Report) -> tuple[dict[str, bytes], Text | None]:
    files = render(report)
    if not order.pdf:
        return files, None
    found, why = pdfs({name: files[name] for name in (DOCUMENT, WORKBOOK)}, day=report.as_of)
    return {**files, **found}, why


def _may_be_made(order: Order, last: Snapshot | None) -> None:
    if order.correct is not None and not order.correct.strip():
        raise ReportError(Text("--correct：请写明更正原因", "--correct: give the reason"))
    if last is not None and order.correct is None:
        quarter, version = order.quarter, last.version
        raise ReportError(
            Text(
                f'--quarter {quarter}：已报送第{version}版；更正请用 --correct "原因"',
                f'--quarter {quarter}: version {version} was handed in; correct it with --correct "reason"',
            )
        )
    if last is None and order.correct is not None:
        raise ReportError(
            Text("--correct：该季度尚未报送", "--correct: nothing was handed in for this quarter")
        )


def _report(
    order: Order,
    registry: Registry,
    evaluation: Evaluation,
    usage: tuple[SchoolUsage, ...] | None,
    noted: Mapping[Place, Noted],
    letterhead: Letterhead,
    before: Snapshot | None,
    last: Snapshot | None,
    until_ms: int,
) -> Report:
    answers = json.loads(json.dumps(to_dict(evaluation, "zh")))
    now = Frozen(answers, json.loads(json.dumps(printed_of(evaluation, noted, usage))))
    correction = None if last is None else _correction(order, registry, last, now)
    compared = None if before is None else last_quarter(before.quarter, before.content["evaluation"])
    data = fingerprint([answers, _plain(usage), _plain(noted), None if before is None else before.seal])
    report = Report(
        quarter=order.quarter,
        version=1 if order.submit else None,
        evaluation=evaluation,
        registry=registry,
        shortfalls=shortfall_list(evaluation, None if compared is None else compared.answers, noted),
        usage=usage,
        last=compared,
        letterhead=letterhead,
        fingerprint=data,
        until_ms=until_ms,
    )
    if last is None or correction is None:
        return report
    if not correction.changes and data == last.content["data"]:
        raise ReportError(
            Text(
                "--correct：与已报送的数据相同，无需更正",
                "--correct: nothing differs from what was handed in",
            )
        )
    return replace(report, version=last.version + 1, correction=correction)


def _noted(registry: Registry, register: Shortfalls | None) -> dict[Place, Noted]:
    """The measures sheet, and where the register's fold has brought each shortfall."""
    written: dict[Place, list[str]] = defaultdict(list)
    for measure in registry.measures:
        written[measure.school_code, measure.stage, measure.indicator].append(measure.measure)
    items = {} if register is None else {row.item.key[1:]: row.item.state for row in register.rows}
    return {
        place: Noted(
            measure="；".join(written.get(place, ())),
            status=word("shortfall_states", items[place], "zh") if place in items else "",
        )
        for place in sorted(written.keys() | items.keys())
    }


def _correction(order: Order, registry: Registry, last: Snapshot, now: Frozen) -> Correction:
    before = Frozen(last.content["evaluation"], last.content.get("printed"))
    return Correction(
        corrects=last.version,
        reason=(order.correct or "").strip(),
        changes=changes(before, now, lambda code: registry.district_title(code).zh),
    )


def _reference(snapshot: Snapshot) -> dict[str, Any]:
    return {"quarter": str(snapshot.quarter), "version": snapshot.version, "seal": snapshot.seal}


def _inputs(
    order: Order, standard: Standard, facts: Facts | None, usage: tuple[SchoolUsage, ...] | None
) -> dict[str, Any]:
    """sha256 of the registry's files and the standard's; what the store answered as one fingerprint."""
    named = order.standard if order.standard and order.standard.endswith(".toml") else None
    file = Path(named) if named else STANDARDS / f"{standard.name}.toml"
    return {
        "registry": {path.name: digest(path.read_bytes()) for path in _registry_files(order.registry)},
        "standard": {file.name: digest(file.read_bytes())},
        "observations": None if facts is None else fingerprint([_plain(facts), _plain(usage)]),
    }


def _registry_files(registry: Path) -> list[Path]:
    """A workbook with what stands beside it, or a folder's sheets; no lock of a workbook that is open."""
    if registry.is_file():
        beside = [registry.with_name(CALENDAR), registry.with_name(LETTERHEAD)]
        return [registry, *(path for path in beside if path.exists())]
    return [
        path
        for path in sorted(registry.iterdir())
        if path.is_file() and path.suffix.lower() in _REGISTRY_FILES and path.name[0] not in "~."
    ]


def _plain(value: Any) -> Any:
    """Dataclasses, dates and tuple keys as JSON can say them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain({name: getattr(value, name) for name in value.__dataclass_fields__})
    return value if value is None or isinstance(value, bool | int | str) else str(value)
