"""What is told to people: one message a school, alert and kind, planned by a pure function."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from registry import Registry
from rules.alerts.machine import Standing
from rules.alerts.rules_file import AlertRule, AlertRules
from runtime.said import said

Kind = Literal["firing", "resolved", "withdrawn"]
# (district, school code, alert, subject)
Key = tuple[str, str, str, str]

_LINES = 20  # so many subjects are named in one message
_ENDS = {"resolved": "恢复", "withdrawn": "撤销"}
_SEVERITIES = {"info": "提示", "warning": "警告", "critical": "严重"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, whole."""

    time_ms: int
    district: str
    school: str
    alert: str
    kind: Kind
    severity: str
    title: str
    body: str
    subjects: int


def plan(
    rules: AlertRules,
    standings: Mapping[Key, Standing],
    registry: Registry,
    now_ms: int,
    *,
    in_school_hours: bool,
) -> tuple[list[Message], dict[Key, Standing]]:
    """Messages that are due, and the standings that they announce.

    Only the difference between what is and what was last told is ever said: what comes and goes while it
    may not be sent is not told at all.
    """
    by_name = {rule.name: rule for rule in rules.alerts}
    groups: dict[tuple[str, str, str, Kind], list[Key]] = defaultdict(list)
    untold = {key: kind for key, one in standings.items() if (kind := _untold(one)) is not None}
    for key, kind in sorted(untold.items()):
        if key[2] in by_name:
            groups[(*key[:3], kind)].append(key)
    messages: list[Message] = []
    announced: dict[Key, Standing] = {}
    for (*_, name, kind), keys in groups.items():
        rule = by_name[name]
        waited = now_ms - min(standings[key].changed_ms for key in keys)
        if waited < rules.group_wait_s * 1000 or (rule.sends == "school_hours" and not in_school_hours):
            continue
        told = {key: standings[key] for key in keys}
        messages.append(_message(rule, kind, told, registry, now_ms))
        for key, standing in told.items():
            announced[key] = replace(standing, announced=kind == "firing")
    return messages, announced


def _untold(standing: Standing) -> Kind | None:
    if standing.status == "firing" and not standing.announced:
        return "firing"
    if standing.status == "inactive" and standing.announced:
        return "resolved"
    if standing.status == "withdrawn" and standing.announced:
        return "withdrawn"
    return None


def _message(
    rule: AlertRule, kind: Kind, told: Mapping[Key, Standing], registry: Registry, now_ms: int
) -> Message:
    district, code, _, _ = next(iter(told))
    school = registry.schools.get(code)
    name = school.name if school else code
    template = {"firing": rule.firing, "resolved": rule.resolved, "withdrawn": rule.withdrawn}[kind]
    lines = [_line(template, key, one, name, registry, now_ms) for key, one in list(told.items())[:_LINES]]
    if len(told) > _LINES:
        lines.append(said(f"…另有 {len(told) - _LINES} 项", f"and {len(told) - _LINES} more"))
    lines += [f"{key}: {value}" for key, value in sorted(rule.labels.items())]
    state = _ENDS.get(kind, _SEVERITIES[rule.severity])
    return Message(
        time_ms=now_ms,
        district=district,
        school=code,
        alert=rule.name,
        kind=kind,
        severity=rule.severity,
        title=f"【{state}】{name} · {rule.title} · {len(told)}",
        body="\n".join(lines),
        subjects=len(told),
    )


def _line(template: str, key: Key, one: Standing, school: str, registry: Registry, now_ms: int) -> str:
    line = template.format(
        school=school,
        room=_room(registry, key[1], one.room),
        subject=key[3],
        value="–" if one.value is None else one.value,
        detail=one.detail,
        minutes=(now_ms - one.since_ms) // 60_000,
    ).strip()
    if one.status != "firing" or one.silent_since_ms is None:
        return line
    since = local_minute(one.silent_since_ms, registry.calendar.zone)
    return f"{line} ({said(f'自 {since} 无消息', f'nothing heard since {since}')})"


def local_minute(moment_ms: int, zone: ZoneInfo) -> str:
    """09-28 08:10, as a clock at the school shows it."""
    return datetime.fromtimestamp(moment_ms // 1000, zone).strftime("%m-%d %H:%M")


def _room(registry: Registry, code: str, room: str) -> str:
    for known in registry.rooms_of.get(code, ()):
        if known.room == room:
            return known.name or room
    return room
