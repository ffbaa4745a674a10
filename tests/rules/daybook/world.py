"""Made-up schools as their gateways tell of them: late, twice, out of order, with gaps, clocks off."""

import random
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from contract import (
    AccessPoint,
    Address,
    CollectorRun,
    Point,
    Radio,
    Reading,
    RoomDevice,
    Status,
    status_point,
    to_point,
    utc_text,
)
from registry import Registry
from registry.calendar import Calendar, Slot, Term
from tests.rules.build import DISTRICT, registry, school

MINUTE = 60_000
CALENDAR = Calendar(
    zone=ZoneInfo("Asia/Shanghai"),
    school_weekdays=frozenset(range(5)),
    terms=(Term(name="t", first=date(2021, 9, 1), last=date(2022, 1, 14)),),
    holidays=(),
    makeup_days=frozenset(),
    lesson_slots=(
        Slot(name="1", begin=time(8), end=time(8, 40)),
        Slot(name="2", begin=time(8, 50), end=time(9, 30)),
        Slot(name="3", begin=time(9, 30), end=time(10, 10)),
    ),
)
SCHOOLS = ("2112000001", "2112000002")
STRANGER = "2112000099"
DAYS = CALENDAR.school_days_before(date(2021, 9, 28), 3)
EPOCHS = ("0" * 16, "1" * 16)


def known(calendar: Calendar = CALENDAR) -> Registry:
    return registry([school(code, primary_pupils=100) for code in SCHOOLS], calendar=calendar)


@dataclass(frozen=True)
class World:
    """Everything that was ever observed, in the order of time; some of it twice."""

    points: tuple[Point, ...]

    def batches(self, chance: random.Random) -> list[list[Point]]:
        """As they reach ingest: shuffled, some again."""
        several = [*self.points, *chance.sample(self.points, len(self.points) // 10)]
        chance.shuffle(several)
        size = max(1, len(several) // chance.randint(3, 7))
        return [several[at : at + size] for at in range(0, len(several), size)]


def world(chance: random.Random) -> World:
    points: list[Point] = []
    for code in (*SCHOOLS, STRANGER):
        for gateway in ("gw1", "gw2")[: chance.randint(1, 2)]:
            address = Address(DISTRICT, code, gateway)
            for day in DAYS:
                if chance.random() < 0.85:
                    points += _day(address, day, chance)
    return World(tuple(points))


def day_of(district: str, school: str, day: date, chance: random.Random) -> list[Point]:
    """One day of one school."""
    return _day(Address(district, school, "gw1"), day, chance)


def _day(address: Address, day: date, chance: random.Random) -> list[Point]:
    hours = CALENDAR.school_hours(day)
    assert hours is not None
    offset_ms = chance.choice([0, 0, 4_000, 4 * MINUTE, -4 * MINUTE, 20 * MINUTE])
    step = chance.choice([5, 10]) * MINUTE
    says = chance.random() < 0.7
    keeps = chance.choice([1.0, 0.8, 0.4])
    rooms = [chance.choice(["R1", "R2", ""]) for _ in range(2)]
    readings: list[Reading] = []
    first = hours.begin_ms - 30 * MINUTE + chance.randrange(MINUTE)
    for moment in range(first, hours.end_ms + 40 * MINUTE, step):
        readings += [one for one in _round(moment, rooms, step, says, chance) if chance.random() < keeps]
    points = [
        to_point(address, chance.choice(EPOCHS), number, reading)
        for number, reading in enumerate(readings, 1)
    ]
    for moment in range(hours.begin_ms, hours.end_ms, 30 * MINUTE):
        if chance.random() < 0.7:
            status = Status(online=True, time=utc_text(moment), clock_offset_ms=offset_ms)
            points.append(status_point(address, status, time_ms=moment))
    return points


def _round(moment: int, rooms: list[str], step: int, says: bool, chance: random.Random) -> list[Reading]:
    found: list[Reading] = []
    for number, room in enumerate(rooms):
        ap, device = f"A{number}", f"P{number}"
        state = chance.choice(["up", "up", "up", "down", "unknown"])
        clients = chance.choice([None, chance.randrange(40)])
        found.append(
            AccessPoint(
                time=moment,
                ap=ap,
                room=room,
                state=state,  # type: ignore[arg-type]  # one of its states
                clients=clients,
                serves_campus=chance.choice([None, True, True, False]),
            )
        )
        busy, noise = (
            chance.choice([None, chance.randrange(100)]),
            chance.choice([None, -chance.randrange(99)]),
        )
        found.append(
            Radio(
                time=moment,
                ap=ap,
                radio="0",
                room=room,
                utilisation_pct=busy,
                noise_dbm=noise,
                clients=chance.choice([None, chance.randrange(40)]),
            )
        )
        answers = chance.random() < 0.8
        power = chance.choice(["on", "on", "off", "warming", "cooling", None]) if answers else None
        kind = "plug" if number else "projector"
        found.append(
            RoomDevice(
                time=moment,
                device=device,
                type=kind,  # type: ignore[arg-type]  # one of its types
                room=room,
                reachable=answers,
                power=power,  # type: ignore[arg-type]  # one of its states
                evidence=chance.choice([None, "network", "silence", "watts"]) if power else None,
                condition=chance.choice([None, "ok", "error"]) if answers else None,  # type: ignore[arg-type]
            )
        )
    for collector, reads in (("ac", "access_point"), ("pj", "room_device")):
        found.append(
            CollectorRun(
                time=moment,
                collector=collector,
                target="t",
                status=chance.choice(["ok", "ok", "timeout"]),  # type: ignore[arg-type]  # one of its states
                reads=reads if says else None,  # type: ignore[arg-type]  # one of the kinds
                interval_s=step // 1000 if says else None,
            )
        )
    return found
