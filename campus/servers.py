"""Real servers for benchmarks and tests: on free loopback ports, proven to be ours, stopped at the end."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Below the ephemeral range (32768 and up), where the kernel may hand a port to any client.
_PORTS = range(20000, 32000)
STARTUP_S = 30.0


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP and UDP port that nobody uses now."""
    # Of the machine, not of a seed: two runs that were seeded alike must not want the same port.
    for port in random.SystemRandom().sample(_PORTS, 200):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((host, port))
                udp.bind((host, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port below 32768")


@dataclass
class Server:
    """A server process that this test started."""

    name: str
    command: list[str]
    port: int
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    udp: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> "Server":
        """Start it and wait until its own process owns the port."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.folder, env={**os.environ, **self.environment}
            )
        deadline = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if owns_port(self.pid, self.port, udp=self.udp):
                return self
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def owns_port(pid: int, port: int, *, udp: bool = False) -> bool:
    """Whether process `pid` itself listens on `port`: an answer from a stranger's server proves nothing."""
    inodes = set()
    for table in ("udp", "udp6") if udp else ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as lines:
            next(lines)
            for line in lines:
                cells = line.split()
                listening = udp or cells[3] == "0A"
                if listening and int(cells[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{cells[9]}]")
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
    for descriptor in descriptors:
        try:
            if os.readlink(descriptor) in inodes:
                return True
        except OSError:
            continue
    return False


def program(name: str) -> str:
    """The path of a server that scripts/test installs; says what is missing."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise RuntimeError(f"{name} is not installed; run scripts/test, which installs it")
    return path


def mosquitto(folder: Path, *, config: str = "", port: int | None = None) -> Server:
    """Mosquitto with persistence in `folder`; `config` is appended to its configuration."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mosquitto.conf"
    file.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
        f"persistence_location {folder}/\nlog_dest stderr\nuser root\n{config}\n"
    )
    return Server("mosquitto", [program("mosquitto"), "-c", str(file)], port, folder)


def influxd(folder: Path, *, port: int | None = None) -> Server:
    """InfluxDB 1.x with its data in `folder`."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "influxdb.conf"
    file.write_text(
        f"""reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
[monitor]
store-enabled = false
"""
    )
    return Server("influxd", [program("influxd"), "-config", str(file)], port, folder)
