"""A round over metering plugs, as their gateway tells what they said last."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from firmware_sim.history.span import PLUGS, SchoolPlaces, Told
from firmware_sim.rooms.equipment import Equipment, Plug
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.plugs import meter_before
from firmware_sim.scenario import PlugKind


class _Maker(NamedTuple):
    """How finely a maker's plugs tell power (W) and energy (Wh)."""

    watts: Callable[[float], float]
    energy_wh: Callable[[float], float]


# Tasmota: whole W, thousandths of a kWh; Shelly Gen1: whole watt-minutes; zigbee2mqtt: hundredths of a kWh.
_MAKERS: Mapping[PlugKind, _Maker] = {
    "tasmota": _Maker(lambda w: float(round(w)), lambda wh: round(round(wh / 1000, 3) * 1000, 4)),
    "shelly1": _Maker(lambda w: round(w, 2), lambda wh: round(int(wh * 60) / 60, 4)),
    "shelly2": _Maker(lambda w: round(w, 2), lambda wh: round(wh, 4)),
    "zigbee2mqtt": _Maker(lambda w: float(round(w)), lambda wh: round(round(wh / 1000, 2) * 1000, 4)),
}


class PlugsPast:
    """One school's; it remembers what each meter said in the round before."""

    def __init__(self, equipment: Equipment, life: RoomLife, places: SchoolPlaces) -> None:
        self._plugs, self._life, self._places = equipment.plugs, life, places
        self._before: dict[str, float] = {}

    def round(self, *, time: float, interval_s: int, told_ms: int) -> Iterator[Told]:
        """A reading for every plug, and a run for all of them."""
        if not self._plugs:
            return
        for plug in self._plugs:
            yield self._told(plug, time, told_ms)
        yield {
            "kind": "collector_run",
            "time": told_ms,
            "collector": PLUGS,
            "target": self._places.plugs,
            "status": "ok",
            "rows": len(self._plugs),
            "expected": len(self._plugs),
            "duration_ms": 0,
            "reads": "room_device",
            "interval_s": interval_s,
        }

    def _told(self, plug: Plug, time: float, told_ms: int) -> Told:
        maker, on_w = _MAKERS[plug.kind], plug.room.plug_on_w or 0.0
        watts = maker.watts(self._life.watts(plug.room, time))
        energy_wh = maker.energy_wh(round(self._life.meter_wh(plug.room, time) + meter_before(plug), 3))
        before, self._before[plug.device] = self._before.get(plug.device), energy_wh
        return {
            "kind": "room_device",
            "time": told_ms,
            "device": plug.device,
            "type": "plug",
            "room": plug.room.code,
            "reachable": True,
            "power": "on" if watts >= on_w else "off",
            "power_w": watts,
            "energy_wh": energy_wh,
            "used_wh": None if before is None else round(energy_wh - before, 4),
            "evidence": "watts",
            "why": f"{watts:g} W，门限 {on_w:g} W（设定）",
        }
