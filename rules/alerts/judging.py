"""One round of alerts at one instant: pure given the samples, so that replay equals what was live."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.alerts.machine import NOTHING, Elapsed, Sample, Standing, advance
from rules.alerts.messages import Key, Message, plan
from rules.alerts.rules_file import AlertRule, AlertRules
from rules.alerts.signals import Subject, samples
from rules.calendar import Calendar
from rules.registry import Registry
from store import Store

Samples = Mapping[str, Mapping[Subject, Sample]]


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one instant brought: where everything stands, what of it changed, what is to be told."""

    instant_ms: int
    judged: int
    standings: Mapping[Key, Standing]
    changes: Mapping[Key, Standing]
    messages: tuple[Message, ...]


def look(store: Store, rules: AlertRules, instant_ms: int) -> Samples:
    """The samples of every rule at an instant, by alert; raises store.Unavailable."""
    return {rule.name: samples(store, rule, instant_ms) for rule in rules.alerts}


def judge(
    rules: AlertRules,
    registry: Registry,
    standings: Mapping[Key, Standing],
    seen: Samples,
    instant_ms: int,
) -> Round:
    """Advance every subject that was seen, retire what has no rule any more, and plan the messages."""
    in_hours = registry.calendar.in_school_hours(instant_ms)
    found = {key: _retired(standing, key, rules, instant_ms) for key, standing in standings.items()}
    judged = 0
    for rule in rules.alerts:
        if rule.counts == "school_hours" and not in_hours:
            continue
        elapsed = _elapsed(rule, registry.calendar)
        for (district, school, subject), sample in seen[rule.name].items():
            key = (district, school, rule.name, subject)
            judged += 1
            found[key] = advance(rule, found.get(key, NOTHING), sample, instant_ms, elapsed)
    messages, announced = plan(rules, found, registry, instant_ms, in_school_hours=in_hours)
    found |= announced
    return Round(
        instant_ms=instant_ms,
        judged=judged,
        standings={key: standing for key, standing in found.items() if _worth_keeping(standing)},
        changes={key: found[key] for key in sorted(found) if found[key] != standings.get(key, NOTHING)},
        messages=tuple(messages),
    )


def _elapsed(rule: AlertRule, calendar: Calendar) -> Elapsed:
    return calendar.school_ms if rule.counts == "school_hours" else lambda begin, end: end - begin


def _retired(standing: Standing, key: Key, rules: AlertRules, instant_ms: int) -> Standing:
    """An alert whose rule is gone is over, and nothing is told about it."""
    if any(rule.name == key[2] for rule in rules.alerts) or standing == NOTHING:
        return standing
    return Standing(changed_ms=instant_ms) if standing.status != "inactive" else NOTHING


def _worth_keeping(standing: Standing) -> bool:
    return standing.status != "inactive" or standing.announced or standing.seen_good
