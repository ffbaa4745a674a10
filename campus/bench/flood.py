"""What a flood by one school does to another: the wait for an acknowledgement, alone and beside the flood.

The yardstick is the same quiet school in the same run without the flood.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from campus.bench.ingest import ingesting, servers
from campus.servers import Server
from contract import Address, Radio, decode_ack, pack, seal

_EPOCH = "00000000000000cc"
_QUIET = Address("120116", "2112000001", "quiet")
_LOUD = Address("120116", "2112000002", "loud")
_T0 = 1_790_000_000_000
_READINGS = 20
_PAUSE_S = 0.1
_GIVE_UP_S = 120.0


def measure(*, batches: int, messages: int, say: Callable[[str], None]) -> float:
    """Print the waits in both cases; gives the ratio of their medians."""
    with (
        tempfile.TemporaryDirectory() as name,
        servers(Path(name)) as (broker, influx),
        ingesting(Path(name), broker, influx, "flood"),
    ):
        _waits(broker, batches, first=1)  # the first writes make tables and caches
        alone = _waits(broker, batches, first=1_000_000)
        flood = threading.Thread(target=_flood, args=(broker, messages))
        flood.start()
        beside = _waits(broker, batches, first=2_000_000)
        flood.join()
    say(f"alone: {_summary(alone)}")
    say(f"beside {messages} unreadable messages of 240 KB by another school: {_summary(beside)}")
    ratio = statistics.median(beside) / statistics.median(alone)
    say(f"ratio of the medians {ratio:.2f}")
    return ratio


def _summary(waits: list[float]) -> str:
    return f"median {statistics.median(waits) * 1000:.0f} ms, longest {max(waits) * 1000:.0f} ms"


def _waits(broker: Server, batches: int, *, first: int) -> list[float]:
    """Seconds from publishing to the acknowledgement of each batch of the quiet school."""
    waits: list[float] = []
    answered, ready = threading.Event(), threading.Event()
    wanted = first

    def on_ack(_client: object, _data: object, message: object) -> None:
        for low, high in decode_ack(message.payload).seqs:  # type: ignore[attr-defined]  # an MQTTMessage
            if low <= wanted <= high:
                answered.set()

    client = Client(CallbackAPIVersion.VERSION2, client_id="campus-bench-quiet")
    client.on_message = on_ack
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", broker.port)
    client.subscribe(_QUIET.topic("ack"), 1)
    client.loop_start()
    try:
        if not ready.wait(10):
            raise RuntimeError("the broker did not take the subscription")
        for wanted in range(first, first + batches):
            answered.clear()
            readings = [Radio(time=_T0 + wanted, ap=f"A{n}", radio="0") for n in range(_READINGS)]
            (packed,) = pack(readings, most=_READINGS)
            began = time.perf_counter()
            client.publish(_QUIET.topic("readings"), seal(_EPOCH, wanted, packed.body, sent_ms=_T0), qos=1)
            if not answered.wait(_GIVE_UP_S):
                raise RuntimeError("ingest stopped acknowledging")
            waits.append(time.perf_counter() - began)
            time.sleep(_PAUSE_S)
    finally:
        client.disconnect()
        client.loop_stop()
    return waits


def _flood(broker: Server, messages: int) -> None:
    client = Client(CallbackAPIVersion.VERSION2, client_id="campus-bench-loud")
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    item = b'{"kind":"radio","time":1,"x":1},'
    body = b"[" + (item * (240_000 // len(item))).rstrip(b",") + b"]"
    sent = [
        client.publish(_LOUD.topic("readings"), seal(_EPOCH, seq, body, sent_ms=_T0), qos=1)
        for seq in range(1, messages + 1)
    ]
    for message in sent:
        message.wait_for_publish(_GIVE_UP_S)
    client.disconnect()
    client.loop_stop()
