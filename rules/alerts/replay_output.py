"""A replay as JSON, and as a table for a terminal, in the program's language."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from registry import Registry
from rules.alerts.notices import Notice
from rules.alerts.replay import Change, Replayed
from rules.words import name, reason, to_list, worded


def to_json(found: Replayed) -> str:
    """Times are UTC; keys are added, never renamed."""
    return json.dumps(
        {
            "instants": found.instants,
            "rounds": found.rounds,
            "transitions": [_change(change) for change in found.transitions],
            "messages": [_notice(notice) for notice in found.notices],
        },
        ensure_ascii=False,
        indent=2,
    )


def _change(change: Change) -> dict[str, Any]:
    district, school, alert, subject = change.key
    return {
        "time": _utc(change.instant_ms),
        "district": district,
        "school_code": school,
        "alert": alert,
        "subject": subject,
        "status": change.standing.status,
        "before": change.before,
        "value": change.standing.value,
        "room": change.standing.room,
        "detail": worded(change.standing.detail),
        "details": to_list(change.standing.detail),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "time": _utc(notice.time_ms),
        "district": notice.district,
        "school_code": notice.school,
        "alert": notice.alert,
        "kind": notice.kind,
        "severity": notice.severity,
        "title": str(notice.title),
        "body": str(notice.body),
        "subjects": notice.subjects,
    }


def to_table(found: Replayed, registry: Registry) -> RenderableType:
    """What would have been sent, then every change of status."""
    zone = registry.calendar.zone
    head = Text(_said("head", rounds=found.rounds, instants=reason(f"replay.{found.instants}")))
    sent = Text(_said("notices", number=len(found.notices)), "italic")
    notices = _table("time", "notice")
    for notice in found.notices:
        notices.add_row(_local(notice.time_ms, zone), escape(f"{notice.title}\n{notice.body}"))
    moved = Text(_said("transitions", number=len(found.transitions)), "italic")
    changes = _table("time", "school", "alert", "subject", "status")
    for change in found.transitions:
        _, code, alert, subject = change.key
        school = registry.schools.get(code)
        changes.add_row(
            _local(change.instant_ms, zone),
            escape(school.name if school else code),
            alert,
            escape(subject),
            name("alert_states", change.standing.status),
        )
    return Group(head, sent, notices, moved, changes)


def _said(code: str, **args: Any) -> str:
    return worded(reason(f"replay.{code}", **args))


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(_said(f"column_{column}"), overflow="fold")
    return table


def _local(ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _utc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
