"""What a day follows beside its readings: where that changes, the book is as if it had always been so."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contract import (
    AccessPoint,
    Address,
    CollectorRun,
    Point,
    Reading,
    RoomDevice,
    Status,
    status_point,
    to_point,
    utc_text,
)
from contract.daybook import DAY_FACTS
from ingest.touched import store_batch
from registry import Registry
from registry.timetable import Timetable, TimetabledLesson
from rules.daybook.book import open_book
from rules.standards.standard import Standard
from rules.stored.retirements import RetiredKind, Retirement, retirement_point
from store import Store
from store.sqlite import SqliteStore
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.looking import END, facts, tables
from tests.rules.daybook.world import CALENDAR, DAYS, MINUTE, SCHOOLS, known


@dataclass(frozen=True)
class Terms:
    """All that is decided, by the bureau and in the standard."""

    registry: Registry = field(default_factory=known)
    standard: Standard = BINHAI
    decisions: tuple[Point, ...] = ()


def lesson(**more: Any) -> TimetabledLesson:
    given = {"room": "R1", "weekday": DAYS[0].weekday(), "slot": "1", **more}
    return TimetabledLesson(school_code=SCHOOLS[0], **given)


def timetable(*lessons: TimetabledLesson) -> Terms:
    return Terms(registry=replace(known(), timetable=Timetable(lessons=lessons)))


def rule(**changed: object) -> Terms:
    utilisation = BINHAI.utilisation.model_copy(update=changed)
    return Terms(standard=BINHAI.model_copy(update={"utilisation": utilisation}))


def decision(kind: RetiredKind, subject: str, since: date, *, retired: bool = True, at_ms: int = 0) -> Point:
    made = Retirement(
        district=DISTRICT,
        school=SCHOOLS[0],
        kind=kind,
        subject=subject,
        since=since,
        reason="r",
        retired=retired,
    )
    return retirement_point(made, END - 1000 + at_ms)


LIMIT = BINHAI.observation.model_copy(update={"max_clock_offset_s": 200})
# A device that is taken out of service, and a day later something else of the same name instead.
TAKEN_OUT = decision("device", "P0", DAYS[1])
EXCHANGED = (
    decision("device", "P0", DAYS[1], retired=False, at_ms=1),
    decision("room", "P0", DAYS[1], at_ms=1),
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Terms(), Terms(known(replace(CALENDAR, followed=((DAYS[1], 4),)))), id="weekday"),
        pytest.param(Terms(), Terms(standard=BINHAI.model_copy(update={"observation": LIMIT})), id="clocks"),
        pytest.param(Terms(), rule(used_minutes=25), id="minutes"),
        pytest.param(Terms(), rule(min_slot_samples=9), id="samples"),
        pytest.param(Terms(), rule(min_lesson_share=Fraction(1, 4)), id="share"),
        pytest.param(Terms(), timetable(lesson(room="R2")), id="lessons of another room"),
        pytest.param(
            timetable(lesson(weekday=6)),
            timetable(lesson(weekday=6), lesson(room="R2", weekday=6)),
            id="a room",
        ),
        pytest.param(timetable(lesson()), timetable(lesson(weekday=DAYS[1].weekday())), id="another day"),
        pytest.param(
            timetable(lesson()), timetable(lesson(), lesson(weekday=DAYS[1].weekday())), id="one more day"
        ),
        pytest.param(timetable(lesson()), timetable(lesson(slot="2")), id="another lesson"),
        pytest.param(timetable(lesson()), timetable(lesson(first=DAYS[0] + timedelta(1))), id="later"),
        pytest.param(timetable(lesson()), timetable(lesson(last=DAYS[0] - timedelta(1))), id="no more"),
        pytest.param(Terms(), Terms(decisions=(decision("device", "P0", DAYS[1]),)), id="out of service"),
        pytest.param(Terms(), Terms(decisions=(decision("room", "R1", DAYS[-1]),)), id="on the last day"),
        pytest.param(Terms(decisions=(TAKEN_OUT,)), Terms(decisions=EXCHANGED), id="another kind of thing"),
    ],
)
def test_the_book_is_as_if_what_changes_had_always_been_so(
    before: Terms, after: Terms, tmp_path: Path
) -> None:
    with SqliteStore(tmp_path / "store.sqlite") as store, SqliteStore(tmp_path / "fresh.sqlite") as fresh:
        for one in (store, fresh):
            one.prepare()
            store_batch(one, readings())
        look(store, before)
        was = said(store)
        assert look(fresh, after) == look(store, after)
        assert said(fresh) == said(store)
        assert was != said(store), "the change changes nothing, and so tries nothing"


def test_what_is_decided_later_does_not_count_yet(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, readings())
        look(store, Terms())
        was = said(store)
        for at_ms, same in ((1001, True), (1000, False)):  # a moment after the look, and at it
            look(store, Terms(decisions=(decision("room", "R1", DAYS[0], at_ms=at_ms),)))
            assert same == (was == said(store))


def readings() -> list[Point]:
    """Everything is asked every five minutes: of a lesson's forty the display is on for twenty, and another
    one answers every second time. The first day's clock is four minutes off."""
    address, found = Address(DISTRICT, SCHOOLS[0], "gw1"), []
    for day in DAYS:
        hours = CALENDAR.school_hours(day)
        assert hours is not None
        offset_ms = 4 * MINUTE if day == DAYS[0] else 0
        status = Status(online=True, time=utc_text(hours.begin_ms), clock_offset_ms=offset_ms)
        found.append(status_point(address, status, time_ms=hours.begin_ms))
        for at in range(hours.begin_ms, hours.end_ms, 5 * MINUTE):
            number = (at - hours.begin_ms) // (5 * MINUTE)
            found += [to_point(address, "0" * 16, number + 1, reading) for reading in _round(at, number)]
    return found


def _round(time: int, number: int) -> list[Reading]:
    def display(device: str, room: str, power: Any) -> Reading:
        return RoomDevice(
            time=time, device=device, type="projector", room=room, reachable=power is not None, power=power
        )

    return [
        AccessPoint(time=time, ap="A0", room="R1", state="up"),
        display("P0", "R1", "on" if number % 10 < 4 else "off"),
        display("P1", "R2", None if number % 2 else "on"),
        *(
            CollectorRun(time=time, collector=reads, target="t", status="ok", reads=reads, interval_s=300)  # type: ignore[arg-type]
            for reads in ("access_point", "room_device")
        ),
    ]


def look(store: Store, terms: Terms) -> dict[Any, Any]:
    store.write(list(terms.decisions))
    return facts(open_book(store, terms.registry, terms.standard, DAYS, until_ms=END, now_ms=END))


def said(store: Store) -> dict[Any, Any]:
    """What the tables for charts count; a field that is no more stays in a store and says nothing."""
    found = {}
    for name, rows in tables(store).items():
        always = [column.name for column in DAY_FACTS[name].fields if column.required]
        for tags, time, values in rows:
            counts = {name: values[name] for name in always}
            if name != "school_day" and any(counts.values()):
                found[name, *tags.values(), time] = {
                    **counts,
                    "used": values.get("known") and values.get("used"),
                }
    return found
