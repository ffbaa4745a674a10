"""What a row of a long list is found by: all that it says, in the reader's language."""

from collections.abc import Iterable

from dashboards.board.figures import AlertLine, GatewayRow, SchoolRow, TroubleLine
from dashboards.board.matrix import SectionLine
from dashboards.board.use import SchoolUse
from dashboards.board.words import page_words
from rules.shortfalls.register import Shortfall
from rules.words import name
from runtime.language import Language


def school_text(language: Language, row: SchoolRow) -> str:
    return _joined(
        row.name,
        row.code,
        name("school_kinds", row.kind, language),
        row.unit,
        *(name("verdicts", item.verdict, language) for item in row.sections),
        name("coverage", row.wireless.verdict, language),
    )


def section_text(language: Language, line: SectionLine) -> str:
    """With each indicator that it does not meet, as "L4 fail" or "L4未达标"."""
    missed = [
        f"{item.indicator}{name('verdicts', item.verdict, language)}"
        for item in line.answers
        if item is not None and item.verdict != "pass"
    ]
    return _joined(
        line.name,
        line.code,
        name("school_kinds", line.kind, language),
        line.unit,
        name("stages", line.stage, language),
        name("verdicts", line.overall.verdict, language),
        *missed,
    )


def shortfall_text(language: Language, row: Shortfall) -> str:
    _, code, stage, indicator = row.item.key
    return _joined(
        row.school,
        code,
        indicator,
        row.indicator.of(language),
        name("stages", stage, language),
        name("shortfall_states", row.item.state, language),
        row.responsible or "",
        row.measure.measure if row.measure else "",
        page_words(language)["register.overdue"] if row.overdue else "",
    )


def use_text(row: SchoolUse) -> str:
    """With the rooms that nobody uses."""
    return _joined(row.name, row.school, row.unit, *(room.name for room in row.unused))


def alert_text(language: Language, line: AlertLine) -> str:
    return _joined(
        line.name,
        line.school,
        line.title.of(language),
        name("severities", line.severity, language),
        *(subject.name.of(language) for subject in line.subjects),
    )


def trouble_text(line: TroubleLine) -> str:
    return _joined(line.name, line.school, *(text for item in line.items for text in (item.place, item.name)))


def gateway_text(language: Language, row: GatewayRow) -> str:
    return _joined(row.name, row.school, row.gateway or "", name("gateway_states", row.state, language))


def _joined(*parts: str | Iterable[str]) -> str:
    return " ".join(str(part) for part in parts if part)
