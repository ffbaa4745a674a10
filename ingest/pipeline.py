"""Batches: decoded, stored or quarantined, and only then acknowledged."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Protocol

from contract import Ack, encode, utc_text
from ingest.batch import Batch
from ingest.metrics import Metrics
from ingest.quarantine import Entry, Quarantine, QuarantineError
from ingest.receiver import Message
from ingest.settings import BatchSettings
from store import Store, Unavailable

log = logging.getLogger("ingest.pipeline")

_BACKOFF_S = (0.5, 1, 2, 5, 10, 30)
_IDLE_S = 0.2
_WRITERS = 2


class Outlet(Protocol):
    """Where acknowledgements go: the receiver."""

    def settle(self, messages: list[Message]) -> None: ...
    def publish(self, topic: str, payload: bytes) -> None: ...


class Pipeline:
    """Threads: one decodes the next batch while two write, so that neither we nor the store stand idle."""

    def __init__(
        self,
        *,
        inbox: "queue.Queue[Message]",
        outlet: Outlet,
        store: Store,
        quarantine: Quarantine,
        limits: BatchSettings,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox, self._outlet = inbox, outlet
        self._store, self._quarantine = store, quarantine
        self._limits, self._metrics = limits, metrics
        self._clock = clock
        # Two batches being written, one ready, one being decoded: no more is held in memory.
        self._ready: queue.Queue[Batch | None] = queue.Queue(maxsize=1)
        self._draining = threading.Event()
        self._abandon = threading.Event()
        self._threads = [
            threading.Thread(target=self._decode, name="ingest-decode"),
            *(threading.Thread(target=self._write, name=f"ingest-write-{n}") for n in range(_WRITERS)),
        ]
        self.problem: str | None = None

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience_s: float) -> None:
        """Finish what was received. What the store has not taken by then stays with broker and gateways."""
        self._draining.set()
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        self._abandon.set()
        for thread in self._threads:
            thread.join()

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def _decode(self) -> None:
        while True:
            batch = self._collect()
            if batch.messages and not self._hand_over(batch):
                return
            if not batch.messages and self._draining.is_set():
                for _ in range(_WRITERS):
                    self._hand_over(None)
                return

    def _collect(self) -> Batch:
        """Take messages until the batch is full or its first message has waited long enough."""
        batch = Batch()
        deadline = None
        while len(batch.points) < self._limits.readings:
            wait = _IDLE_S if deadline is None else deadline - time.monotonic()
            if self._draining.is_set():
                wait = 0
            try:
                message = self._inbox.get(timeout=wait) if wait > 0 else self._inbox.get_nowait()
            except queue.Empty:
                break
            if deadline is None:
                deadline = time.monotonic() + self._limits.age_ms / 1000
            batch.messages.append(message)
            batch.read(message.topic, message.payload, self._now_ms())
        return batch

    def _hand_over(self, batch: Batch | None) -> bool:
        while not self._abandon.is_set():
            try:
                self._ready.put(batch, timeout=_IDLE_S)
            except queue.Full:
                continue
            return True
        return False

    def _write(self) -> None:
        while True:
            try:
                batch = self._ready.get(timeout=_IDLE_S)
            except queue.Empty:
                if self._abandon.is_set():
                    return
                continue
            if batch is None or not self._keep(batch):
                return
            self._answer(batch)

    def _keep(self, batch: Batch) -> bool:
        """Store and quarantine; tries until it is done. False: given up, nothing may be acknowledged."""
        for pause_s in _pauses():
            try:
                with self._metrics.write_seconds.time():
                    rejected = self._store.write(batch.points) if batch.points else []
                refused = batch.refused + batch.set_aside(rejected, self._now_ms())
                left_out = self._quarantine.add(refused)
            except (Unavailable, QuarantineError) as error:
                after = error.retry_after_s if isinstance(error, Unavailable) else None
                self._trouble(str(error))
                if self._abandon.wait(after or pause_s):
                    return False
                continue
            self._recovered()
            self._count(batch, len(rejected), refused)
            self._forget(batch, left_out)
            return True
        return False

    def _forget(self, batch: Batch, left_out: list[Entry]) -> None:
        """What the quarantine had no room for is not acknowledged: its gateway keeps it."""
        for entry in left_out:
            if entry.address and entry.epoch and entry.seq:
                batch.seqs[entry.address, entry.epoch].discard(entry.seq)
        if left_out:
            log.error("quarantine is full: %d entries were not taken; empty it", len(left_out))

    def _answer(self, batch: Batch) -> None:
        now = utc_text(self._now_ms())
        for (address, epoch), seqs in batch.seqs.items():
            if seqs:
                self._outlet.publish(address.topic("ack"), encode(Ack.of(epoch, seqs, time=now)))
        self._outlet.settle(batch.messages)

    def _count(self, batch: Batch, rejected: int, refused: list[Entry]) -> None:
        self._metrics.messages.inc(len(batch.messages))
        self._metrics.stored.inc(len(batch.points) - rejected)
        self._metrics.quarantined.inc(len(refused))
        self._metrics.last_stored.set(self._clock())
        for entry in refused:
            log.warning(
                "quarantined %s: %d readings from %s: %s", entry.id, entry.readings, entry.topic, entry.reason
            )

    def _trouble(self, problem: str) -> None:
        if self.problem is None:
            log.error("cannot store, will try again: %s", problem)
        self.problem = problem
        self._metrics.store_available.set(0)

    def _recovered(self) -> None:
        if self.problem is not None:
            log.info("the store takes readings again")
        self.problem = None
        self._metrics.store_available.set(1)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _pauses() -> Iterator[float]:
    """0.5, 1, 2, … 30, 30, 30 seconds."""
    return chain(_BACKOFF_S, repeat(_BACKOFF_S[-1]))
