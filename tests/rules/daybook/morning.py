"""One morning of one school: what its gateways tell, and the entry that it comes to."""

from datetime import timedelta
from typing import Any

from contract import (
    AccessPoint,
    Account,
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
from rules.daybook.counting import count_day
from rules.daybook.entry import Entry
from rules.daybook.questions import DaySpans, spans_of
from store import Store
from tests.rules.build import DISTRICT
from tests.rules.daybook.world import CALENDAR, DAYS, MINUTE, SCHOOLS

# Lessons are from 8:00 to 8:40, from 8:50 to 9:30, from 9:30 to 10:10.
DAY = DAYS[-1]
MIDNIGHT = CALENDAR.end_of(DAY - timedelta(days=1))
PLACE = DISTRICT, SCHOOLS[0]
LIMIT_MS = 300_000


def at(hour: int, minute: int = 0) -> int:
    """A moment of that day by the school's clock, in ms."""
    return MIDNIGHT + (hour * 60 + minute) * MINUTE


def spans(until_ms: int = at(24)) -> DaySpans:
    found = spans_of(CALENDAR, DAY, until_ms=until_ms)
    assert found is not None
    return found


def ap(time: int, state: str = "up", **more: Any) -> AccessPoint:
    return AccessPoint(time=time, ap="A1", room="R1", state=state, **more)  # type: ignore[arg-type]


def display(time: int, power: str | None = "on", **more: Any) -> RoomDevice:
    given = {
        "time": time,
        "device": "P1",
        "type": "projector",
        "room": "R1",
        "reachable": True,
        "power": power,
    }
    return RoomDevice(**given | more)


def run(time: int, collector: str = "pj", target: str = "P1", **more: Any) -> CollectorRun:
    given = {"time": time, "collector": collector, "target": target, "status": "ok", "reads": "room_device"}
    return CollectorRun(**given | {"interval_s": 600} | more)


def status(
    time: int,
    offset_ms: int | None = None,
    pending: int = 0,
    gateway: str = "gw1",
    school: str = SCHOOLS[0],
) -> Point:
    account = Account(
        epoch="0" * 16, last_seq=9, produced=9, acknowledged=9 - pending, pending=pending, dropped=0
    )
    told = Status(online=True, time=utc_text(time), clock_offset_ms=offset_ms, account=account)
    return status_point(Address(DISTRICT, school, gateway), told, time_ms=time)


def entry(store: Store, *points: Point, until_ms: int = at(24)) -> Entry:
    """The school's day counted until a moment, with these points and what is stored already."""
    store.write(list(points))
    found = count_day(store, spans(until_ms), schools=[SCHOOLS[0]], max_clock_offset_ms=LIMIT_MS)
    assert [PLACE] == list(found)
    return found[PLACE]


def told(*readings: Reading, gateway: str = "gw1", school: str = SCHOOLS[0]) -> list[Point]:
    address = Address(DISTRICT, school, gateway)
    return [to_point(address, "0" * 16, number, reading) for number, reading in enumerate(readings, 1)]


def radio(time: int, busy: int | None = None, **more: Any) -> Radio:
    return Radio(time=time, ap="A1", radio="0", room="R1", utilisation_pct=busy, **more)
