"""Expiry beside the service: a thread that looks now and then, and never stops the rest."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ingest.expiry import expire
from ingest.settings import RetentionSettings
from store import Store, StoreError

log = logging.getLogger("ingest.expiry")

# The first look after a start: what has come meanwhile is stored before.
_FIRST_S = 60.0


@contextmanager
def expiring(store: Store, settings: RetentionSettings, clock: Callable[[], float]) -> Iterator[None]:
    """Let expire what is due until the block ends."""
    ended = threading.Event()

    def look() -> None:
        told = ""
        wait_s = min(settings.every_s, _FIRST_S)
        while not ended.wait(wait_s):
            wait_s = settings.every_s
            try:
                expire(store, settings.retention, now_ms=round(clock() * 1000))
                told = ""
            except (StoreError, RuntimeError) as error:
                if str(error) != told:
                    log.error("what has expired cannot be dropped yet: %s", error)
                told = str(error)

    thread = threading.Thread(target=look, name="expiry", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
