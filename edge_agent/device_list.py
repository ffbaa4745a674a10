"""devices.csv: the panels, class PCs and other devices of a school, by MAC or address, and their rooms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from edge_agent.tables import key_of, place_of, rows_of, spelling, twice
from runtime import ConfigError
from runtime.hosts import problem_of
from runtime.language import Text

DeviceType = Literal["projector", "panel", "class_pc", "plug", "probe"]
# What people call them.
_WORDS: Mapping[str, DeviceType] = {
    "投影机": "projector",
    "投影仪": "projector",
    "平板": "panel",
    "大屏": "panel",
    "交互大屏": "panel",
    "交互智能平板": "panel",
    "触控一体机": "panel",
    "一体机": "panel",
    "电脑": "class_pc",
    "教室电脑": "class_pc",
    "教师机": "class_pc",
    "ops": "class_pc",
    "插座": "plug",
    "智能插座": "plug",
    "探测器": "probe",
}
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDevice:
    """One line of devices.csv. `via`: a host on the way to it that always answers, "" where none is named."""

    device: str
    type: DeviceType
    room: str
    host: str = ""
    mac: str = ""
    via: str = ""


def read_devices(path: Path) -> tuple[ListedDevice, ...]:
    """Read devices.csv; raises ConfigError with file, line and column."""
    devices: dict[str, ListedDevice] = {}
    taken: set[tuple[str, str]] = set()
    for line, row in rows_of(path, required=("type", "room"), optional=("device", "host", "mac", "via")):
        device = _device(path, line, row)
        if device.device in devices:
            raise twice(path, line, "device", device.device)
        for column in ("host", "mac"):
            value = getattr(device, column).casefold()
            if value and (column, value) in taken:
                raise twice(path, line, column, row[column])
            taken.add((column, value))
        devices[device.device] = device
    return tuple(devices.values())


def type_of(word: str) -> DeviceType | None:
    """A device's type by the contract's word or a Chinese one."""
    plain = word.strip().casefold()
    named: DeviceType | None = next((known for known in get_args(DeviceType) if known == plain), None)
    return named or _WORDS.get(plain)


def _device(path: Path, line: int, row: dict[str, str]) -> ListedDevice:
    kind = type_of(row["type"])
    if kind is None:
        known = ", ".join(get_args(DeviceType))
        wrong = Text(
            f"{row['type']!r} 不是设备种类；可写 {known}，或 交互大屏、教室电脑、投影机、智能插座、探测器",
            f"{row['type']!r} is no type of device; write one of {known}",
        )
        raise ConfigError(f"{place_of(path, line, 'type')}: {wrong}")
    for column in ("host", "via"):
        problem = problem_of(row[column]) if row.get(column) else None
        if problem is not None:
            wrong = Text(f"{row[column]!r}：{problem.zh}", f"{row[column]!r}: {problem.en}")
            raise ConfigError(f"{place_of(path, line, column)}: {wrong}")
    host = key_of(path, line, row, "host") if row.get("host") else ""
    mac = spelling(row["mac"]) if row.get("mac") else ""
    if mac and not _MAC.fullmatch(mac):
        wrong = Text(f"{row['mac']!r} 不是 MAC 地址", f"{row['mac']!r} is no MAC")
        raise ConfigError(f"{place_of(path, line, 'mac')}: {wrong}")
    if not host and not mac:
        wrong = Text("host 与 mac 至少写一个", "write host or mac, or both")
        raise ConfigError(f"{place_of(path, line)}: {wrong}")
    return ListedDevice(
        device=key_of(path, line, row, "device") if row.get("device") else mac or host,
        type=kind,
        room=key_of(path, line, row, "room"),
        host=host,
        mac=mac,
        via=row.get("via", ""),
    )
