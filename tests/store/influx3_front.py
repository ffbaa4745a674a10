"""An InfluxDB 3 Core's HTTP interface in front of a real 1.x server, so that the 3.x path meets a real store.

It answers as 3.4 does where the generations differ: no organisations, databases made by the first write, and
lines that are refused one by one and by number. CAMPUS_TEST_INFLUX3_URL names a real one.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.store.influx2_front import TOKEN, Front, serving


class _Front3(Front):
    version = "3.4.2"

    def do_GET(self) -> None:  # noqa: N802 the name that http.server looks for
        if urlsplit(self.path).path == "/ping":
            self._send(200, {"version": self.version})
        else:
            self._send(404, {"error": "not found"})

    def do_POST(self) -> None:  # noqa: N802 the name that http.server looks for
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.headers.get("Authorization") != f"Token {TOKEN}":
            self._send(401, {"error": "the request was not authenticated"})
        elif parts.path == "/api/v3/configure/database":
            name = json.loads(body)["db"]
            status = 409 if name in self.buckets else 200
            self._make(name)
            self._send(status, None)
        elif parts.path == "/api/v2/write":
            self._write3(options["bucket"], body)
        elif parts.path == "/query":
            name = parse_qs(body.decode())["db"][0]
            if name in self.buckets:
                self._hand_on("/query", body)
            else:
                self._send(404, {"error": f"database not found: {name}"})
        else:
            self._send(404, {"error": "not found"})

    def do_DELETE(self) -> None:  # noqa: N802 the name that http.server looks for
        name = parse_qs(urlsplit(self.path).query)["db"][0]
        self.buckets.discard(name)
        self._ask("/query", {"q": f'DROP DATABASE "{name}"'}, b"")
        self._send(200, None)

    def _write3(self, name: str, body: bytes) -> None:
        if not body:
            self._send(400, {"error": "write is empty", "data": None})
            return
        self._make(name)
        refused = []
        for number, line in enumerate(body.split(b"\n"), 1):
            status, text = self._ask("/write", {"db": name, "precision": "ms"}, line)
            if status >= 300:
                refused.append(
                    {
                        "original_line": line.decode()[:40],
                        "line_number": number,
                        "error_message": json.loads(text)["error"],
                    }
                )
        if refused:
            self._send(400, {"error": "partial write of line protocol occurred", "data": refused})
        else:
            self._send(204, None)

    def _make(self, name: str) -> None:
        self.buckets.add(name)
        self._ask("/query", {"q": f'CREATE DATABASE "{name}"'}, b"")

    def _ask(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, str]:
        answer = self.http.request("POST", f"{self.back}{path}?{urlencode(query)}", body=body)
        return answer.status, answer.data.decode()


@contextmanager
def influx3_front(back: int, port: int) -> Iterator[str]:
    """Serve in front of the 1.x server at port `back`; gives the base address `influxdb://…`."""
    handler = type("Front3", (_Front3,), {"back": f"http://127.0.0.1:{back}", "buckets": set()})
    with serving(handler, port):
        yield f"influxdb://127.0.0.1:{port}/"
