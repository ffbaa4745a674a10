"""beacons.csv: which class PCs may report themselves, for which room, and the token that signs it."""

from dataclasses import dataclass, field
from pathlib import Path

from edge_agent.device_list import DeviceType, type_of
from edge_agent.tables import key_of, place_of, rows_of, twice
from runtime import ConfigError, secret
from runtime.language import Text

# As many characters as make guessing hopeless at the pace of a school's network.
_SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedBeacon:
    """One line of beacons.csv, its token resolved."""

    device: str
    type: DeviceType
    room: str
    token: bytes = field(repr=False)


def read_beacons(path: Path) -> tuple[ListedBeacon, ...]:
    """Read beacons.csv; raises ConfigError with file, line and column."""
    found: dict[str, ListedBeacon] = {}
    for line, row in rows_of(path, required=("device", "room", "token"), optional=("type",)):
        beacon = _beacon(path, line, row)
        if beacon.device in found:
            raise twice(path, line, "device", beacon.device)
        found[beacon.device] = beacon
    return tuple(found.values())


def _beacon(path: Path, line: int, row: dict[str, str]) -> ListedBeacon:
    kind = type_of(row.get("type") or "class_pc")
    if kind not in {"class_pc", "panel"}:
        wrong = Text(f"{row['type']!r}：可写 class_pc 或 panel", f"{row['type']!r}: write class_pc or panel")
        raise ConfigError(f"{place_of(path, line, 'type')}: {wrong}")
    reference = row["token"]
    scheme, _, rest = reference.partition(":")
    if scheme == "file" and rest:
        reference = f"file:{path.parent / rest}"
    token = secret(reference, key=str(place_of(path, line, "token")))
    if len(token) < _SHORTEST_TOKEN:
        wrong = Text(f"至少 {_SHORTEST_TOKEN} 个字符", f"has less than {_SHORTEST_TOKEN} characters")
        raise ConfigError(f"{place_of(path, line, 'token')}: {wrong}")
    return ListedBeacon(
        device=key_of(path, line, row, "device"),
        type="panel" if kind == "panel" else "class_pc",
        room=key_of(path, line, row, "room"),
        token=token.encode(),
    )
