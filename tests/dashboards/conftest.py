"""A board, served for real over a store that tests fill."""

import asyncio
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboards.access.settings import AccessSettings
from dashboards.board import BoardSettings, Names, serve
from runtime.language import Text
from store import Store, open_store
from tests.dashboards.filling import NAMES, evaluation, live
from tests.servers import free_port

_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]


@dataclass(frozen=True)
class RunningBoard:
    """A board and the store behind it."""

    url: str
    store: Store
    now_ms: int
    accounts: Path | None = None

    def get(self, path: str, *, language: str = "zh", **headers: str) -> Answer:
        """An answer to a reader who has chosen a language; with "" to one who has not."""
        given = {"Cookie": f"lang={language}"} if language else {}
        asked = urllib.request.Request(self.url + path, headers={**given, **headers})
        try:
            with urllib.request.urlopen(asked) as answer:
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), dict(error.headers))


@contextmanager
def running_board(
    store_url: str,
    names: Names = NAMES,
    standard: Path | None = None,
    access: AccessSettings | None = None,
    notice: Callable[[], Text | None] = lambda: None,
    **more: Any,
) -> Iterator[RunningBoard]:
    """Serve in a thread, over real sockets, until the block ends."""
    access = access or AccessSettings()
    settings = BoardSettings(
        access=access,
        **more,
        store=store_url,
        registry=Path(__file__).parent,
        standard=standard,
        title="模拟区校园设施监测",
        port=free_port(),
    )
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=(serve(settings, stop, read=lambda _: names, notice=notice),),
        name="board",
    )
    with open_store(store_url) as store:
        store.prepare()
        thread.start()
        scheme = "https" if settings.tls else "http"
        board = RunningBoard(
            f"{scheme}://127.0.0.1:{settings.port}", store, int(time.time() * 1000), access.accounts
        )
        try:
            _wait(board)
            yield board
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(_PATIENCE_S)
            loop.close()
    assert not thread.is_alive()


def _wait(board: RunningBoard) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", int(board.url.rpartition(":")[2])), timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "the board did not start"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    """A board over a filled district."""
    path = tmp_path_factory.mktemp("board") / "store.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.prepare()
        now_ms = int(time.time() * 1000)
        assert store.write([*evaluation(now_ms - 5000), *live(now_ms - 2000)]) == []
    with running_board(f"sqlite:///{path}") as running:
        yield running
