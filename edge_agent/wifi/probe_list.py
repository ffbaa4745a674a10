"""probes.csv: where each probe hangs, and the command that reaches its `iw`."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from edge_agent.tables import key_of, place_of, rows_of, twice
from runtime import ConfigError
from runtime.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProbe:
    """One line of probes.csv. command: `iw` here, or for example ssh to the probe with iw at the end."""

    room: str
    point: str
    device: str
    interface: str
    command: tuple[str, ...]


def read_probes(path: Path) -> tuple[ListedProbe, ...]:
    """Read probes.csv; raises ConfigError with file, line and column."""
    found: dict[tuple[str, str], ListedProbe] = {}
    devices: set[str] = set()
    for line, row in rows_of(path, required=("room", "interface"), optional=("point", "device", "command")):
        probe = _probe(path, line, row)
        if (probe.room, probe.point) in found:
            raise twice(path, line, "point", probe.point)
        if probe.device in devices:
            raise twice(path, line, "device", probe.device)
        found[probe.room, probe.point] = probe
        devices.add(probe.device)
    return tuple(found.values())


def _probe(path: Path, line: int, row: dict[str, str]) -> ListedProbe:
    try:
        command = tuple(shlex.split(row.get("command") or "iw"))
    except ValueError as error:
        wrong = Text("引号不成对", "a quotation mark is left open")
        raise ConfigError(f"{place_of(path, line, 'command')}: {wrong}") from error
    room = key_of(path, line, row, "room")
    point = key_of(path, line, {"point": row.get("point") or "probe"}, "point")
    return ListedProbe(
        room=room,
        point=point,
        device=key_of(path, line, {"device": row.get("device") or f"{room}-{point}"}, "device"),
        interface=key_of(path, line, row, "interface"),
        command=command or ("iw",),
    )
