"""An InfluxDB 2.7's HTTP interface in front of a real 1.x server, so that the 2.x path meets a real store.

It answers as 2.7.11 does (headers, status codes, error documents) where the two generations differ, and hands
everything else on. It stands in for the part that differs only; CAMPUS_TEST_INFLUX2_URL names a real one.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

TOKEN = "a-token-of-the-test"
# May write to buckets that are there, and nothing else.
WRITE_ONLY = "a-token-that-may-only-write"
ORG = "binhai"


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    version = "v2.7.11"
    back = ""
    http = urllib3.PoolManager(retries=False)
    buckets: set[str] = set()  # noqa: RUF012 one front, one set
    # As an overloaded server answers while this holds a status.
    overloaded: list[int] = []  # noqa: RUF012 as above

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/ping":
            self._send(204, None)
        elif not self._allowed():
            self._error(401, "unauthorized", "unauthorized access")
        elif parts.path == "/api/v2/orgs":
            self._send(200, {"orgs": [] if self._write_only() else [{"id": "0" * 16, "name": ORG}]})
        elif parts.path == "/api/v2/buckets" and self._write_only():
            self._send(200, {"buckets": []})
        elif parts.path == "/api/v2/buckets":
            name = parse_qs(parts.query).get("name", [""])[0]
            found = [{"id": "1" * 16, "name": name, "retentionRules": []}] if name in self.buckets else []
            self._send(200, {"buckets": found})
        else:
            self._error(404, "not found", "path not found")

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not self._allowed():
            self._error(401, "unauthorized", "unauthorized access")
        elif parts.path == "/api/v2/write":
            self._write(options, body)
        elif self._write_only():
            self._error(403, "forbidden", "insufficient permissions")
        elif parts.path == "/api/v2/buckets":
            asked = json.loads(body)
            name, (rule,) = asked["name"], asked["retentionRules"]
            self.buckets.add(name)
            kept = f"DURATION {rule['everySeconds']}s SHARD DURATION {rule['shardGroupDurationSeconds']}s"
            self._hand_on("/query", urlencode({"q": f'CREATE DATABASE "{name}" WITH {kept}'}).encode())
        elif parts.path == "/api/v2/delete":
            self._delete(options["bucket"], json.loads(body))
        elif parts.path == "/query":
            self._hand_on("/query", body)
        else:
            self._error(404, "not found", "path not found")

    def _delete(self, name: str, asked: dict[str, str]) -> None:
        measurement = asked["predicate"].removeprefix("_measurement=")
        span = f"time >= '{asked['start']}' AND time <= '{asked['stop']}'"
        query = urlencode({"db": name, "q": f"DELETE FROM {measurement} WHERE {span}"})  # noqa: S608 a test's
        answer = self.http.request("POST", f"{self.back}/query?{query}")
        self._send(204 if answer.status == 200 else 400, None)

    def _write(self, options: dict[str, str], body: bytes) -> None:
        if self.overloaded:
            self._send(self.overloaded[0], {"code": "unavailable", "message": "busy"}, retry_after="7")
        elif options.get("org") != ORG:
            self._error(404, "not found", f'organization name "{options.get("org")}" not found')
        elif options.get("precision") != "ms":
            self._error(400, "invalid", f"unexpected options {options}")
        elif options["bucket"] not in self.buckets:
            self._error(404, "not found", f'bucket "{options["bucket"]}" not found')
        elif not body:
            self._error(400, "invalid", "writing requires points")
        else:
            query = urlencode({"db": options["bucket"], "precision": "ms"})
            answer = self.http.request("POST", f"{self.back}/write?{query}", body=body)
            text = answer.data.decode()
            if answer.status == 400 and "partial write" in text:
                message = json.loads(text)["error"]
                self._error(422, "unprocessable entity", f"failure writing points to database: {message}")
            elif answer.status == 400:
                self._error(400, "invalid", json.loads(text)["error"])
            else:
                self._send(answer.status, None)

    def _hand_on(self, path: str, body: bytes) -> None:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.http.request("POST", f"{self.back}{path}", body=body, headers=kind)
        document = answer.data
        status = 201 if urlsplit(self.path).path == "/api/v2/buckets" else answer.status
        if status == 201:
            document = json.dumps({"id": "1" * 16, "name": "made", "retentionRules": []}).encode()
        self._send_bytes(status, document)

    def _allowed(self) -> bool:
        return self.headers.get("Authorization") in {f"Token {TOKEN}", f"Token {WRITE_ONLY}"}

    def _write_only(self) -> bool:
        return self.headers.get("Authorization") == f"Token {WRITE_ONLY}"

    def _error(self, status: int, code: str, message: str) -> None:
        self._send(status, {"code": code, "message": message})

    def _send(self, status: int, document: object, *, retry_after: str | None = None) -> None:
        encoded = b"" if document is None else json.dumps(document).encode()
        self._send_bytes(status, encoded, retry_after=retry_after)

    def _send_bytes(self, status: int, document: bytes, *, retry_after: str | None = None) -> None:
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("X-Influxdb-Build", "OSS")
        self.send_header("X-Influxdb-Version", self.version)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def log_message(self, format: str, *args: object) -> None:
        """A test's server keeps quiet."""


@contextmanager
def influx2_front(back: int, port: int) -> Iterator[str]:
    """Serve in front of the 1.x server at port `back`; gives the base address `influxdb://…`."""
    handler = type("Front2", (Front,), {"back": f"http://127.0.0.1:{back}", "buckets": set()})
    with serving(handler, port):
        yield f"influxdb://127.0.0.1:{port}/"


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], port: int) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join()
