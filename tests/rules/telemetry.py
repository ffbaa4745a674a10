"""Telemetry of a small school as gateways would send it, written to a real store."""

from datetime import date, datetime
from fractions import Fraction
from itertools import count
from typing import Any

from contract import AccessPoint, Address, CollectorRun, Point, Reading, RoomDevice, SignalSample, to_point
from contract.daybook import touched_points
from registry import Registry, Room
from registry.vocabulary import Coverage
from tests.rules.build import CALENDAR, DISTRICT, registry, school

CODE = "2112000001"
ADDRESS = Address(DISTRICT, CODE, "gw1")
MINUTE = 60_000
LAST_DAY = date(2021, 9, 28)


def ms(text: str) -> int:
    """A local time of the school as ms UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone).timestamp()) * 1000


NOW = ms("2021-09-28T12:00")


def room(
    name: str = "R1", *, area: int | None = 50, coverage: Coverage = "key", multimedia: bool = True
) -> Room:
    return Room(
        school_code=CODE,
        room=name,
        coverage=coverage,
        area_m2=None if area is None else Fraction(area),
        multimedia=multimedia,
    )


def one_school(*rooms: Room, declared: int | None = None, pupils: int | None = 100) -> Registry:
    count = sum(bool(one.multimedia) for one in rooms) if declared is None else declared
    return registry(
        [school(CODE, primary_pupils=pupils)],
        rooms=rooms,
        statistics={(CODE, "school", "multimedia_rooms"): count},
    )


def points(*readings: Reading) -> list[Point]:
    """As ingest stores them: with what says that it did."""
    made = [to_point(ADDRESS, "0123456789abcdef", seq, reading) for seq, reading in enumerate(readings, 1)]
    return [*made, *touched_points(made, next(_numbers))]


_numbers = count(1)


def polls(day: date = LAST_DAY, *, count: int = 10, begin: str = "08:00") -> list[int]:
    """Times of polls within the school hours of a day, five minutes apart."""
    first = ms(f"{day}T{begin}")
    return [first + index * 5 * MINUTE for index in range(count)]


def access_point(time: int, state: str, *, ap: str = "AP1", room: str = "R1") -> AccessPoint:
    return AccessPoint(time=time, ap=ap, room=room, state=state)  # type: ignore[arg-type]  # one of its states


def projector(time: int, *, device: str = "P1", room: str = "R1", **answer: Any) -> RoomDevice:
    fields = {"reachable": True, "power": "on", "condition": "ok"} | answer
    return RoomDevice(time=time, device=device, room=room, type="projector", **fields)


def silent(time: int, *, device: str = "P1", room: str = "R1") -> RoomDevice:
    return RoomDevice(time=time, device=device, room=room, type="projector", reachable=False)


def sample(
    point: str,
    rssi: int | None,
    snr: int | None = 30,
    *,
    band: str = "5",
    room: str = "R1",
    time: str = "2021-09-10T16:00",
    ap: str | None = None,
) -> SignalSample:
    return SignalSample(
        time=ms(time),
        room=room,
        point=point,
        band=band,  # type: ignore[arg-type]  # one of its bands
        rssi_dbm=rssi,
        snr_db=snr if rssi is not None else None,
        ap=ap,
    )


def good_survey(room: str = "R1") -> list[SignalSample]:
    return [sample(point, -60, room=room) for point in ("A", "B", "C")]


def run(time: int, status: str) -> CollectorRun:
    return CollectorRun(time=time, collector="ac", target="127.0.0.1", status=status)  # type: ignore[arg-type]
