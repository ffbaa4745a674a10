"""Batches: decoded, stored or quarantined, and only then acknowledged."""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import count
from typing import Protocol

from contract import Ack, encode, utc_text
from ingest.batch import Batch
from ingest.decode import SenderCheck, unexpected
from ingest.inbox import Inbox, Message, school_of
from ingest.late import set_apart
from ingest.metrics import Metrics
from ingest.quarantine import Entry, Quarantine, QuarantineError
from ingest.settings import BatchSettings
from ingest.sparing import Sparing
from ingest.touched import store_batch
from store import Rejected, Store, StoreError, Unavailable

log = logging.getLogger("ingest.pipeline")

# Short, so that everything is stored within seconds of the store's return.
_BACKOFF_S = (0.2, 0.5, 1.0)
_IDLE_S = 0.2
_WRITERS = 2


class Outlet(Protocol):
    """Where acknowledgements go: the receiver."""

    def settle(self, messages: list[Message]) -> None: ...
    def publish(self, topic: str, payload: bytes) -> None: ...


class Pipeline:
    """Threads: one decodes the next batch while two write, so that neither we nor the store stand idle.

    What goes wrong with the store, the quarantine or a message is survived. Anything else ends the thread;
    `failed` then tells why, and `on_failure` is called, so that the program does not live on without it.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        outlet: Outlet,
        store: Store,
        quarantine: Quarantine,
        limits: BatchSettings,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
        on_failure: Callable[[], None] = lambda: None,
        senders: SenderCheck | None = None,
    ) -> None:
        self._senders = senders
        self._inbox, self._outlet = inbox, outlet
        self._store, self._quarantine = store, quarantine
        self._limits, self._metrics = limits, metrics
        self._clock = clock
        self._on_failure = on_failure
        # Two batches being written, one ready, one being decoded: no more is held in memory.
        self._ready: queue.Queue[Batch | None] = queue.Queue(maxsize=1)
        self._draining = threading.Event()
        self._abandon = threading.Event()
        self._sparing = Sparing()
        self._threads = [
            threading.Thread(target=self._guarded, args=(self._decode,), name="ingest-decode"),
            *(
                threading.Thread(target=self._guarded, args=(self._write,), name=f"ingest-write-{n}")
                for n in range(_WRITERS)
            ),
        ]
        self.problem: str | None = None
        self.failed: BaseException | None = None

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

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            log.critical("a worker has ended unexpectedly; the program ends", exc_info=True)
            self.failed = error
            self._abandon.set()
            self._on_failure()

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
            message = self._inbox.take(timeout=0 if self._draining.is_set() else max(wait, 0))
            if message is None:
                break
            if deadline is None:
                deadline = time.monotonic() + self._limits.age_ms / 1000
            self._read(batch, message)
        return batch

    def _read(self, batch: Batch, message: Message) -> None:
        """A message that we make a mistake with is set aside like one that cannot be read."""
        batch.messages.append(message)
        try:
            batch.read(message.topic, message.payload, self._now_ms(), senders=self._senders)
        except Exception as error:
            log.exception("cannot read a message for a reason that nobody foresaw")
            batch.refused.append(unexpected(message.topic, message.payload, error, now_ms=self._now_ms()))

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
        for attempt in count():
            try:
                with self._metrics.write_seconds.time():
                    rejected = store_batch(self._store, batch.points) if batch.points else []
                    rejected, expired = set_apart(self._store, rejected)
                refused = batch.refused + batch.set_aside(rejected, self._now_ms())
                left_out = self._quarantine.add(refused, whole=batch.whole)
            except (StoreError, QuarantineError) as error:
                self._trouble(str(error))
                if self._abandon.wait(pause_s(error, attempt)):
                    return False
                continue
            self._recovered()
            self._count(batch, rejected, refused)
            self._tell_expired(expired)
            self._forget(batch, left_out)
            return True
        raise AssertionError("counting never ends")

    def _tell_expired(self, expired: Sequence[Rejected]) -> None:
        for (school, gateway, part), number in Counter(
            (*found.point.tags[1:3], found.part) for found in expired
        ).items():
            self._say(
                f"expired {school}",
                "%d readings of %s %s came again after they were stored and had expired (%s): let go",
                number,
                school,
                gateway,
                part,
            )

    def _forget(self, batch: Batch, left_out: Collection[Entry]) -> None:
        """What the quarantine had no room for is not acknowledged: its gateway keeps it."""
        for entry in left_out:
            if entry.address and entry.epoch and entry.seq:
                batch.seqs[entry.address, entry.epoch].discard(entry.seq)
            self._say(
                f"full {school_of(entry.topic)}",
                "quarantine is full, or this school's share of it: nothing more was taken from %s",
                entry.topic,
            )
        self._metrics.left_out.inc(len(left_out))

    def _answer(self, batch: Batch) -> None:
        now = utc_text(self._now_ms())
        for (address, epoch), seqs in batch.seqs.items():
            if seqs:
                self._outlet.publish(address.topic("ack"), encode(Ack.of(epoch, seqs, time=now)))
        self._outlet.settle(batch.messages)

    def _count(self, batch: Batch, rejected: Collection[Rejected], refused: Collection[Entry]) -> None:
        self._metrics.messages.inc(len(batch.messages))
        self._metrics.stored.inc(len(batch.points) - len(rejected))
        self._metrics.quarantined.inc(len(refused))
        self._metrics.last_stored.set(self._clock())
        for entry in refused:
            self._say(
                f"refused {school_of(entry.topic)}",
                "quarantined %s: %d readings from %s: %s",
                entry.id,
                entry.readings,
                entry.topic,
                entry.reason,
            )

    def _say(self, subject: str, text: str, *values: object) -> None:
        if not self._sparing.may_say(subject, now_s=time.monotonic()):
            return
        if number := self._sparing.left_out(subject):
            log.warning("%d more lines like the following were left out", number)
        log.warning(text, *values)

    def _trouble(self, problem: str) -> None:
        if problem != self.problem:
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


def pause_s(error: StoreError | QuarantineError, attempt: int) -> float:
    """How long to wait before the next try: as the store wishes, else ever longer, up to a second."""
    wish = error.retry_after_s if isinstance(error, Unavailable) else None
    return wish if wish is not None else _BACKOFF_S[min(attempt, len(_BACKOFF_S) - 1)]
