"""An ingest service in this process, and a hand-made gateway that talks to it through a real broker."""

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from contract import Ack, Address, Envelope, Reading, decode_ack, encode, utc_text
from ingest.main import run
from ingest.quarantine import Quarantine
from ingest.settings import IngestSettings
from store import Store, open_store
from tests.servers import Server, free_port

EPOCH = "00000000000000aa"
_numbers = itertools.count(1)


def wait_until(true: Callable[[], bool], *, what: str, seconds: float = 30) -> None:
    """Wait for something that must happen; the limit only keeps a broken test from hanging."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.02)


class HandGateway:
    """Publishes what it is told and collects the acknowledgements of ingest."""

    def __init__(self, port: int, address: Address) -> None:
        self.address = address
        self.acks: queue.Queue[Ack] = queue.Queue()
        self.acknowledged: set[int] = set()
        self._ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=f"hand-{address.gateway}")
        self._client.on_message = lambda _c, _d, message: self._on_ack(message.payload)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(address.topic("ack"), 1)
        self._client.loop_start()
        assert self._ready.wait(10)

    def send(self, seq: int, *readings: Reading) -> None:
        self.send_raw(
            encode(Envelope(epoch=EPOCH, seq=seq, sent=utc_text(int(time.time() * 1000)), readings=readings))
        )

    def send_raw(self, payload: bytes, *, topic: str | None = None, retain: bool = False) -> None:
        sent = self._client.publish(topic or self.address.topic("readings"), payload, qos=1, retain=retain)
        sent.wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_ack(self, payload: bytes) -> None:
        ack = decode_ack(payload)
        for first, last in ack.seqs:
            self.acknowledged.update(range(first, last + 1))
        self.acks.put(ack)


@dataclass
class Running:
    """An ingest service and what it writes to."""

    settings: IngestSettings
    store: Store
    quarantine: Quarantine
    thread: threading.Thread
    stop: threading.Event

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def healthy(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def settings_for(folder: Path, server: Server, /, **changes: object) -> IngestSettings:
    values: dict[str, object] = {
        "store": f"sqlite:///{folder / 'store.sqlite'}",
        "quarantine": folder / "quarantine.sqlite",
        "share": f"test-{next(_numbers)}",
        "name": f"ingest-{next(_numbers)}",
        "broker": {"url": f"mqtt://127.0.0.1:{server.port}"},
        "batch": {"age_ms": 20},
        "health": {"port": free_port()},
    }
    return IngestSettings.model_validate(values | changes)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[IngestSettings], Running]]:
    started: list[Running] = []

    def start_one(settings: IngestSettings) -> Running:
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(settings, stop))
        store = open_store(settings.store)
        running = Running(settings, store, Quarantine(settings.quarantine), thread, stop)
        started.append(running)
        thread.start()
        wait_until(lambda: healthy(settings.health.port), what="a subscribed service")
        return running

    yield start_one
    for running in started:
        running.end()
        running.store.close()
        running.quarantine.close()


@pytest.fixture
def ingest(tmp_path: Path, broker: Server, start: Callable[[IngestSettings], Running]) -> Running:
    return start(settings_for(tmp_path, broker))


@pytest.fixture
def gateway(broker: Server) -> Iterator[HandGateway]:
    made = HandGateway(broker.port, Address("120116", "2112000001", f"gw-{next(_numbers)}"))
    yield made
    made.close()
