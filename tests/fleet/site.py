"""A school with a projector and an enrolled gateway that runs as a process of its own."""

import os
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contract import Address, Status, Wanted, decode_status, encode, subscription, utc_text
from contract.enrolment import Code
from contract.proof import detach
from contract.wanted import content_hash
from edge_agent.identity.enrolling import enrol
from tests.trust.bureau import Client, now_ms
from tests.trust.town import Town

PATIENCE_S = 90.0


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Projector)
        server.connections += 1
        if server.connections > server.most:
            return
        self.wfile.write(b"PJLINK 0\r")
        while question := self._question():
            command = question[2:6]
            answer = {"POWR": "1", "LAMP": "1234 1", "ERST": "000000"}.get(command, "ERR1")
            self.wfile.write(f"%1{command}={answer}\r".encode())

    def _question(self) -> str:
        read = b""
        while not read.endswith(b"\r"):
            byte = self.rfile.read(1)
            if not byte:
                return ""
            read += byte
        return read.decode()


class Projector(socketserver.ThreadingTCPServer):
    """Answers over PJLink; after `most` connections it hangs up at once. Off: nobody listens at its port."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, most: int = 10**9, on: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Talk, bind_and_activate=False)
        self.server_bind()
        self.connections, self.most, self.on = 0, most, False
        if on:
            self.switch_on()

    def switch_on(self) -> None:
        self.on = True
        self.server_activate()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __exit__(self, *_: object) -> None:
        if self.on:
            self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Who asks may hang up."""


def settings_of(interval_s: float = 0.5, *, more: str = "") -> str:
    """Patient: on a busy machine a projector that answers late is no projector that is gone."""
    return (
        '[[pjlink]]\nid = "displays"\nprojectors = "projectors.csv"\n'
        f"connect_timeout_s = 60\nreply_timeout_s = 60\ninterval_s = {interval_s}\n"
        f'[[survey]]\nid = "survey"\nfolder = "survey"\ninterval_s = {interval_s}\n{more}'
    )


def projectors(*ports: int) -> Mapping[str, str]:
    lines = [f"127.0.0.1,{port},TY-{number},J1-10{number}" for number, port in enumerate(ports, 1)]
    return {"projectors.csv": "\n".join(["host,port,device,room", *lines, ""])}


@dataclass
class Site:
    """The school. `statuses` are those that the gateway said, in order."""

    town: Town
    address: Address
    folder: Path
    client: Client
    process: "subprocess.Popen[bytes] | None" = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "edge.toml"

    def configure(self, port: int, *, fleet: str = "rounds = 2") -> None:
        (self.folder / "survey").mkdir(exist_ok=True)
        for name, text in projectors(port).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        address = self.address
        self.config.write_text(
            f'district = "{address.district}"\nschool = "{address.school}"\ngateway = "{address.gateway}"\n'
            f'[broker]\nurl = "{self.town.broker_url}"\n[publish]\nstatus_interval_s = 1\n[fleet]\n{fleet}\n'
            + settings_of(),
            encoding="utf-8",
        )

    def enrol(self) -> None:
        code = Code.parse(self.town.code(self.address))
        enrol(self.folder / "identity", self.address, self.town.service, code, now_ms=now_ms())

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "campus.main", "edge", "--config", "edge.toml"],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **self.environment},
                stderr=log,
            )

    def end(self, *, kill: bool = False) -> None:
        assert self.process is not None
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait(timeout=PATIENCE_S)
        self.process = None

    def wanted(self, version: int, settings: str | None, files: Mapping[str, str] | None = None) -> Wanted:
        files = files or {}
        return Wanted(
            district=self.address.district,
            school=self.address.school,
            gateway=self.address.gateway,
            version=version,
            made=utc_text(now_ms()),
            settings=settings,
            files=files,
            sha256=content_hash(settings, files),
        )

    def signed(self, wanted: Wanted) -> bytes:
        with self.town.bureau.office() as office:
            return office.signed(self.address.topic("wanted"), encode(wanted))

    def say(self, payload: bytes) -> None:
        assert "Success" == self.client.publish(self.address.topic("wanted"), payload, retain=True)

    def want(self, version: int, settings: str | None, files: Mapping[str, str] | None = None) -> None:
        self.say(self.signed(self.wanted(version, settings, files)))

    @property
    def statuses(self) -> list[Status]:
        topic = self.address.topic("status")
        return [
            decode_status(detach(payload)[0])
            for where, payload in list(self.client.received)
            if where == topic
        ]

    def until(self, condition: Callable[[Status], object]) -> Status:
        """The first status from now on that fits."""
        return self._until(condition, len(self.statuses))

    def now(self, condition: Callable[[Status], object]) -> Status:
        """The newest status, or the first after it that fits."""
        return self._until(condition, max(len(self.statuses) - 1, 0))

    def _until(self, condition: Callable[[Status], object], begin: int) -> Status:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for status in self.statuses[begin:]:
                if condition(status):
                    return status
            time.sleep(0.05)
        said = [status.settings for status in self.statuses[-3:]]
        raise AssertionError(f"{said}\n{(self.folder / 'log').read_text()[-4000:]}")


@contextmanager
def site(town: Town, address: Address, folder: Path) -> Iterator[Site]:
    """Whoever is the bureau's service at the broker listens; the process is ended with the test."""
    password = town.bureau.folder.admin_password.read_text().strip()
    with Client(
        town.bureau.broker.port, name=f"test-{address.school}", login=("campus-admin", password)
    ) as client:
        assert "Granted QoS 1" == client.subscribe(subscription("status"))
        made = Site(town, address, folder, client)
        try:
            yield made
        finally:
            if made.process is not None:
                made.end(kill=True)


def runs(version: int, *, trial: bool = False) -> Callable[[Status], bool]:
    """A status of a gateway that runs this version."""

    def fits(status: Status) -> bool:
        running = status.settings
        return status.online and running is not None and (running.version, running.trial) == (version, trial)

    return fits


def not_taken(version: int, outcome: str, code: str) -> Callable[[Status], bool]:
    """A status that tells why a version does not run."""

    def fits(status: Status) -> bool:
        left = status.settings.not_taken if status.settings else None
        return left is not None and (left.version, left.outcome, left.code) == (version, outcome, code)

    return fits
