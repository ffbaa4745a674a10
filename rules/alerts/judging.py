"""One round of alerts at one instant: pure given the samples, so that replay equals what was live."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry import Registry
from registry.calendar import Calendar
from rules.alerts.absence import Absences, registered
from rules.alerts.machine import (
    NOTHING,
    Absence,
    Elapsed,
    Sample,
    Standing,
    advance,
    miss,
    withdraw,
    worth_keeping,
)
from rules.alerts.messages import Key, Message, local_minute, plan
from rules.alerts.rules_file import AlertRule, AlertRules
from rules.alerts.signals import Subject, samples
from runtime.said import said
from store import Store

Samples = Mapping[str, Mapping[Subject, Sample]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What an instant shows: the samples of every rule by its name, and what is known of the unseen."""

    samples: Samples
    absences: Mapping[Key, Absence] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one instant brought: where everything stands, what of it changed, what is to be told."""

    instant_ms: int
    judged: int
    standings: Mapping[Key, Standing]
    changes: Mapping[Key, Standing]
    messages: tuple[Message, ...]


def look(
    store: Store, rules: AlertRules, registry: Registry, standings: Mapping[Key, Standing], instant_ms: int
) -> Seen:
    """What the store knows at an instant; raises store.Unavailable."""
    seen = {rule.name: samples(store, rule, instant_ms) for rule in rules.alerts}
    return complete(Absences(store), seen, rules, registry, standings, instant_ms)


def complete(
    absences: Absences,
    seen: Samples,
    rules: AlertRules,
    registry: Registry,
    standings: Mapping[Key, Standing],
    instant_ms: int,
) -> Seen:
    """Samples, and beside them what is known of everything else that pends or fires."""
    counting = [rule for rule in rules.alerts if counts(rule, registry.calendar, instant_ms)]
    return Seen(samples=seen, absences=absences.look(counting, registry, standings, seen, instant_ms))


def judge(
    rules: AlertRules,
    registry: Registry,
    standings: Mapping[Key, Standing],
    seen: Seen,
    instant_ms: int,
) -> Round:
    """Advance every subject that was seen, end what is no longer there, and plan the messages."""
    in_hours = registry.calendar.in_school_hours(instant_ms)
    by_name = {rule.name: rule for rule in rules.alerts}
    found = {
        key: _ended(standing, key, by_name.get(key[2]), registry, instant_ms)
        for key, standing in standings.items()
    }
    judged = 0
    for rule in rules.alerts:
        if not counts(rule, registry.calendar, instant_ms):
            continue
        elapsed = _elapsed(rule, registry.calendar)
        for (district, school, subject), sample in seen.samples[rule.name].items():
            key = (district, school, rule.name, subject)
            if registered(registry, rule, key):
                judged += 1
                found[key] = advance(rule, found.get(key, NOTHING), sample, instant_ms, elapsed)
    for key, absence in seen.absences.items():
        found[key] = _absent(found[key], absence, registry, instant_ms)
    messages, announced = plan(rules, found, registry, instant_ms, in_school_hours=in_hours)
    found |= announced
    return Round(
        instant_ms=instant_ms,
        judged=judged,
        standings={key: standing for key, standing in found.items() if worth_keeping(standing)},
        changes={key: found[key] for key in sorted(found) if found[key] != standings.get(key, NOTHING)},
        messages=tuple(messages),
    )


def counts(rule: AlertRule, calendar: Calendar, instant_ms: int) -> bool:
    """Whether a moment counts for a rule; where it does not, the rule's alerts stand still."""
    return rule.counts == "always" or calendar.in_school_hours(instant_ms)


def _elapsed(rule: AlertRule, calendar: Calendar) -> Elapsed:
    return calendar.school_ms if rule.counts == "school_hours" else lambda begin, end: end - begin


def _ended(
    standing: Standing, key: Key, rule: AlertRule | None, registry: Registry, instant_ms: int
) -> Standing:
    """An alert whose rule is gone is over, and nothing is told; what the registry let go is withdrawn."""
    if rule is None:
        return Standing(changed_ms=instant_ms) if standing.status != "inactive" else NOTHING
    if standing.status == "withdrawn" or registered(registry, rule, key):
        return standing
    return withdraw(standing, instant_ms, said("登记表中已没有", "no longer in the registry"))


def _absent(standing: Standing, absence: Absence, registry: Registry, instant_ms: int) -> Standing:
    silent = miss(standing, absence)
    if absence.gone_ms is None:
        return silent
    since = local_minute(absence.heard_ms, registry.calendar.zone)
    why = said(f"采集完整，{since} 起不再出现", f"rounds are whole, not in them since {since}")
    return withdraw(silent, instant_ms, why)
