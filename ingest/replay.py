"""Replay: store what stands in quarantine, once the cause is mended."""

from collections.abc import Iterable

from ingest.decode import decode
from ingest.quarantine import Quarantine
from store import Store


def replay(quarantine: Quarantine, store: Store, *, ids: Iterable[str], now_ms: int) -> tuple[int, int]:
    """Decode and store each entry again; gives how many left the quarantine and how many stay.

    An entry leaves only when the store has all of it. Raises Unavailable, with the rest untouched.
    """
    done = left = 0
    for entry in quarantine.entries(ids=ids):
        outcome = decode(entry.topic, entry.payload, now_ms=now_ms)
        if outcome.refused or store.write(outcome.points):
            left += 1
        else:
            quarantine.remove([entry])
            done += 1
    return done, left
