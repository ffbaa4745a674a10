"""The gateway's room map, told to the bureau: which devices its lists name, and for which rooms.

The lists beside the configuration are the master of it. They are read when the program starts and hold until
it ends, so that the map is told at the start where it is another than the last that was told, and once a day.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contract import MappedDevice, Reading, RoomMap
from edge_agent.collectors.base import Clock, Reads, Recall, Round
from edge_agent.kinds import KINDS, Build

if TYPE_CHECKING:
    from edge_agent.gateway_settings import EdgeSettings

INTERVAL_S = 86_400.0
# A program that is started again and again tells a map that is the same no more often than this.
_SAME_MS = 20 * 3_600_000
_NOTE = "room-map"
# Device, type, room, collector.
MapLine = tuple[str, str, str, str]


def map_lines(settings: "EdgeSettings") -> tuple[MapLine, ...]:
    """Every line of every list; a device that two collectors ask for one room is one. Raises ConfigError."""
    found: dict[tuple[str, str, str], str] = {}
    for kind in KINDS:
        for collector in getattr(settings, kind.name):
            for line in kind.maps(collector) if kind.maps else ():
                found.setdefault(line, collector.id)
    return tuple((*line, collector) for line, collector in sorted(found.items()))


def hash_of(lines: Sequence[MapLine]) -> str:
    """The SHA-256 of the lines, by which two maps are told apart."""
    whole = json.dumps(sorted(lines), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def room_map(settings: "EdgeSettings") -> Build:
    """Stands beside the collectors. Raises ConfigError."""
    lines = map_lines(settings)
    return lambda recall: RoomMapTeller(lines, recall=recall)


class RoomMapTeller:
    """Tells the map as a whole; it asks nobody, so that no run is recorded of it."""

    id = "room-map"
    interval_s = INTERVAL_S
    reads: Reads = "room_map"

    def __init__(self, lines: Sequence[MapLine], *, recall: Recall) -> None:
        self._lines, self._recall = lines, recall
        self._sha256 = hash_of(lines)

    async def collect(self, clock: Clock) -> Round:
        now_ms = clock()
        if not self._is_due(now_ms):
            return Round(runs=())
        return Round(runs=(), readings=self._told(now_ms), notes={_NOTE: f"{self._sha256} {now_ms}"})

    def _is_due(self, now_ms: int) -> bool:
        sha256, _, told = (self._recall(_NOTE) or "").partition(" ")
        # A clock that was set back since tells it once more.
        return sha256 != self._sha256 or not 0 <= now_ms - int(told) < _SAME_MS

    def _told(self, now_ms: int) -> tuple[Reading, ...]:
        rooms = {room for _, _, room, _ in self._lines}
        whole = RoomMap(time=now_ms, sha256=self._sha256, lines=len(self._lines), rooms=len(rooms))
        lines = [
            MappedDevice.model_validate(
                {"time": now_ms, "device": device, "type": type_, "room": room, "collector": collector}
            )
            for device, type_, room, collector in self._lines
        ]
        return (*lines, whole)
