"""Where an alert stands: a pure function of where it stood, what is observed, and now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rules.alerts.rules_file import AlertRule
from rules.words import NOTHING, Reason

AlertStatus = Literal["inactive", "pending", "firing", "withdrawn"]
# Milliseconds that count between two moments: all of them, or those in school hours.
Elapsed = Callable[[int, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What was observed of a subject. A value of None is not known, and changes nothing."""

    value: int | None
    room: str = ""
    detail: Reason = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What is known of a subject that has no fresh sample.

    heard_ms: its last word. missed_ms: the first whole round after that, in which it was not.
    gone_ms: a whole round so much later that it counts as taken away. None: there was none yet.
    """

    heard_ms: int
    missed_ms: int | None = None
    gone_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStanding:
    """All that an alert remembers of one subject; value, room and detail are those of its last change.

    since_ms: when the trouble began. good_since_ms: it fires, but is well since then.
    announced: the last word that went out is that it fires.
    silent_since_ms: its last word, where nothing fresh is known of it; missed_ms: as in Absence.
    """

    status: AlertStatus = "inactive"
    since_ms: int = 0
    changed_ms: int = 0
    good_since_ms: int | None = None
    seen_good: bool = False
    announced: bool = False
    value: int | None = None
    room: str = ""
    detail: Reason = NOTHING
    silent_since_ms: int | None = None
    missed_ms: int | None = None


NEVER_SEEN = AlertStanding()


def advance(
    rule: AlertRule, standing: AlertStanding, sample: Sighting, now_ms: int, elapsed: Elapsed
) -> AlertStanding:
    """The next standing; the very same object's equal where nothing changes."""
    heard = _heard(standing)
    if sample.value is None:
        return heard
    if sample.value >= rule.fires_at:
        changed = _bad(rule, heard, now_ms, elapsed)
    elif heard.status == "firing":
        changed = _firing_no_more(rule, heard, sample.value, now_ms, elapsed)
    else:
        changed = _calm(rule, heard, sample.value, now_ms)
    if changed == standing:
        return standing
    return replace(changed, value=sample.value, room=sample.room, detail=sample.detail)


def worth_keeping(standing: AlertStanding) -> bool:
    """Whether the next round needs to know of it: what is over, and told, begins anew."""
    if standing.status in {"inactive", "withdrawn"}:
        return standing.announced or standing.seen_good
    return True


def stirs(rule: AlertRule, standing: AlertStanding, value: int | None) -> bool:
    """Whether a sample of this value could change the standing: a False is certain."""
    if standing.status != "inactive" or standing.silent_since_ms is not None:
        return True
    if value is None:
        return False
    may_fire = not _good(rule) or standing.seen_good
    return may_fire if value >= rule.fires_at else not may_fire and value <= rule.recovers_at


def miss(standing: AlertStanding, absence: Absence) -> AlertStanding:
    """The next standing of a subject without a fresh sample: silent, never well."""
    return replace(standing, silent_since_ms=absence.heard_ms, missed_ms=absence.missed_ms)


def withdraw(standing: AlertStanding, now_ms: int, why: Reason) -> AlertStanding:
    """What is gone for good ends without a claim that it is well; what was told of it is taken back."""
    if standing.status == "inactive":
        # A resolution that is still to be told is; any other memory of it is let go.
        return replace(standing, seen_good=False) if standing.announced else NEVER_SEEN
    return replace(
        standing,
        status="withdrawn",
        changed_ms=now_ms,
        good_since_ms=None,
        seen_good=False,
        detail=why,
    )


def _heard(standing: AlertStanding) -> AlertStanding:
    """A word of it ends the silence; what comes back after it was withdrawn begins anew."""
    if standing.status == "withdrawn":
        return replace(standing, status="inactive", silent_since_ms=None, missed_ms=None)
    if standing.silent_since_ms is None:
        return standing
    return replace(standing, silent_since_ms=None, missed_ms=None)


def _bad(rule: AlertRule, standing: AlertStanding, now_ms: int, elapsed: Elapsed) -> AlertStanding:
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
    rule: AlertRule, standing: AlertStanding, value: int, now_ms: int, elapsed: Elapsed
) -> AlertStanding:
    """Between the two thresholds it goes on firing, and what was well so far does not count."""
    if value > rule.recovers_at:
        return replace(standing, good_since_ms=None)
    since = now_ms if standing.good_since_ms is None else standing.good_since_ms
    if elapsed(since, now_ms) < rule.recover_for_s * 1000:
        return replace(standing, good_since_ms=since)
    return replace(standing, status="inactive", changed_ms=now_ms, good_since_ms=None, seen_good=_good(rule))


def _calm(rule: AlertRule, standing: AlertStanding, value: int, now_ms: int) -> AlertStanding:
    seen_good = standing.seen_good or (_good(rule) and value <= rule.recovers_at)
    if standing.status == "pending":
        return replace(standing, status="inactive", changed_ms=now_ms, seen_good=seen_good)
    return replace(standing, seen_good=seen_good)


def _good(rule: AlertRule) -> bool:
    """Only a rule that asks for it remembers that something was well: every memory is a row."""
    return rule.fires_from == "good"
