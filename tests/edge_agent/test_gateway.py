"""The whole program, as a process: devices on one side, a real broker on the other."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from contract import AccessPoint, Address, Decoded, RoomDevice, SignalSample
from tests.edge_agent.controllers import controller, snmpd
from tests.edge_agent.projectors import Scripted, serving
from tests.edge_agent.uplink import Uplink, listening
from tests.servers import Server, free_port, running

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "campus.main", "edge"]
SCHOOLS = count(1)


@dataclass
class Site:
    """A gateway's folder, and its address."""

    folder: Path
    address: Address
    health_port: int

    def start(self) -> "subprocess.Popen[bytes]":
        with (self.folder / "gateway.log").open("ab") as log:
            return subprocess.Popen(
                [*COMMAND, "--config", str(self.folder / "gateway.toml")],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "AC": "campus"},
                stderr=log,
            )


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(snmpd(tmp_path_factory.mktemp("snmpd"), controller(5))) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, broker: Server, agent: Server) -> Site:
    address = Address("120116", f"9{next(SCHOOLS):09}", "gw1")
    health_port = free_port()
    (tmp_path / "survey").mkdir()
    (tmp_path / "aps.csv").write_text("ap,room\nSER0,101\n")
    (tmp_path / "survey" / "walk.csv").write_text(
        "time,room,point,band,rssi_dbm,snr_db,ap\n2026-09-21T08:00:00Z,101,p1,5,-61,34,SER0\n"
    )
    (tmp_path / "projectors.csv").write_text(f"host,port,device,room\n127.0.0.1,{free_port()},A1,101\n")
    (tmp_path / "gateway.toml").write_text(
        f"""
district = "{address.district}"
school = "{address.school}"
gateway = "{address.gateway}"
[broker]
url = "mqtt://127.0.0.1:{broker.port}"
[health]
port = {health_port}
[publish]
ack_timeout_s = 0.5
[[snmp_wlan]]
id = "ac1"
host = "127.0.0.1"
port = {agent.port}
community = "env:AC"
rooms = "aps.csv"
interval_s = 0.5
[[pjlink]]
id = "projectors"
projectors = "projectors.csv"
interval_s = 0.5
[[survey]]
id = "survey"
folder = "survey"
interval_s = 0.5
""",
        encoding="utf-8",
    )
    return Site(tmp_path, address, health_port)


def distinct(server: Uplink) -> list[Decoded]:
    return list({(batch.epoch, batch.seq): batch for batch in server.batches}.values())


def kinds(server: Uplink) -> set[str]:
    return {reading.measurement.name for batch in server.batches for reading in batch.readings}


ALL_KINDS = {"access_point", "radio", "room_device", "signal_sample", "collector_run"}


def test_everything_a_school_has_reaches_the_server(site: Site, broker: Server) -> None:
    async def story() -> tuple[set[object], int]:
        projector = Scripted()
        async with serving(projector), listening(broker, site.address) as server:
            (site.folder / "projectors.csv").write_text(
                f"host,port,device,room\n127.0.0.1,{projector.port},A1,101\n"
            )
            server.acknowledging = True
            process = site.start()
            try:
                await server.until(lambda: kinds(server) >= ALL_KINDS)
            finally:
                process.send_signal(signal.SIGTERM)
                code = await asyncio.to_thread(process.wait, 30)
        found: set[object] = set()
        for reading in (reading for batch in server.batches for reading in batch.readings):
            match reading:
                case AccessPoint(ap="SER0"):
                    found.add(("ap", reading.room, reading.state))
                case RoomDevice():
                    found.add((reading.device, reading.power, reading.reachable))
                case SignalSample():
                    found.add((reading.room, reading.rssi_dbm))
        return found, code

    assert asyncio.run(story()) == ({("ap", "101", "up"), ("A1", "on", True), ("101", -61)}, 0)


def test_after_sigterm_the_account_covers_every_reading_and_the_gateway_is_offline(
    site: Site, broker: Server
) -> None:
    async def story() -> tuple[bool, bool, bool]:
        async with listening(broker, site.address) as server:
            process = site.start()
            await server.until(lambda: len(distinct(server)) >= 3)
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 30)
            await server.until(lambda: not server.statuses[-1].online)
            account = server.statuses[-1].account
            assert account is not None
            # Nothing was acknowledged, so all that was ever produced still waits.
            sent = sum(len(batch.readings) for batch in distinct(server))
            return account.produced == account.pending, account.pending >= sent, account.last_seq >= 3

    assert asyncio.run(story()) == (True, True, True)


def test_kill_9_is_told_by_the_last_will_and_loses_nothing(site: Site, broker: Server) -> None:
    async def story() -> tuple[bool, int]:
        async with listening(broker, site.address) as server:
            process = site.start()
            await server.until(lambda: len(distinct(server)) >= 2)
            process.kill()
            await asyncio.to_thread(process.wait, 30)
            await server.until(lambda: not server.statuses[-1].online)
            will = server.statuses[-1]
            unconfirmed = set(range(1, max(batch.seq for batch in server.batches) + 1))
            server.batches.clear()
            process = site.start()
            try:
                await server.until(lambda: {batch.seq for batch in server.batches} >= unconfirmed)
            finally:
                process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(process.wait, 30)
            return will.account is None, len({batch.epoch for batch in server.batches})

    assert asyncio.run(story()) == (True, 1)


def test_a_silent_projector_and_the_others_are_told_and_the_metrics_agree(site: Site, broker: Server) -> None:
    async def story() -> tuple[str, bool, dict[str, str]]:
        async with listening(broker, site.address) as server:
            server.acknowledging = True
            process = site.start()
            try:
                await server.until(lambda: server.statuses and len(server.statuses[-1].collectors) == 3)
                health = await asyncio.to_thread(fetch, site.health_port, "/healthz")
                metrics = await asyncio.to_thread(fetch, site.health_port, "/metrics")
            finally:
                process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(process.wait, 30)
            states = {state.id: state.status for state in server.statuses[-1].collectors}
            refused = 'edge_collector_runs_total{collector="projectors",status="refused"}' in metrics
            return health.strip(), refused, states

    expected = ("ok", True, {"ac1": "ok", "projectors": "refused", "survey": "ok"})
    assert asyncio.run(story()) == expected


def fetch(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def test_a_broker_that_is_away_stops_no_collector_and_no_exit(site: Site) -> None:
    text = (site.folder / "gateway.toml").read_text(encoding="utf-8")
    lines = [
        f'url = "mqtt://127.0.0.1:{free_port()}"' if "mqtt://" in line else line for line in text.splitlines()
    ]
    (site.folder / "gateway.toml").write_text("\n".join(lines), encoding="utf-8")

    async def story() -> tuple[int, bool]:
        process = site.start()
        try:
            async with asyncio.timeout(30):
                pending = await asyncio.to_thread(until_pending, site.health_port)
        finally:
            process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(process.wait, 30)
        return code, pending > 0

    assert asyncio.run(story()) == (0, True)


def until_pending(port: int) -> float:
    while not (pending := pending_of(port)):
        time.sleep(0.05)
    return pending


def pending_of(port: int) -> float:
    try:
        lines = fetch(port, "/metrics").splitlines()
    except OSError:
        return 0.0
    return next(float(line.split()[1]) for line in lines if line.startswith("edge_readings_pending "))


def test_a_wrong_configuration_is_one_line_and_exit_code_2(site: Site) -> None:
    path = site.folder / "gateway.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("interval_s", "intervall_s", 1), encoding="utf-8"
    )
    done = subprocess.run(
        [*COMMAND, "--config", str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "AC": "campus"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"campus: {path}: snmp_wlan.0.intervall_s: 没有此设置项\n",
    )


def test_with_a_corrected_school_code_nothing_is_sent_as_the_other_schools(
    site: Site, broker: Server
) -> None:
    corrected = Address("120116", f"9{next(SCHOOLS):09}", "gw1")

    async def story() -> tuple[bool, int, bool]:
        async with listening(broker, site.address) as wrong, listening(broker, corrected) as right:
            process = site.start()
            await wrong.until(lambda: len(distinct(wrong)) >= 3)
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 30)
            before = {batch.epoch for batch in wrong.batches}
            path = site.folder / "gateway.toml"
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(site.address.school, corrected.school), encoding="utf-8")
            process = site.start()
            try:
                await right.until(lambda: right.batches and right.statuses)
            finally:
                process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(process.wait, 30)
            after = {batch.epoch for batch in right.batches}
            account = right.statuses[-1].account
            assert account is not None
            aside = list(site.folder.glob(f"spool.sqlite.of-120116-{site.address.school}-gw1-*"))
            return before.isdisjoint(after), min(batch.seq for batch in right.batches), bool(aside)

    assert asyncio.run(story()) == (True, 1, True)
