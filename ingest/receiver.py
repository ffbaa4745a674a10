"""The broker's side of ingest: messages in, and their acknowledgement only when told to.

paho with manual acknowledgement: the broker keeps what is not acknowledged, up to the inbox's size.
"""

import logging
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract import MAX_MESSAGE_BYTES, subscription
from ingest.inbox import Inbox, Message, school_of
from ingest.metrics import Metrics
from ingest.settings import IngestSettings
from ingest.sparing import Sparing
from runtime.errors import os_reason

log = logging.getLogger("ingest.receiver")

# While the inbox is full the network thread waits; this often it looks whether it should stop.
_FULL_WAIT_S = 0.5
_MOST_PACKET_BYTES = 5 * MAX_MESSAGE_BYTES
# Short, so that everything is stored within seconds of the broker's return.
_RECONNECT_MAX_S = 3
# How long the end of the program waits for the broker to take what was answered last.
_LAST_ANSWERS_S = 2.0
_MOST_ANSWERS = 10_000
# Without readings and status there is no ingest; the filters after these are worth a word alone.
_NEEDED = 2


# What paho calls the thread of a client.
_NETWORK = "paho-mqtt-client-"


class Receiver:
    """Receives into `inbox` from a thread of paho's; `settle` and `publish` may be called from any thread.

    Where that thread ends although it was not told to, `failed` tells why and `on_failure` is called.
    """

    def __init__(
        self,
        settings: IngestSettings,
        inbox: Inbox,
        *,
        metrics: Metrics,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._inbox = inbox
        self._metrics = metrics
        self._on_failure = on_failure
        self._sparing = Sparing()
        self.failed: BaseException | None = None
        self._lock = threading.Lock()
        self._open: deque[Message] = deque()
        self._answers: deque[MQTTMessageInfo] = deque(maxlen=_MOST_ANSWERS)
        self._closing = threading.Event()
        self.connected = False
        self.problem: str | None = "not connected yet"
        self._threads: list[threading.Thread] = []
        self._share = settings.read_share()
        self._client = self._make_client()

    def start(self) -> None:
        """Connect in the background and stay connected."""
        broker = self._settings.broker
        options: dict[str, Any] = {}
        if broker.protocol == "5":
            limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho left it so
            limits.ReceiveMaximum = self._settings.batch.inbox
            # What is somewhat larger is still read whole, to be put in quarantine with its reason.
            limits.MaximumPacketSize = _MOST_PACKET_BYTES
            options = {"clean_start": True, "properties": limits}
        self._client.connect_async(broker.host, broker.port, broker.keepalive_s, **options)
        before = set(threading.enumerate())
        self._client.loop_start()
        # Whatever else begins a thread in this moment, such as a look at the health, is not the network's.
        new = (thread for thread in threading.enumerate() if thread not in before)
        self._threads = [thread for thread in new if thread.name.startswith(_NETWORK)]

    @property
    def alive(self) -> bool:
        """Whether the network's thread is at work, as long as it should be."""
        return self._closing.is_set() or all(thread.is_alive() for thread in self._threads)

    def pause(self) -> None:
        """Take no further messages; what was received can still be settled."""
        self._closing.set()
        for topic_filter in self._filters():
            self._client.unsubscribe(topic_filter)

    def stop(self) -> None:
        """Send what is waiting to be sent, disconnect, and end the thread."""
        self._closing.set()
        self._until_taken()
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
        answer = self._client.publish(topic, payload, qos=1)
        with self._lock:
            self._answers.append(answer)
            while self._answers and _is_settled(self._answers[0]):
                self._answers.popleft()

    def _until_taken(self) -> None:
        """Wait for the broker to take the last answers: what is still in our hands would go with us."""
        deadline = time.monotonic() + _LAST_ANSWERS_S
        while self.connected and time.monotonic() < deadline:
            with self._lock:
                if all(_is_settled(answer) for answer in self._answers):
                    return
            time.sleep(0.02)

    def _make_client(self) -> Client:
        broker = self._settings.broker
        # Nobody can guess it, and end this session by taking its name.
        name = self._settings.name or f"campus-ingest-{secrets.token_hex(12)}"
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
        if certificates := broker.read_certificates():
            client.tls_set_context(certificates)
        client.max_inflight_messages_set(1000)
        client.reconnect_delay_set(min_delay=1, max_delay=_RECONNECT_MAX_S)
        client.on_connect = self._guarded(self._on_connect)
        client.on_connect_fail = self._guarded(self._on_connect_fail)
        client.on_disconnect = self._guarded(self._on_disconnect)
        client.on_subscribe = self._guarded(self._on_subscribe)
        client.on_message = self._guarded(self._on_message)
        return client

    def _filters(self) -> list[str]:
        # Readings are divided among all ingest processes; every process hears every status, because a
        # broker does not give retained messages to a shared subscription, and storing twice is storing once.
        # What the bureau wants of gateways is heard last: a broker whose rules are older does not allow it.
        return [
            subscription("readings", share=self._share),
            subscription("status"),
            subscription("wanted"),
        ]

    def _on_connect(self, client: Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        if code.is_failure:
            self._trouble(f"broker refused the connection: {code}")
            return
        with self._lock:
            # What an earlier connection brought is the broker's again: its numbers may be others' now.
            self._open.clear()
        client.subscribe([(topic_filter, 1) for topic_filter in self._filters()])

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        """The first time, too: a service that says nothing looks well."""
        error = sys.exc_info()[1]  # paho calls from where it caught it
        why = os_reason(error).en if isinstance(error, OSError) else "no connection"
        self._trouble(f"cannot reach the broker {self._settings.broker.url}: {why}")

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _props: Any
    ) -> None:
        failed = [str(code) for code in codes[:_NEEDED] if code.is_failure]
        if any(code.is_failure for code in codes[_NEEDED:]):
            log.warning(
                "the broker does not let us hear wanted settings; has `campus ca serve` brought it in step?"
            )
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
            verdict = self._inbox.put(message, timeout=_FULL_WAIT_S)
            if verdict == "taken":
                return
            if verdict != "full":
                self._pass_over(message, verdict)
                return

    def _pass_over(self, message: Message, why: str) -> None:
        """A school sends more than its share: not answered, so its gateway keeps this and sends it again."""
        self._metrics.passed_over.inc()
        school = school_of(message.topic)
        if self._sparing.may_say(school, now_s=time.monotonic()):
            more = self._sparing.left_out(school)
            log.warning("school %s sends %s messages: passed over, %d before", school or "unknown", why, more)
        self.settle([message])

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """What nobody foresaw ends paho's thread: said, and the program ends with it."""

        def guarded(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except BaseException as error:
                log.critical("the receiver has ended unexpectedly; the program ends", exc_info=True)
                self.failed = error
                self._on_failure()
                raise

        return guarded

    def _trouble(self, problem: str) -> None:
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem


def _is_settled(answer: MQTTMessageInfo) -> bool:
    """Whether the broker has it, or never will."""
    try:
        return answer.is_published()
    except (ValueError, RuntimeError):
        return True
