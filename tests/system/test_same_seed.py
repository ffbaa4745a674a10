"""Two runs with one seed give the same readings, through the real protocols and the real collectors."""

import asyncio
from pathlib import Path

import pytest

from campus.demo.running import Place, gateway_settings
from contract import CollectorRun, Reading, decode_envelope
from edge_agent.main import Gateway
from edge_agent.spool import Spool
from firmware_sim import load_scenario, run
from firmware_sim.files import environment
from tests.servers import free_port

# Tuesday 2026-09-01 10:10 in Tianjin.
NOW_MS = 1_788_228_600_000
SCHOOL = "3112000002"


async def one_round(folder: Path, seed: int) -> list[Reading]:
    """What a gateway has in its spool after the first round of each collector; no broker is there."""
    scenario = load_scenario("demo", seed=seed)
    ready, stop = asyncio.Event(), asyncio.Event()
    devices = asyncio.create_task(
        run(scenario, folder, stop, clock=lambda: NOW_MS / 1000, ready=lambda _addresses: ready.set())
    )
    await ready.wait()
    settings = gateway_settings(Place(folder=folder), scenario, SCHOOL, free_port())
    slow = {
        name: tuple(part.model_copy(update={"interval_s": 3600.0}) for part in getattr(settings, name))
        for name in ("snmp_wlan", "pjlink", "survey", "ledger")
    }
    settings = settings.model_copy(update=slow)
    gateway = Gateway(settings, clock=lambda: NOW_MS)
    waiting = {collector.id for collector in gateway._collectors}
    task = asyncio.create_task(gateway.run(stop))
    while waiting - gateway._states.keys():
        assert not task.done()
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.gather(task, devices)
    return spooled(settings.spool)


def spooled(path: Path) -> list[Reading]:
    spool = Spool(path, max_bytes=1 << 30, max_age_ms=1 << 40, batch_max_readings=500)
    found: list[Reading] = []
    for batch in spool.oldest(1000):
        payload = spool.envelope(batch.seq, sent_ms=NOW_MS)
        assert payload is not None
        found += decode_envelope(payload, now_ms=NOW_MS).readings
    spool.close()
    return sorted(
        (of_the_world(reading) if isinstance(reading, CollectorRun) else reading for reading in found),
        key=lambda reading: reading.model_dump_json(),
    )


def of_the_world(run: CollectorRun) -> CollectorRun:
    """Without what is the machine's doing: how long the round took, and on which spare port a device had to
    listen."""
    host = run.target.partition(":")[0]
    return run.model_copy(update={"duration_ms": 0, "requests": 0, "retries": 0, "target": host})


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(load_scenario("demo")).items():
        monkeypatch.setenv(name, value)


def test_two_runs_with_one_seed_give_the_same_readings(tmp_path: Path) -> None:
    first = asyncio.run(one_round(tmp_path / "first", seed=11))
    second = asyncio.run(one_round(tmp_path / "second", seed=11))
    other = asyncio.run(one_round(tmp_path / "other", seed=12))
    assert first == second
    assert first != other
