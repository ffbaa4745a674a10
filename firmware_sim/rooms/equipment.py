"""Which panels, class PCs and plugs a school has, and which switch port each hangs at."""

from dataclasses import dataclass
from typing import Literal

from firmware_sim.chance import digest
from firmware_sim.scenario import PlugKind, Room, School

# Projectors end at .99 of a school's network; .250 up are for devices whose address has changed.
_FIRST_HOST, _MOST = 100, 140
_MOVED_BY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Computer:
    """A panel's built-in PC, or a class PC; `number` is 1, 2, … in the school, and its switch port."""

    device: str
    type: Literal["panel", "class_pc"]
    room: Room
    mac: bytes
    number: int

    @property
    def host(self) -> int:
        """The last octet of its address."""
        return _FIRST_HOST + self.number - 1

    @property
    def mac_text(self) -> str:
        return self.mac.hex(":")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """A metering plug, and the topic under which it speaks."""

    device: str
    kind: PlugKind
    room: Room
    topic: str
    number: int


class Equipment:
    """One school's. Nothing in it changes with time.

    computers: all of them; those of `reporting` tell the gateway themselves, those of `asked` are asked.
    """

    def __init__(self, school: School) -> None:
        self.school = school
        wanted = [
            (kind, room)
            for room in school.rooms
            for kind in ("panel", "class_pc")
            if (room.panel if kind == "panel" else room.class_pc)
        ]
        self.computers = tuple(
            Computer(
                device=f"{'PN' if kind == 'panel' else 'PC'}-{room.code}",
                type="panel" if kind == "panel" else "class_pc",
                room=room,
                # Locally administered: no maker's real address is used.
                mac=b"\x06" + digest(school.code, number, "computer").to_bytes(8)[:3] + number.to_bytes(2),
                number=number,
            )
            for number, (kind, room) in enumerate(wanted[:_MOST], 1)
        )
        self.asked = tuple(one for one in self.computers if not one.room.beacon)
        self.reporting = tuple(one for one in self.computers if one.room.beacon)
        self.plugs = tuple(
            Plug(
                device=f"TP-{room.code}",
                kind=room.plug,
                room=room,
                topic=_topic(room, school),
                number=number,
            )
            for number, room in enumerate((room for room in school.rooms if room.plug != "none"), 1)
        )


def _topic(room: Room, school: School) -> str:
    """A name as each maker's plugs come with; zigbee2mqtt's are what people type."""
    number = f"{digest(school.code, room.code, 'plug') & 0xFFFFFF:06x}"
    return {
        "tasmota": f"tasmota_{number}",
        "shelly1": f"shellyplug-s-{number}",
        "shelly2": f"shellyplusplugs-{number}{number}",
        "zigbee2mqtt": f"{room.name}/插座",
        "none": "",
    }[room.plug]
