"""Serving the board until told to stop."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from dashboards.access.files import AccountsFile
from dashboards.access.sign_on import SignOn
from dashboards.board.app import create_app
from dashboards.board.applied import Standards
from dashboards.board.impatient import Impatient
from dashboards.board.names import Names, read_names
from dashboards.board.outline import read_outline
from dashboards.board.settings import BoardSettings
from rules.planner.prices import load_prices
from runtime import ConfigError, Health, secret, serve_health
from runtime.errors import os_reason
from runtime.language import Text
from store import open_store

_HEALTH_S = 30.0


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
    notice: Callable[[], Text | None] = lambda: None,
    warm: bool = False,
) -> None:
    """Serve until `stop` is set; `read` gives the names in a registry, `clock` seconds since 1970 UTC,
    `notice` what is to be said above all figures.

    warm: what is dear at first is asked for at once, before anybody waits for it.
    Raises RegistryError where the registry cannot be used, ConfigError where the port cannot be had.
    """
    with ExitStack() as held:
        store = held.enter_context(open_store(settings.store))
        path = settings.access.accounts
        accounts = held.enter_context(closing(AccountsFile(path))) if path else None
        app = create_app(
            store,
            registry_folder=settings.registry,
            clock=clock,
            access=settings.access,
            accounts=accounts,
            sign_on=_sign_on(settings, accounts),
            standards=Standards(settings.standard),
            title=_title(settings),
            zone=settings.timezone,
            read=read,
            reports=settings.reports,
            prices=load_prices(settings.prices),
            outline=read_outline(settings.outline) if settings.outline else None,
            apart=settings.health.port != 0,
            notice=notice,
        )
        config = uvicorn.Config(
            app,
            http=Impatient,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
            # The gate alone reads forwarded headers, and only from the proxies that the settings name.
            proxy_headers=False,
            server_header=False,
            **_certificate(settings),
        )
        server = _Server(config)

        async def watch() -> None:
            await stop.wait()
            server.should_exit = True

        loop, board = asyncio.get_running_loop(), app.state.board

        def health() -> Health:
            seen = asyncio.run_coroutine_threadsafe(board.overview.get(), loop).result(_HEALTH_S)
            return Health(seen.problem is None, str(seen.problem or "ok"))

        with (
            _listen(settings) as listener,
            serve_health(settings.health, board.shared.metrics, health),
        ):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(watch(), name="board-stop")]
                if warm:
                    tasks.append(group.create_task(board.warm(), name="board-warm"))
                await server.serve(sockets=[listener])
                for task in tasks:
                    task.cancel()


def _sign_on(settings: BoardSettings, accounts: AccountsFile | None) -> SignOn | None:
    oidc = settings.access.oidc
    if oidc is None or accounts is None:
        return None
    key = "access.oidc.client_secret"
    return SignOn(oidc, accounts, secret(oidc.client_secret, key=key) if oidc.client_secret else None)


def _certificate(settings: BoardSettings) -> dict[str, Any]:
    """Tried before any socket opens: a key that is not the certificate's is said in one line."""
    tls = settings.tls
    if tls is None:
        return {}
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls.certificate, tls.key)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            Text(
                f"tls: {tls.certificate} 与 {tls.key} 不能用作证书和私钥",
                f"tls: {tls.certificate} and {tls.key} are no certificate and its key: {error}",
            )
        ) from error
    return {"ssl_certfile": str(tls.certificate), "ssl_keyfile": str(tls.key)}


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
