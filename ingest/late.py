"""Readings that come when their time is over.

Of a batch that was stored and has expired nothing is new: it is let go and acknowledged, as if it were stored
once more. What was never there is set aside like everything that the store refuses. A gateway sends a batch
again whose acknowledgement was lost, and a spool that was restored sends all it has.
"""

from collections.abc import Sequence

from contract import READING_KINDS
from ingest.batches import SPOOL, Spool, read_batches
from store import Rejected, Store


def set_apart(store: Store, rejected: Sequence[Rejected]) -> tuple[list[Rejected], list[Rejected]]:
    """What is to be set aside, and what expired once already; raises store.Unavailable."""
    known: dict[tuple[str, Spool], set[int]] = {}
    new: list[Rejected] = []
    expired: list[Rejected] = []
    for refused in rejected:
        point = refused.point
        if not refused.part or point.measurement.name not in READING_KINDS:
            new.append(refused)
            continue
        spool = point.tags[: len(SPOOL)]
        key = (refused.part, spool)
        if key not in known:
            known[key] = read_batches(store, *key)
        (expired if point.fields[0] in known[key] else new).append(refused)
    return new, expired
