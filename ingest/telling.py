"""Tells the store what stands in quarantine, for the board to show: when it changes, and every hour."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from contract import Point
from contract.quarantined import QUARANTINE, TOLD_EVERY_MS
from ingest.quarantine import Quarantine, QuarantineError, Standing
from ingest.selection import kind_of
from store import Store, StoreError

log = logging.getLogger("ingest.telling")

# A flood changes it all the time; nobody looks more often than this.
_LOOK_S = 15.0
_PATIENCE_S = 5.0


@contextmanager
def telling(
    quarantine: Quarantine, store: Store, name: str | None, clock: Callable[[], float]
) -> Iterator[None]:
    """Tell until the block ends, in a thread of its own: a store that is away holds up nobody here."""
    told = Telling(quarantine, store, name=name or socket.gethostname())
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            try:
                told.tell(round(clock() * 1000))
            except Exception:
                # Nothing that is acknowledged hangs on it: the service goes on without.
                log.exception("the quarantine's account cannot be told for a reason that nobody foresaw")
            ended.wait(_LOOK_S)

    thread = threading.Thread(target=run, name="ingest-telling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_PATIENCE_S)


class Telling:
    """What was told last, and whether it is due again."""

    def __init__(self, quarantine: Quarantine, store: Store, *, name: str) -> None:
        self._quarantine, self._store = quarantine, store
        self._name = name
        self._told: tuple[object, int] | None = None

    def tell(self, now_ms: int) -> None:
        """Write the account where it is due. What goes wrong is tried again with the next look."""
        try:
            mark = self._quarantine.mark()
            if self._told is not None and self._told[0] == mark and now_ms - self._told[1] < TOLD_EVERY_MS:
                return
            self._store.write(self._points(now_ms))
        except (QuarantineError, StoreError) as error:
            log.debug("the quarantine's account waits: %s", error)
        else:
            self._told = mark, now_ms

    def _points(self, now_ms: int) -> list[Point]:
        """First all together, then each gateway that can be told."""
        standings = self._quarantine.standings()
        entries, readings = (
            sum(standing.entries for standing in standings),
            sum(standing.readings for standing in standings),
        )
        newest = max((standing.newest_ms for standing in standings), default=None)
        together = Point(QUARANTINE, (self._name, "", "", ""), now_ms, (entries, readings, newest, None))
        return [together, *(self._point(standing, now_ms) for standing in standings if standing.district)]

    def _point(self, standing: Standing, now_ms: int) -> Point:
        place = (self._name, standing.district, standing.school, standing.gateway)
        numbers = (standing.entries, standing.readings, standing.newest_ms)
        return Point(QUARANTINE, place, now_ms, (*numbers, kind_of(standing.reason)))
