"""What goes on in a room: when its computers run, and what its plug draws. Pure functions of time."""

import datetime as dt
import math
from functools import lru_cache

from firmware_sim.chance import between, chance
from firmware_sim.rooms.equipment import Computer
from firmware_sim.scenario import Room
from firmware_sim.timetable import Interval, seconds_between
from firmware_sim.world import Campus

# A class PC is started before the lesson and shut down some time after it.
PC_LEAD_S, PC_LINGERS_S = 180, 420
PANEL_LEAD_S = 60

# Watts: a socket with everything on it asleep, a PC, a projector, a panel.
_STANDBY_W, _PC_W, _PROJECTOR_W, _PANEL_W = 3.2, 62.0, 265.0, 142.0
_DAY = dt.timedelta(days=1)


class RoomLife:
    """The rooms of one school."""

    def __init__(self, campus: Campus, *, seed: int) -> None:
        self._campus = campus
        self._seed = seed
        self._hung = {one.room.code: one for one in campus.layout.projectors}
        self._near = lru_cache(maxsize=1_000)(self._three_days)
        self._shown_before = lru_cache(maxsize=1_000)(self._all_before)

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
        """The plug's meter: what was drawn since that moment, by how long everything has run."""
        return round(self._drawn_wh(room, time) - self._drawn_wh(room, since), 3)

    def meter_wh(self, room: Room, time: float) -> float:
        """What a plug that has been there since the first term began has counted."""
        return round(self._drawn_wh(room, time), 3)

    def _drawn_wh(self, room: Room, time: float) -> float:
        """As much as `watts` on average; it never runs backwards."""
        timetable = self._campus.timetable
        total = (_STANDBY_W + 0.2) * (time - timetable.begins)
        if room.class_pc:
            total += (_PC_W + 7.5) * self._shown_s(room, time, PC_LEAD_S, PC_LINGERS_S)
        if room.panel:
            total += (_PANEL_W + 3.0) * self._shown_s(room, time, PANEL_LEAD_S, 0)
        if room.projector != "none":
            total += _PROJECTOR_W * self._projected_s(room, time)
        return total / 3600

    def _shown_s(self, room: Room, time: float, lead: float, lingers: float) -> float:
        """Seconds from the first term's first day in which what shows something was on."""
        day = self._campus.timetable.day(time)
        total = self._shown_before(room.code, day - _DAY, lead + lingers)
        for begin, end in self._near(room.code, day):
            total += max(0.0, min(time, end + lingers) - (begin - lead))
        return total

    def _all_before(self, room: str, day: dt.date, longer_s: float) -> float:
        """The same of all days before a day, each time so much longer than it shows."""
        code, timetable = self._campus.school.code, self._campus.timetable
        return sum(
            begun * sum(seconds_between(*span) + longer_s for span in timetable.spans(code, room, weekday))
            for weekday, begun in enumerate(timetable.school_days_before(day))
            if begun
        )

    def _three_days(self, room: str, day: dt.date) -> tuple[Interval, ...]:
        """When the room shows something on a day, the one before and the one after."""
        code, timetable = self._campus.school.code, self._campus.timetable
        return tuple(
            shown for near in (day - _DAY, day, day + _DAY) for shown in timetable.shows(code, room, near)
        )

    def _projected_s(self, room: Room, time: float) -> float:
        """Its lessons without those in which it was not used, and the time that it was forgotten."""
        total = self._shown_s(room, time, 0, 0)
        for begin, end in self._campus.spells(room.code, "projector-unused"):
            for moment, sign in ((min(time, begin), 1), (min(time, end), -1)):
                if not math.isinf(moment):
                    total += sign * self._shown_s(room, moment, 0, 0)
        return max(0.0, total) + self._campus.forgotten_s(room.code, time)

    def _projects(self, room: Room, time: float) -> bool:
        hung = self._hung.get(room.code)
        return hung is not None and self._campus.projector_state(hung, time).power in {1, 3}

    def _shows(self, room: Room, time: float, lead: float, lingers: float) -> bool:
        return any(
            begin - lead <= time < end + lingers
            for begin, end in self._near(room.code, self._campus.timetable.day(time))
        )
