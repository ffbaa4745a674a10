"""Looking into a day book: what it says, page by page and table by table."""

import random
from collections.abc import Iterator
from typing import Any

from contract import AccessPoint, Address, Point, Reading, RoomDevice, to_point
from contract.daybook import DAY_FACTS, SCHOOL_DAY, TOUCHED
from registry import Registry
from rules.daybook.book import Book, open_book
from store import Query, Select, Store
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.daybook.world import CALENDAR, DAYS, SCHOOLS, known

END = CALENDAR.end_of(DAYS[-1]) + 3_600_000
LIMIT_MS = BINHAI.observation.max_clock_offset_s * 1000


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - the same world in every run


def look(store: Store, registry: Registry | None = None, *, until_ms: int = END, **more: Any) -> Book:
    """The book of the made-up days, as a program opens it that counts what is due."""
    return open_book(store, registry or known(), BINHAI, DAYS, until_ms=until_ms, now_ms=until_ms, **more)


def facts(book: Book) -> dict[Any, Any]:
    """What the pages say, by day and place."""
    return {(day, place): page.facts for day, pages in book.items() for place, page in pages.items()}


def tables(store: Store) -> dict[str, list[Any]]:
    """Everything that the day book says, without what it was made from."""
    left_out = {"covers", "until_ms"}
    found = {}
    for name, table in DAY_FACTS.items():
        if table is TOUCHED:
            continue
        rows = store.query(
            Query(
                measurement=table,
                select=tuple(Select(field) for field in table.field_names if field not in left_out),
                group_by=table.tag_names,
            )
        )
        found[name] = [(row.tags, row.time, row.values) for row in rows]
    return found


def counting(store: Store, since_ms: int) -> set[Any]:
    """Rows of the tables for charts that count anything."""
    return {
        (name, *tags.values(), time)
        for name, rows in tables(store).items()
        if name in {"ap_day", "device_day", "lesson_day"}
        for tags, time, values in rows
        if time >= since_ms
        and any(values[column.name] for column in DAY_FACTS[name].fields if column.required)
    }


def without_used(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A field that is no more stays in a store; where `known` is 0, what it is known of says nothing."""
    for _, _, values in found["lesson_day"]:
        if not values["known"]:
            values.pop("used")
    for _, _, values in found["radio_lesson"]:
        for level in ("busy", "noise", "clients"):
            if not values[f"{level}_known"]:
                values.pop(f"{level}_mean"), values.pop(f"{level}_p95")
    return found


def records_of(store: Store) -> Iterator[Point]:
    """The entries of the book alone, as a store has them whose readings have expired."""
    rows = store.query(
        Query(
            measurement=SCHOOL_DAY,
            select=tuple(Select(name) for name in SCHOOL_DAY.field_names),
            group_by=SCHOOL_DAY.tag_names,
        )
    )
    for row in rows:
        yield Point(SCHOOL_DAY, tuple(row.tags.values()), row.time or 0, tuple(row.values.values()))


def polled(kind: str, name: str, moment: int) -> Point:
    """A reading of an access point, or of a panel, by its name; `moment` in ms."""
    reading: Reading = AccessPoint(time=moment, ap=name, room="R1", state="up")
    if kind == "room_device":
        reading = RoomDevice(time=moment, device=name, type="panel", room="R1", reachable=True, power="on")
    return to_point(Address(DISTRICT, SCHOOLS[0], "gw1"), "0" * 16, 1, reading)
