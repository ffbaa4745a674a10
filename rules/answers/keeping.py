"""An evaluation kept with all that belongs to its moment: the answers, how everything stood, the names."""

from registry import Registry
from rules.answers.names import name_points
from rules.answers.recording import points
from rules.answers.states import firing_now, standings, state_points
from rules.facts.now import look_now
from rules.judging.evaluate import Evaluation
from rules.stored.charted import Charts
from store import Rejected, Store


def keep(store: Store, registry: Registry, evaluation: Evaluation, now_ms: int) -> list[Rejected]:
    """Store it all in one write; what the store refused comes back. Raises store.Unavailable."""
    items: dict[str, str] = {indicator.code: indicator.item for indicator in evaluation.standard.indicators}
    charts = Charts(registry=registry, items=items)
    answers = points(evaluation, now_ms)
    found = [
        *answers,
        *standings(charts, answers, now_ms),
        *state_points(registry, evaluation, look_now(store, now_ms), firing_now(store), now_ms),
    ]
    return store.write([*map(charts.fill, found), *name_points(store, charts, now_ms)])
