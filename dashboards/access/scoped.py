"""A store that holds only a reader's own part: what is outside is not there, whatever a page asks for."""

from collections.abc import Sequence
from dataclasses import replace

from contract import Measurement, Point
from dashboards.access.roles import Scope
from rules.stored.rounds import HEARTBEAT, WHOLE
from rules.stored.tables import DISTRICT_INDICATOR
from runtime.language import Text
from store import Condition, Query, Rejected, Row, Store, StoreError
from store.tally import Tallied, Tally

# In the place of a district or a school: what concerns all of them.
ALL = "all"
# Says nothing about any school: only when the alerts were judged.
_COMMON = frozenset({"alert_round"})


_COUNT = "passing"
# The times of evaluations, and the days that had any.
_TIMES = {(_COUNT, None), (WHOLE, None)}
_DAYS = {("as_of", "count")}


def _asks_for_moments(query: Query) -> bool:
    """Whether a query asks for the heartbeats of evaluations, and nothing of a district's figures beside."""
    heartbeats = query.measurement.name == DISTRICT_INDICATOR.name and all(
        condition in query.where for condition in HEARTBEAT
    )
    selected = {(item.field, item.aggregate) for item in query.select}
    return heartbeats and selected in (_TIMES, _DAYS)


class OutsideScope(StoreError):
    """Someone tried to write about what is not theirs."""


class ScopedStore(Store):
    """The store within a scope. It shares the other's connections, and closing it closes nothing."""

    def __init__(self, store: Store, scope: Scope) -> None:
        self._store = store
        self._scope = scope
        self.name = store.name

    def prepare(self) -> None:
        self._store.prepare()

    def close(self) -> None:
        """The store behind belongs to whoever opened it."""

    def query(self, query: Query) -> list[Row]:
        """A table that does not say whose a row is has none for anyone who may not see all."""
        fences = self._fences(query.measurement)
        if fences is None:
            return self._moments(query) if _asks_for_moments(query) else []
        return self._store.query(replace(query, where=(*query.where, *fences)))

    def _moments(self, query: Query) -> list[Row]:
        """When evaluations were, and nothing else of them: what stands in them hangs on that."""
        found = self._store.query(query)
        return [
            Row(
                row.tags,
                row.time,
                {name: None if name == _COUNT else told for name, told in row.values.items()},
            )
            for row in found
        ]

    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        fenced = [(tally, self._fences(tally.measurement)) for tally in tallies]
        asked = [
            replace(tally, where=(*tally.where, *fences)) for tally, fences in fenced if fences is not None
        ]
        answers = iter(self._store.tally(asked) if asked else ())
        return [next(answers) if fences is not None else {} for _, fences in fenced]

    def _fences(self, measurement: Measurement) -> tuple[Condition, ...] | None:
        """What narrows a table down to the scope; None: nothing of it is inside."""
        if measurement.name in _COMMON:
            return ()
        fences: list[Condition] = []
        for tag, allowed in (("district", self._scope.districts), ("school", self._scope.schools)):
            if allowed is None:
                continue
            if not allowed or tag not in measurement.tag_names:
                return None
            fences.append(Condition(tag, "=", (*allowed, ALL)))
        return tuple(fences)

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        """Raises OutsideScope where any of the points is about something else; none is written then."""
        check_inside(self._scope, points)
        return self._store.write(points)


def check_inside(scope: Scope, points: Sequence[Point]) -> None:
    """Raises OutsideScope where any of the points is about something that the scope does not hold."""
    for point in points:
        tags = dict(zip(point.measurement.tag_names, point.tags, strict=True))
        if not scope.holds(tags.get("district", ""), tags.get("school", "")):
            raise OutsideScope(Text("不在您的权限范围内", "this is not within your scope"))
