"""`campus ca serve`: the enrolment service, and the broker kept in step, until told to stop."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CollectorRegistry, Gauge

from runtime import ConfigError, Health, serve_health
from runtime.errors import os_reason
from runtime.language import Text
from trust.keeping import Also, Keeper
from trust.office import Office
from trust.service import create_app
from trust.settings import TrustSettings

log = logging.getLogger("trust")

_MOST_AT_ONCE = 200


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program; it sets `stop`."""
        yield


async def serve(
    settings: TrustSettings, stop: asyncio.Event, *, clock: Callable[[], int], also: Also | None = None
) -> None:
    """Raises ConfigError where there is no authority yet or the port cannot be had."""
    with Office(settings, clock=clock) as office, _listen(settings) as listener:
        office.publish()
        keeper = Keeper(settings, office, also=also) if settings.broker else None
        metrics = _metrics(office)
        with serve_health(settings.health, metrics, lambda: _health(keeper)):
            if keeper is None:
                log.warning("no [broker] in the settings: its rules are not kept in step")
            else:
                keeper.start()
            try:
                await _serve(office, listener, stop, (lambda: None) if keeper is None else keeper.wake)
            finally:
                if keeper is not None:
                    keeper.stop()


async def _serve(
    office: Office, listener: socket.socket, stop: asyncio.Event, changed: Callable[[], None]
) -> None:
    config = uvicorn.Config(
        create_app(office, changed=changed),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        limit_concurrency=_MOST_AT_ONCE,
        ssl_keyfile=str(office.folder.service_key),
        ssl_certfile=str(office.folder.service_certificate),
    )
    server = _Server(config)

    async def watch() -> None:
        await stop.wait()
        server.should_exit = True

    log.info("gateways enrol at port %d", listener.getsockname()[1])
    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(watch(), name="stop")
        await server.serve(sockets=[listener])
        watcher.cancel()
    log.info("stopped")


def _health(keeper: Keeper | None) -> Health:
    problem = keeper.problem if keeper else None
    return Health(ok=problem is None, reason=problem or "ok")


def _metrics(office: Office) -> CollectorRegistry:
    registry = CollectorRegistry()
    gateways = Gauge("trust_gateways", "Gateways that are enrolled and not revoked", registry=registry)

    def count() -> float:
        with office.register.changing():
            return sum(row.revoked_ms is None for row in office.register.gateways())

    gateways.set_function(count)
    return registry


def _listen(settings: TrustSettings) -> socket.socket:
    where = (settings.listen_host, settings.listen_port)
    try:
        return socket.create_server(where)
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(
            Text(
                f"listen_host, listen_port：无法在 {where[0]}:{where[1]} 上监听：{why.zh}",
                f"listen_host, listen_port: cannot listen on {where[0]}:{where[1]}: {why.en}",
            )
        ) from error
