"""The shortfall register (销号台账): a pure fold over the last verdicts of each day; only history is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from registry import Measure
from registry.vocabulary import Verdict
from rules.words import NOTHING, Reason, joined, reason

ShortfallState = Literal["open", "in_progress", "awaiting", "closed", "reopened"]
ShortfallEvent = Literal["fails", "measure", "shrinks", "passes", "proven"]
# (district, school code, stage, indicator)
ShortfallKey = tuple[str, str, str, str]

STATES: tuple[ShortfallState, ...] = get_args(ShortfallState)
# What is not in this table changes nothing; an undetermined verdict is no event at all.
TRANSITIONS: dict[tuple[ShortfallState | None, ShortfallEvent], ShortfallState] = {
    (None, "fails"): "open",
    ("open", "measure"): "in_progress",
    ("open", "shrinks"): "in_progress",
    ("open", "passes"): "awaiting",
    ("in_progress", "passes"): "awaiting",
    ("awaiting", "proven"): "closed",
    ("awaiting", "fails"): "in_progress",
    ("closed", "fails"): "reopened",
    ("reopened", "measure"): "in_progress",
    ("reopened", "shrinks"): "in_progress",
    ("reopened", "passes"): "awaiting",
}
# Its gap counts the areas that are known not to be covered, and leaves out what nobody knows.
_COVERAGE = "wireless"
# Where a measure that has begun changes the state.
_MEASURED: frozenset[ShortfallState] = frozenset({"open", "reopened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFinding:
    """One section and indicator on one day: the day's last verdict. Figures are decimal text."""

    key: ShortfallKey
    verdict: Verdict
    reason: Reason = NOTHING
    value: str | None = None
    threshold: str | None = None
    gap: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationDay:
    """All findings of one evaluation day."""

    day: date
    findings: tuple[DayFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallStep:
    """One change of an item's state, and why."""

    day: date
    state: ShortfallState
    reason: Reason
    value: str | None
    gap: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallItem:
    """One shortfall. `known` is the last finding that was a pass or a fail, `seen` the last of all.

    passes: evaluation days passed since it last failed. first_gap: when it was opened or reopened.
    """

    key: ShortfallKey
    state: ShortfallState
    opened: date
    known: DayFinding
    seen: DayFinding
    seen_on: date
    passes: int = 0
    first_gap: int | None = None
    closed: date | None = None
    reopened: date | None = None
    history: tuple[ShortfallStep, ...] = field(default=())


ShortfallRegister = Mapping[ShortfallKey, ShortfallItem]


def fold(
    days: Iterable[EvaluationDay],
    *,
    pass_days: int,
    measures: Mapping[tuple[str, str, str], Sequence[Measure]],
    start: ShortfallRegister | None = None,
) -> ShortfallRegister:
    """The register after these days, in their order; going on from `start` equals going in one go.

    measures: by (school code, stage, indicator).
    """
    items = dict(start or {})
    # What a year says again day after day is noted, and brought into its item once.
    again: dict[ShortfallKey, _Again] = {}
    for day in days:
        for finding in day.findings:
            key = finding.key
            item, planned = items.get(key), measures.get(key[1:], ())
            if item is not None and finding is item.seen and _rests(item, planned):
                again[key] = _Again(day.day, again[key].times + 1 if key in again else 1)
                continue
            if item is not None and key in again:
                item = _repeated(item, again.pop(key))
            item = step(item, finding, day.day, planned, pass_days)
            if item is not None:
                items[key] = item
    for key, repeated in again.items():
        items[key] = _repeated(items[key], repeated)
    return items


class _Again(NamedTuple):
    """The last day on which an item's finding came again, and how often it did."""

    day: date
    times: int


def _rests(item: ShortfallItem, measures: Sequence[Measure]) -> bool:
    """Whether the same finding once more leaves the state as it is: every event of it has been."""
    if item.seen.verdict == "pass":
        return item.state == "closed"
    return not measures or item.state not in _MEASURED


def _repeated(item: ShortfallItem, again: _Again) -> ShortfallItem:
    passes = item.passes + again.times if item.seen.verdict == "pass" else item.passes
    return replace(item, seen_on=again.day, passes=passes)


def step(
    item: ShortfallItem | None, finding: DayFinding, day: date, measures: Sequence[Measure], pass_days: int
) -> ShortfallItem | None:
    """One item after one day's finding; None while there is nothing to keep."""
    if item is None:
        if finding.verdict != "fail":
            return None
        item = _opened(finding, day)
    item = _seen(item, finding, day)
    if finding.verdict == "fail" and (item.state, "fails") in TRANSITIONS:
        item = _move(item, "fails", day, _failing(item, finding))
    if item.state in _MEASURED and (running := _running(item, measures, day)):
        item = _move(item, "measure", day, reason("register.measure", measure=running.measure))
    if finding.verdict == "fail" and _shrank(item, finding) and (item.state, "shrinks") in TRANSITIONS:
        why = reason("register.shrinks", first=str(item.first_gap), gap=str(finding.gap))
        item = _move(item, "shrinks", day, why)
    if finding.verdict == "pass":
        item = _passed(item, finding, day, pass_days)
    return item


def _seen(item: ShortfallItem, finding: DayFinding, day: date) -> ShortfallItem:
    passes = {"fail": 0, "pass": item.passes + 1, "undetermined": item.passes}[finding.verdict]
    known = item.known if finding.verdict == "undetermined" else finding
    return replace(item, seen=finding, seen_on=day, known=known, passes=passes)


def _opened(finding: DayFinding, day: date) -> ShortfallItem:
    first = ShortfallStep(day=day, state="open", reason=finding.reason, value=finding.value, gap=finding.gap)
    return ShortfallItem(
        key=finding.key,
        state="open",
        opened=day,
        known=finding,
        seen=finding,
        seen_on=day,
        first_gap=finding.gap,
        history=(first,),
    )


def _failing(item: ShortfallItem, finding: DayFinding) -> Reason:
    event = "relapsed" if item.state == "closed" else "sent_back"
    return joined(reason(f"register.{event}"), finding.reason)


def _passed(item: ShortfallItem, finding: DayFinding, day: date, pass_days: int) -> ShortfallItem:
    waiting = joined(reason("register.waiting", pass_days=pass_days), finding.reason)
    item = _move(item, "passes", day, waiting)
    if item.passes >= pass_days:
        why = joined(reason("register.proven", passes=item.passes), finding.reason)
        item = _move(item, "proven", day, why)
    return item


def _running(item: ShortfallItem, measures: Sequence[Measure], day: date) -> Measure | None:
    """A measure that counts: begun by this day, and after a relapse begun no earlier than that."""
    for measure in measures:
        if measure.started is None:
            begun = item.reopened is None
        else:
            begun = measure.started <= day and (item.reopened is None or measure.started >= item.reopened)
        if begun:
            return measure
    return None


def _shrank(item: ShortfallItem, finding: DayFinding) -> bool:
    """An area that is only no longer known to be uncovered makes nothing smaller: more must be covered."""
    if finding.gap is None or item.first_gap is None or finding.gap >= item.first_gap:
        return False
    if item.key[-1] != _COVERAGE:
        return True
    first = next(step.value for step in reversed(item.history) if step.state in _MEASURED)
    if first is None or finding.value is None:
        return False
    return Fraction(finding.value) > Fraction(first)


def _move(item: ShortfallItem, event: ShortfallEvent, day: date, why: Reason) -> ShortfallItem:
    state = TRANSITIONS.get((item.state, event))
    if state is None:
        return item
    entry = ShortfallStep(day=day, state=state, reason=why, value=item.seen.value, gap=item.seen.gap)
    changed = replace(item, state=state, history=(*item.history, entry))
    if state == "closed":
        return replace(changed, closed=day)
    if state == "reopened":
        return replace(changed, reopened=day, first_gap=item.seen.gap)
    return changed
