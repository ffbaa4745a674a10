"""A round over the school's projectors, as its gateway tells it."""

import errno
from collections.abc import Iterator

from firmware_sim.faults import PLANTED_PJLINK, PjlinkFault
from firmware_sim.history.span import PROJECTORS, SchoolPlaces, Told
from firmware_sim.layout import Projector
from firmware_sim.pjlink2 import second_answers
from firmware_sim.states import ProjectorState
from firmware_sim.world import DAY_S, Campus
from runtime.errors import os_reason

_POWER = ("off", "on", "cooling", "warming")
_ON = 1
_SOURCES = {"3": "digital", "5": "network"}
_PARTS = ("fan", "lamp", "temperature", "cover", "filter", "other")
_SEVERITY = ("ok", "warning", "error")
_REFUSED = os_reason(ConnectionRefusedError(errno.ECONNREFUSED, "")).zh
_SILENT, _SILENT_MS = "4 秒内没有答复", 4000


Second = dict[str, tuple[float, Told]]
"""What projectors of class 2 said of themselves last, by device, and until when they are not asked again."""


def projectors_round(
    campus: Campus,
    places: SchoolPlaces,
    *,
    time: float,
    first: bool,
    interval_s: int,
    told_ms: int,
    second: Second | None = None,
) -> Iterator[Told]:
    """A reading and a run for every projector. first: of the day, when they are also asked who they are.

    second: what was learnt of those of class 2 in earlier rounds; it is brought up to date.
    """
    second = {} if second is None else second
    for hung in campus.layout.projectors:
        silence = silence_of(campus, hung, time)
        run = {
            "kind": "collector_run",
            "time": told_ms,
            "collector": PROJECTORS,
            "target": places.projectors[hung.device],
            "reads": "room_device",
            "interval_s": interval_s,
        }
        if silence is not None:
            yield _silent(hung, told_ms)
            refused = silence == "refuse"
            yield run | {
                "status": "refused" if refused else "timeout",
                "duration_ms": 1 if refused else _SILENT_MS,
                "reason": _REFUSED if refused else _SILENT,
            }
            continue
        state = campus.projector_state(hung, time)
        more, told_more, asked_more = _second(campus, hung, time, second)
        yield _told(hung, state, told_ms) | more
        rows, asked = _answers(hung, state, first)
        rows, asked = rows + told_more, asked + asked_more
        yield run | {"status": "ok", "rows": rows, "duration_ms": 6, "requests": asked, "retries": 0}


def silence_of(campus: Campus, hung: Projector, time: float) -> PjlinkFault | None:
    """Why a projector tells nothing at a moment; None: it does."""
    room = hung.room.code
    return next((how for fault, how in PLANTED_PJLINK.items() if campus.has(room, fault, time)), None)


def _told(hung: Projector, state: ProjectorState, told_ms: int) -> Told:
    faults = {part: int(digit) for part, digit in zip(_PARTS, state.errors, strict=True)}
    named = ",".join(f"{part}={_SEVERITY[how]}" for part, how in faults.items() if how)
    return {
        "kind": "room_device",
        "time": told_ms,
        "device": hung.device,
        "type": "projector",
        "room": hung.room.code,
        "reachable": True,
        "power": _POWER[state.power],
        "condition": _SEVERITY[max(faults.values())],
        "faults": named or None,
        "source": f"{_SOURCES[state.source[0]]}{state.source[1]}" if state.power == _ON else None,
        "lamp_h": state.lamp_h,
        "maker": "Campus Simulation",
        "model": "Laser" if hung.room.projector == "laser" else "Lamp",
        "evidence": "display",
    }


def _silent(hung: Projector, told_ms: int) -> Told:
    return {
        "kind": "room_device",
        "time": told_ms,
        "device": hung.device,
        "type": "projector",
        "room": hung.room.code,
        "reachable": False,
    }


def _second(campus: Campus, hung: Projector, time: float, second: Second) -> tuple[Told, int, int]:
    """Serial number and filter hours; how many answers and questions that took.

    A gateway learns the class in its first round, asks in the next, then once a day. A laser has no filter.
    """
    if hung.room.projector_class == 1:
        return {}, 0, 0
    until, known = second.get(hung.device, (0.0, {}))
    if hung.device not in second:
        second[hung.device] = (time, {})
        return {}, 0, 0
    if time < until:
        return known, 0, 0
    answers = second_answers(campus, hung, time)
    hours = answers["FILT"]
    known = {"serial": answers["SNUM"], "filter_h": int(hours) if hours.isdecimal() else None}
    second[hung.device] = (time + DAY_S, known)
    return known, 1 + hours.isdecimal(), 2


def _answers(hung: Projector, state: ProjectorState, first: bool) -> tuple[int, int]:
    """Values told, and questions asked: power, lamp, input and faults; who it is, and its class, once a day.

    In standby no input is told. A laser knows no lamp and is asked for it once a day.
    """
    laser = hung.room.projector == "laser"
    asked = (3 if laser else 4) + (3 + laser if first else 0)
    told = 2 + (not laser) + (state.power == _ON) + (3 if first else 0)
    return told, asked
