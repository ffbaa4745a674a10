"""A round over panels and class PCs that are asked, and their switch, as the gateway tells it."""

from collections.abc import Iterator

from firmware_sim.history.span import ROOMS, SchoolPlaces, Told
from firmware_sim.rooms.equipment import Computer, Equipment
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.switch import AGEING_S, FIRST_INTERFACE

_NAMED = 5
_DEVICES = "devices"
_NEVER = "从未应答：地址写错，或防火墙不放行"
_LONGEST = 256


class PresencePast:
    """One school's; it remembers which devices the gateway has ever met, and how its last round went."""

    def __init__(self, equipment: Equipment, life: RoomLife, places: SchoolPlaces) -> None:
        self._equipment, self._life, self._places = equipment, life, places
        self._met: set[str] = set()
        self.status = "ok"

    def round(self, *, time: float, interval_s: int, told_ms: int) -> Iterator[Told]:
        """A run for the switch, a reading for every device that is asked, and a run for all of these."""
        if not self._equipment.asked:
            return
        run = {
            "kind": "collector_run",
            "time": told_ms,
            "collector": ROOMS,
            "reads": "room_device",
            "interval_s": interval_s,
            "duration_ms": 20,
        }
        heard = sum(self._heard(one, time) for one in self._equipment.computers)
        yield run | {"target": self._places.switch, "status": "ok", "rows": heard}
        told = [(one, self._sign(one, time)) for one in self._equipment.asked]
        yield from (_told(one, sign, told_ms) for one, sign in told)
        unknown = [(one, str(sign["why"])) for one, sign in told if "power" not in sign]
        known = len(told) - len(unknown)
        self.status = "ok" if not unknown else "partial" if known else "timeout"
        yield run | {
            "target": _DEVICES,
            "status": self.status,
            "rows": known,
            "expected": len(told),
            "requests": len(told),
            "reason": _named(unknown),
        }

    def _sign(self, one: Computer, time: float) -> Told:
        """What the gateway finds out: it answers, the switch still hears it, or its port has no link."""
        home = f"{self._places.switch} {FIRST_INTERFACE + one.number}"
        if self._life.computer_on(one, time):
            self._met.add(one.device)
            return _present("network", f"端口 {self._places.computers} 有应答")
        if self._heard(one, time):
            self._met.add(one.device)
            return _present("switch", f"交换机端口 {home} 上听到它")
        if one.device not in self._met:
            return {"reachable": False, "why": _NEVER}
        why = f"交换机端口 {home} 无链路"
        return {"reachable": False, "power": "off", "evidence": "silence", "why": why}

    def _heard(self, one: Computer, time: float) -> bool:
        """Whether the switch's table has it; the switch looks at whole seconds."""
        second = int(time)
        return self._life.computer_on(one, second) or self._life.computer_on(one, second - AGEING_S)


def _present(evidence: str, why: str) -> Told:
    return {"reachable": True, "power": "on", "evidence": evidence, "why": why}


def _told(one: Computer, sign: Told, told_ms: int) -> Told:
    return {
        "kind": "room_device",
        "time": told_ms,
        "device": one.device,
        "type": one.type,
        "room": one.room.code,
    } | sign


def _named(unknown: list[tuple[Computer, str]]) -> str | None:
    if not unknown:
        return None
    parts = [f"{one.device}：{why}" for one, why in unknown[:_NAMED]]
    if len(unknown) > _NAMED:
        parts.append(f"另有 {len(unknown) - _NAMED} 台不详")
    text = "；".join(parts)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
