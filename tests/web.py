"""The far edge where it is reached by HTTP: something that answers as a test says, on a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers import free_port


class Answering(BaseHTTPRequestHandler):
    """Answers with JSON; a test says how in `get` and `post`."""

    def get(self) -> None:
        self.send_error(404)

    def post(self) -> None:
        self.send_error(404)

    def do_GET(self) -> None:
        self.get()

    def do_POST(self) -> None:
        self.post()

    def tell(self, status: int, answer: Any) -> None:
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def body(self) -> bytes:
        """What was sent along."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, format: str, *args: object) -> None:
        """Being asked is no news."""


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], *, port: int | None = None) -> Iterator[str]:
    """Its address without a scheme, `127.0.0.1:8086`, while it answers."""
    with ThreadingHTTPServer(("127.0.0.1", port or free_port()), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
