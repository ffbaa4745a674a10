"""Readings written to a store, looked at and judged, as the tests of what was observed do."""

from contract import Reading
from registry import Registry
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.indicators import Judgement
from store import Store
from tests.rules.build import BINHAI, CALENDAR
from tests.rules.telemetry import (
    LAST_DAY,
    NOW,
    access_point,
    points,
    polls,
)

DAYS = CALENDAR.school_days_before(LAST_DAY, 20)
ALL_UP = [access_point(time, "up") for time in polls()]


def look(store: Store, registry: Registry, *readings: Reading, now_ms: int = NOW) -> Evaluation:
    assert store.write(points(*readings)) == []
    facts = observe(store, registry, BINHAI, as_of=LAST_DAY, now_ms=now_ms)
    return evaluate(registry, BINHAI, facts, LAST_DAY)


def l7(evaluation: Evaluation) -> Judgement:
    return evaluation.sections[0].judgements["L7"]
