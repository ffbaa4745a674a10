"""The world: what every device would find at a moment, as pure functions of scenario, seed and time.

Time is seconds since 1970 UTC. Nothing is remembered between two questions but what a second asking would
compute again, so devices may be asked in any order, and two runs agree.
"""

import datetime as dt
import math
from collections.abc import Sequence
from functools import cached_property, lru_cache

from firmware_sim.chance import between, chance
from firmware_sim.faults import Plant
from firmware_sim.layout import AccessPoint, Layout, Point, Projector
from firmware_sim.propagation import BAND_FACTS, BANDS, SENSITIVITY_DBM, SHADOW_DB, Band, received_dbm
from firmware_sim.scenario import Room, Scenario, School
from firmware_sim.states import ApState, ControllerState, ProjectorState, RadioState, Signal
from firmware_sim.timetable import Interval, Timetable, seconds_between

DAY_S = 86_400
WARMING_S = 30
COOLING_S = 90
# A lamp is changed when it has burnt so long; the maker's figure for standard mode is of this size.
LAMP_LIFE_H = 4000

_CLIENTS_CHANGE_S = 60
_FLAP_S = 600
_FADING_S = 600
_NOISE_CHANGE_S = 300
# Who forgets to switch off does so after a day's lessons: such a spell is from noon to noon.
_NOON_S = DAY_S // 2


class Campus:
    """One school of the world."""

    def __init__(self, school: School, *, seed: int, timetable: Timetable) -> None:
        self.school = school
        self.layout = Layout(school)
        self.timetable = timetable
        self._seed = seed
        self._planted: dict[tuple[str, Plant], list[Interval]] = {}
        for entry in school.planted:
            begin, end = timetable.span(entry.first, entry.last)
            late = _NOON_S if entry.fault == "left-on" else 0
            self._planted.setdefault((entry.room, entry.fault), []).append((begin + late, end + late))
        self._hung_on = {
            serial: (timetable.span(day, None)[0], before)
            for serial, (day, before) in self.layout.replaced.items()
        }
        self.ap_state = lru_cache(maxsize=512)(self._ap_state)
        self._boot_rhythm = lru_cache(maxsize=None)(self._drawn_rhythm)
        self._burnt_before = lru_cache(maxsize=1_000)(self._burnt_in_lessons)
        self._rate = lru_cache(maxsize=None)(self._drawn_rate)

    def access_points(self, time: float) -> list[AccessPoint]:
        """Those that hang at a moment, in the order of the inventory."""
        if not self._hung_on:
            return list(self.layout.access_points)
        return [self._hung(ap, time) for ap in self.layout.access_points]

    def _hung(self, ap: AccessPoint, time: float) -> AccessPoint:
        """What hangs in this place at a moment: the access point, or the one it replaced later."""
        since, before = self._hung_on.get(ap.serial, (-math.inf, ap))
        return ap if time >= since else before

    def controller(self, time: float) -> ControllerState:
        states = [self.ap_state(ap, int(time)) for ap in self.access_points(time)]
        uptime_s, boots = self._since_boot(time, "controller", 60, 120)
        return ControllerState(
            uptime_s=uptime_s,
            # An engine's boots begin anew where they get too large to be told (RFC 3414 §2.2.2).
            boots=boots % 2**31,
            aps=len(states),
            aps_up=sum(state.up for state in states),
            clients=sum(state.clients for state in states),
        )

    def ap_up(self, ap: AccessPoint, time: float) -> bool:
        if self.has(ap.room.code, "ap-down", time):
            return False
        return not (self.has(ap.room.code, "ap-flaps", time) and self._flapped(ap, int(time) // _FLAP_S))

    def radios(self, ap: AccessPoint, time: int) -> tuple[RadioState, ...]:
        """The radios of an access point, 2.4 GHz first; their clients add up to the access point's."""
        state = self.ap_state(ap, time)
        slow = state.clients // 4
        return tuple(
            self._radio(ap, state, band, clients, time)
            for band, clients in zip(BANDS, (slow, state.clients - slow), strict=True)
        )

    def projector_state(self, projector: Projector, time: float) -> ProjectorState:
        room = projector.room.code
        power = 0 if self.has(room, "projector-unused", time) else self._power(room, time)
        if power in {0, 2} and self.has(room, "left-on", time):
            power = 1
        lamp = "2" if self.has(room, "lamp-error", time) else "0"
        dust = "1" if self.has(room, "filter-warning", time) else "0"
        lesson = self.timetable.lesson(time)
        drawn = chance(self._seed, self.school.code, room, lesson, "source")
        return ProjectorState(
            power=power,
            source="31" if drawn < 0.8 else "51",
            lamp_h=None if projector.room.projector == "laser" else self._lamp_hours(room, time),
            errors=f"0{lamp}00{dust}0",
        )

    def signal(self, point: Point, band: Band, time: float) -> Signal:
        """The strongest access point of the school at a point; one that is down is not heard."""
        heard = [
            (self._rssi(ap, point, band, time), ap)
            for ap in (self._hung(near, time) for near in self.layout.neighbours(point.place))
            if self.ap_up(ap, time)
        ]
        rssi, ap = max(heard, key=lambda entry: (entry[0], entry[1].serial), default=(-1000, None))
        if ap is None or rssi < SENSITIVITY_DBM:
            return Signal(rssi_dbm=None, snr_db=None, ap="")
        return Signal(rssi_dbm=rssi, snr_db=rssi - self._noise(ap, band, time), ap=ap.serial)

    def has(self, room: str, fault: Plant, time: float) -> bool:
        """Whether something is broken at a moment."""
        spells = self._planted.get((room, fault))
        return spells is not None and any(begin <= time < end for begin, end in spells)

    def spells(self, room: str, fault: Plant) -> Sequence[Interval]:
        """From when to when something is broken."""
        return self._planted.get((room, fault), ())

    def _ap_state(self, ap: AccessPoint, time: int) -> ApState:
        since_boot, boots = self._since_boot(time, ap.serial, 15, 40)
        if not self.ap_up(ap, time):
            return ApState(
                up=False,
                clients=0,
                online_s=0,
                run_s=0,
                boots=boots,
                cpu_pct=0,
                memory_pct=0,
                temperature_c=0,
            )
        clients = self._clients(ap, time)
        jitter = between(0, 6, self._seed, ap.serial, time // _CLIENTS_CHANGE_S, "cpu")
        return ApState(
            up=True,
            clients=clients,
            online_s=min(int(since_boot), self._since_flap(ap, time)),
            run_s=int(since_boot),
            boots=boots,
            cpu_pct=min(99, 6 + clients + jitter),
            memory_pct=45 + clients // 3,
            temperature_c=38 + clients // 4 + jitter // 2,
        )

    def _radio(self, ap: AccessPoint, state: ApState, band: Band, clients: int, time: int) -> RadioState:
        facts = BAND_FACTS[band]
        bucket = time // _CLIENTS_CHANGE_S
        interference = between(1, 9, self._seed, ap.serial, band, bucket, "interference") if state.up else 0
        known = chance(self._seed, ap.serial, band, time // _NOISE_CHANGE_S, "noise known") >= 0.02
        rate = self._rate(ap.serial, band)
        return RadioState(
            band=band,
            up=state.up,
            channel=facts.channels[ap.number % len(facts.channels)],
            clients=clients,
            receiving_pct=min(25, clients // 3 + 1) if state.up else 0,
            sending_pct=min(60, clients + 2) if state.up else 0,
            interference_pct=interference,
            noise_dbm=self._noise(ap, band, time) if state.up and known else None,
            eirp_dbm=facts.eirp_dbm if state.up else None,
            received_bytes=state.online_s * rate // 5,
            sent_bytes=state.online_s * rate,
        )

    def _clients(self, ap: AccessPoint, time: int) -> int:
        hung = (self._hung(other, time) for other in self._aps_of[ap.room.code])
        mates = [other for other in hung if self.ap_up(other, time)]
        total = self._devices(ap.room, time)
        return total // len(mates) + (mates.index(ap) < total % len(mates))

    @cached_property
    def _aps_of(self) -> dict[str, list[AccessPoint]]:
        found: dict[str, list[AccessPoint]] = {}
        for ap in self.layout.access_points:
            found.setdefault(ap.room.code, []).append(ap)
        return found

    def _devices(self, room: Room, time: int) -> int:
        """Tablets and phones in a room: many in a lesson, few on a school day otherwise, none else."""
        seats = min(45.0, float(room.area_m2) / (1.6 if room.multimedia else 12))
        if self.timetable.lesson(time):
            share = 0.4
        elif self.timetable.is_school_day(self.timetable.day(time)):
            share = 0.05
        else:
            return 0
        bucket = time // _CLIENTS_CHANGE_S
        return int(
            seats * share * (0.8 + 0.4 * chance(self._seed, self.school.code, room.code, bucket, "in"))
        )

    def _power(self, room: str, time: float) -> int:
        day = self.timetable.day(time)
        for shown in (day, day - dt.timedelta(days=1)):
            for begin, end in self.timetable.shows(self.school.code, room, shown):
                if begin <= time < end:
                    return 3 if time < begin + WARMING_S else 1
                if end <= time < end + COOLING_S:
                    return 2
        return 0

    def _lamp_hours(self, room: str, time: float) -> int:
        """Hours since the lamp was changed; they grow only while it burns."""
        if self.has(room, "projector-unused", time):
            return 0
        day = self.timetable.day(time)
        burnt = self._burnt_before(room, day)
        for begin, end in self.timetable.shows(self.school.code, room, day):
            burnt += max(0.0, min(time, end) - begin - WARMING_S)
        before = between(0, 1500, self._seed, self.school.code, room, "lamp")
        return (before + int((burnt + self.forgotten_s(room, time)) // 3600)) % LAMP_LIFE_H

    def forgotten_s(self, room: str, time: float) -> float:
        """Seconds that it burnt because nobody switched it off, beside its lessons."""
        total = 0.0
        for begin, end in self._planted.get((room, "left-on"), ()):
            if math.isinf(begin):
                continue  # for ever: its hours cannot be counted
            until, day = min(end, time), self.timetable.day(begin)
            total += max(0.0, until - begin)
            while until > begin and day <= self.timetable.day(until):
                shown = self.timetable.shows(self.school.code, room, day)
                total -= sum(max(0.0, min(until, last) - max(begin, first)) for first, last in shown)
                day += dt.timedelta(days=1)
        return total

    def _burnt_in_lessons(self, room: str, day: dt.date) -> float:
        """Seconds in all lessons before a day."""
        return sum(
            begun * self._burnt_a_day(room, weekday)
            for weekday, begun in enumerate(self.timetable.school_days_before(day))
        )

    def _burnt_a_day(self, room: str, weekday: int) -> float:
        spans = self.timetable.spans(self.school.code, room, weekday)
        return sum(seconds_between(begin, end) - WARMING_S for begin, end in spans)

    def _rssi(self, ap: AccessPoint, point: Point, band: Band, time: float) -> int:
        names = (self._seed, ap.serial, point.room.code, point.name, band)
        furniture = 3 * chance(*names, "furniture") - 1.5
        fading = 2 * chance(*names, int(time // _FADING_S), "fading") - 1
        shadow = SHADOW_DB if point.name == "P1" and self.has(point.room.code, "weak-corner", time) else 0
        return round(received_dbm(band, ap.place, point.place) + furniture + fading - shadow)

    def _noise(self, ap: AccessPoint, band: Band, time: float) -> int:
        bucket = int(time // _NOISE_CHANGE_S)
        return BAND_FACTS[band].noise_dbm + between(-1, 2, self._seed, ap.serial, band, bucket, "noise")

    def _since_boot(self, time: float, device: str, fewest: int, most: int) -> tuple[float, int]:
        """Seconds since a device last booted, and how often it has; each has its own period, in days."""
        period, phase = self._boot_rhythm(device, fewest, most)
        boots, since = divmod(time + phase, period)
        return since, int(boots)

    def _drawn_rhythm(self, device: str, fewest: int, most: int) -> tuple[int, int]:
        names = (self._seed, self.school.code, device)
        period = between(fewest * DAY_S, most * DAY_S, *names, "period")
        return period, between(0, period - 1, *names, "phase")

    def _drawn_rate(self, ap: str, band: Band) -> int:
        """Bytes a second."""
        return between(20_000, 200_000, self._seed, ap, band, "rate")

    def _flapped(self, ap: AccessPoint, bucket: int) -> bool:
        return chance(self._seed, ap.serial, bucket, "flap") < 1 / 3

    def _since_flap(self, ap: AccessPoint, time: int) -> int:
        if not self.has(ap.room.code, "ap-flaps", time):
            return time
        bucket = time // _FLAP_S
        # Sixty turns in a row without a failure have a chance of one in 10^10.
        down = next((back for back in range(1, 60) if self._flapped(ap, bucket - back)), 60)
        return time - (bucket - down + 1) * _FLAP_S


class World:
    """A scenario's schools. They are laid out when first asked for, so a large district starts quickly."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._timetable = Timetable(
            scenario.calendar,
            seed=scenario.seed,
            share=scenario.lessons_share,
            shape=scenario.lessons_shape,
        )
        self._schools = {school.code: school for school in scenario.schools}
        self._campuses: dict[str, Campus] = {}

    def campus(self, code: str) -> Campus:
        """The school with this code."""
        if code not in self._campuses:
            self._campuses[code] = Campus(
                self._schools[code], seed=self.scenario.seed, timetable=self._timetable
            )
        return self._campuses[code]
