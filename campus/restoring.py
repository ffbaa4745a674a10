"""A backup's points beside what its store had dropped, and beside what the store already holds."""

import secrets
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from campus.archive import Reader
from contract import READING_KINDS, Point, kept_of
from contract.daybook import DAY_FACTS, TOUCHED
from contract.expiry import EXPIRED
from ingest.batches import expired_rows
from rules.daybook.entry import Place
from rules.daybook.records import read_records
from store import Rejected, Store

PointsOf = Callable[[str], Iterator[Point]]  # of one file of the archive
_BEFORE = "before-"  # how a period is called that lay in a file from before there were classes
_DAY_MS = 86_400_000
_BITS = 62


def dropped_parts(store: Store) -> set[str]:
    """Months of readings that were taken down and are gone; raises store.Unavailable."""
    ends = {row.tags["part"]: int(row.values["until_ms"] or 0) for row in expired_rows(store)}
    return {part for part, end_ms in ends.items() if store.has_dropped("readings", part, end_ms)}


def mark_dropped(archive: Reader, store: Store, points_of: PointsOf) -> set[str]:
    """Let the store know which months had expired, so that their readings are not lost; gives them.

    Those that lie before every reading of the backup. What the store itself has of a month stays there.
    """
    name = f"store/{EXPIRED.name}.jsonl"
    if name not in archive.names("store"):
        return set()
    tag = EXPIRED.tag_names.index("part")
    ends = {point.tags[tag]: int(point.fields[0] or 0) for point in points_of(name)}
    oldest_ms = _oldest_ms(archive, points_of)
    marked = set()
    for part, end_ms in sorted(ends.items(), key=lambda found: found[1]):
        period = part.removeprefix(_BEFORE)
        here = {found.name.removeprefix(_BEFORE) for found in store.parts("readings", end_ms)}
        if period in here or (oldest_ms is not None and oldest_ms < end_ms):
            continue
        for known in {part, period}:
            store.mark_dropped("readings", known, end_ms)
        marked.add(period)
    return marked


def _oldest_ms(archive: Reader, points_of: PointsOf) -> int | None:
    """Begin of the day of the oldest reading; what a table has stands in it day by day."""
    firsts = []
    for table in READING_KINDS.values():
        name = f"store/{table.name}.jsonl"
        if name in archive.names("store"):
            readings = (point.time for point in points_of(name) if kept_of(point) == "readings")
            firsts += list(islice(readings, 1))
    return min(firsts, default=None)


@dataclass(frozen=True)
class Added:
    """What is to be written of a backup that is added to a store with something in it.

    Of a day that the store has counted its own facts stand: the readings may be gone from which they could be
    counted again. All days that the backup touched are counted anew, from what both have of them.
    """

    counted: dict[Place, list[int]] = field(default_factory=dict)
    number: int = field(default_factory=lambda: secrets.randbits(_BITS))

    @classmethod
    def to(cls, store: Store) -> "Added":
        found: dict[Place, list[int]] = defaultdict(list)
        for (begin_ms, place), written in read_records(store, 0, 2**43).items():
            if written.record.readings:
                found[place].append(begin_ms)
        return cls({place: sorted(begins) for place, begins in found.items()})

    def points(self, points: Sequence[Point]) -> list[Point]:
        return [self._point(point) for point in points if not self._stands(point)]

    def _point(self, point: Point) -> Point:
        if point.measurement.name != TOUCHED.name:
            return point
        anew = tuple(None if value is None else self.number for value in point.fields)
        return point._replace(fields=anew)

    def _stands(self, point: Point) -> bool:
        if point.measurement.name not in _FACTS:
            return False
        begins = self.counted.get((point.tags[0], point.tags[1]), [])
        place = bisect_right(begins, point.time)
        return place > 0 and point.time - begins[place - 1] < _DAY_MS


# What is told of a day; that it was touched, or a month counted, is told of readings.
_FACTS = {name for name, table in DAY_FACTS.items() if table.kept == "days" and name != "counted"}


def write(store: Store, points: Sequence[Point], dropped: set[str]) -> list[Rejected]:
    """What lies in a month that had expired and was there all the same, was there to stay."""
    rejected = store.write(points)
    stays = [found.point for found in rejected if _outlived(found, dropped)]
    return [*(found for found in rejected if not _outlived(found, dropped)), *store.keep(stays)]


def _outlived(found: Rejected, dropped: set[str]) -> bool:
    return found.part in dropped and found.point.measurement.name not in READING_KINDS
