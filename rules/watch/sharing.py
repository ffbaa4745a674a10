"""What a process of several that share a store counts and judges: whole districts, by a hash, no coordinator.

Each counts the days of its own schools, wherever they are. A district is judged, with its alerts, by one of
them alone: from the day book, as the others wrote it, for its figures need all its schools.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from contract import Measurement, Point
from registry import Registry
from rules.daybook.share import Share
from store import Condition, Query, Rejected, Row, Store, Tallied, Tally


@dataclass(frozen=True)
class Part:
    """A registry's districts that a share judges."""

    whole: Registry
    share: Share

    @cached_property
    def registry(self) -> Registry:
        """The registry of these districts alone; no school is counted with one of another district."""
        if self.share.of == 1:
            return self.whole
        schools = {
            code: school for code, school in self.whole.schools.items() if self.share.judges(school.district)
        }
        return replace(
            self.whole,
            schools=schools,
            rooms=tuple(room for room in self.whole.rooms if room.school_code in schools),
            statistics={key: value for key, value in self.whole.statistics.items() if key[0] in schools},
        )

    def store(self, store: Store) -> Store:
        """The store without the districts that others judge."""
        others = {school.district for school in self.whole.schools.values()}
        # What belongs to no district (the bureau's certificates) is judged by one of them as well.
        others = {district for district in (*others, "") if not self.share.judges(district)}
        return Fenced(store, tuple(sorted(others))) if others else store


class Fenced(Store):
    """A store in which some districts are not there; it shares the other's connections."""

    def __init__(self, store: Store, districts: tuple[str, ...]) -> None:
        self._store = store
        self._fence = Condition("district", "!=", districts)
        self.name = store.name

    @property
    def visible_after_s(self) -> float:
        return self._store.visible_after_s

    def prepare(self) -> None:
        self._store.prepare()

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        return self._store.write(points)

    def keep(self, points: Sequence[Point]) -> list[Rejected]:
        return self._store.keep(points)

    def query(self, query: Query) -> list[Row]:
        return self._store.query(replace(query, where=(*query.where, *self._of(query.measurement))))

    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        return self._store.tally(
            [replace(tally, where=(*tally.where, *self._of(tally.measurement))) for tally in tallies]
        )

    def close(self) -> None:
        """The store behind belongs to whoever opened it."""

    def _of(self, measurement: Measurement) -> tuple[Condition, ...]:
        return (self._fence,) if "district" in measurement.tag_names else ()
