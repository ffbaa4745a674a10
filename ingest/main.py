"""The ingest service: receive, store, acknowledge, until told to stop."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ingest.inbox import Inbox
from ingest.metrics import Metrics
from ingest.pipeline import Pipeline
from ingest.quarantine import Quarantine
from ingest.receiver import Receiver
from ingest.settings import IngestSettings, SenderSettings
from ingest.telling import telling
from ingest.upkeep import expiring
from runtime import Health, serve_health
from store import Unavailable, open_store

if TYPE_CHECKING:
    from ingest.senders import Senders

log = logging.getLogger("ingest")

# How long a stopping service tries to store what it has received.
_PATIENCE_S = 5.0
# How often it is looked whether everything is still at work.
_LOOK_S = 0.5


def run(settings: IngestSettings, stop: threading.Event, *, clock: Callable[[], float] = time.time) -> None:
    """Serve until `stop` is set. Raises StoreError, ConfigError or QuarantineError before any connection.

    Where a worker ends unexpectedly the rest is ended too, and what ended it is raised.
    """
    senders = open_senders(settings.trust)
    store = open_store(settings.store)
    quarantine = Quarantine(
        settings.quarantine,
        max_bytes=settings.quarantine_max_bytes,
        school_bytes=round(settings.quarantine_max_bytes * settings.limits.school_quarantine_share),
    )
    inbox = Inbox(size=settings.batch.inbox, limits=settings.limits)
    metrics = Metrics(inbox_size=inbox.__len__)
    broken = threading.Event()
    receiver = Receiver(settings, inbox, metrics=metrics, on_failure=broken.set)
    pipeline = Pipeline(
        inbox=inbox,
        outlet=receiver,
        store=store,
        quarantine=quarantine,
        limits=settings.batch,
        metrics=metrics,
        clock=clock,
        on_failure=broken.set,
        senders=senders,
    )

    def check() -> Health:
        problem = pipeline.problem or receiver.problem or (senders and senders.problem)
        return Health(ok=problem is None, reason=problem or "ok")

    try:
        with serve_health(settings.health, metrics.registry, check):
            if not _prepare(store_prepare=store.prepare, stop=stop):
                return
            pipeline.start()
            receiver.start()
            with expiring(store, settings.retention, clock), telling(quarantine, store, settings.name, clock):
                while not (stop.wait(_LOOK_S) or broken.is_set() or not receiver.alive):
                    pass
            receiver.pause()
            pipeline.stop(patience_s=_PATIENCE_S)
            receiver.stop()
            _raise_failure(pipeline.failed or receiver.failed, told=stop.is_set())
            log.info("stopped")
    finally:
        quarantine.close()
        store.close()


def open_senders(settings: SenderSettings | None) -> "Senders | None":
    """Who tells whose a message is, where the settings name a roster; raises ConfigError."""
    if settings is None:
        return None
    # Only where somebody is enrolled is the library needed that checks signatures.
    from ingest.senders import Senders

    return Senders(settings)


def _raise_failure(failure: BaseException | None, *, told: bool) -> None:
    if failure is not None:
        raise RuntimeError("a worker of ingest has ended unexpectedly") from failure
    if not told:
        raise RuntimeError("the receiver of ingest has ended unexpectedly")


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
