"""`campus bench district`: a district's day counted, its term judged and looked at, on each kind of store."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from campus.bench.term.figures import Figures, load
from campus.bench.term.one_store import OneStore, Say, Subject
from campus.bench.term.raw import Day, district_of, school_days
from campus.servers import influxd, running
from firmware_sim import write_registry
from store.periods import class_of, is_period

_MIB = 1 << 20
# What InfluxDB has in its log only is larger than on disk; how long it waits with nothing coming in.
_TO_DISK = "INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION"
_SETTLE_S = 60.0


def measure(
    *, schools: int, days: int, interval_s: int, requests: int, minutes: float | None, say: Say
) -> None:
    """Print everything, first on SQLite, then on InfluxDB where influxd is installed, and a table at the end.

    minutes: what is not begun by then is left out, and said so.
    """
    # Told to end, it ends its server and takes its files along, as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    figures = Figures(minutes)
    with tempfile.TemporaryDirectory(prefix="campus-bench-") as name:
        folder, scenario = Path(name), district_of(schools)
        write_registry(scenario, folder / "registry")
        term = tuple(school_days(scenario, days))
        day = Day(scenario, term[-1], interval_s=interval_s)
        subject = Subject(scenario=scenario, folder=folder, days=term, day=day, requests=requests)
        say(
            f"{schools} schools, each 12 access points with two radios and 12 displays, every {interval_s} s "
            f"in school hours: {day.rows:,} rows a day; a term of {days} school days; {load()}"
        )
        path = folder / "sqlite" / "readings.sqlite"
        path.parent.mkdir()
        of_sqlite = OneStore(
            "SQLite", f"sqlite:///{path}", subject, lambda: _sqlite_bytes(path), figures, say
        )
        of_sqlite.measure()
        if shutil.which("influxd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            say("InfluxDB: influxd is not installed, left out")
        else:
            server = influxd(folder / "influx")
            server.environment[_TO_DISK] = "2s"
            with running(server):
                address = f"influxdb://127.0.0.1:{server.port}/campus"
                sizes = _Growth(folder / "influx")
                of_influx = OneStore("InfluxDB 1.x", address, subject, sizes.bytes, figures, say)
                of_influx.grown, of_influx.server = sizes.grown, server.pid
                of_influx.measure()
        say(f"at the end {load()}")
        for line in figures.table():
            say(line)


def _sqlite_bytes(path: Path) -> dict[str, int]:
    """By class of retention; what is never dropped is one class."""
    found: dict[str, int] = {}
    for file in path.parent.glob(f"{path.name}*"):
        period = file.name.removeprefix(f"{path.name}.")
        kept = class_of(period) if is_period(period) else "records"
        found[kept] = found.get(kept, 0) + file.stat().st_size
    return found


class _Growth:
    """An InfluxDB's folder, step by step: what it grew by is the class that was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = self._size()
        self._by_class: dict[str, int] = {}

    def grown(self, kept: str) -> None:
        deadline = time.monotonic() + _SETTLE_S
        while time.monotonic() < deadline and self._size("wal") > _MIB:
            time.sleep(0.5)
        size = self._size()
        # Before anything is stored the server has laid files out.
        if kept == "nothing":
            self._before = size
            return
        self._by_class[kept] = max(0, size - self._before)
        self._before = size

    def bytes(self) -> Mapping[str, int]:
        return self._by_class

    def _size(self, part: str = "") -> int:
        return sum(file.stat().st_size for file in (self._folder / part).rglob("*") if file.is_file())
