"""Rounds into the store, and standings out of it: what was written is all that a restart needs."""

from typing import get_args

from contract import Measurement, Point, Value
from rules.alerts.judging import AlertRound
from rules.alerts.machine import AlertStanding, AlertStatus, worth_keeping
from rules.alerts.notices import AlertKey, Notice
from rules.alerts.rules_file import AlertRule, AlertRules
from rules.stored.tables import ALERT, ALERT_MESSAGE, ALERT_ROUND
from rules.words import stored, to_json, worded
from store import Query, Select, Store

PROGRAM = "watch"
_STATUSES: dict[str, AlertStatus] = {status: status for status in get_args(AlertStatus)}


def program_of(share: str) -> str:
    """Who judged: of several programs that share a store each leaves rounds of its own."""
    return PROGRAM if share == "1/1" else f"{PROGRAM} {share}"


def round_points(rules: AlertRules, found: AlertRound, *, program: str = PROGRAM) -> list[Point]:
    """Every change and notice of a round, and the round itself."""
    by_name = {rule.name: rule for rule in rules.alerts}
    points = [
        change_point(key, standing, found.instant_ms, by_name.get(key[2]))
        for key, standing in found.changes.items()
    ]
    points += [notice_point(notice) for notice in found.notices]
    points.append(_point(ALERT_ROUND, (program,), found.instant_ms, {"judged": found.judged}))
    return points


def change_point(key: AlertKey, standing: AlertStanding, instant_ms: int, rule: AlertRule | None) -> Point:
    """How an alert stands from a moment on. rule None: it is in the file of alerts no more."""
    fields: dict[str, Value | None] = {
        "status": standing.status,
        "severity": rule.severity if rule else None,
        "title": rule.title.zh if rule else None,
        "title_en": rule.title.en if rule else None,
        "since_ms": standing.since_ms,
        "changed_ms": standing.changed_ms,
        "good_since_ms": standing.good_since_ms,
        "seen_good": standing.seen_good,
        "announced": standing.announced,
        "value": standing.value,
        "room": standing.room,
        "detail": worded(standing.detail, "zh"),
        "detail_json": to_json(standing.detail),
        "silent_since_ms": standing.silent_since_ms,
        "missed_ms": standing.missed_ms,
    }
    return _point(ALERT, key, instant_ms, fields)


def notice_point(notice: Notice) -> Point:
    """A message as it was told, in both languages."""
    fields: dict[str, Value | None] = {
        "title": notice.title.zh,
        "title_en": notice.title.en,
        "body": notice.body.zh,
        "body_en": notice.body.en,
        "severity": notice.severity,
        "subjects": notice.subjects,
    }
    tags = (notice.district, notice.school, notice.alert, notice.kind)
    return _point(ALERT_MESSAGE, tags, notice.time_ms, fields)


def read_standings(store: Store, *, until_ms: int | None = None) -> dict[AlertKey, AlertStanding]:
    """Where everything stood before a moment, or stands now; raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=ALERT,
            select=tuple(Select(name) for name in ALERT.field_names),
            group_by=ALERT.tag_names,
            until=until_ms,
            newest=1,
        )
    )
    found: dict[AlertKey, AlertStanding] = {}
    for row in rows:
        values, tags = row.values, row.tags
        key = (tags["district"], tags["school"], tags["alert"], tags["subject"])
        found[key] = AlertStanding(
            status=_STATUSES[str(values["status"])],
            since_ms=int(values["since_ms"] or 0),
            changed_ms=int(values["changed_ms"] or 0),
            good_since_ms=_moment(values["good_since_ms"]),
            seen_good=bool(values["seen_good"]),
            announced=bool(values["announced"]),
            value=None if values["value"] is None else int(values["value"]),
            room=str(values["room"] or ""),
            detail=stored(_text(values["detail_json"]), _text(values["detail"])),
            silent_since_ms=_moment(values["silent_since_ms"]),
            missed_ms=_moment(values["missed_ms"]),
        )
    return {key: standing for key, standing in found.items() if worth_keeping(standing)}


def read_rounds(store: Store, *, since_ms: int, until_ms: int) -> list[int]:
    """The instants at which the live service judged, since <= instant < until."""
    rows = store.query(
        Query(
            measurement=ALERT_ROUND,
            select=(Select("judged"),),
            group_by=("program",),
            since=since_ms,
            until=until_ms,
        )
    )
    return sorted({row.time for row in rows if row.time is not None})


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)


def _moment(value: Value | None) -> int | None:
    return None if value is None else int(value)


def _point(
    measurement: Measurement, tags: tuple[str, ...], time_ms: int, fields: dict[str, Value | None]
) -> Point:
    return Point(measurement, tags, time_ms, tuple(fields.get(name) for name in measurement.field_names))
