"""The small web server behind /metrics and /healthz."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from runtime.errors import ConfigError, os_reason
from runtime.health_types import Exposes, Health
from runtime.language import Text
from runtime.settings import HealthSettings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Page = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    # A connection that asks nothing is closed: half-open ones would pile up, each with a thread.
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """Being asked is no change worth a line."""


@contextmanager
def serving(
    settings: HealthSettings, registry: "CollectorRegistry | Exposes", check: Callable[[], Health]
) -> Iterator[int]:
    """Serve until the block ends; gives the port. Raises ConfigError."""
    metrics = _page(registry)

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            return metrics(environ, start_response)
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


def _page(registry: "CollectorRegistry | Exposes") -> Page:
    if not isinstance(registry, Exposes):
        from prometheus_client import make_wsgi_app

        page: Page = make_wsgi_app(registry)
        return page

    def plain(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
        return [registry.exposition()]

    return plain
