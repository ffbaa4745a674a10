"""The whole chain as real processes: devices, gateway, broker, ingest, store; each can be killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.servers import Server, free_port, influxd, mosquitto

ROOT = Path(__file__).parents[2]
SCHOOL = "2112000001"
PATIENCE_S = 90.0

SCENARIO = f"""
name = "one-school"
seed = 7
district = "120116"
district_name = "滨海新区"
survey_every_s = 2

[calendar]
timezone = "Asia/Shanghai"
school_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
term = [{{ name = "t", first = 2020-01-01, last = 2039-12-31 }}]
slot = [{{ name = "1", begin = "00:00", end = "23:59" }}]

[[schools]]
code = "{SCHOOL}"
name = "测试小学"
kind = "小学"
unit = "区教体局"
lon = 117.7
lat = 39.0
primary_pupils = 200
primary_classes = 5
largest_primary_class = 40
rooms = [
    {{ first = 101, count = 6, name = "教室{{n}}", kind = "普通教室", area_m2 = 60, multimedia = true, \
projector = "lamp" }},
]
[schools.declared.primary]
qualified_teachers = 9
backbone_teachers = 3
arts_pe_teachers = 3
[schools.declared.school]
teaching_area_m2 = 1000
sports_area_m2 = 1600
equipment_cny = 420000
multimedia_rooms = 6
"""


@dataclass
class Program:
    """One of our own programs, run as a user runs it."""

    name: str
    arguments: list[str]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Program":
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "campus.main", *self.arguments],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
            )
        return self

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int | None:
        """SIGTERM; gives the exit code."""
        if self.process is None:
            return None
        self.process.terminate()
        return self.process.wait(30)

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(errors="replace")


@dataclass
class Plant:
    """Everything between a device and the store."""

    folder: Path
    broker: Server
    influx: Server
    devices: Program
    edge: Program
    ingest: Program
    ingest_health: int

    def balance(self) -> dict[str, int]:
        """What `campus verify-loss` says of the one gateway; {} before its first account."""
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "campus.main",
                "verify-loss",
                "--store",
                self.store,
                "--quarantine",
                str(self.folder / "quarantine.sqlite"),
                "--format",
                "json",
            ],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        found = json.loads(done.stdout) if done.stdout.startswith(b"[") else []
        assert done.returncode in {0, 1, 2}, done.stderr
        return dict(found[-1]) if found else {}

    @property
    def store(self) -> str:
        return f"influxdb://127.0.0.1:{self.influx.port}/crash"

    def wait_stored(self, least: int) -> dict[str, int]:
        """Wait until so many readings are accounted for and nothing is on its way."""
        return self.wait_for(
            lambda balance: balance.get("produced", 0) >= least and balance["missing"] == 0,
            f"{least} readings in the store with none missing",
        )

    def wait_for(self, true: Callable[[dict[str, int]], bool], what: str) -> dict[str, int]:
        deadline = time.monotonic() + PATIENCE_S
        balance: dict[str, int] = {}
        while time.monotonic() < deadline:
            balance = self.balance()
            if true(balance):
                return balance
            time.sleep(0.3)
        raise AssertionError(
            f"waited in vain for {what}: {balance}\n--- edge\n{self.edge.log}\n--- ingest\n{self.ingest.log}"
        )

    def wait_ingest(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{self.ingest_health}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"ingest is not healthy:\n{self.ingest.log}")


@contextmanager
def plant(folder: Path) -> Iterator[Plant]:
    """Start everything, in the order in which a school would; stop everything at the end."""
    with ExitStack() as stack:

        def begin(server: Server) -> Server:
            stack.callback(server.stop)
            return server.start()

        def run(program: Program) -> Program:
            stack.callback(program.stop)
            return program.start()

        broker = begin(mosquitto(folder / "mosquitto", config="autosave_interval 1"))
        influx = begin(influxd(folder / "influxd"))
        (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
        devices = run(Program("sim", ["sim", "--scenario", "scenario.toml", "--folder", "district"], folder))
        listing = folder / "district" / "addresses.csv"
        _wait(lambda: (folder / "district" / "sim.env").exists() and listing.exists(), "the devices", devices)
        health = free_port()
        (folder / "ingest.toml").write_text(_ingest(broker, influx, health))
        (folder / "edge.toml").write_text(_edge(broker, listing))
        ingest = run(Program("ingest", ["ingest", "--config", "ingest.toml"], folder))
        edge = Program("edge", ["edge", "--config", "edge.toml"], folder, _secrets(folder))
        made = Plant(folder, broker, influx, devices, edge, ingest, health)
        made.wait_ingest()
        run(edge)
        yield made


def _wait(true: Callable[[], bool], what: str, program: Program) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert program.process is not None
        assert program.process.poll() is None, f"{program.name} ended:\n{program.log}"
        assert time.monotonic() < deadline, f"waited in vain for {what}:\n{program.log}"
        time.sleep(0.05)


def _secrets(folder: Path) -> dict[str, str]:
    lines = (folder / "district" / "sim.env").read_text(encoding="utf-8").splitlines()
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


def _ingest(broker: Server, influx: Server, health: int) -> str:
    return f"""
store = "influxdb://127.0.0.1:{influx.port}/crash"
quarantine = "quarantine.sqlite"
[broker]
url = "mqtt://127.0.0.1:{broker.port}"
[batch]
age_ms = 100
[health]
port = {health}
"""


def _edge(broker: Server, listing: Path) -> str:
    rows = [line.split(",") for line in listing.read_text(encoding="utf-8-sig").splitlines()]
    controller = next(row for row in rows if row[0] == SCHOOL and row[2].lower().startswith("snmp"))
    return f"""
district = "120116"
school = "{SCHOOL}"
gateway = "gw-1"
spool = "spool.sqlite"
[broker]
url = "mqtt://127.0.0.1:{broker.port}"
[publish]
ack_timeout_s = 2
max_backoff_s = 4
status_interval_s = 1
batch_max_readings = 20
[[snmp_wlan]]
id = "ac1"
host = "{controller[3]}"
port = {controller[4]}
community = "env:CAMPUS_SIM_COMMUNITY"
rooms = "district/{SCHOOL}/aps.csv"
interval_s = 0.5
[[pjlink]]
id = "projectors"
projectors = "district/{SCHOOL}/projectors.csv"
interval_s = 0.5
[[survey]]
id = "survey"
folder = "district/{SCHOOL}/survey"
interval_s = 1
"""
