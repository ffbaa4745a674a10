"""What an alert looks at: one table row a signal, from the newest rows of the store at an instant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from contract import DISPLAY_TYPES, MEASUREMENTS, Measurement
from registry.vocabulary import OVERALL
from rules.alerts import certificates, of_gateways
from rules.alerts.machine import Sighting
from rules.alerts.rules_file import AlertRule, SignalName
from rules.stored.rounds import newest_standing, read_rounds_of
from rules.stored.states import CERTIFICATE, ROOM_STATE, STRAY
from rules.stored.tables import ROOM_COVERAGE, VERDICT
from rules.words import NOTHING, Reason, faults_reason, reason, stored
from store import Condition, Query, Row, Select, Store

# (district, school code, subject)
SubjectKey = tuple[str, str, str]
Rounds = Literal["collector", "evaluation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSignal:
    """Where a signal comes from, and how a row becomes a number: the higher the worse, None unknown.

    rounds: what goes round by itself and would show a subject that is still there.
    whose: strangers are what the registry does not have, be it a school; what is the bureau's has no school.
    bad, good: what holds for every row whose number may be above 0, or is 0; None: its age decides.
    """

    measurement: Measurement
    fields: tuple[str, ...]
    subject: tuple[str, ...]
    value: Callable[[Row, int], int | None]
    rounds: Rounds | None = None
    whose: Literal["school", "strangers", "bureau"] = "school"
    bad: tuple[Condition, ...] | None = None
    good: tuple[Condition, ...] | None = None
    where: tuple[Condition, ...] = ()
    detail: Callable[[Row, int], Reason] = lambda row, instant_ms: NOTHING


def samples(store: Store, rule: AlertRule, instant_ms: int) -> dict[SubjectKey, Sighting]:
    """What is known of every subject at an instant; raises store.Unavailable."""
    since_ms = max(0, instant_ms - rule.fresh_s * 1000)
    rows = newest_rows(newest_of(store, rule, since_ms=since_ms, until_ms=instant_ms + 1), rule)
    return {subject: sample_of(rule, row, instant_ms) for subject, row in rows.items()}


def newest_of(
    store: Store, rule: AlertRule, *, since_ms: int, until_ms: int, where: tuple[Condition, ...] = ()
) -> list[Row]:
    """The newest row of every series in a span; of an evaluation's answers as they stood then."""
    query = query_of(rule, since_ms=since_ms, until_ms=until_ms, newest=1, where=where)
    if SIGNALS[rule.signal].rounds != "evaluation":
        return store.query(query)
    return newest_standing(store, query, read_rounds_of(store, since=since_ms, until=until_ms))


def query_of(
    rule: AlertRule,
    *,
    since_ms: int,
    until_ms: int,
    newest: int | None = None,
    where: tuple[Condition, ...] = (),
) -> Query:
    """The rows that a rule looks at. Each series is a group: the newest row of one is never ambiguous."""
    signal = SIGNALS[rule.signal]
    if rule.signal == "indicator_short":
        asked = Condition("indicator", "=", rule.indicators)
        where = (*where, asked if rule.indicators else Condition("indicator", "!=", OVERALL))
    return Query(
        measurement=signal.measurement,
        select=tuple(Select(name) for name in signal.fields),
        group_by=signal.measurement.tag_names,
        where=(*signal.where, *where),
        since=since_ms,
        until=until_ms,
        newest=newest,
    )


def newest_rows(rows: Iterable[Row], rule: AlertRule) -> dict[SubjectKey, Row]:
    """The newest row of every subject: what moved to another room has a series in each."""
    newest: dict[SubjectKey, Row] = {}
    for row in rows:
        subject = subject_of(rule, row)
        known = newest.get(subject)
        if known is None or supersedes(row, known):
            newest[subject] = row
    return newest


def supersedes(row: Row, known: Row) -> bool:
    """Whether a row is the newer one; of two at one moment, that of the later series in order of tags."""
    if row.time != known.time:
        return (row.time or 0) > (known.time or 0)
    return tuple(row.tags.values()) >= tuple(known.tags.values())


def subject_of(rule: AlertRule, row: Row) -> SubjectKey:
    tags = row.tags
    return tags["district"], tags["school"], "/".join(tags[tag] for tag in SIGNALS[rule.signal].subject)


def sample_of(rule: AlertRule, row: Row, instant_ms: int) -> Sighting:
    """What a row says of its subject at a moment; a value of None says nothing."""
    signal = SIGNALS[rule.signal]
    return Sighting(
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


def _unanswered(row: Row, _: int) -> int:
    return int(not row.values["reachable"])


def _on(row: Row, _: int) -> int | None:
    return {"on": 1, "warming": 1, "off": 0, "cooling": 0}.get(str(row.values["power"]))


def _busy(row: Row, _: int) -> int | None:
    busy = row.values["utilisation_pct"]
    return None if busy is None else int(busy)


def _unused(row: Row, _: int) -> int | None:
    unused = row.values["unused"]
    return None if unused is None else int(unused)


def _lessons(row: Row, _: int) -> Reason:
    known, due = row.values["lessons_known"], row.values["lessons_due"]
    return reason("alert.lessons", known=int(known or 0), due=int(due or 0))


def _busy_with(row: Row, _: int) -> Reason:
    clients = row.values["clients"]
    return NOTHING if clients is None else reason("alert.clients", number=int(clients))


def _reason(row: Row, _: int) -> Reason:
    return stored(_text(row, "reason_json"), _text(row, "reason"))


def _faults(row: Row, _: int) -> Reason:
    return faults_reason(_text(row, "faults"))


def _text(row: Row, name: str) -> str | None:
    value = row.values[name]
    return None if value is None else str(value)


def _short(row: Row, _: int) -> int | None:
    verdict, gap = row.values["verdict"], row.values["gap"]
    if verdict == "pass":
        return 0
    # A failing rule that states no gap lacks one thing: itself.
    return max(1, int(gap or 1)) if verdict == "fail" else None


SIGNALS: dict[SignalName, AlertSignal] = {
    "access_point_down": AlertSignal(
        measurement=MEASUREMENTS["access_point"],
        fields=("state",),
        subject=("ap",),
        value=_down,
        rounds="collector",
        bad=(Condition("state", "=", ("down", "fault")),),
        good=(Condition("state", "=", "up"),),
    ),
    "room_uncovered": AlertSignal(
        measurement=ROOM_COVERAGE,
        fields=("verdict", "reason", "reason_json"),
        subject=("room",),
        value=_uncovered,
        rounds="evaluation",
        bad=(Condition("verdict", "=", "fail"),),
        good=(Condition("verdict", "=", "pass"),),
        detail=_reason,
    ),
    "device_fault": AlertSignal(
        measurement=MEASUREMENTS["room_device"],
        fields=("reachable", "condition", "faults"),
        subject=("device",),
        where=(Condition("type", "=", DISPLAY_TYPES),),
        value=_fault,
        rounds="collector",
        bad=(Condition("condition", "=", "error"),),
        good=(Condition("condition", "=", ("ok", "warning")),),
        detail=_faults,
    ),
    "gateway_silent": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=("online",),
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.silence,
        detail=of_gateways.silent_for,
    ),
    "clock_wrong": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=("clock_offset_ms",),
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.clock_wrong,
        detail=of_gateways.clock,
    ),
    "indicator_short": AlertSignal(
        measurement=VERDICT,
        fields=("verdict", "gap", "reason", "reason_json"),
        subject=("stage", "indicator"),
        value=_short,
        rounds="evaluation",
        bad=(Condition("verdict", "=", "fail"),),
        good=(Condition("verdict", "=", "pass"),),
        detail=_reason,
    ),
    "device_silent": AlertSignal(
        measurement=MEASUREMENTS["room_device"],
        fields=("reachable",),
        subject=("device",),
        where=(Condition("type", "=", DISPLAY_TYPES),),
        value=_unanswered,
        rounds="collector",
        bad=(Condition("reachable", "=", False),),
        good=(Condition("reachable", "=", True),),
    ),
    "display_on": AlertSignal(
        measurement=MEASUREMENTS["room_device"],
        fields=("reachable", "power"),
        subject=("device",),
        where=(Condition("type", "=", DISPLAY_TYPES),),
        value=_on,
        rounds="collector",
        bad=(Condition("power", "=", ("on", "warming")),),
        good=(Condition("power", "=", ("off", "cooling")),),
    ),
    "radio_busy": AlertSignal(
        measurement=MEASUREMENTS["radio"],
        fields=("utilisation_pct", "clients"),
        subject=("ap", "radio"),
        value=_busy,
        rounds="collector",
        bad=(Condition("utilisation_pct", ">", 0),),
        good=(Condition("utilisation_pct", "=", 0),),
        detail=_busy_with,
    ),
    "spool_waiting": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=("online", "pending", "inherited", "oldest_pending", "clock_offset_ms"),
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.waiting,
        detail=of_gateways.waiting_for,
    ),
    "spool_full": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=("online", "spool_max_bytes", "spool_room_bytes"),
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.spool_full,
        detail=of_gateways.room_left,
    ),
    "certificate_ended": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=("online", "certificate_until", "certificate_renews", "certificate_trouble"),
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.certificate_ended,
        detail=of_gateways.certificate_ends,
    ),
    "settings_behind": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=of_gateways.SETTINGS,
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.settings_behind,
        detail=of_gateways.settings_told,
    ),
    "settings_taken_back": AlertSignal(
        measurement=MEASUREMENTS["gateway"],
        fields=of_gateways.SETTINGS,
        subject=("gateway",),
        where=(Condition("online", "=", True),),
        value=of_gateways.settings_taken_back,
        detail=of_gateways.settings_told,
    ),
    "unregistered": AlertSignal(
        measurement=STRAY,
        fields=("present", "reason", "reason_json"),
        subject=("name",),
        value=lambda row, _: int(row.values["present"] or 0),
        rounds="evaluation",
        bad=(Condition("present", "=", 1),),
        good=(Condition("present", "=", 0),),
        detail=_reason,
        whose="strangers",
    ),
    "bureau_certificate_ended": AlertSignal(
        measurement=CERTIFICATE,
        fields=("watched", "until_ms", "why"),
        subject=("name",),
        value=certificates.ended,
        detail=certificates.ends,
        whose="bureau",
    ),
    "room_unused": AlertSignal(
        measurement=ROOM_STATE,
        fields=("unused", "lessons_known", "lessons_due"),
        subject=("room",),
        value=_unused,
        rounds="evaluation",
        bad=(Condition("unused", "=", 1),),
        good=(Condition("unused", "=", 0),),
        detail=_lessons,
    ),
}
