"""A real gateway with a collector that never runs out, a journal of its own, and a clock that can be turned.

`python -m campus.bench.chaos.gateway FOLDER`: its configuration is FOLDER/gateway.toml, the journal
FOLDER/journal; FOLDER/clock holds how many milliseconds its clock is off.
"""

import asyncio
import signal
import sys
import time
from itertools import count
from pathlib import Path

from campus.bench.chaos.journal import Journal
from contract import AccessPoint, CollectorRun, Reading
from edge_agent.collectors.base import Clock, Collector, Reads, Round
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from runtime import configure_logging, load

READINGS = 20
INTERVAL_S = 0.3


class Busy:
    """Twenty access points, three times a second."""

    id = "busy"
    interval_s = INTERVAL_S
    reads: Reads = "access_point"

    def __init__(self) -> None:
        self._rounds = count()

    async def collect(self, clock: Clock) -> Round:
        now, number = clock(), next(self._rounds)
        readings: tuple[Reading, ...] = tuple(
            AccessPoint(time=now, ap=f"AP{index}", state="up", uptime_s=number) for index in range(READINGS)
        )
        run = CollectorRun(time=now, collector=self.id, target="district", status="ok", rows=READINGS)
        return Round(runs=(run,), readings=readings)


class Journalled(Gateway):
    """Writes down what it hands to the spool, before and after."""

    def __init__(self, settings: EdgeSettings, *, clock: Clock, journal: Journal) -> None:
        super().__init__(settings, clock=clock, more=[lambda _recall: Busy()])
        self._journal = journal

    def _commit(self, collector: Collector, result: Round) -> None:
        self._journal.begin([*result.readings, *result.runs])
        super()._commit(collector, result)
        self._journal.end("committed" if self._spool_trouble is None else "refused")


def turned_clock(path: Path) -> Clock:
    """The machine's clock, off by as many milliseconds as a file says."""

    def clock() -> int:
        try:
            off = int(path.read_text())
        except (OSError, ValueError):
            off = 0
        return time.time_ns() // 1_000_000 + off

    return clock


async def serve(folder: Path) -> None:
    gateway = Journalled(
        load(EdgeSettings, folder / "gateway.toml"),
        clock=turned_clock(folder / "clock"),
        journal=Journal(folder / "journal"),
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await gateway.run(stop)


if __name__ == "__main__":
    configure_logging("INFO")
    asyncio.run(serve(Path(sys.argv[1])))
