"""The broker's side of ingest: messages in, and their acknowledgement only when told to.

paho with manual acknowledgement: the broker keeps what is not acknowledged, up to the inbox's size.
"""

import logging
import os
import queue
import socket
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract import MAX_MESSAGE_BYTES, subscription
from ingest.settings import IngestSettings

log = logging.getLogger("ingest.receiver")

# While the inbox is full the network thread waits; this often it looks whether it should stop.
_FULL_WAIT_S = 0.5


@dataclass(eq=False, slots=True)
class Message:
    """One message as received."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    done: bool = False


class Receiver:
    """Receives into `inbox` from a thread of paho's; `settle` and `publish` may be called from any thread."""

    def __init__(self, settings: IngestSettings, inbox: "queue.Queue[Message]") -> None:
        self._settings = settings
        self._inbox = inbox
        self._lock = threading.Lock()
        self._open: deque[Message] = deque()
        self._closing = threading.Event()
        self.connected = False
        self.problem: str | None = "not connected yet"
        self._client = self._make_client()

    def start(self) -> None:
        """Connect in the background and stay connected."""
        broker = self._settings.broker
        options: dict[str, Any] = {}
        if broker.protocol == "5":
            limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho left it so
            limits.ReceiveMaximum = self._settings.batch.inbox
            # What is larger is still read whole, so that it can be put in quarantine with its reason.
            limits.MaximumPacketSize = 16 * MAX_MESSAGE_BYTES
            options = {"clean_start": True, "properties": limits}
        self._client.connect_async(broker.host, broker.port, broker.keepalive_s, **options)
        self._client.loop_start()

    def pause(self) -> None:
        """Take no further messages; what was received can still be settled."""
        self._closing.set()
        for topic_filter in self._filters():
            self._client.unsubscribe(topic_filter)

    def stop(self) -> None:
        """Send what is waiting to be sent, disconnect, and end the thread."""
        self._closing.set()
        self._client.disconnect()
        self._client.loop_stop()

    def settle(self, messages: Iterable[Message]) -> None:
        """Acknowledge messages to the broker, in the order in which it sent them (MQTT 5, 4.6)."""
        with self._lock:
            for message in messages:
                message.done = True
            while self._open and self._open[0].done:
                message = self._open.popleft()
                if message.qos:
                    self._client.ack(message.mid, message.qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send at QoS 1; while disconnected the client keeps it for later."""
        self._client.publish(topic, payload, qos=1)

    def _make_client(self) -> Client:
        broker = self._settings.broker
        name = self._settings.name or f"campus-ingest-{socket.gethostname()}-{os.getpid()}"
        version5 = broker.protocol == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=None if version5 else True,
            protocol=MQTTProtocolVersion.MQTTv5 if version5 else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if broker.username:
            client.username_pw_set(broker.username, broker.read_password())
        if broker.tls:
            client.tls_set(ca_certs=str(broker.ca_file) if broker.ca_file else None)
        client.max_inflight_messages_set(1000)
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _filters(self) -> list[str]:
        # Readings are divided among all ingest processes; every process hears every status, because a
        # broker does not give retained messages to a shared subscription, and storing twice is storing once.
        return [subscription("readings", share=self._settings.share), subscription("status")]

    def _on_connect(self, client: Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        if code.is_failure:
            self._trouble(f"broker refused the connection: {code}")
            return
        with self._lock:
            # What an earlier connection brought is the broker's again: its numbers may be others' now.
            self._open.clear()
        client.subscribe([(topic_filter, 1) for topic_filter in self._filters()])

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _props: Any
    ) -> None:
        failed = [str(code) for code in codes if code.is_failure]
        if failed:
            self._trouble(f"broker refused a subscription: {failed[0]}")
            return
        self.connected, self.problem = True, None
        log.info("receiving from %s", self._settings.broker.url)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        self.connected = False
        if not self._closing.is_set():
            self._trouble(f"connection to the broker lost: {code}")

    def _on_message(self, _client: Client, _data: Any, received: MQTTMessage) -> None:
        with self._lock:
            message = Message(received.topic, bytes(received.payload), received.mid, received.qos)
            self._open.append(message)
        while not self._closing.is_set():
            try:
                self._inbox.put(message, timeout=_FULL_WAIT_S)
            except queue.Full:
                continue
            return

    def _trouble(self, problem: str) -> None:
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem
