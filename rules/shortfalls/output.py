"""The shortfall register as JSON, as CSV, and as a table for a terminal."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text as Styled

from rules.shortfalls.fold import ShortfallState, ShortfallStep
from rules.shortfalls.register import Shortfall, Shortfalls
from rules.words import name, to_list, worded
from runtime.csv_text import csv_text
from runtime.language import Text

_STYLES: dict[ShortfallState, str] = {
    "open": "red",
    "in_progress": "yellow",
    "awaiting": "cyan",
    "closed": "green",
    "reopened": "bold red",
}
# "差距 gap": Chinese for the reader, English for the program that splits at the space.
CSV_HEADERS = (
    "区县 district",
    "学校标识码 school_code",
    "学校名称 name",
    "学段 stage",
    "指标 indicator",
    "指标名称 indicator_name",
    "状态 state",
    "目标 target",
    "现值 value",
    "差距 gap",
    "单位 unit",
    "责任单位 responsible",
    "措施 measure",
    "期限 deadline",
    "逾期 overdue",
    "立项 opened",
    "销号 closed",
    "复发 reopened",
    "达标评估日 passes",
    "最近结论 verdict",
    "最近评估 last_judged",
    "理由 reason",
)


def to_json(found: Shortfalls) -> str:
    """Keys are added, never renamed."""
    return json.dumps(to_dict(found), ensure_ascii=False, indent=2)


def to_dict(found: Shortfalls) -> dict[str, Any]:
    """What JSON says: days as text, an item for every shortfall that was asked for."""
    return {
        "as_of": found.as_of.isoformat(),
        "standard": found.standard,
        "pass_days": found.pass_days,
        "evaluated": _day(found.evaluated),
        "counts": found.counts,
        "items": [_item(row) for row in found.rows],
    }


def to_csv(found: Shortfalls) -> str:
    """A row an item."""
    return csv_text(CSV_HEADERS, _csv_rows(found))


def _csv_rows(found: Shortfalls) -> Iterator[list[str]]:
    for row in found.rows:
        cells = _item(row)
        cells["stage"] = name("stages", cells["stage"], "zh")
        cells["state"] = _both("shortfall_states", row.item.state)
        cells["verdict"] = _both("verdicts", row.item.seen.verdict)
        cells["overdue"] = "是 yes" if row.overdue else ""
        yield [_cell(cells[header.split(" ")[1]]) for header in CSV_HEADERS]


def _both(kind: str, code: str) -> str:
    """As the headings: a word for the reader, the code for a program."""
    return f"{name(kind, code, 'zh')} {code}"


def to_table(found: Shortfalls) -> RenderableType:
    """Counts, then a row an item, worst first."""
    counts = " · ".join(f"{name('shortfall_states', state)} {count}" for state, count in found.counts.items())
    last, days = found.evaluated or "–", found.pass_days
    evaluated = Text(f"评估至 {last}", f"evaluated to {last}")
    head = f"{Text('销号台账', 'Shortfall register')} · {found.standard} · {found.as_of} · {evaluated}"
    note = Text(
        f"连续达标 {days} 个评估日销号；未判定既不立项也不销号",
        f"closed after {days} evaluation days passed; undetermined neither opens nor closes",
    )
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(str(Text("学校", "School")), overflow="fold", min_width=10)
    table.add_column(str(Text("指标", "Indicator")), no_wrap=True)
    table.add_column(str(Text("状态", "State")), no_wrap=True)
    table.add_column(str(Text("现值/目标", "Value/target")), justify="right", no_wrap=True)
    table.add_column(str(Text("差距", "Gap")), justify="right", no_wrap=True)
    table.add_column(str(Text("责任单位", "Responsible")), overflow="fold")
    table.add_column(str(Text("期限", "Deadline")), no_wrap=True)
    for row in found.rows:
        table.add_row(*_cells(row), end_section=True)
    return Group(Styled(head), Styled(counts), Styled(str(note)), table)


def _cells(row: Shortfall) -> tuple[str | Styled, ...]:
    item, known = row.item, row.item.known
    stage = name("stages", item.key[2])
    missing = "–" if known.gap is None else f"{known.gap} {name('units', row.unit)}".strip()
    due = Styled(_day(row.deadline) or "–", "red" if row.overdue else "")
    return (
        escape(f"{row.school}\n{item.key[1]}"),
        f"{item.key[3]} {stage}",
        Styled(name("shortfall_states", item.state), _STYLES[item.state]),
        f"{known.value or '–'}\n{row.sign} {known.threshold or '–'}",
        missing,
        escape(row.responsible or "–"),
        due,
    )


def _item(row: Shortfall) -> dict[str, Any]:
    item, known = row.item, row.item.known
    district, code, stage, indicator = item.key
    return {
        "district": district,
        "school_code": code,
        "name": row.school,
        "stage": stage,
        "indicator": indicator,
        "indicator_name": str(row.indicator),
        "state": item.state,
        "state_name": name("shortfall_states", item.state),
        "target": known.threshold,
        "sign": row.sign,
        "value": known.value,
        "gap": known.gap,
        "unit": row.unit,
        "responsible": row.responsible,
        "measure": row.measure.measure if row.measure else None,
        "deadline": _day(row.deadline),
        "overdue": row.overdue,
        "opened": _day(item.opened),
        "closed": _day(item.closed),
        "reopened": _day(item.reopened),
        "passes": item.passes,
        "verdict": item.seen.verdict,
        "reason": worded(item.seen.reason),
        "reasons": to_list(item.seen.reason),
        "last_judged": _day(item.seen_on),
        "history": [_step(step) for step in item.history],
    }


def _step(step: ShortfallStep) -> dict[str, Any]:
    return {
        "day": _day(step.day),
        "state": step.state,
        "state_name": name("shortfall_states", step.state),
        "reason": worded(step.reason),
        "reasons": to_list(step.reason),
        "value": step.value,
        "gap": step.gap,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _cell(value: object) -> str:
    return "" if value is None else str(value)
