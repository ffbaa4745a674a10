"""Messages of many gateways to one broker: batches until acknowledged, statuses after their batches."""

import logging
import math
import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from contract import Address, ContractError, decode_ack, parse_topic
from contract.topics import ROOT
from firmware_sim.history import Message
from runtime import BrokerSettings, ConfigError
from runtime.errors import os_reason
from runtime.language import Text

_log = logging.getLogger("campus.term")
# As a gateway does: what is not acknowledged in time is sent again.
ACK_TIMEOUT_S = 15.0
_CONNECT_S = 10.0
_LOOK_S = 0.5
# Shares the inbox of ingest with live gateways: it takes 128 messages of a school, 1,000 of all.
OF_GATEWAY, OF_ALL = 16, 400

_Key = tuple[Address, str, int]


class Stopped(Exception):
    """Told to stop while something was on its way."""


@dataclass(slots=True)
class _Flight:
    message: Message
    sent: float


class Sender:
    """Sends with a bounded number of batches on their way; not for use from several threads."""

    def __init__(self, client: Client, stop: threading.Event) -> None:
        self._client = client
        self._stop = stop
        self._flights: dict[_Key, _Flight] = {}
        self._of: dict[Address, int] = defaultdict(int)
        self._statuses: dict[Address, deque[Message]] = defaultdict(deque)
        self._heard: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._last: MQTTMessageInfo | None = None
        self.stored = 0

    def heard(self, topic: str, payload: bytes) -> None:
        """An acknowledgement, from the client's thread."""
        self._heard.put((topic, payload))

    def send(self, message: Message) -> None:
        """Send, or for a status wait until what it speaks of is stored. Raises Stopped."""
        if message.stream == "status":
            self._statuses[message.address].append(message)
            self._tell_statuses(message.address)
            return
        while len(self._flights) >= OF_ALL or self._of[message.address] >= OF_GATEWAY:
            self._wait()
        self._take_all()
        self._flights[_key(message)] = _Flight(message, time.monotonic())
        self._of[message.address] += 1
        self._publish(message)

    def settle(self) -> None:
        """Wait until everything sent is stored, and its statuses are with the broker. Raises Stopped."""
        while self._flights:
            self._wait()
        for address in list(self._statuses):
            self._tell_statuses(address)
        if self._last is not None:
            self._last.wait_for_publish(ACK_TIMEOUT_S)

    @property
    def settled_until(self) -> float:
        """Everything sent that was due before this moment is stored."""
        return min((flight.message.due for flight in self._flights.values()), default=math.inf)

    def _wait(self) -> None:
        if self._stop.is_set():
            raise Stopped
        with suppress(queue.Empty):
            self._take(*self._heard.get(timeout=_LOOK_S))
        self._take_all()
        now = time.monotonic()
        for flight in self._flights.values():
            if now - flight.sent > ACK_TIMEOUT_S:
                flight.sent = now
                self._publish(flight.message)

    def _take_all(self) -> None:
        while not self._heard.empty():
            self._take(*self._heard.get())

    def _take(self, topic: str, payload: bytes) -> None:
        try:
            address, stream = parse_topic(topic)
            if stream != "ack":
                return
            ack = decode_ack(payload)
        except ContractError as error:
            _log.warning("%s: %s", topic, error)
            return
        for key in [key for key in self._flights if key[:2] == (address, ack.epoch)]:
            if any(first <= key[2] <= last for first, last in ack.seqs):
                self.stored += self._flights.pop(key).message.readings
                self._of[address] -= 1
        self._tell_statuses(address)

    def _tell_statuses(self, address: Address) -> None:
        """Those that speak only of what is stored: an account must not be ahead of the store."""
        waiting = self._statuses[address]
        open_seqs = [seq for of, _, seq in self._flights if of == address]
        first_open = min(open_seqs, default=None)
        while waiting and (first_open is None or waiting[0].seq < first_open):
            self._publish(waiting.popleft())

    def _publish(self, message: Message) -> None:
        topic = message.address.topic(message.stream)
        self._last = self._client.publish(topic, message.payload, qos=1)


@contextmanager
def sender(broker: BrokerSettings, district: str, stop: threading.Event) -> Iterator[Sender]:
    """A sender for the gateways of one district. Raises ConfigError where the broker does not take us."""
    client = _client(broker)
    found = Sender(client, stop)
    ready, refused = threading.Event(), list[str]()

    def connected(_client: Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        if code.is_failure:
            refused.append(str(code))
            ready.set()
        else:
            client.subscribe(f"{ROOT}/{district}/+/+/ack", qos=1)

    def subscribed(_client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _props: Any) -> None:
        refused.extend(str(code) for code in codes if code.is_failure)
        ready.set()

    def received(_client: Client, _data: Any, message: MQTTMessage) -> None:
        found.heard(message.topic, bytes(message.payload))

    client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, received
    try:
        client.connect(broker.host, broker.port, broker.keepalive_s)
    except OSError as error:
        raise ConfigError(f"--broker {broker.url}: {os_reason(error)}") from error
    client.loop_start()
    try:
        if not ready.wait(_CONNECT_S) or refused:
            why = refused[0] if refused else str(Text("没有答复", "no answer"))
            raise ConfigError(f"--broker {broker.url}: {why}")
        yield found
    finally:
        client.disconnect()
        client.loop_stop()


def _client(broker: BrokerSettings) -> Client:
    version5 = broker.protocol == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        protocol=MQTTProtocolVersion.MQTTv5 if version5 else MQTTProtocolVersion.MQTTv311,
    )
    if broker.username:
        client.username_pw_set(broker.username, broker.read_password())
    if broker.tls:
        client.tls_set(ca_certs=str(broker.ca_file) if broker.ca_file else None)
    client.max_inflight_messages_set(OF_ALL)
    return client


def _key(message: Message) -> _Key:
    return message.address, message.epoch, message.seq
