"""A replay as JSON, and as a table for a terminal."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from registry import Registry
from rules.alerts.replay import Replayed

_STATUS_NAMES = {"inactive": "正常", "pending": "待确认", "firing": "告警", "withdrawn": "已撤销"}


def to_json(found: Replayed) -> str:
    """Times are UTC; keys are added, never renamed."""
    return json.dumps(
        {
            "instants": found.instants,
            "rounds": found.rounds,
            "transitions": [
                {
                    "time": _utc(change.instant_ms),
                    "district": change.key[0],
                    "school_code": change.key[1],
                    "alert": change.key[2],
                    "subject": change.key[3],
                    "status": change.standing.status,
                    "before": change.before,
                    "value": change.standing.value,
                    "room": change.standing.room,
                    "detail": change.standing.detail,
                }
                for change in found.transitions
            ],
            "messages": [
                {
                    "time": _utc(message.time_ms),
                    "district": message.district,
                    "school_code": message.school,
                    "alert": message.alert,
                    "kind": message.kind,
                    "severity": message.severity,
                    "title": message.title,
                    "body": message.body,
                    "subjects": message.subjects,
                }
                for message in found.messages
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def to_table(found: Replayed, registry: Registry) -> RenderableType:
    """What would have been sent, then every change of status."""
    zone = registry.calendar.zone
    basis = (
        "与实况相同的时刻 the live instants" if found.instants == "recorded" else "等间隔 regular instants"
    )
    head = Text(f"回放 Replay · {found.rounds} 轮 rounds · {basis}")
    sent = Text(f"会发送的消息 Messages · {len(found.messages)}", "italic")
    messages = _table()
    for title in ("时间 Time", "消息 Message"):
        messages.add_column(title, overflow="fold")
    for message in found.messages:
        messages.add_row(_local(message.time_ms, zone), escape(f"{message.title}\n{message.body}"))
    moved = Text(f"状态变化 Transitions · {len(found.transitions)}", "italic")
    changes = _table()
    for title in ("时间 Time", "学校 School", "告警 Alert", "对象 Subject", "状态 Status"):
        changes.add_column(title, overflow="fold")
    for change in found.transitions:
        _, code, alert, subject = change.key
        school = registry.schools.get(code)
        status = f"{_STATUS_NAMES[change.standing.status]} {change.standing.status}"
        name = school.name if school else code
        changes.add_row(_local(change.instant_ms, zone), escape(name), alert, escape(subject), status)
    return Group(head, sent, messages, moved, changes)


def _table() -> Table:
    return Table(box=None, padding=(0, 1, 0, 0), header_style="bold")


def _local(ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _utc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
