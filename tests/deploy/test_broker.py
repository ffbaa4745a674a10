"""Our mosquitto.conf in a real mosquitto: it starts, keeps strangers out, and schools apart."""

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from contract import MAX_MESSAGE_BYTES, Address, subscription
from tests.servers import Server, free_port, program, running

FOLDER = Path("deploy/mosquitto")
OWN, OTHER = (Address("120116", school, "gw1") for school in ("2112000001", "3112000002"))
PASSWORDS = {
    "CAMPUS_MQTT_INGEST_PASSWORD": "for ingest",
    "CAMPUS_MQTT_GATEWAY_PASSWORD": "for gateways",
    "CAMPUS_MQTT_SCHOOLS": f"{OWN.school} {OTHER.school}",
}
_PATIENCE_S = 20.0


def set_passwords(file: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    owner = f"{os.getuid()}:{os.getgid()}"
    environment = {**os.environ, **PASSWORDS, "CAMPUS_MQTT_OWNER": owner, **changed}
    command = ["sh", str(FOLDER / "set-passwords"), str(file)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
    )


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our configuration as it is, but for its paths, its port and the user it runs as."""
    folder = tmp_path_factory.mktemp("broker")
    ended = set_passwords(folder / "passwords")
    assert ended.returncode == 0, ended.stderr
    port = free_port()
    text = (FOLDER / "mosquitto.conf").read_text()
    for ours, theirs in (
        ("listener 1883", f"listener {port} 127.0.0.1\nuser root"),
        ("/mosquitto/secrets/passwords", str(folder / "passwords")),
        ("/mosquitto/config/acl", str((FOLDER / "acl").resolve())),
        ("/mosquitto/data/", f"{folder}/"),
        ("log_dest stdout", "log_dest stderr"),
    ):
        assert text.count(ours) == 1
        text = text.replace(ours, theirs)
    file = folder / "mosquitto.conf"
    file.write_text(text)
    with running(Server("mosquitto", [program("mosquitto"), "-c", str(file)], port, folder)) as server:
        yield server


class Client:
    """A client that notes what arrives, and waits for each answer of the broker."""

    def __init__(self, port: int, username: str | None, password: str | None) -> None:
        self.received: list[str] = []
        self.answer: ReasonCode | None = None
        self._answered = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(username, password)
        self._client.on_connect = lambda *event: self._note(event[3])
        self._client.on_subscribe = lambda *event: self._note(event[3][0])
        self._client.on_publish = lambda *event: self._note(event[3])
        self._client.on_message = lambda _, __, message: self.received.append(message.topic)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.connected = self._wait()

    def _note(self, code: ReasonCode) -> None:
        self.answer = code
        self._answered.set()

    def _wait(self) -> str:
        assert self._answered.wait(_PATIENCE_S)
        self._answered.clear()
        return str(self.answer)

    def subscribe(self, topic: str) -> str:
        self._client.subscribe(topic, qos=1)
        return self._wait()

    def publish(self, topic: str, payload: bytes = b"{}") -> str:
        self._client.publish(topic, payload, qos=1)
        return self._wait()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()


GATEWAY = (OWN.school, PASSWORDS["CAMPUS_MQTT_GATEWAY_PASSWORD"])
INGEST = ("ingest", PASSWORDS["CAMPUS_MQTT_INGEST_PASSWORD"])
REFUSED = str(ReasonCode(PacketTypes.PUBACK, identifier=0x87))


@pytest.mark.parametrize("login", [(None, None), ("ingest", "guessed"), (OWN.school, "for ingest")])
def test_a_stranger_is_not_let_in(broker: Server, login: tuple[str | None, str | None]) -> None:
    with Client(broker.port, *login) as client:
        assert client.connected == "Not authorized"


def test_ingest_shares_the_readings_of_every_school_and_hears_a_message_of_full_size(broker: Server) -> None:
    topic = OWN.topic("readings")
    with Client(broker.port, *INGEST) as ingest, Client(broker.port, *GATEWAY) as gateway:
        granted = ingest.subscribe(subscription("readings", share="ingest"))
        sent = gateway.publish(topic, b"x" * MAX_MESSAGE_BYTES)
        # Delivery is in order: when this one is there, the other has arrived too.
        ingest.publish(OWN.topic("ack"))
        for _ in range(200):
            if ingest.received:
                break
            threading.Event().wait(0.05)
    assert (granted, sent, ingest.received) == ("Granted QoS 1", "Success", [topic])


def test_a_school_cannot_speak_for_another_nor_acknowledge_its_own_readings(broker: Server) -> None:
    with Client(broker.port, *GATEWAY) as gateway:
        answers = [
            gateway.publish(OTHER.topic("readings")),
            gateway.publish(OTHER.topic("status")),
            gateway.publish(OWN.topic("ack")),
        ]
    assert answers == [REFUSED] * 3


def test_a_school_hears_its_own_acknowledgements_and_nobody_else_s(broker: Server) -> None:
    with Client(broker.port, *INGEST) as ingest, Client(broker.port, *GATEWAY) as gateway:
        for address in (OTHER, OWN):
            gateway.subscribe(address.topic("ack"))
        for address in (OTHER, OWN):
            ingest.publish(address.topic("ack"))
        for _ in range(200):
            if gateway.received:
                break
            threading.Event().wait(0.05)
    assert gateway.received == [OWN.topic("ack")]


@pytest.mark.parametrize("value", ["", "change-me"])
def test_a_password_that_was_not_chosen_is_refused_by_name(tmp_path: Path, value: str) -> None:
    ended = set_passwords(tmp_path / "passwords", CAMPUS_MQTT_GATEWAY_PASSWORD=value)
    assert (ended.returncode, ended.stderr.split()[0]) == (2, "CAMPUS_MQTT_GATEWAY_PASSWORD")


def test_the_settings_that_keep_messages_are_as_strict_as_promised() -> None:
    lines = (line.split() for line in (FOLDER / "mosquitto.conf").read_text().splitlines())
    settings = {words[0]: words[-1] for words in lines if words and not words[0].startswith("#")}
    assert settings["persistence"] == "true"
    assert int(settings["max_queued_messages"]) >= 100_000
    assert int(settings["autosave_interval"]) <= 5
    assert int(settings["message_size_limit"]) > MAX_MESSAGE_BYTES
