"""The shortfall register as JSON, as CSV, and as a table for a terminal."""

import csv
import io
import json
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from registry.vocabulary import STAGE_NAMES, VERDICT_NAMES
from rules.shortfalls.fold import STATE_NAMES, State, Step
from rules.shortfalls.register import Shortfall, Shortfalls
from rules.words import to_list, worded

_STYLES: dict[State, str] = {
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
    return {
        "as_of": found.as_of.isoformat(),
        "standard": found.standard,
        "pass_days": found.pass_days,
        "evaluated": _day(found.evaluated),
        "counts": found.counts,
        "items": [_item(row) for row in found.rows],
    }


def to_csv(found: Shortfalls) -> str:
    """A row an item; the first mark tells Excel that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADERS)
    for row in found.rows:
        one = _item(row)
        one["stage"] = STAGE_NAMES[one["stage"]]
        one["state"] = f"{STATE_NAMES[row.item.state]} {row.item.state}"
        one["verdict"] = f"{VERDICT_NAMES[row.item.seen.verdict]} {row.item.seen.verdict}"
        one["overdue"] = "是 yes" if row.overdue else ""
        writer.writerow([_cell(one[header.split(" ")[1]]) for header in CSV_HEADERS])
    return "\ufeff" + text.getvalue()


def to_table(found: Shortfalls) -> RenderableType:
    """Counts, then a row an item, worst first."""
    counts = " · ".join(f"{STATE_NAMES[state]} {count}" for state, count in found.counts.items())
    last = found.evaluated or "–"
    head = Text(
        f"销号台账 Shortfall register · {found.standard} · {found.as_of} · 评估至 evaluated to {last}"
    )
    note = Text(
        f"连续达标 {found.pass_days} 个评估日销号；未判定既不立项也不销号 / closed after "
        f"{found.pass_days} evaluation days passed; undetermined neither opens nor closes"
    )
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("学校\nSchool", overflow="fold", min_width=10)
    table.add_column("指标\nIndicator", no_wrap=True)
    table.add_column("状态\nState", no_wrap=True)
    table.add_column("现值/目标\nValue/target", justify="right", no_wrap=True)
    table.add_column("差距\nGap", justify="right", no_wrap=True)
    table.add_column("责任单位\nResponsible", overflow="fold")
    table.add_column("期限\nDeadline", no_wrap=True)
    for row in found.rows:
        table.add_row(*_cells(row), end_section=True)
    return Group(head, Text(counts), note, table)


def _cells(row: Shortfall) -> tuple[str | Text, ...]:
    item, known = row.item, row.item.known
    stage = STAGE_NAMES[item.key[2]]
    missing = "–" if known.gap is None else f"{known.gap} {row.unit}".strip()
    due = Text(_day(row.deadline) or "–", "red" if row.overdue else "")
    return (
        escape(f"{row.school}\n{item.key[1]}"),
        f"{item.key[3]} {stage}",
        Text(STATE_NAMES[item.state], _STYLES[item.state]),
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
        "indicator_name": row.indicator,
        "state": item.state,
        "state_name": STATE_NAMES[item.state],
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


def _step(step: Step) -> dict[str, Any]:
    return {
        "day": _day(step.day),
        "state": step.state,
        "state_name": STATE_NAMES[step.state],
        "reason": worded(step.reason),
        "reasons": to_list(step.reason),
        "value": step.value,
        "gap": step.gap,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # A spreadsheet runs a cell that begins like a formula.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
