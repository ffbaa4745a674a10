"""/metrics for Prometheus and /healthz for whoever restarts the program."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from runtime.errors import ConfigError, os_reason
from runtime.language import Text
from runtime.settings import HealthSettings

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the program does its work, and why not."""

    ok: bool
    reason: str = "ok"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    # A connection that asks nothing is closed: half-open ones would pile up, each with a thread.
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """Being asked is no change worth a line."""


@contextmanager
def serve_health(
    settings: HealthSettings, registry: CollectorRegistry, check: Callable[[], Health]
) -> Iterator[int | None]:
    """Serve until the block ends; gives the port, None where it is off. Raises ConfigError."""
    if not settings.port:
        yield None
        return
    metrics = make_wsgi_app(registry)

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            page: Iterable[bytes] = metrics(environ, start_response)
            return page
        health = check()
        start_response(
            "200 OK" if health.ok else "503 Service Unavailable",
            [("Content-Type", "text/plain; charset=utf-8")],
        )
        return [health.reason.encode() + b"\n"]

    try:
        server = make_server(settings.host, settings.port, app, _Server, _Quiet)
    except OSError as error:
        where, why = f"{settings.host}:{settings.port}", os_reason(error)
        text = Text(
            f"无法监听 {where}：{why.zh}，请换一个端口",
            f"cannot listen on {where}: {why.en}; choose another port",
        )
        raise ConfigError(f"health: {text}") from error
    with server:
        thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
