"""The ingest service: receive, store, acknowledge, until told to stop."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from ingest.metrics import Metrics
from ingest.pipeline import Pipeline
from ingest.quarantine import Quarantine
from ingest.receiver import Message, Receiver
from ingest.settings import IngestSettings
from runtime import Health, serve_health
from store import Unavailable, open_store

log = logging.getLogger("ingest")

# How long a stopping service tries to store what it has received.
_PATIENCE_S = 5.0


def run(settings: IngestSettings, stop: threading.Event, *, clock: Callable[[], float] = time.time) -> None:
    """Serve until `stop` is set. Raises StoreError, ConfigError or QuarantineError before any connection."""
    store = open_store(settings.store)
    quarantine = Quarantine(settings.quarantine, max_bytes=settings.quarantine_max_bytes)
    inbox: queue.Queue[Message] = queue.Queue(maxsize=settings.batch.inbox)
    metrics = Metrics(inbox_size=inbox.qsize)
    receiver = Receiver(settings, inbox)
    pipeline = Pipeline(
        inbox=inbox,
        outlet=receiver,
        store=store,
        quarantine=quarantine,
        limits=settings.batch,
        metrics=metrics,
        clock=clock,
    )

    def check() -> Health:
        problem = pipeline.problem or receiver.problem
        if not pipeline.alive:
            problem = "a worker thread has ended; see the log"
        return Health(ok=problem is None, reason=problem or "ok")

    try:
        with serve_health(settings.health, metrics.registry, check):
            if not _prepare(store_prepare=store.prepare, stop=stop):
                return
            pipeline.start()
            receiver.start()
            stop.wait()
            receiver.pause()
            pipeline.stop(patience_s=_PATIENCE_S)
            receiver.stop()
            log.info("stopped")
    finally:
        quarantine.close()
        store.close()


def _prepare(*, store_prepare: Callable[[], None], stop: threading.Event) -> bool:
    """Wait until the store is there; messages stay with broker and gateways meanwhile."""
    told = ""
    while not stop.is_set():
        try:
            store_prepare()
        except Unavailable as error:
            if str(error) != told:
                log.error("the store is not there yet, will try again: %s", error)
            told = str(error)
            stop.wait(1)
        else:
            return True
    return False
