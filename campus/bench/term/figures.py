"""What was measured: seconds by the clock and of the processor, and all figures as one table."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from campus.bench.ingest import cpu_seconds


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: on a machine that others use, the processor's time says more than the clock."""

    wall_s: float
    cpu_s: float
    server_s: float | None = None

    def __str__(self) -> str:
        server = "" if self.server_s is None else f", {self.server_s:.1f} s of the server's"
        return f"{self.wall_s:.1f} s, {self.cpu_s:.1f} s of CPU{server}"


def cost(work: Callable[[], object], *, server: int | None = None) -> Cost:
    """server: the process whose time is looked at as well, and counted."""
    before = cpu_seconds(server) if server else 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    took, own = time.perf_counter() - wall, time.process_time() - cpu
    if server is None:
        return Cost(took, own)
    theirs = cpu_seconds(server) - before
    return Cost(took, own + theirs, theirs)


def load() -> str:
    """How busy the machine is."""
    return f"{os.cpu_count()} cores with a load of {os.getloadavg()[0]:.1f}"


class Figures:
    """By measure and store; `over`: whether the time for measuring is."""

    def __init__(self, minutes: float | None) -> None:
        self._ends = None if minutes is None else time.monotonic() + minutes * 60
        self._found: dict[str, dict[str, str]] = {}
        self._stores: list[str] = []

    @property
    def over(self) -> bool:
        return self._ends is not None and time.monotonic() > self._ends

    def note(self, measure: str, store: str, figure: str) -> None:
        if store not in self._stores:
            self._stores.append(store)
        self._found.setdefault(measure, {})[store] = figure

    def table(self) -> list[str]:
        """Markdown; what was not measured is not told as a figure."""
        rows = [
            [measure, *(found.get(store, "not measured") for store in self._stores)]
            for measure, found in self._found.items()
        ]
        lines = [["", *self._stores], ["---"] * (len(self._stores) + 1), *rows]
        return [f"| {' | '.join(cells)} |" for cells in lines]
