"""How fast the board answers: 202 sections with a year of evaluations behind them, one reader and fifty.

The board runs in a process of its own over a SQLite file. The yardstick of the same run is a static file.
"""

import asyncio
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from campus.bench.district import LAST, facts_of, registry_of, school_days
from campus.collector import no_collector
from campus.servers import free_port
from contract import (
    AccessPoint,
    Account,
    Address,
    Point,
    Radio,
    RoomDevice,
    Status,
    Value,
    status_point,
    to_point,
)
from registry import Registry
from rules.answers.changes import Changes
from rules.answers.keeping import keep
from rules.judging.evaluate import evaluate
from rules.standards.reading import standard_for
from rules.stored.tables import ALERT, ALERT_ROUND
from store import Store, open_store

SECTIONS, _ROOMS = 202, 20
_READERS, _THINK_S = 50, 3.0
_MINUTE, _HOUR = 60_000, 3_600_000
_STATIC = "/static/board.css"


class Answer(NamedTuple):
    """One answer: what was asked, how long it took, how large it was as it travelled."""

    page: str
    seconds: float
    bytes: int


def measure(*, days: int, requests: int, seconds: float, say: Callable[[str], None]) -> None:
    """Print what each page costs, alone and with fifty readers."""
    registry = registry_of(SECTIONS, rooms=_ROOMS)
    now_ms = _midnight_ms(LAST) + 6 * _HOUR  # two in the afternoon in Tianjin
    with tempfile.TemporaryDirectory(prefix="campus-bench-") as folder:
        url = f"sqlite:///{folder}/store.sqlite"
        began = time.perf_counter()
        with open_store(url) as store:
            store.prepare()
            _fill(store, registry, days, now_ms)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        say(
            f"{len(registry.schools)} schools, {len(registry.rooms):,} rooms, {days} school days: "
            f"{size:,.0f} MiB filled in {time.perf_counter() - began:.0f} s"
        )
        with _board(url, now_ms) as port:
            pages = _pages(sorted(registry.schools)[0])
            first = [_get(port, page) for page in pages]
            slowest = max(first, key=lambda answer: answer.seconds)
            say(
                f"the first look at everything: {sum(answer.seconds for answer in first):.1f} s, "
                f"of these {slowest.seconds:.1f} s at {slowest.page}"
            )
            for page in pages:
                _get(port, page)
            alone = [_get(port, page) for page in (*pages, _STATIC) for _ in range(requests)]
            _tell("one reader", alone, say)
            many = _crowd(port, pages, seconds)
            _tell(f"{_READERS} readers at once, each page every {_THINK_S:g} s and its refreshing", many, say)
            say(f"{len(many) / seconds:,.0f} answers a second")


def _pages(school: str) -> list[str]:
    """Every page of the menu, by the board's own table; a school, a search, lists of the API; a year."""
    from dashboards.board.routes import ROUTES

    menu = [page.path for page in ROUTES if page.nav and page.needs in {"read", "district"}]
    year = {"/trends", "/alerts", "/lessons"}
    pages = [f"{path}?days=366" if path in year else path for path in menu]
    more = ("/schools?q=学校1", f"/school/{school}", f"/trends?school={school}&days=366", "/?fragment=1")
    api = ("schools", "indicators?per_page=1000", "rooms?per_page=1000", "devices?per_page=1000", "alerts")
    return [*pages, *more, *(f"/api/v1/{name}" for name in api)]


def _fill(store: Store, registry: Registry, most_days: int, now_ms: int) -> None:
    standard, changes = standard_for("binhai-2021", as_of=LAST), Changes()
    for day in school_days(registry)[-most_days:]:
        with no_collector():
            evaluation = evaluate(registry, standard, facts_of(registry, day), day)
            # In the evening; the last one shortly before the pages are looked at.
            at_ms = now_ms - _MINUTE if day == LAST else _midnight_ms(day) + 12 * _HOUR
            keep(store, registry, evaluation, at_ms, changes)
    for age in range(0, 60, 5):
        store.write(list(_live(registry, now_ms - age * _MINUTE)))
    store.write(list(_alerts(registry, now_ms)))


def _live(registry: Registry, time_ms: int) -> Iterator[Point]:
    """What the devices of every room say at one moment, one in fifty not well; and every gateway."""
    for number, room in enumerate(registry.rooms):
        place = Address(
            district=registry.schools[room.school_code].district, school=room.school_code, gateway="gw1"
        )
        bad = number % 50 == 0
        ap, device = f"A{number}", f"P{number}"
        readings = (
            AccessPoint(
                time=time_ms, ap=ap, room=room.room, state="down" if bad else "up", clients=number % 40
            ),
            Radio(
                time=time_ms, ap=ap, radio="1", up=not bad, band="5", channel=44, utilisation_pct=number % 90
            ),
            RoomDevice(
                time=time_ms, device=device, type="projector", room=room.room, reachable=not bad, power="on"
            ),
        )
        yield from (to_point(place, "0" * 16, number, reading) for reading in readings)
    for school in registry.schools.values():
        place = Address(district=school.district, school=school.school_code, gateway="gw1")
        account = Account(epoch="0" * 16, last_seq=9, produced=1000, acknowledged=1000, pending=0, dropped=0)
        told = Status(online=True, time="2022-07-08T06:00:00.000Z", version="1.0.0", account=account)
        yield status_point(place, told, time_ms=time_ms)


def _alerts(registry: Registry, now_ms: int) -> Iterator[Point]:
    """A year of alerts: each access point of one room in seventeen went down and came back now and again."""
    names = ALERT.field_names
    for number, room in enumerate(registry.rooms[::17]):
        district = registry.schools[room.school_code].district
        for turn in range(40):
            at_ms = now_ms - (turn * 9 + number % 9) * 24 * _HOUR - 1
            status = "firing" if turn % 2 == 0 else "inactive"
            values: dict[str, Value] = {
                "status": status,
                "severity": "warning",
                "title": "AP 离线",
                "title_en": "AP down",
                "since_ms": at_ms,
                "changed_ms": at_ms,
                "announced": True,
                "room": room.room,
            }
            tags = (district, room.school_code, "access-point-down", f"A{number * 17}")
            yield Point(ALERT, tags, at_ms, tuple(values.get(name) for name in names))
    yield Point(ALERT_ROUND, ("watch",), now_ms - _MINUTE, (100,))


@contextmanager
def _board(url: str, now_ms: int) -> Iterator[int]:
    port = free_port()
    ready = multiprocessing.get_context("spawn")
    process = ready.Process(target=_serve, args=(url, port, now_ms), daemon=True)
    process.start()
    try:
        for _ in range(600):
            try:
                _get(port, _STATIC)
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.join()


def _serve(url: str, port: int, now_ms: int) -> None:
    """The board as its own process; its clock goes on from the moment of the last evaluation."""
    from dashboards.board import BoardSettings, Names, RoomName, SchoolName, serve

    registry = registry_of(SECTIONS, rooms=_ROOMS)
    names = Names(
        schools={
            school.school_code: SchoolName(name=school.name, kind=school.kind, unit=f"街道{number % 9}")
            for number, school in enumerate(registry.schools.values())
        },
        rooms={
            (room.school_code, room.room): RoomName(name=f"教室{room.room}", number=room.room)
            for room in registry.rooms
        },
        registry=registry,
    )
    settings = BoardSettings(store=url, registry=Path(__file__).parent, port=port)
    began = time.time()
    asyncio.run(
        serve(
            settings,
            asyncio.Event(),
            read=lambda _: names,
            clock=lambda: now_ms / 1000 + time.time() - began,
        )
    )


def _crowd(port: int, pages: Sequence[str], seconds: float) -> list[Answer]:
    """Readers who open a page, let it refresh itself a few times, and go on to another one."""
    ended = time.perf_counter() + seconds
    found: list[Answer] = []

    def read(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 the same readers every time
        time.sleep(chance.random() * _THINK_S)
        while time.perf_counter() < ended:
            page = chance.choice(pages)
            refreshed = f"{page}{'&' if '?' in page else '?'}fragment=1"
            live = not page.startswith("/api/") and "fragment" not in page
            for asked in (page, *((refreshed, refreshed) if live else ())):
                found.append(_get(port, asked)._replace(page=page))
                time.sleep(_THINK_S)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(_READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _get(port: int, page: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        began = time.perf_counter()
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "zh"}
        path = page.encode().decode("latin-1") if page.isascii() else _quoted(page)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{page}: {answer.status}")
        return Answer(page, time.perf_counter() - began, len(body))
    finally:
        connection.close()


def _quoted(page: str) -> str:
    from urllib.parse import quote

    return quote(page, safe="/?&=")


def _tell(what: str, answers: Sequence[Answer], say: Callable[[str], None]) -> None:
    by_page: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_page[answer.page].append(answer)
    say(f"{what}:")
    for page, own in by_page.items():
        times = sorted(answer.seconds * 1000 for answer in own)
        kib = statistics.median(answer.bytes for answer in own) / 1024
        say(f"  {page:<44} {_times(times)} {kib:7.1f} KiB")
    times = sorted(answer.seconds * 1000 for answer in answers)
    say(f"  {'all':<44} {_times(times)}")


def _times(times: Sequence[float]) -> str:
    return f"median {statistics.median(times):7.1f} ms   slowest 1 % {_slowest(times):8.1f} ms"


def _slowest(times: Sequence[float]) -> float:
    """The time that one answer in a hundred exceeds."""
    return times[min(len(times) - 1, len(times) * 99 // 100)]


def _midnight_ms(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000
