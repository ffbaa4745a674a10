"""What an alert looks at: one table row a signal, from the newest rows of the store at an instant."""

from collections.abc import Callable
from dataclasses import dataclass

from contract import MEASUREMENTS, Measurement
from rules.alerts.machine import Sample
from rules.alerts.rules_file import AlertRule, SignalName
from rules.results import ROOM_COVERAGE, VERDICT
from rules.said import said
from store import Condition, Query, Row, Select, Store

# (district, school code, subject)
Subject = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Where a signal comes from, and how a row becomes a number: the higher the worse, None unknown."""

    measurement: Measurement
    fields: tuple[str, ...]
    subject: tuple[str, ...]
    value: Callable[[Row, int], int | None]
    extra: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    detail: Callable[[Row, int], str] = lambda row, instant_ms: ""


def samples(store: Store, rule: AlertRule, instant_ms: int) -> dict[Subject, Sample]:
    """What is known of every subject at an instant; raises store.Unavailable."""
    signal = SIGNALS[rule.signal]
    where = signal.where
    if rule.signal == "indicator_short":
        where = (*where, Condition("indicator", "=", tuple(rule.indicators)))
    rows = store.query(
        Query(
            measurement=signal.measurement,
            select=tuple(Select(name) for name in signal.fields),
            group_by=("district", "school", *signal.subject, *signal.extra),
            where=where,
            since=max(0, instant_ms - rule.fresh_s * 1000),
            until=instant_ms + 1,
            newest=1,
        )
    )
    newest: dict[Subject, Row] = {}
    for row in rows:
        # What moved to another room has a series in each; the newer one tells where it is.
        key = (row.tags["district"], row.tags["school"], "/".join(row.tags[tag] for tag in signal.subject))
        known = newest.get(key)
        if known is None or (known.time or 0) <= (row.time or 0):
            newest[key] = row
    return {key: _sample(signal, row, instant_ms) for key, row in newest.items()}


def _sample(signal: Signal, row: Row, instant_ms: int) -> Sample:
    return Sample(
        value=signal.value(row, instant_ms),
        room=row.tags.get("room", ""),
        detail=signal.detail(row, instant_ms),
    )


def _down(row: Row, _: int) -> int | None:
    return {"up": 0, "down": 1, "fault": 1}.get(str(row.values["state"]))


def _uncovered(row: Row, _: int) -> int | None:
    return {"pass": 0, "fail": 1}.get(str(row.values["verdict"]))


def _fault(row: Row, _: int) -> int | None:
    """A device that does not answer, or does not say how it is, is not known to be well."""
    if not row.values["reachable"] or row.values["condition"] is None:
        return None
    return int(row.values["condition"] == "error")


def _silence(row: Row, instant_ms: int) -> int:
    return (instant_ms - (row.time or 0)) // 1000


def _silent_for(row: Row, instant_ms: int) -> str:
    minutes = _silence(row, instant_ms) // 60
    return said(f"{minutes} 分钟无消息", f"no word for {minutes} min")


def _reason(row: Row, _: int) -> str:
    return str(row.values["reason"] or "")


def _faults(row: Row, _: int) -> str:
    return str(row.values["faults"] or "")


def _short(row: Row, _: int) -> int | None:
    verdict, gap = row.values["verdict"], row.values["gap"]
    if verdict == "pass":
        return 0
    # A failing rule that states no gap lacks one thing: itself.
    return max(1, int(gap or 1)) if verdict == "fail" else None


SIGNALS: dict[SignalName, Signal] = {
    "access_point_down": Signal(
        measurement=MEASUREMENTS["access_point"],
        fields=("state",),
        subject=("ap",),
        extra=("room",),
        value=_down,
    ),
    "room_uncovered": Signal(
        measurement=ROOM_COVERAGE,
        fields=("verdict", "reason"),
        subject=("room",),
        value=_uncovered,
        detail=_reason,
    ),
    "device_fault": Signal(
        measurement=MEASUREMENTS["room_device"],
        fields=("reachable", "condition", "faults"),
        subject=("device",),
        extra=("room",),
        where=(Condition("type", "=", ("projector", "panel")),),
        value=_fault,
        detail=_faults,
    ),
    "gateway_silent": Signal(
        measurement=MEASUREMENTS["gateway"],
        fields=("online",),
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=_silence,
        detail=_silent_for,
    ),
    "indicator_short": Signal(
        measurement=VERDICT,
        fields=("verdict", "gap", "reason"),
        subject=("stage", "indicator"),
        value=_short,
        detail=_reason,
    ),
}
