"""Faults by command, while the district runs: a table in its folder, read again and again.

faults.csv: school,device,fault. Devices are AC, SW (the switch), and those of the lists: PJ-101, PN-101,
PC-101, TP-101. An empty table is a district that is well.
"""

import csv
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from firmware_sim.faults import Faults, PjlinkFault, PjlinkFaults, SnmpFaults
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import ComputerFault, ComputerFaults, PlugFault, PlugFaults, RoomFaults
from firmware_sim.scenario import Scenario
from runtime.errors import ConfigError, UserError
from runtime.language import Text

FILE = "faults.csv"
SNMP: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "mute": {"mute": True},
    "slow": {"delay_ms": 400},
    "drops": {"drop": 0.3},
    "duplicates": {"duplicate": True},
    "partial": {"end_after": 3},
    "loops": {"loop_row": 2},
    "too-big": {"too_big_above": 4},
    "gen-err": {"gen_err_row": 1},
    "denies": {"deny": True},
    "invalid": {"invalid_row": 0},
    "reused": {"reused_row": 0},
    "swapped": {"swapped": True},
}
# A switch has no access points.
_OF_CONTROLLERS = ("swapped",)
# Lists in a school's folder that name its devices.
_LISTS = ("projectors.csv", "devices.csv", "beacons.csv", "plugs.csv")

log = logging.getLogger(__name__)


class Fault(NamedTuple):
    school: str
    device: str
    fault: str


def known_faults(device: str) -> tuple[str, ...]:
    """What a device of this name can have."""
    if device == "SW":
        return tuple(name for name in SNMP if name not in _OF_CONTROLLERS)
    if device == "AC":
        return tuple(SNMP)
    kinds: Mapping[str, Any] = {"PJ": PjlinkFault, "PN": ComputerFault, "PC": ComputerFault, "TP": PlugFault}
    return get_args(kinds.get(device.partition("-")[0], ComputerFault))


def write_fault(folder: Path, fault: Fault) -> None:
    """Put a fault into the table, in place of what the device had; "none" takes it out. Raises UserError."""
    known = known_faults(fault.device)
    if fault.fault not in known:
        names = ", ".join(known)
        raise UserError(
            Text(
                f"{fault.device} 没有故障 {fault.fault!r}，可用：{names}",
                f"{fault.device}: take one of {names}",
            )
        )
    if not (folder / fault.school).is_dir():
        raise UserError(Text(f"{folder} 中没有学校 {fault.school}", f"{folder} has no school {fault.school}"))
    there = _devices(folder / fault.school)
    if fault.device not in there:
        names = ", ".join(sorted(there))
        raise UserError(
            Text(
                f"学校 {fault.school} 没有设备 {fault.device}，有：{names}",
                f"school {fault.school} has no {fault.device}; it has {names}",
            )
        )
    kept = [one for one in read_faults(folder) if one[:2] != fault[:2]]
    lines = [*kept, *([fault] if fault.fault != "none" else [])]
    new = folder / f"{FILE}.new"
    with new.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("school", "device", "fault"), *lines])
    new.replace(folder / FILE)


def check_faults(scenario: Scenario) -> None:
    """Faults that a scenario has from the start are of devices that it has. Raises ConfigError."""
    for school in scenario.schools:
        equipment = Equipment(school)
        there = {one.device for one in equipment.computers} | {one.device for one in equipment.plugs}
        for device, fault in school.faulty.items():
            if device not in there or fault not in known_faults(device):
                raise ConfigError(
                    Text(
                        f"学校 {school.code} 的 faulty：没有设备 {device}，或它没有故障 {fault!r}",
                        f"faulty of school {school.code}: no device {device}, or none that has {fault!r}",
                    )
                )


def _devices(folder: Path) -> set[str]:
    """What a school's folder names; its switch is there where anything hangs at it."""
    found = {"AC"}
    for name in _LISTS:
        try:
            with (folder / name).open(encoding="utf-8-sig", newline="") as lines:
                listed = {row["device"] for row in csv.DictReader(lines)}
        except (OSError, KeyError):
            continue
        found |= listed
        if listed and name in {"devices.csv", "beacons.csv"}:
            found.add("SW")
    return found


def read_faults(folder: Path) -> list[Fault]:
    """The table; there is none at first. A line that says nothing known is passed over and logged."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8-sig")
    except OSError:
        return []
    return list(_lines(text))


def _lines(text: str) -> Iterator[Fault]:
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        if number == 1 or not row:
            continue
        if len(row) == 3 and row[2] in known_faults(row[1]):
            yield Fault(*row)
        else:
            log.warning("%s, line %d: no fault of a device", FILE, number)


class Steering:
    """Makes devices have the faults of the table."""

    def __init__(self, folder: Path, faults: Faults, rooms: Mapping[str, RoomFaults]) -> None:
        self._folder, self._faults, self._rooms = folder, faults, rooms
        self._now: set[Fault] = set()

    def follow(self) -> None:
        """Set what is new in the table, and take away what has left it."""
        wanted = set(read_faults(self._folder))
        for fault in self._now - wanted:
            self._set(fault._replace(fault="none"))
        for fault in wanted - self._now:
            self._set(fault)
        self._now = wanted

    def _set(self, fault: Fault) -> None:
        rooms = self._rooms.get(fault.school)
        kind = fault.device.partition("-")[0]
        if fault.device == "AC":
            self._faults.set_controller(fault.school, SnmpFaults.model_validate(SNMP[fault.fault]))
        elif kind == "PJ":
            faults = PjlinkFaults.model_validate({"fault": fault.fault})
            self._faults.set_projector(fault.school, fault.device, faults)
        elif rooms is None:
            log.warning("school %s has no such device: %s", fault.school, fault.device)
        elif fault.device == "SW":
            rooms.set_switch(SnmpFaults.model_validate(SNMP[fault.fault]))
        elif kind == "TP":
            rooms.set_plug(fault.device, PlugFaults.model_validate({"fault": fault.fault}))
        else:
            rooms.set_computer(fault.device, ComputerFaults.model_validate({"fault": fault.fault}))
