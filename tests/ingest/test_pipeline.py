"""The pipeline between an inbox and a store of the test's own: what is survived, and what ends it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract import Account, Address, Point, Radio, Status, decode_ack, pack, seal, status_point, utc_text
from contract.daybook import TOUCHED
from ingest import batch as batch_module
from ingest.accounts import balances
from ingest.decode import Outcome, decode
from ingest.inbox import Inbox, Message
from ingest.metrics import Metrics
from ingest.pipeline import Pipeline, pause_s
from ingest.quarantine import Quarantine, QuarantineError
from ingest.settings import BatchSettings, LimitSettings
from store import Query, Rejected, Row, Store, StoreError, Tallied, Tally, Unavailable, open_store
from tests.ingest.conftest import EPOCH, wait_until

T0 = 1_790_000_000_000
GATEWAY = Address("120116", "2112000001", "gw")


class Scripted(Store):
    """A store that fails as often as it is told, then keeps what it gets."""

    name = "scripted"

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.points: list[Point] = []

    def prepare(self) -> None:
        """Always ready."""

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        if self.errors:
            raise self.errors.pop(0)
        self.points += [point for point in points if point.measurement is not TOUCHED]
        return []

    def query(self, query: Query) -> list[Row]:
        return []

    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        return [{} for _ in tallies]

    def close(self) -> None:
        """Nothing is held."""


class Answers:
    """Where acknowledgements go."""

    def __init__(self) -> None:
        self.acknowledged: set[int] = set()
        self.settled: list[Message] = []

    def settle(self, messages: list[Message]) -> None:
        self.settled += messages

    def publish(self, topic: str, payload: bytes) -> None:
        for first, last in decode_ack(payload).seqs:
            self.acknowledged.update(range(first, last + 1))


class Plant:
    def __init__(self, folder: Path, store: Store, clock: Callable[[], float] = time.time) -> None:
        self.quarantine = Quarantine(folder / "q.sqlite")
        self.inbox = Inbox(size=100, limits=LimitSettings())
        self.answers = Answers()
        self.broken = threading.Event()
        self.pipeline = Pipeline(
            inbox=self.inbox,
            outlet=self.answers,
            store=store,
            quarantine=self.quarantine,
            limits=BatchSettings(age_ms=10),
            metrics=Metrics(inbox_size=lambda: 0),
            clock=clock,
            on_failure=self.broken.set,
        )

    def send(self, seq: int) -> None:
        (packed,) = pack([Radio(time=T0 + seq, ap="A", radio="0")], most=1)
        self.inbox.put(
            Message(GATEWAY.topic("readings"), seal(EPOCH, seq, packed.body, sent_ms=T0)), timeout=1
        )

    def acknowledged(self, *seqs: int) -> None:
        wait_until(lambda: self.answers.acknowledged == set(seqs), what=f"acknowledgement of {seqs}")


@contextmanager
def running(folder: Path, store: Store, clock: Callable[[], float] = time.time) -> Iterator[Plant]:
    plant = Plant(folder, store, clock)
    plant.pipeline.start()
    try:
        yield plant
    finally:
        plant.pipeline.stop(patience_s=1)
        plant.quarantine.close()


@pytest.mark.parametrize(
    "error", [Unavailable("away"), StoreError("database disk image is malformed"), QuarantineError("full")]
)
def test_a_store_that_fails_is_tried_again_and_only_then_answered(tmp_path: Path, error: Exception) -> None:
    store = Scripted(error, error)
    with running(tmp_path, store) as plant:
        plant.send(1)
        plant.acknowledged(1)
        assert (1, None, None) == (len(store.points), plant.pipeline.problem, plant.pipeline.failed)


def test_an_error_that_nobody_foresaw_ends_the_pipeline_and_says_so(tmp_path: Path) -> None:
    mistake = ZeroDivisionError("a mistake of ours")
    with running(tmp_path, Scripted(mistake)) as plant:
        plant.send(1)
        assert plant.broken.wait(30)
        assert (mistake, set()) == (plant.pipeline.failed, plant.answers.acknowledged)


def test_a_message_that_we_make_a_mistake_with_stops_no_other_and_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(topic: str, payload: bytes, *, now_ms: int, senders: None) -> Outcome:
        if b'"seq":2' in payload:
            raise ZeroDivisionError("a mistake of ours")
        return decode(topic, payload, now_ms=now_ms, senders=senders)

    monkeypatch.setattr(batch_module, "decode", mistaken)
    with running(tmp_path, Scripted()) as plant:
        for seq in (1, 2, 3):
            plant.send(seq)
        plant.acknowledged(1, 3)
        wait_until(lambda: len(plant.answers.settled) == 3, what="all messages settled")
        (entry,) = plant.quarantine.entries()
        assert ("unexpected ZeroDivisionError: a mistake of ours", None) == (entry.reason, entry.seq)


def test_what_is_not_stored_when_the_service_must_stop_is_not_acknowledged(tmp_path: Path) -> None:
    store = Scripted(*[Unavailable("away")] * 1000)
    with running(tmp_path, store) as plant:
        plant.send(1)
        wait_until(lambda: plant.pipeline.problem is not None, what="the first failure")
        plant.pipeline.stop(patience_s=0)
        assert (set(), []) == (plant.answers.acknowledged, plant.answers.settled)


def test_a_batch_that_comes_again_and_can_be_read_by_then_is_counted_once(tmp_path: Path) -> None:
    """The gateway's clock was ahead, and the answer was lost: what was set aside first is stored now."""
    now_s = [T0 / 1000 - 86_400]
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        account = Account(epoch=EPOCH, last_seq=2, produced=2, acknowledged=0, pending=0, dropped=0)
        told = Status(online=True, time=utc_text(T0), account=account)
        store.write([status_point(GATEWAY, told, time_ms=T0)])
        with running(tmp_path, store, lambda: now_s[0]) as plant:

            def counts() -> tuple[int, int, bool]:
                (balance,) = balances(store, [plant.quarantine])
                return balance.stored, balance.quarantined, balance.agrees

            for seq in (1, 2):
                plant.send(seq)
            plant.acknowledged(1, 2)
            seen = [counts()]
            now_s[0] = T0 / 1000 + 10
            plant.answers.acknowledged.clear()
            plant.send(1)
            plant.acknowledged(1)
            seen.append(counts())
            assert [(0, 2, True), (1, 1, True)] == seen
            assert [2] == [entry.seq for entry in plant.quarantine.listed()]


@pytest.mark.parametrize(
    ("error", "attempt", "expected"),
    [
        (Unavailable("away"), 0, 0.2),
        (Unavailable("away"), 1, 0.5),
        (Unavailable("away"), 2, 1.0),
        (Unavailable("away"), 500, 1.0),
        (Unavailable("busy", retry_after_s=7.0), 0, 7.0),
        (Unavailable("busy", retry_after_s=0.0), 3, 0.0),
        (StoreError("damaged"), 9, 1.0),
        (QuarantineError("full"), 0, 0.2),
    ],
)
def test_the_next_try_comes_when_the_store_wishes_else_within_a_second(
    error: StoreError | QuarantineError, attempt: int, expected: float
) -> None:
    assert expected == pause_s(error, attempt)


def test_a_store_that_asks_for_time_is_given_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Noting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return False

    plant = Plant(tmp_path, Scripted(Unavailable("busy", retry_after_s=7.0)))
    monkeypatch.setattr(plant.pipeline, "_abandon", Noting())
    plant.pipeline.start()
    plant.send(1)
    plant.acknowledged(1)
    monkeypatch.setattr(plant.pipeline, "_abandon", threading.Event())
    plant.pipeline.stop(patience_s=5)
    plant.quarantine.close()
    assert [7.0] == [wait for wait in waits if wait == 7.0]
