"""An evaluation kept with what belongs to its moment: what changed of the answers, how everything stood."""

from registry import Registry
from rules.answers.changes import Changes
from rules.answers.names import name_points
from rules.answers.recording import points
from rules.answers.states import firing_now, others_firing, standings, state_points
from rules.answers.strays import stray_points
from rules.facts.now import look_now
from rules.judging.evaluate import Evaluation
from rules.stored.charted import Charts
from rules.stored.states import SCHOOL_STATE
from store import Query, Rejected, Select, Store, StoreError

# How everything stands is told no more often than this: a chart shows no more, and a district has many rooms.
STATES_MS = 5 * 60_000


def keep(
    store: Store,
    registry: Registry,
    evaluation: Evaluation,
    now_ms: int,
    changes: Changes | None = None,
    *,
    whole: Registry | None = None,
) -> list[Rejected]:
    """Store it all in one write; what the store refused comes back. Raises store.Unavailable.

    changes: what was stored before by the same program, so that only what has changed is stored.
    whole: where `registry` is the part that one of several programs judges, all of it.
    """
    changes = changes if changes is not None else Changes()
    items: dict[str, str] = {indicator.code: indicator.item for indicator in evaluation.standard.indicators}
    charts = Charts(registry=registry, items=items)
    answers = list(map(charts.fill, points(evaluation, now_ms)))
    beside = list(map(charts.fill, standings(charts, answers, now_ms)))
    found = changes.of([*answers, *beside], as_of=evaluation.as_of.isoformat(), now_ms=now_ms)
    try:
        if _states_due(store, now_ms):
            now, firing = look_now(store, now_ms), firing_now(store)
            states = (
                *state_points(registry, evaluation, now, firing, now_ms),
                *others_firing(whole or registry, firing, now_ms),
                *stray_points(store, registry, whole or registry, now, now_ms),
            )
            found += map(charts.fill, states)
        rejected = store.write([*found, *name_points(store, charts, now_ms)])
    except StoreError:
        changes.forget()
        raise
    if rejected:
        changes.forget()
    return rejected


def _states_due(store: Store, now_ms: int) -> bool:
    """The store itself says when they were told last: whoever evaluates, and however often."""
    recent = Query(
        measurement=SCHOOL_STATE,
        select=(Select("gateways"),),
        since=now_ms - STATES_MS + 1,
        until=now_ms + 1,
        newest=1,
    )
    return not store.query(recent)
