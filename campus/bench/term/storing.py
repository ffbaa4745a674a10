"""Points into a store that is busy: what it does not take now is written again, as ingest does it."""

import time
from collections.abc import Sequence

from contract import Point
from store import Store, Unavailable

_TIMES, _WAIT_S = 6, 5.0


def store_all(store: Store, points: Sequence[Point]) -> None:
    """Raises Unavailable where the store takes nothing for half a minute, RuntimeError where it refuses."""
    for again in range(_TIMES):
        try:
            rejected = store.write(points)
        except Unavailable:
            if again == _TIMES - 1:
                raise
            time.sleep(_WAIT_S)
            continue
        if rejected:
            raise RuntimeError(rejected[0].reason)
        return
