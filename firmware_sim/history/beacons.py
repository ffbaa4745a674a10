"""A round over computers that report themselves, as their gateway tells what it heard."""

from collections.abc import Iterator

from firmware_sim.history.span import BEACONS, SchoolPlaces, Told
from firmware_sim.rooms.equipment import Computer, Equipment
from firmware_sim.rooms.life import RoomLife

# They report every minute; a gateway believes a report for so long.
_EVERY_S, _BELIEVED_S = 60, 150
_NAMED = 5


def beacons_round(
    equipment: Equipment, life: RoomLife, places: SchoolPlaces, *, time: float, interval_s: int, told_ms: int
) -> Iterator[Told]:
    """A reading for every computer that was heard lately, and a run for all of them."""
    listed = equipment.reporting
    if not listed:
        return
    heard = {one.device: said for one in listed if (said := _last_report(one, life, time)) is not None}
    for one in listed:
        if one.device in heard:
            yield _told(one, life, heard[one.device], told_ms)
    silent = [one.device for one in listed if one.device not in heard]
    names = "、".join(silent[:_NAMED])
    yield {
        "kind": "collector_run",
        "time": told_ms,
        "collector": BEACONS,
        "target": places.beacons,
        "status": "ok" if not silent else "partial" if heard else "timeout",
        "rows": len(heard),
        "expected": len(listed),
        "reads": "room_device",
        "interval_s": interval_s,
        "reason": f"{len(silent)} 台没有报文（关机，或计划任务未运行）：{names}" if silent else None,
    }


def _last_report(one: Computer, life: RoomLife, time: float) -> float | None:
    """When it reported last; None where that is too long ago to be believed."""
    minute = time // _EVERY_S * _EVERY_S
    while time - minute <= _BELIEVED_S:
        if life.computer_on(one, minute):
            return minute
        minute -= _EVERY_S
    return None


def _told(one: Computer, life: RoomLife, said: float, told_ms: int) -> Told:
    return {
        "kind": "room_device",
        "time": told_ms,
        "device": one.device,
        "type": one.type,
        "room": one.room.code,
        "reachable": True,
        "power": "on",
        "evidence": "beacon",
        "why": "它自己报告在运行",
        "signed_in": life.signed_in(one, said),
        "display_on": life.computer_on(one, said),
    }
