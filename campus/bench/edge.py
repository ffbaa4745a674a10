"""`campus bench edge`: what reading takes, of a district in one process and of one school's gateway."""

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import aiomqtt

from campus.bench.edge_district import ACCESS_POINTS, DISPLAYS, EVERY_S, PLUGS, code_of, district
from campus.servers import mosquitto, running
from contract import Ack, encode, pack, subscription
from edge_agent.collectors.base import Closing, Collector
from edge_agent.gateway_settings import EdgeSettings
from firmware_sim import environment
from runtime import load
from runtime.language import Text

Say = Callable[[str], None]
_CALM = "max_connections -1\nlog_type error\n"
_START_S = 180.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(kw_only=True)
class Read:
    """What the rounds of a district gave."""

    rounds: int = 0
    readings: int = 0
    bytes: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    missed: int = 0


def measure(*, schools: int, seconds: float, say: Say) -> bool:
    """True where both figures keep what is promised."""
    with TemporaryDirectory(prefix="campus-bench-") as name:
        folder = Path(name)
        with (
            running(mosquitto(folder / "broker", config=_CALM)) as broker,
            _devices(schools, broker.port, folder),
        ):
            os.environ.update(environment(district(1)))
            district_well = asyncio.run(_district(schools, seconds, broker.port, folder, say))
            one_well = asyncio.run(_one_school(seconds, broker.port, folder, say))
    return district_well and one_well


@contextmanager
def _devices(schools: int, port: int, folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "campus.bench.edge_district", str(schools), str(port), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline().strip() != "ready":
                raise RuntimeError("the simulated devices did not start")
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


async def _district(schools: int, seconds: float, port: int, folder: Path, say: Say) -> bool:
    """All schools' collectors in this process, each round packed as it would be sent."""
    _allow_open_files()
    collectors = [one for number in range(schools) for one in _collectors(folder, number, port)]
    found = Read()
    # First everything is connected and has been asked once.
    await asyncio.gather(*(_rounds(one, found, until=0.0, spread_s=20.0) for one in collectors))
    cpu, began, found = time.process_time(), time.monotonic(), Read()
    until = began + seconds
    await asyncio.gather(*(_rounds(one, found, until=until, spread_s=EVERY_S) for one in collectors))
    spent, wall = time.process_time() - cpu, time.monotonic() - began
    share = 100 * spent / wall
    for one in collectors:
        if isinstance(one, Closing):
            await one.close()
    size = _memory(os.getpid())
    say(str(_told(schools, found, share=share, wall=wall, resident=size.resident)))
    return share <= 50 and not found.missed


def _told(schools: int, found: Read, *, share: float, wall: float, resident: float) -> Text:
    ended = ", ".join(f"{status} {number}" for status, number in found.ended.most_common())
    size = f"{found.bytes / 1e6:.1f} MB"
    return Text(
        f"{schools} 所学校（各 {ACCESS_POINTS} 个 AP、{DISPLAYS} 台显示设备、{PLUGS} 个插座），"
        f"每 {EVERY_S:.0f} 秒一轮：一个核的 {share:.1f}%（上限 50%），内存 {resident:.0f} MiB\n"
        f"  {wall:.0f} 秒内 {found.rounds} 轮，{found.readings} 个读数，{size}；{ended}；"
        f"来不及 {found.missed} 轮",
        f"{schools} schools ({ACCESS_POINTS} access points, {DISPLAYS} displays, {PLUGS} plugs each), a round"
        f" every {EVERY_S:.0f} s: {share:.1f}% of a core (at most 50%), {resident:.0f} MiB\n"
        f"  {found.rounds} rounds, {found.readings} readings, {size} in {wall:.0f} s; {ended};"
        f" {found.missed} rounds too late",
    )


def _collectors(folder: Path, number: int, port: int) -> list[Collector]:
    settings = load(EdgeSettings, _configuration(folder, number, port))
    return [build(lambda note: None) for build in settings.prepare()]


def _configuration(folder: Path, number: int, port: int) -> Path:
    """A gateway's settings for one of the schools."""
    school = code_of(number)
    addresses = (folder / "addresses.csv").read_text(encoding="utf-8-sig")
    row = next(line.split(",") for line in addresses.splitlines() if line.startswith(f"{school},AC,"))
    file = folder / school / "gateway.toml"
    file.write_text(
        f'district = "120116"\nschool = "{school}"\ngateway = "gw1"\n'
        f'[broker]\nurl = "mqtt://127.0.0.1:{port}"\n'
        f'[[snmp_wlan]]\nid = "ac"\nhost = "{row[3]}"\nport = {row[4]}\n'
        'community = "env:CAMPUS_SIM_COMMUNITY"\nrooms = "aps.csv"\n'
        '[[pjlink]]\nid = "projectors"\nprojectors = "projectors.csv"\n'
        f'[[mqtt_power]]\nid = "plugs"\nurl = "mqtt://127.0.0.1:{port}"\nplugs = "plugs.csv"\n'
        "first_wait_s = 30\n",
        encoding="utf-8",
    )
    return file


async def _rounds(collector: Collector, found: Read, *, until: float, spread_s: float) -> None:
    """Rounds at their time until `until`, at least one; the first of them anywhere in `spread_s`."""
    due = time.monotonic() + random.uniform(0, spread_s)  # noqa: S311 - spread, no secret
    while True:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        result = await collector.collect(lambda: time.time_ns() // 1_000_000)
        packed = [*pack([*result.readings, *result.runs], most=500)]
        found.rounds += 1
        found.readings += len(result.readings)
        found.bytes += sum(len(repr(one)) if not isinstance(one, bytes) else len(one) for one in packed)
        found.ended.update(run.status for run in result.runs)
        due += EVERY_S
        if due < time.monotonic():
            found.missed += 1
        if due >= until:
            return


async def _one_school(seconds: float, port: int, folder: Path, say: Say) -> bool:
    """One gateway as `campus edge` starts it, with somebody who acknowledges."""
    configuration = _configuration(folder, 0, port)
    stored = asyncio.create_task(_acknowledge(port), name="store")
    log = (folder / "gateway.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "campus.main", "edge", "--config", str(configuration)), stderr=log
    )
    try:
        await asyncio.sleep(20)
        before, began = _cpu(process.pid), time.monotonic()
        await asyncio.sleep(seconds)
        share = 100 * (_cpu(process.pid) - before) / (time.monotonic() - began)
        size = _memory(process.pid)
    finally:
        process.terminate()
        await process.wait()
        stored.cancel()
        log.close()
    say(
        str(
            Text(
                f"一所学校的网关：内存 {size.resident:.1f} MiB（上限 40），其中自有 {size.private:.1f} MiB；"
                f"一个核的 {share:.2f}%（上限 0.5%）",
                f"one school's gateway: {size.resident:.1f} MiB (at most 40), of it its own"
                f" {size.private:.1f} MiB; {share:.2f}% of a core (at most 0.5%)",
            )
        )
    )
    return size.resident <= 40 and share <= 0.5


async def _acknowledge(port: int) -> None:
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(subscription("readings"), qos=1)
        async for message in client.messages:
            said = json.loads(message.payload) if isinstance(message.payload, bytes) else {}
            ack = encode(Ack(epoch=said["epoch"], seqs=((said["seq"], said["seq"]),)))
            await client.publish(str(message.topic).replace("/readings", "/ack"), ack, qos=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """In MiB; private: what no other process shares."""

    resident: float
    private: float


def _memory(pid: int) -> Memory:
    found = Counter[str]()
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, value, *_ = line.split()
        found[name.rstrip(":")] = int(value)
    private = found["Private_Clean"] + found["Private_Dirty"]
    return Memory(resident=found["Rss"] / 1024, private=private / 1024)


def _cpu(pid: int) -> float:
    """Seconds of processor time so far, its own and the kernel's."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICK


def _allow_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
