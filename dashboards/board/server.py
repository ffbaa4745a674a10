"""Serving the board until told to stop."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from dashboards.board.app import create_app
from dashboards.board.applied import Standards
from dashboards.board.names import Names, read_names
from dashboards.board.settings import BoardSettings
from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text
from store import open_store


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program that runs the board; it sets `stop`."""
        yield


async def serve(
    settings: BoardSettings,
    stop: asyncio.Event,
    *,
    read: Callable[[Path], Names] = read_names,
    clock: Callable[[], float] = time.time,
) -> None:
    """Serve until `stop` is set; `read` gives the names in a registry, `clock` seconds since 1970 UTC.

    Raises RegistryError where the registry cannot be used, ConfigError where the port cannot be had.
    """
    with open_store(settings.store) as store:
        app = create_app(
            store,
            registry_folder=settings.registry,
            clock=clock,
            standards=Standards(settings.standard),
            title=_title(settings),
            zone=settings.timezone,
            read=read,
        )
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3)
        server = _Server(config)

        async def watch() -> None:
            await stop.wait()
            server.should_exit = True

        with _listen(settings) as listener:
            async with asyncio.TaskGroup() as group:
                watcher = group.create_task(watch(), name="board-stop")
                await server.serve(sockets=[listener])
                watcher.cancel()


def _title(settings: BoardSettings) -> Text | None:
    """A title in one language alone is the bureau's name for it in the other, too."""
    given = settings.title or settings.title_en
    return Text(settings.title or given, settings.title_en or given) if given else None


def _listen(settings: BoardSettings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        why = os_reason(error)
        raise ConfigError(
            Text(
                f"host, port: 无法在 {where} 上监听：{why.zh}",
                f"host, port: cannot listen on {where}: {why.en}",
            )
        ) from error
