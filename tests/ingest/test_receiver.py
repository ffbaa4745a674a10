"""The broker's side by itself: what is told of it, and what is answered to it in which order."""

from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from contract import Address
from ingest.inbox import Inbox, Message
from ingest.metrics import Metrics
from ingest.receiver import Receiver
from tests.ingest.conftest import settings_for, wait_until
from tests.servers import Server, mosquitto, running

TOPIC = Address("120116", "2112000001", "gw").topic("readings")


class Heard:
    """A receiver whose broker is the test: what paho would tell it is told by hand."""

    def __init__(self, folder: Path, broker: Server, **changes: object) -> None:
        settings = settings_for(folder, broker, **changes)
        self.inbox = Inbox(size=settings.batch.inbox, limits=settings.limits)
        self.receiver = Receiver(settings, self.inbox, metrics=Metrics(inbox_size=lambda: 0))
        self.client = self.receiver._client
        self.acknowledged: list[int] = []
        self.client.ack = self._ack  # type: ignore[method-assign]  # nothing is connected

    def _ack(self, mid: int, qos: int) -> Any:
        self.acknowledged.append(mid)

    def connect(self, code: int = 0) -> None:
        told = self.client.on_connect
        assert told
        told(self.client, None, None, ReasonCode(PacketTypes.CONNACK, identifier=code), None)  # type: ignore[call-arg,arg-type]

    def subscribed(self, *codes: int) -> None:
        told = self.client.on_subscribe
        assert told
        told(self.client, None, 1, [ReasonCode(PacketTypes.SUBACK, identifier=code) for code in codes], None)  # type: ignore[call-arg,arg-type]

    def message(self, mid: int, payload: bytes = b"{}", *, qos: int = 1) -> Message:
        received = MQTTMessage(mid, TOPIC.encode())
        received.payload, received.qos = payload, qos
        told = self.client.on_message
        assert told
        told(self.client, None, received)
        taken = self.inbox.take(timeout=0)
        assert taken is not None
        return taken


@pytest.fixture
def heard(tmp_path: Path, broker: Server) -> Heard:
    return Heard(tmp_path, broker)


def test_what_the_broker_refuses_is_told(heard: Heard) -> None:
    told = [heard.receiver.problem]
    heard.connect(135)
    told.append(heard.receiver.problem)
    heard.subscribed(1, 135, 1)
    told += [heard.receiver.problem, str(heard.receiver.connected)]
    heard.subscribed(1, 1, 1)
    told += [heard.receiver.problem, str(heard.receiver.connected)]
    assert told == [
        "not connected yet",
        "broker refused the connection: Not authorized",
        "broker refused a subscription: Not authorized",
        "False",
        None,
        "True",
    ]


def test_messages_are_answered_in_the_order_in_which_they_came(heard: Heard) -> None:
    """MQTT 5, 4.6: the first that is not stored yet holds up the answers to those behind it."""
    heard.connect()
    first, second, third = (heard.message(mid) for mid in (7, 8, 9))
    heard.receiver.settle([second])
    before = list(heard.acknowledged)
    heard.receiver.settle([first])
    between = list(heard.acknowledged)
    heard.receiver.settle([third])
    assert ([], [7, 8], [7, 8, 9]) == (before, between, heard.acknowledged)


def test_what_was_sent_without_asking_for_an_answer_gets_none_and_holds_up_nothing(heard: Heard) -> None:
    heard.connect()
    asked_nothing, asked = heard.message(0, qos=0), heard.message(5)
    heard.receiver.settle([asked, asked_nothing])
    assert [5] == heard.acknowledged


def test_a_message_of_an_earlier_connection_is_not_answered_on_the_next(heard: Heard) -> None:
    """Its number may be another message's by now: an answer would take that one from the broker unread."""
    heard.connect()
    earlier = heard.message(1)
    heard.connect()
    again = heard.message(1, b'{"another":1}')
    heard.receiver.settle([earlier])
    before = list(heard.acknowledged)
    heard.receiver.settle([again])
    assert ([], [1]) == (before, heard.acknowledged)


def test_what_a_school_sends_beyond_its_share_is_answered_to_the_broker_and_counted(
    tmp_path: Path, broker: Server
) -> None:
    """It holds up no other; its gateway hears nothing of it, and so keeps it."""
    heard = Heard(tmp_path, broker, limits={"school_waiting": 1})
    heard.connect()
    on_message = heard.client.on_message
    assert on_message
    for mid in (1, 2):
        received = MQTTMessage(mid, TOPIC.encode())
        received.payload, received.qos = b"{}", 1
        on_message(heard.client, None, received)
    kept = heard.inbox.take(timeout=0)
    assert kept is not None
    assert (1, [], 1.0) == (
        kept.mid,
        heard.acknowledged,
        heard.receiver._metrics.passed_over._value.get(),
    )
    heard.receiver.settle([kept])
    assert [1, 2] == heard.acknowledged


def test_a_broker_that_was_never_there_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_for(tmp_path, mosquitto(tmp_path / "broker"))
    inbox = Inbox(size=settings.batch.inbox, limits=settings.limits)
    receiver = Receiver(settings, inbox, metrics=Metrics(inbox_size=lambda: 0))
    receiver.start()
    try:
        wait_until(lambda: "cannot reach the broker" in caplog.text, what="a vain try")
        assert settings.broker.url in (receiver.problem or "")
    finally:
        receiver.pause()
        receiver.stop()


def test_a_broker_that_is_away_is_told_until_it_is_back(tmp_path: Path) -> None:
    with running(mosquitto(tmp_path / "broker")) as broker:
        settings = settings_for(tmp_path, broker)
        inbox = Inbox(size=settings.batch.inbox, limits=settings.limits)
        receiver = Receiver(settings, inbox, metrics=Metrics(inbox_size=lambda: 0))
        receiver.start()
        try:
            wait_until(lambda: receiver.connected, what="a subscription")
            broker.kill()
            wait_until(lambda: not receiver.connected, what="the end of the connection")
            away = f"cannot reach the broker {settings.broker.url}: Connection refused"
            wait_until(lambda: receiver.problem == away, what="a vain try")
            broker.start()
            wait_until(lambda: receiver.problem is None, what="a subscription again")
            assert (True, True) == (receiver.connected, receiver.alive)
        finally:
            receiver.pause()
            receiver.stop()
        # Told to end: that is no trouble, and nothing is missed.
        assert (None, False, True) == (receiver.problem, receiver.connected, receiver.alive)
