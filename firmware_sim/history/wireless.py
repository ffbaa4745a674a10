"""A round over the school's access controller, as its gateway tells it."""

from collections.abc import Iterator

from firmware_sim.history.makers import MAKERS, NETWORKS_TOLD, Maker
from firmware_sim.history.span import CONTROLLER, SchoolPlaces, Told
from firmware_sim.layout import AccessPoint as Hung
from firmware_sim.states import RadioState
from firmware_sim.world import Campus

_WIDTH = {"2.4": 20, "5": 80}
# A reason names no more than these.
_NAMED = 5


def wireless_round(
    campus: Campus, places: SchoolPlaces, *, time: float, before: float | None, interval_s: int, told_ms: int
) -> Iterator[Told]:
    """Everything that the gateway tells of its access points at `time`, by its own clock `told_ms`.

    before: the round before this one; an access point without a row is down only when it is missed twice.
    """
    maker, rows, missed = MAKERS[campus.school.controller], 0, []
    for ap in campus.access_points(time):
        if maker.failed == "missing" and not campus.ap_up(ap, time):
            missed.append(ap)
            sure = before is not None and not campus.ap_up(ap, before)
            yield _missing(campus, ap, told_ms, "down" if sure else "unknown")
            continue
        rows += 1
        yield from _told(campus, ap, maker, int(time), told_ms)
    yield _run(places, rows, missed, interval_s, told_ms)


def _told(campus: Campus, ap: Hung, maker: Maker, time: int, told_ms: int) -> Iterator[Told]:
    state = campus.ap_state(ap, time)
    up = state.up
    yield {
        "kind": "access_point",
        "time": told_ms,
        "ap": ap.serial,
        "room": ap.room.code,
        "state": "up" if up else "down",
        "name": ap.name,
        "model": maker.model,
        "firmware": maker.firmware,
        "clients": state.clients if up else None,
        "ssids": NETWORKS_TOLD if up and maker.networks else None,
        "uptime_s": state.online_s if up else None,
        "cpu_pct": state.cpu_pct if up else None,
        "memory_pct": state.memory_pct if up else None,
        "temperature_c": state.temperature_c if up and maker.temperature else None,
    }
    if up or maker.failed == "radios":
        for number, radio in zip(maker.radios, campus.radios(ap, time), strict=True):
            yield _radio(ap, number, radio, maker, told_ms)


def _radio(ap: Hung, number: str, state: RadioState, maker: Maker, told_ms: int) -> Told:
    up, measured = state.up, state.noise_dbm is not None
    load = up and (measured or maker.load_without_noise)
    noise = state.noise_dbm if measured else maker.noise_unknown
    return {
        "kind": "radio",
        "time": told_ms,
        "ap": ap.serial,
        "radio": number,
        "room": ap.room.code,
        "up": up,
        "band": state.band,
        "channel": state.channel if up else None,
        "width_mhz": _WIDTH[state.band] if up and maker.width else None,
        "tx_power_dbm": state.eirp_dbm if up and maker.power else None,
        "utilisation_pct": state.utilisation_pct if load else None,
        "noise_dbm": noise if up and maker.noise else None,
        "clients": state.clients if up and maker.clients else None,
    }


def _missing(campus: Campus, ap: Hung, told_ms: int, state: str) -> Told:
    """Its name is known where the controller has ever shown it."""
    always = any(
        entry.fault == "ap-down" and entry.room == ap.room.code and entry.first is None
        for entry in campus.school.planted
    )
    return {
        "kind": "access_point",
        "time": told_ms,
        "ap": ap.serial,
        "room": ap.room.code,
        "state": state,
        "name": None if always else ap.name,
    }


def _run(places: SchoolPlaces, rows: int, missed: list[Hung], interval_s: int, told_ms: int) -> Told:
    names = ", ".join(ap.serial for ap in missed[:_NAMED]) + (", …" if len(missed) > _NAMED else "")
    return {
        "kind": "collector_run",
        "time": told_ms,
        "collector": CONTROLLER,
        "target": places.controller,
        "status": "ok",
        "rows": rows,
        "expected": rows,
        "duration_ms": 30 + rows,
        "requests": 12 + rows // 50,
        "retries": 0,
        "reads": "access_point",
        "interval_s": interval_s,
        "reason": f"{len(missed)} 个已登记的接入点不在控制器的表中：{names}" if missed else None,
    }
