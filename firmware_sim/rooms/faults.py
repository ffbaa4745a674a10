"""What can go wrong with a room's devices, while they run."""

from collections.abc import Callable, Mapping
from typing import Literal

from firmware_sim.faults import SnmpFaults
from runtime.settings import Settings

ComputerFault = Literal["none", "firewalled", "moved", "impostor", "lies", "unplugged", "wrong-token"]


class ComputerFaults(Settings):
    """How a panel or class PC misbehaves.

    firewalled: runs and answers nothing; moved: has another address; impostor: another device has its
    address; lies: answers, or reports itself, though it is off; unplugged: its cable is out; wrong-token: its
    reports are signed with another token.
    """

    fault: ComputerFault = "none"


PlugFault = Literal["none", "silent", "reset", "wraps", "stale", "duplicates", "flood", "nonsense", "lies"]


class PlugFaults(Settings):
    """How a plug misbehaves.

    silent: gone, and its last will says so; reset: its meter begins anew; wraps: it counts in 32 bits and
    has come round; stale: only what the broker kept of it is there; duplicates: everything is said twice;
    flood: a hundred times; nonsense: no JSON, no numbers; lies: draws nothing, whatever hangs at it.
    """

    fault: PlugFault = "none"


class RoomFaults:
    """The faults of a school's rooms at this moment."""

    def __init__(self) -> None:
        self._computers: dict[str, ComputerFaults] = {}
        self._plugs: dict[str, PlugFaults] = {}
        self.switch = SnmpFaults()
        self.changed: list[Callable[[], None]] = []

    def computer(self, device: str) -> ComputerFaults:
        return self._computers.get(device, _WELL)

    def set_computer(self, device: str, faults: ComputerFaults) -> None:
        self._computers[device] = faults
        for tell in self.changed:
            tell()

    def plug(self, device: str) -> PlugFaults:
        return self._plugs.get(device, _PLUG_WELL)

    def set_plug(self, device: str, faults: PlugFaults) -> None:
        self._plugs[device] = faults
        for tell in self.changed:
            tell()

    def plant(self, faulty: Mapping[str, str]) -> None:
        """The faults that a scenario has from the start, by device."""
        for device, fault in faulty.items():
            if device.startswith("TP-"):
                self.set_plug(device, PlugFaults.model_validate({"fault": fault}))
            else:
                self.set_computer(device, ComputerFaults.model_validate({"fault": fault}))

    def set_switch(self, faults: SnmpFaults) -> None:
        self.switch = faults


_WELL = ComputerFaults()
_PLUG_WELL = PlugFaults()
