"""Replay: store what stands in quarantine, once the cause is mended."""

from collections.abc import Iterable
from dataclasses import replace

from ingest.batch import Batch
from ingest.decode import SenderCheck
from ingest.late import set_apart
from ingest.quarantine import Entry, Quarantine
from ingest.touched import store_batch
from store import Store


def replay(
    quarantine: Quarantine,
    store: Store,
    entries: Iterable[Entry],
    *,
    now_ms: int,
    senders: SenderCheck | None = None,
) -> tuple[int, int]:
    """Decode and store entries again; gives how many readings were stored and how many entries stay.

    A reading leaves only when the store has it. Raises Unavailable, with the rest untouched. Whose an entry
    is was checked when it came, if it has an address; the others are checked now.
    """
    stored = left = 0
    for listed in entries:
        entry = quarantine.whole(listed)
        if entry is None:
            continue
        batch = Batch()
        check = senders if entry.address is None else None
        batch.read(entry.topic, entry.payload, now_ms, senders=check)
        rejected, _ = set_apart(store, store_batch(store, batch.points) if batch.points else [])
        stays = [*batch.refused, *batch.set_aside(rejected, now_ms)]
        if [entry.id] != [other.id for other in stays]:
            quarantine.replace(entry, [replace(other, received_ms=entry.received_ms) for other in stays])
        stored += len(batch.points) - len(rejected)
        left += bool(stays)
    return stored, left
