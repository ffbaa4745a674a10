"""The board's pages over a district's store, asked for as a browser does."""

import asyncio
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campus.servers import free_port
from dashboards.board.server import serve
from dashboards.board.settings import BoardSettings

_PAGES = ("/", "/now", "/schools", "/indicators", "/use", "/trends", "/shortfalls")
_STARTUP_S = 60.0


def page_times(
    store: str, registry: Path, *, now: float, schools: list[str], requests: int
) -> Iterator[tuple[str, float, float, float]]:
    """Of each page: its first answer, the median and the slowest 1 % of many, in ms."""
    with _board(store, registry, now) as address:
        for page in (*_PAGES, "/school/"):
            taken = []
            for number in range(requests):
                path = f"{page}{schools[number % len(schools)]}" if page == "/school/" else page
                taken.append(_fetch(address + path))
            ordered = sorted(taken[1:])
            yield page, taken[0], statistics.median(ordered), ordered[int(len(ordered) * 0.99)]


def _fetch(url: str) -> float:
    began = time.perf_counter()
    with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 - our own board
        answer.read()
    return (time.perf_counter() - began) * 1000


@contextmanager
def _board(store: str, registry: Path, now: float) -> Iterator[str]:
    """A board whose clock begins at `now`."""
    ahead_s, port = now - time.time(), free_port()
    settings = BoardSettings.model_validate({"store": store, "registry": registry, "port": port})
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    serving = serve(settings, stop, clock=lambda: time.time() + ahead_s)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,), name="board")
    thread.start()
    try:
        _wait_for(f"http://127.0.0.1:{port}/static/board.css", thread)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _wait_for(url: str, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _STARTUP_S
    while True:
        try:
            _fetch(url)
            return
        except OSError:
            if time.monotonic() > deadline or not thread.is_alive():
                raise
            time.sleep(0.05)
