"""Where an alert stands: a pure function of where it stood, what is observed, and now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rules.alerts.rules_file import AlertRule

Status = Literal["inactive", "pending", "firing"]
# Milliseconds that count between two moments: all of them, or those in school hours.
Elapsed = Callable[[int, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was observed of a subject. A value of None is not known, and changes nothing."""

    value: int | None
    room: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that an alert remembers of one subject; value, room and detail are those of its last change.

    since_ms: when the trouble began. good_since_ms: it fires, but is well since then.
    announced: the last word that went out is that it fires.
    """

    status: Status = "inactive"
    since_ms: int = 0
    changed_ms: int = 0
    good_since_ms: int | None = None
    seen_good: bool = False
    announced: bool = False
    value: int | None = None
    room: str = ""
    detail: str = ""


NOTHING = Standing()


def advance(rule: AlertRule, standing: Standing, sample: Sample, now_ms: int, elapsed: Elapsed) -> Standing:
    """The next standing; the very same object's equal where nothing changes."""
    if sample.value is None:
        return standing
    if sample.value >= rule.fires_at:
        changed = _bad(rule, standing, now_ms, elapsed)
    elif standing.status == "firing":
        changed = _firing_no_more(rule, standing, sample.value, now_ms, elapsed)
    else:
        changed = _calm(rule, standing, sample.value, now_ms)
    if changed == standing:
        return standing
    return replace(changed, value=sample.value, room=sample.room, detail=sample.detail)


def _bad(rule: AlertRule, standing: Standing, now_ms: int, elapsed: Elapsed) -> Standing:
    if standing.status == "firing":
        return replace(standing, good_since_ms=None)
    if standing.status == "inactive":
        if rule.fires_from == "good" and not standing.seen_good:
            return standing
        standing = replace(standing, status="pending", since_ms=now_ms, changed_ms=now_ms)
    if elapsed(standing.since_ms, now_ms) < rule.for_s * 1000:
        return standing
    return replace(standing, status="firing", changed_ms=now_ms)


def _firing_no_more(
    rule: AlertRule, standing: Standing, value: int, now_ms: int, elapsed: Elapsed
) -> Standing:
    """Between the two thresholds it goes on firing, and what was well so far does not count."""
    if value > rule.recovers_at:
        return replace(standing, good_since_ms=None)
    since = now_ms if standing.good_since_ms is None else standing.good_since_ms
    if elapsed(since, now_ms) < rule.recover_for_s * 1000:
        return replace(standing, good_since_ms=since)
    return replace(standing, status="inactive", changed_ms=now_ms, good_since_ms=None, seen_good=_good(rule))


def _calm(rule: AlertRule, standing: Standing, value: int, now_ms: int) -> Standing:
    seen_good = standing.seen_good or (_good(rule) and value <= rule.recovers_at)
    if standing.status == "pending":
        return replace(standing, status="inactive", changed_ms=now_ms, seen_good=seen_good)
    return replace(standing, seen_good=seen_good)


def _good(rule: AlertRule) -> bool:
    """Only a rule that asks for it remembers that something was well: every memory is a row."""
    return rule.fires_from == "good"
