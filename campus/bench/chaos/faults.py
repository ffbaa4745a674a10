"""The fault matrix: one row a fault. Each breaks something for a moment and mends it again."""

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from campus.bench.chaos.plant import SCHOOLS, Plant, Process
from campus.bench.chaos.proxy import State

_DAY_MS = 86_400_000
_PATIENCE_S = 20.0
_YEAR_2020_MS = 1_580_000_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """`play` breaks, waits `for_s` (shortest, longest), and mends."""

    name: str
    play: Callable[[Plant, random.Random, float], None]
    for_s: tuple[float, float] = (0.5, 3.0)
    needs_disk: bool = False


def _any_gateway(plant: Plant, rng: random.Random) -> Process:
    return plant.gateways[rng.choice(SCHOOLS)]


def _kill(process: Process, seconds: float) -> None:
    process.kill()
    time.sleep(seconds)
    process.start()


def _freeze(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def _kill_broker(plant: Plant, seconds: float, *, files: bool) -> None:
    plant.broker.kill()
    if files:
        (plant.broker.folder / "mosquitto.db").unlink(missing_ok=True)
    time.sleep(seconds)
    plant.broker.start()


def _kill_store(plant: Plant, _rng: random.Random, seconds: float) -> None:
    plant.store.kill()
    time.sleep(seconds)
    plant.store.start()


def _kill_everything(plant: Plant, _rng: random.Random, seconds: float) -> None:
    """As a power cut of the whole house would."""
    for process in plant.processes():
        process.kill()
    plant.broker.kill()
    plant.store.kill()
    time.sleep(seconds)
    plant.store.start()
    plant.broker.start()
    for process in plant.processes():
        process.start()


def _network(name: str | None, state: State) -> Callable[[Plant, random.Random, float], None]:
    def play(plant: Plant, rng: random.Random, seconds: float) -> None:
        network = plant.networks[name or rng.choice(SCHOOLS)]
        network.set(state)
        time.sleep(seconds)
        network.set("open")

    return play


def _clock(off_ms: Callable[[random.Random], int]) -> Callable[[Plant, random.Random, float], None]:
    def play(plant: Plant, rng: random.Random, seconds: float) -> None:
        file = plant.folder_of(rng.choice(SCHOOLS)) / "clock"
        file.write_text(str(off_ms(rng)))
        time.sleep(seconds)
        file.unlink()

    return play


def _fill_disk(plant: Plant, rng: random.Random, seconds: float) -> None:
    filler = plant.folder_of(rng.choice(SCHOOLS)) / "disk" / "others"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        fill(filler)
        time.sleep(0.05)
    filler.unlink()


def _remove_spool(plant: Plant, rng: random.Random, seconds: float) -> None:
    """Under the gateway's feet: what it has open is all that is left of it, until it has written it again.

    A gateway that has not opened it yet, or is killed before it could write it, is no fault but an end.
    """
    school = rng.choice(SCHOOLS)
    spool = plant.folder_of(school) / "disk" / "spool.sqlite"
    if not _until(lambda: plant.gateways[school].has_open(spool)):
        return
    spool.unlink()
    time.sleep(seconds)
    _until(spool.exists)


def _replace_quarantine(plant: Plant, _rng: random.Random, seconds: float) -> None:
    """By a copy of itself, as someone who restores a backup would, with ingest in the middle of its work."""
    file = plant.quarantine
    copy = file.with_suffix(".copy")
    os.kill(plant.ingest.pid, signal.SIGSTOP)
    try:
        with closing(sqlite3.connect(file, timeout=1)) as held:
            held.execute("vacuum into ?", (str(copy),))
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        copy.replace(file)
    except sqlite3.Error:
        copy.unlink(missing_ok=True)  # ingest stands in the middle of writing, or has made no file yet
    finally:
        os.kill(plant.ingest.pid, signal.SIGCONT)
    time.sleep(seconds)


def _until(true: Callable[[], bool]) -> bool:
    """Wait for something that happens on a machine with other work, too."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def fill(file: Path) -> None:
    """Take all that a disk has free."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with contextlib.suppress(OSError):
        while True:
            os.write(descriptor, bytes(65_536))
    with contextlib.suppress(OSError):
        while True:
            os.write(descriptor, bytes(4_096))
    with contextlib.suppress(OSError):
        os.close(descriptor)


FAULTS = (
    Fault("kill gateway", lambda plant, rng, s: _kill(_any_gateway(plant, rng), s), (0.0, 2.0)),
    Fault("freeze gateway", lambda plant, rng, s: _freeze(_any_gateway(plant, rng).pid, s)),
    Fault("kill ingest", lambda plant, _, s: _kill(plant.ingest, s), (0.0, 3.0)),
    Fault("freeze ingest", lambda plant, _, s: _freeze(plant.ingest.pid, s), (0.5, 4.0)),
    Fault("kill broker", lambda plant, _, s: _kill_broker(plant, s, files=False)),
    Fault("kill broker, its files lost", lambda plant, _, s: _kill_broker(plant, s, files=True)),
    Fault("freeze broker", lambda plant, _, s: _freeze(plant.broker.pid, s)),
    Fault("kill store", _kill_store),
    Fault("freeze store", lambda plant, _, s: _freeze(plant.store.pid, s), (0.5, 5.0)),
    Fault("power cut", _kill_everything, (0.0, 2.0)),
    Fault("gateway's network cut", _network(None, "cut"), (0.5, 4.0)),
    Fault("gateway's network silent", _network(None, "silent"), (0.5, 12.0)),
    Fault("gateway's network slow", _network(None, "slow"), (1.0, 5.0)),
    Fault("ingest's network cut", _network("ingest", "cut")),
    Fault("ingest's network silent", _network("ingest", "silent"), (0.5, 12.0)),
    Fault("store's network cut", _network("store", "cut")),
    Fault("store's network slow", _network("store", "slow"), (1.0, 5.0)),
    Fault("clock 40 days ahead", _clock(lambda _: 40 * _DAY_MS), (0.5, 4.0)),
    Fault(
        "clock of 2020",
        # Never twice the same moment of 2020: a gateway does not observe the same moment twice.
        _clock(lambda rng: _YEAR_2020_MS + rng.randrange(9 * 10**9) - time.time_ns() // 1_000_000),
        (0.5, 4.0),
    ),
    Fault("disk full", _fill_disk, (0.5, 5.0), needs_disk=True),
    Fault("spool file removed", _remove_spool, (0.5, 1.5)),
    Fault("quarantine file replaced", _replace_quarantine, (0.5, 1.5)),
    Fault("store's network silent", _network("store", "silent"), (0.5, 12.0)),
)
