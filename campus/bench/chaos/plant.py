"""What chaos is made with: two gateways, broker, ingest and store, each with a network between."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from campus.bench.chaos.proxy import Proxy
from campus.servers import Server, free_port, influxd, mosquitto

SCHOOLS = ("2112000001", "2112000002")
DATABASE = "chaos"
_SPOOL_DISK_MIB = 24
_WAIT_S = 60.0
# Acknowledgements come fast on one machine, and faults are short.
_GATEWAY = """district = "120116"
school = "{school}"
gateway = "gw"
spool = "disk/spool.sqlite"
[broker]
url = "mqtt://127.0.0.1:{broker}"
keepalive_s = 5
[publish]
ack_timeout_s = 2
max_backoff_s = 2
status_interval_s = 1
[[survey]]
id = "survey"
folder = "survey"
interval_s = 1
"""
_INGEST = """store = "influxdb://127.0.0.1:{store}/{database}"
quarantine = "quarantine.sqlite"
[broker]
url = "mqtt://127.0.0.1:{broker}"
keepalive_s = 5
[batch]
age_ms = 100
[health]
port = {health}
"""


@dataclass
class Process:
    """A program of ours that can be killed, frozen and started again; it remembers what it took."""

    name: str
    command: list[str]
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None
    peak_kib: int = 0
    starts: int = 0
    ended_by_itself: int = 0

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        self.starts += 1

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def has_open(self, file: Path) -> bool:
        """Whether the program works on this very file at the moment."""
        try:
            return any(os.readlink(held) == str(file) for held in Path(f"/proc/{self.pid}/fd").iterdir())
        except OSError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.measure()
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.measure()
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def measure(self) -> None:
        """Note the most memory that this process ever took."""
        try:
            text = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return
        lines = [line.split()[1] for line in text.splitlines() if line.startswith("VmHWM:")]
        self.peak_kib = max([self.peak_kib, *map(int, lines)])


@dataclass
class Plant:
    """All of it. Gateways and ingest reach the broker, and ingest the store, over networks of ours."""

    folder: Path
    broker: Server
    store: Server
    ingest: Process
    gateways: dict[str, Process]
    networks: dict[str, Proxy]
    health_port: int
    disks: bool
    quarantine: Path = field(init=False)

    def __post_init__(self) -> None:
        self.quarantine = self.folder / "quarantine.sqlite"

    @property
    def store_url(self) -> str:
        """The store itself, beside the network that faults are played on."""
        return f"influxdb://127.0.0.1:{self.store.port}/{DATABASE}"

    def folder_of(self, school: str) -> Path:
        return self.folder / school

    def processes(self) -> list[Process]:
        return [self.ingest, *self.gateways.values()]


@contextmanager
def plant(folder: Path) -> Iterator[Plant]:
    """Start everything; end everything, whatever happened to it."""
    with ExitStack() as stack:
        broker = mosquitto(folder / "mosquitto", config="autosave_interval 1")
        store = influxd(folder / "influxd")
        for server in (broker, store):
            server.start()
            stack.callback(server.stop)
        networks = {}
        targets = {"ingest": broker.port, "store": store.port, **dict.fromkeys(SCHOOLS, broker.port)}
        for name, target in targets.items():
            networks[name] = Proxy(free_port(), target)
            stack.callback(networks[name].close)
        disks = all(_disk(folder / school, stack) for school in SCHOOLS)
        health = free_port()
        (folder / "ingest.toml").write_text(
            _INGEST.format(
                store=networks["store"].port, broker=networks["ingest"].port, database=DATABASE, health=health
            )
        )
        command = [sys.executable, "-m", "campus.main", "ingest", "--config", "ingest.toml"]
        ingest = Process("ingest", command, folder)
        gateways = {}
        for school in SCHOOLS:
            place = folder / school
            (place / "survey").mkdir()
            (place / "gateway.toml").write_text(_GATEWAY.format(school=school, broker=networks[school].port))
            command = [sys.executable, "-m", "campus.bench.chaos.gateway", str(place)]
            gateways[school] = Process("gateway", command, place)
        made = Plant(folder, broker, store, ingest, gateways, networks, health, disks)
        for process in made.processes():
            stack.callback(process.stop)
            process.start()
        yield made


def _disk(place: Path, stack: ExitStack) -> bool:
    """A small disk of its own for a gateway's spool; whether this machine lets us mount one."""
    disk = place / "disk"
    disk.mkdir(parents=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SPOOL_DISK_MIB}m", "campus-chaos", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return False
    stack.callback(_unmount, disk)
    return True


def _unmount(disk: Path) -> None:
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        if not subprocess.run(["umount", str(disk)], capture_output=True, check=False).returncode:  # noqa: S607
            return
        time.sleep(0.2)
