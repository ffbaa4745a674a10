"""What can go wrong with a device: planted by the scenario, changed while it runs."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from runtime.settings import Settings


class SnmpFaults(Settings):
    """How a controller misbehaves. Rows are counted from 0 in each of its tables."""

    drop: float = Field(default=0.0, ge=0, le=1)  # share of requests that get no answer
    delay_ms: int = Field(default=0, ge=0, le=60_000)
    duplicate: bool = False  # every answer is sent twice
    end_after: int | None = Field(default=None, ge=0)  # endOfMibView after so many rows of a table
    too_big_above: int | None = Field(default=None, ge=0)  # tooBig for an answer of more varbinds
    gen_err_row: int | None = Field(default=None, ge=0)  # genErr for any answer that holds this row
    loop_row: int | None = Field(default=None, ge=1)  # after this row the table begins anew
    mute: bool = False
    deny: bool = False  # another community is right: silence, as SNMP v2c has no other word
    invalid_row: int | None = Field(default=None, ge=0)  # this row's numbers are the marker for "not known"
    reused_row: int | None = Field(default=None, ge=0)  # this row has another access point's serial number
    swapped: bool = False  # the access points of its first room have given way to new ones, of the same names


PjlinkFault = Literal["none", "mute", "refuse", "erra", "err3", "err4", "half", "reset", "slow", "lies"]

# What can be broken in a room.
Plant = Literal[
    "ap-down",  # its access points have failed
    "ap-flaps",  # they fail for a third of the time
    "weak-corner",  # one measuring point lies in a radio shadow
    "lamp-error",
    "filter-warning",
    "projector-unused",  # never switched on
    "left-on",  # on from noon to the next noon, lessons or not
    "projector-mute",  # accepts connections and never answers
    "projector-refuses",  # does not listen
]
PLANTED_PJLINK: dict[Plant, PjlinkFault] = {"projector-mute": "mute", "projector-refuses": "refuse"}


class PjlinkFaults(Settings):
    """How a projector misbehaves.

    mute: accepts and never answers; refuse: does not listen; erra: no password is right; err3, err4: the
    answer to every query; half: sends half an answer and hangs up; reset: breaks the connection; slow: takes
    its time for every answer; lies: says that it is on, whatever it does.
    """

    fault: PjlinkFault = "none"


Changed = Callable[[], None]


class Faults:
    """The faults of a district at this moment. A device asks at every request."""

    def __init__(
        self,
        controllers: Mapping[str, SnmpFaults] | None = None,
        projectors: Mapping[tuple[str, str], PjlinkFaults] | None = None,
    ) -> None:
        self._controllers = dict(controllers or {})
        self._projectors = dict(projectors or {})
        self._watchers: dict[tuple[str, str], Changed] = {}

    def controller(self, school: str) -> SnmpFaults:
        return self._controllers.get(school, _NO_SNMP_FAULTS)

    def projector(self, school: str, device: str) -> PjlinkFaults:
        return self._projectors.get((school, device), _NO_PJLINK_FAULTS)

    def set_controller(self, school: str, faults: SnmpFaults) -> None:
        self._controllers[school] = faults

    def set_projector(self, school: str, device: str, faults: PjlinkFaults) -> None:
        self._projectors[school, device] = faults
        watcher = self._watchers.get((school, device))
        if watcher:
            watcher()

    def watch_projector(self, school: str, device: str, changed: Changed) -> None:
        """Call `changed` whenever this projector's faults are set: it may have to stop listening."""
        self._watchers[school, device] = changed


_NO_SNMP_FAULTS = SnmpFaults()
_NO_PJLINK_FAULTS = PjlinkFaults()
