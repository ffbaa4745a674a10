"""A bureau for tests: an authority in a folder, a real mosquitto under our configuration, gateways' keys."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contract import Address
from contract.enrolment import Enrol
from runtime import BrokerSettings
from tests.servers import Server, free_port, program, running
from trust.authority import private_pem, user_name
from trust.broker.syncing import sync
from trust.folder import Folder
from trust.founding import found
from trust.office import Office
from trust.settings import TrustSettings

CONFIGURATION = Path("deploy/mosquitto/mosquitto.conf")
PLUGIN = Path("/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so")
_PATIENCE_S = 20.0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def request(key: ec.EllipticCurvePrivateKey) -> str:
    """A request for a certificate, which says nothing but the key."""
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def enrolment(address: Address, secret: str, csr: str) -> Enrol:
    return Enrol(
        secret=secret, district=address.district, school=address.school, gateway=address.gateway, csr=csr
    )


@dataclass
class Bureau:
    """Settings with an authority that is made; `gateways` are those that were enrolled here."""

    settings: TrustSettings
    broker: Server
    tls_port: int
    gateways: list[Address] = field(default_factory=list)

    @property
    def folder(self) -> Folder:
        return Folder(self.settings.folder)

    @contextmanager
    def office(self, clock: Callable[[], int] = now_ms) -> Iterator[Office]:
        with Office(self.settings, clock=clock) as office:
            yield office

    def enrol(self, address: Address, *, clock: Callable[[], int] = now_ms) -> None:
        """Code, key, certificate; the broker is told afterwards with `sync`."""
        key = ec.generate_private_key(ec.SECP256R1())
        with self.office(clock) as office:
            code, _ = office.make_code(address)
            answer = office.enrol(enrolment(address, code.secret, request(key)))
        certificate, private = self.certificate(address)
        Path(private).write_text(private_pem(key))
        Path(certificate).write_text(answer.certificate)
        self.gateways.append(address)

    def certificate(self, address: Address) -> tuple[str, str]:
        place = self.settings.folder.parent / user_name(address)
        return f"{place}.crt", f"{place}.key"

    def sync(self) -> None:
        with self.office() as office:
            sync(self.settings, office)


@contextmanager
def bureau(folder: Path) -> Iterator[Bureau]:
    """Our mosquitto.conf as it is, but for its paths, ports and the user it runs as."""
    port, tls_port = free_port(), free_port()
    broker = BrokerSettings(
        url=f"mqtt://127.0.0.1:{port}",
        username="campus-admin",
        password=f"file:{folder / 'ca' / 'admin-password'}",
    )
    settings = TrustSettings(folder=folder / "ca", hosts=("127.0.0.1", "localhost"), broker=broker)
    made = found(settings, now_ms=now_ms())
    shutil.copy(made.broker / "dynamic-security.json", folder / "dynamic-security.json")
    text = CONFIGURATION.read_text()
    for ours, theirs in (
        ("listener 1883", f"listener {port} 127.0.0.1\nuser root"),
        ("listener 8883", f"listener {tls_port} 127.0.0.1"),
        ("plugin /usr/lib/mosquitto_dynamic_security.so", f"plugin {PLUGIN}"),
        ("/mosquitto/data/dynamic-security.json", str(folder / "dynamic-security.json")),
        ("persistence_location /mosquitto/data/", f"persistence_location {folder}/"),
        ("log_dest stdout", "log_dest stderr"),
    ):
        assert text.count(ours) == 1, ours
        text = text.replace(ours, theirs)
    file = folder / "mosquitto.conf"
    file.write_text(text.replace("/mosquitto/secrets/", f"{made.broker}/"))
    server = Server("mosquitto", [program("mosquitto"), "-c", str(file)], port, folder)
    with running(server):
        yield Bureau(settings, server, tls_port)


class Client:
    """A client that waits for each answer of the broker and notes what arrives."""

    def __init__(
        self,
        port: int,
        *,
        name: str = "",
        login: tuple[str, str] | None = None,
        ca: Path | None = None,
        certificate: tuple[str, str] | None = None,
        will: str | None = None,
    ) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.ended = threading.Event()
        self._answered = threading.Event()
        self._answer = ""
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        if login:
            self._client.username_pw_set(*login)
        if ca:
            self._client.tls_set(str(ca), *(certificate or (None, None)))
        if will:
            self._client.will_set(will, b"forged", qos=1, retain=True)
        self._client.on_connect = lambda *event: self._note(event[3])
        self._client.on_subscribe = lambda *event: self._note(event[3][0])
        self._client.on_publish = lambda *event: self._note(event[3])
        self._client.on_disconnect = lambda *_: self._end()
        self._client.on_message = lambda _, __, message: self.received.append(
            (message.topic, message.payload)
        )
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.connected = self._wait()

    def _note(self, code: object) -> None:
        self._answer = str(code)
        self._answered.set()

    def _end(self) -> None:
        self.ended.set()
        if not self._answered.is_set():
            self._note("closed")

    def _wait(self) -> str:
        assert self._answered.wait(_PATIENCE_S)
        self._answered.clear()
        return self._answer

    def subscribe(self, topic: str) -> str:
        self._answered.clear()
        self._client.subscribe(topic, qos=1)
        return self._wait()

    def publish(self, topic: str, payload: bytes = b"forged", *, retain: bool = False) -> str:
        self._answered.clear()
        self._client.publish(topic, payload, qos=1, retain=retain)
        return self._wait().replace("No matching subscribers", "Success")

    def drop(self) -> None:
        """Go away without a word, so that the broker sends the last will."""
        socket = self._client.socket()
        assert socket is not None
        self._client.loop_stop()
        socket.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
