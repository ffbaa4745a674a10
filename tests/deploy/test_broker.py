"""How mosquitto is started in the container: its first rules, its secrets, and who is revoked."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from contract import MAX_MESSAGE_BYTES, Address, subscription
from tests.servers import Server, free_port, running
from tests.trust.bureau import PLUGIN, Bureau, Client, now_ms
from trust.broker.syncing import share_of
from trust.founding import found
from trust.settings import TrustSettings

FOLDER = Path("deploy/mosquitto")
OWN, OTHER = (Address("120116", school, "gw1") for school in ("2112000001", "3112000002"))
_PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Our configuration as it is, but for its paths, its ports and the user it runs as."""
    folder = tmp_path_factory.mktemp("broker")
    port, tls_port = free_port(), free_port()
    settings = TrustSettings.model_validate(
        {
            "folder": folder / "ca",
            "hosts": ["127.0.0.1"],
            "broker": {
                "url": f"mqtt://127.0.0.1:{port}",
                "username": "campus-admin",
                "password": f"file:{folder / 'ca' / 'admin-password'}",
            },
        }
    )
    made = found(settings, now_ms=now_ms())
    (folder / "data").mkdir()
    text = (FOLDER / "mosquitto.conf").read_text()
    for ours, theirs in (
        ("listener 1883", f"listener {port} 127.0.0.1\nuser root"),
        ("listener 8883", f"listener {tls_port} 127.0.0.1"),
        ("/usr/lib/mosquitto_dynamic_security.so", str(PLUGIN)),
        ("/mosquitto/data/", f"{folder}/data/"),
        ("/mosquitto/secrets/", f"{folder}/secrets/"),
        ("log_dest stdout", "log_dest stderr"),
    ):
        assert ours in text
        text = text.replace(ours, theirs)
    file = folder / "mosquitto.conf"
    file.write_text(text)
    environment = {
        "CAMPUS_MQTT_TRUST": str(made.broker),
        "CAMPUS_MQTT_SECRETS": str(folder / "secrets"),
        "CAMPUS_MQTT_DATA": str(folder / "data"),
        "CAMPUS_MQTT_OWNER": f"{os.getuid()}:{os.getgid()}",
        "CAMPUS_MQTT_LOOK_S": "0.2",
        "PATH": f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin",
    }
    command = ["sh", str((FOLDER / "start").resolve()), str(file)]
    return Bureau(settings, Server("mosquitto", command, port, folder, environment), tls_port)


def gateway(town: Bureau, address: Address) -> Client:
    return Client(town.tls_port, ca=town.folder.broker / "ca.pem", certificate=town.certificate(address))


def ingest(town: Bureau) -> Client:
    password = (town.folder.ingest / "password").read_text().strip()
    return Client(town.broker.port, name="ingest", login=("ingest", password))


def test_it_starts_from_what_the_authority_made_and_keeps_its_rules_over_a_restart(town: Bureau) -> None:
    topic = OWN.topic("readings")
    with running(town.broker):
        for address in (OWN, OTHER):
            town.enrol(address)
        town.sync()
        with town.office() as office:
            share = share_of(office)
    with running(town.broker), ingest(town) as listening, gateway(town, OWN) as client:
        with gateway(town, OTHER) as loud:
            loud.publish(OTHER.topic("readings"), b"x" * (5 << 20))
            assert loud.ended.wait(_PATIENCE_S)
        granted = listening.subscribe(subscription("readings", share=share))
        sent = client.publish(topic, b"x" * MAX_MESSAGE_BYTES)
        refused = client.publish(OTHER.topic("readings"))
        deadline = time.monotonic() + _PATIENCE_S
        while not listening.received and time.monotonic() < deadline:
            time.sleep(0.02)
        arrived = [topic for topic, _ in listening.received]
    assert (granted, sent, refused, arrived) == ("Granted QoS 1", "Success", "Not authorized", [topic])
    assert [] == [
        file.name for file in (town.broker.folder / "secrets").iterdir() if file.stat().st_mode & 0o077
    ]


def test_who_is_revoked_cannot_even_connect_once_the_list_was_read_again(town: Bureau) -> None:
    with running(town.broker):
        with town.office() as office:
            office.revoke(OTHER.school, OTHER.gateway, why="stolen")
        deadline = time.monotonic() + _PATIENCE_S
        connected = "Success"
        while connected == "Success" and time.monotonic() < deadline:
            with gateway(town, OTHER) as client:
                connected = client.connected
        with gateway(town, OWN) as client:
            assert (connected, client.connected) == ("closed", "Success")


def test_the_start_ends_in_a_line_where_the_authority_was_not_made(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "CAMPUS_MQTT_TRUST": str(tmp_path / "none"),
        "CAMPUS_MQTT_SECRETS": str(tmp_path / "secrets"),
    }
    ended = subprocess.run(
        ["sh", str(FOLDER / "start")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (False, True) == (ended.returncode == 0, str(tmp_path / "none" / "ca.pem") in ended.stderr)


def test_the_settings_that_keep_messages_are_as_strict_as_promised() -> None:
    lines = (line.split() for line in (FOLDER / "mosquitto.conf").read_text().splitlines())
    settings = {words[0]: words[-1] for words in lines if words and not words[0].startswith("#")}
    assert settings["persistence"] == "true"
    assert int(settings["max_queued_messages"]) >= 100_000
    assert int(settings["autosave_interval"]) <= 5
    assert int(settings["max_packet_size"]) > MAX_MESSAGE_BYTES
