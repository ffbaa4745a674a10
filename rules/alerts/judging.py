"""One round of alerts at one instant: pure given the samples, so that replay equals what was live."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from registry import Registry
from registry.calendar import Calendar
from rules.alerts.absence import Absences, registered
from rules.alerts.machine import (
    NEVER_SEEN,
    Absence,
    AlertStanding,
    Elapsed,
    Sighting,
    advance,
    miss,
    withdraw,
    worth_keeping,
)
from rules.alerts.notices import AlertKey, Notice, local_minute, plan
from rules.alerts.rules_file import AlertRule, AlertRules
from rules.alerts.signals import SubjectKey, samples
from rules.stored.retirements import Retirements, read_retirements
from rules.stored.silences import Silences, read_silences
from rules.words import reason
from store import Store

Sightings = Mapping[str, Mapping[SubjectKey, Sighting]]


@dataclass(frozen=True, kw_only=True)
class Observations:
    """What an instant shows: the samples of every rule by its name, and what is known of the unseen."""

    sightings: Sightings
    absences: Mapping[AlertKey, Absence] = field(default_factory=dict)
    retired: Retirements = field(default_factory=Retirements)
    silences: Silences = field(default_factory=Silences)


@dataclass(frozen=True, kw_only=True)
class AlertRound:
    """What one instant brought: where everything stands, what of it changed, what is to be told."""

    instant_ms: int
    judged: int
    standings: Mapping[AlertKey, AlertStanding]
    changes: Mapping[AlertKey, AlertStanding]
    notices: tuple[Notice, ...]


def look(
    store: Store,
    rules: AlertRules,
    registry: Registry,
    standings: Mapping[AlertKey, AlertStanding],
    instant_ms: int,
) -> Observations:
    """What the store knows at an instant; raises store.Unavailable."""
    seen = {rule.name: samples(store, rule, instant_ms) for rule in rules.alerts}
    retired = read_retirements(store, until_ms=instant_ms + 1)
    silences = read_silences(store)
    return complete(Absences(store), seen, rules, registry, standings, instant_ms, retired, silences)


def complete(
    absences: Absences,
    seen: Sightings,
    rules: AlertRules,
    registry: Registry,
    standings: Mapping[AlertKey, AlertStanding],
    instant_ms: int,
    retired: Retirements,
    silences: Silences,
) -> Observations:
    """Samples, and beside them what is known of everything else that pends or fires."""
    counting = [rule for rule in rules.alerts if counts(rule, registry.calendar, instant_ms)]
    return Observations(
        sightings=seen,
        absences=absences.look(counting, registry, standings, seen, instant_ms),
        retired=retired,
        silences=silences,
    )


def judge(
    rules: AlertRules,
    registry: Registry,
    standings: Mapping[AlertKey, AlertStanding],
    seen: Observations,
    instant_ms: int,
) -> AlertRound:
    """Advance every subject that was seen, end what is no longer there, and plan the notices."""
    in_hours = registry.calendar.in_school_hours(instant_ms)
    by_name = {rule.name: rule for rule in rules.alerts}
    today = registry.calendar.day_of(instant_ms)

    def retired(key: AlertKey) -> bool:
        _, school, _, subject = key
        return seen.retired.any_on(school, subject, today)

    found = {
        key: _retired(standing, instant_ms)
        if retired(key)
        else _ended(standing, key, by_name.get(key[2]), registry, instant_ms)
        for key, standing in standings.items()
    }
    judged = 0
    for rule in rules.alerts:
        if not counts(rule, registry.calendar, instant_ms):
            continue
        elapsed = _elapsed(rule, registry.calendar)
        for (district, school, subject), sample in seen.sightings[rule.name].items():
            key = (district, school, rule.name, subject)
            if registered(registry, rule, key) and not retired(key):
                judged += 1
                excused = _excused(rule, sample, in_school_hours=in_hours)
                found[key] = advance(rule, found.get(key, NEVER_SEEN), excused, instant_ms, elapsed)
    for key, absence in seen.absences.items():
        if retired(key):
            continue
        found[key] = _absent(found[key], absence, registry, instant_ms)
    notices, announced = plan(
        rules,
        found,
        registry,
        instant_ms,
        in_school_hours=in_hours,
        silences=seen.silences.at(instant_ms),
    )
    found |= announced
    return AlertRound(
        instant_ms=instant_ms,
        judged=judged,
        standings={key: standing for key, standing in found.items() if worth_keeping(standing)},
        changes={key: found[key] for key in sorted(found) if found[key] != standings.get(key, NEVER_SEEN)},
        notices=tuple(notices),
    )


def counts(rule: AlertRule, calendar: Calendar, instant_ms: int) -> bool:
    """Whether a moment counts for a rule; where it does not, the rule's alerts stand still."""
    return rule.counts != "school_hours" or calendar.in_school_hours(instant_ms)


def _elapsed(rule: AlertRule, calendar: Calendar) -> Elapsed:
    if rule.counts == "school_hours":
        return calendar.school_ms
    if rule.counts == "outside_school_hours":
        # Where nobody judged while school was on, its hours are not counted either.
        return lambda begin, end: end - begin - calendar.school_ms(begin, end)
    return lambda begin, end: end - begin


def _excused(rule: AlertRule, sample: Sighting, *, in_school_hours: bool) -> Sighting:
    """What is bad outside school hours alone is well in them; what is not known stays so."""
    if rule.counts != "outside_school_hours" or not in_school_hours or sample.value is None:
        return sample
    return replace(sample, value=min(sample.value, rule.recovers_at))


def _ended(
    standing: AlertStanding, key: AlertKey, rule: AlertRule | None, registry: Registry, instant_ms: int
) -> AlertStanding:
    """An alert whose rule is gone is over, and nothing is told; what the registry let go is withdrawn."""
    if rule is None:
        return AlertStanding(changed_ms=instant_ms) if standing.status != "inactive" else NEVER_SEEN
    if standing.status == "withdrawn" or registered(registry, rule, key):
        return standing
    return withdraw(standing, instant_ms, reason("alert.unregistered"))


def _retired(standing: AlertStanding, instant_ms: int) -> AlertStanding:
    """What is out of service has no alerts: one that stood is withdrawn."""
    if standing.status in {"inactive", "withdrawn"}:
        return standing
    return withdraw(standing, instant_ms, reason("alert.retired"))


def _absent(standing: AlertStanding, absence: Absence, registry: Registry, instant_ms: int) -> AlertStanding:
    silent = miss(standing, absence)
    if absence.gone_ms is None:
        return silent
    since = local_minute(absence.heard_ms, registry.calendar.zone)
    return withdraw(silent, instant_ms, reason("alert.gone", since=since))
