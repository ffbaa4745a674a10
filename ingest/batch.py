"""A batch: what many messages hold, written together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from contract import Address, Point
from ingest.decode import SenderCheck, decode, refused_points, refused_status
from ingest.inbox import Message
from ingest.quarantine import BatchName, Entry
from store import Rejected

Identity = tuple[str, tuple[str, ...], int]
"""What tells one point from another: measurement, tags, time."""


@dataclass(slots=True)
class Batch:
    """What is written together, and whom to tell afterwards."""

    points: list[Point] = field(default_factory=list)
    refused: list[Entry] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    seqs: dict[tuple[Address, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    statuses: dict[Identity, tuple[str, bytes]] = field(default_factory=dict)
    whole: set[BatchName] = field(default_factory=set)

    def read(self, topic: str, payload: bytes, now_ms: int, *, senders: SenderCheck | None = None) -> None:
        """Add what one message holds."""
        outcome = decode(topic, payload, now_ms=now_ms, senders=senders)
        self.points += outcome.points
        if outcome.refused:
            self.refused.append(outcome.refused)
        if outcome.source:
            source = outcome.source
            self.seqs[source.address, source.epoch].add(source.seq)
            if outcome.whole:
                self.whole.add((source.address, source.epoch, source.seq))
        else:
            self.statuses |= {_identity(point): (topic, payload) for point in outcome.points}

    def set_aside(self, rejected: Iterable[Rejected], now_ms: int) -> list[Entry]:
        """What the store will never take, as entries: one for each batch of a gateway."""
        entries: list[Entry] = []
        of_batch: dict[tuple[object, ...], list[Rejected]] = defaultdict(list)
        for item in rejected:
            if status := self.statuses.get(_identity(item.point)):
                entries.append(refused_status(*status, item.reason, now_ms=now_ms))
            else:
                of_batch[(*item.point.tags[:4], item.point.fields[0])].append(item)
        for items in of_batch.values():
            more = f"; and {len(items) - 1} more" if len(items) > 1 else ""
            points = [item.point for item in items]
            entries += refused_points(points, f"{items[0].reason}{more}", now_ms=now_ms)
        return entries


def _identity(point: Point) -> Identity:
    return point.measurement.name, point.tags, point.time
