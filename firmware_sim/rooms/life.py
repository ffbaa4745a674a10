"""What goes on in a room: when its computers run, and what its plug draws. Pure functions of time."""

import datetime as dt

from firmware_sim.chance import between, chance
from firmware_sim.rooms.equipment import Computer
from firmware_sim.scenario import Room
from firmware_sim.world import Campus

# A class PC is started before the lesson and shut down some time after it.
PC_LEAD_S, PC_LINGERS_S = 180, 420
PANEL_LEAD_S = 60

# Watts: a socket with everything on it asleep, a PC, a projector, a panel.
_STANDBY_W, _PC_W, _PROJECTOR_W, _PANEL_W = 3.2, 62.0, 265.0, 142.0
# Energy is added up in steps of this length; a plug is read more seldom.
_STEP_S = 300
_DAY_S = 86_400


class RoomLife:
    """The rooms of one school."""

    def __init__(self, campus: Campus, *, seed: int) -> None:
        self._campus = campus
        self._seed = seed
        self._day_wh: dict[tuple[str, int], float] = {}

    def computer_on(self, computer: Computer, time: float) -> bool:
        lead, lingers = (PANEL_LEAD_S, 0) if computer.type == "panel" else (PC_LEAD_S, PC_LINGERS_S)
        return self._shows(computer.room, time, lead, lingers)

    def signed_in(self, computer: Computer, time: float) -> bool:
        """Someone has signed in while the lesson lasts; between lead and lesson nobody has yet."""
        return self.computer_on(computer, time) and self._shows(computer.room, time, 0, 0)

    def watts(self, room: Room, time: float) -> float:
        """What everything at the room's plug draws."""
        code = self._campus.school.code
        drawn = _STANDBY_W + 0.4 * chance(self._seed, code, room.code, int(time // 60), "standby")
        if room.class_pc and self._shows(room, time, PC_LEAD_S, PC_LINGERS_S):
            drawn += _PC_W + between(-9, 24, self._seed, code, room.code, int(time // 60), "pc")
        if room.panel and self._shows(room, time, PANEL_LEAD_S, 0):
            drawn += _PANEL_W + between(-6, 12, self._seed, code, room.code, int(time // 60), "panel")
        if room.projector != "none" and self._projects(room, time):
            drawn += _PROJECTOR_W + between(-4, 4, self._seed, code, room.code, int(time // 60), "lamp")
        return round(drawn, 1)

    def energy_wh(self, room: Room, time: float, *, since: float) -> float:
        """The plug's meter: what was drawn since that moment."""
        total, at = 0.0, since
        while at < time:
            day = int(at // _DAY_S)
            end = min(time, (day + 1) * _DAY_S)
            whole = at == day * _DAY_S and end == (day + 1) * _DAY_S
            total += self._of_day(room, day) if whole else self._between(room, at, end)
            at = end
        return round(total, 3)

    def _of_day(self, room: Room, day: int) -> float:
        key = (room.code, day)
        if key not in self._day_wh:
            self._day_wh[key] = self._between(room, day * _DAY_S, (day + 1) * _DAY_S)
        return self._day_wh[key]

    def _between(self, room: Room, begin: float, end: float) -> float:
        """Whole steps count as their middle, so that the meter never runs backwards."""
        total = 0.0
        at = begin
        while at < end:
            step_end = min((at // _STEP_S + 1) * _STEP_S, end)
            middle = (at // _STEP_S + 0.5) * _STEP_S
            total += self.watts(room, middle) * (step_end - at) / 3600
            at = step_end
        return total

    def _projects(self, room: Room, time: float) -> bool:
        hung = next((one for one in self._campus.layout.projectors if one.room.code == room.code), None)
        return hung is not None and self._campus.projector_state(hung, time).power in {1, 3}

    def _shows(self, room: Room, time: float, lead: float, lingers: float) -> bool:
        day = self._campus.timetable.day(time)
        return any(
            begin - lead <= time < end + lingers
            for shown in (day - dt.timedelta(days=1), day, day + dt.timedelta(days=1))
            for begin, end in self._campus.timetable.shows(self._campus.school.code, room.code, shown)
        )
