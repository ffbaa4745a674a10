"""openGemini's HTTP interface in front of a real 1.x server, with the two ways in which it is another.

A measurement that nobody wrote is an error, and a series that is new is found only some time after its write
was acknowledged. What is written goes to a second database at once, which says what is to be answered, and to
the one that is read when its series may be seen. CAMPUS_TEST_OPENGEMINI_URL names a real server.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

from tests.store.influx2_front import Front, serving

_FROM = re.compile(r'FROM "((?:[^"\\]|\\.)*)"')
# A line's series ends at the first space that is not escaped.
_SERIES = re.compile(rb"(?:[^\\ ]|\\.)*")


class _FrontGemini(Front):
    hidden_s = 0.0
    visible: set[tuple[str, bytes]] = set()  # noqa: RUF012 one front, one set

    def do_GET(self) -> None:  # noqa: N802 the name that http.server looks for
        self._send_bytes(204, b"")

    def do_POST(self) -> None:  # noqa: N802 the name that http.server looks for
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if parts.path == "/write":
            self._written(parse_qs(parts.query)["db"][0], body)
        else:
            self._asked(body)

    def _written(self, name: str, body: bytes) -> None:
        status, text = self._pass_on(f"{name}_at_once", body)
        known, later, series = [], [], set()
        for line in body.split(b"\n"):
            found = _SERIES.match(line)
            of = (name, found[0] if found else b"")
            if of in self.visible:
                known.append(line)
            elif line:
                later.append(line)
                series.add(of)
        if known:
            self._pass_on(name, b"\n".join(known))

        def show() -> None:
            self._pass_on(name, b"\n".join(later))
            self.visible.update(series)

        if later:
            threading.Timer(self.hidden_s, show).start()
        self._send_bytes(status, text)

    def _asked(self, body: bytes) -> None:
        form = parse_qs(body.decode())
        statement, name = form["q"][0], form.get("db", [""])[0]
        measurement = _FROM.search(statement)
        if measurement and measurement[1] not in self._measurements(name):
            self._send(200, {"results": [{"statement_id": 0, "error": "measurement not found"}]})
            return
        if statement.startswith("CREATE DATABASE"):
            other = urlencode({"q": statement.rstrip('"') + '_at_once"'})
            self.http.request("POST", f"{self.back}/query?{other}")
        self._hand_on("/query", body)

    def _measurements(self, name: str) -> set[str]:
        query = urlencode({"db": name, "q": "SHOW MEASUREMENTS"})
        document = json.loads(self.http.request("GET", f"{self.back}/query?{query}").data)
        series = document["results"][0].get("series", [])
        return {str(row[0]) for found in series for row in found["values"]}

    def _pass_on(self, name: str, body: bytes) -> tuple[int, bytes]:
        query = urlencode({"db": name, "precision": "ms"})
        answer = self.http.request("POST", f"{self.back}/write?{query}", body=body)
        return answer.status, answer.data

    def send_header(self, keyword: str, value: str) -> None:
        if keyword.startswith("X-Influxdb"):
            keyword, value = keyword.replace("X-Influxdb", "X-Geminidb"), "1.5.0"
        super().send_header(keyword, value)


@contextmanager
def opengemini_front(back: int, port: int, hidden_s: float) -> Iterator[str]:
    """Serve in front of the 1.x server at port `back`; gives the base address `influxdb://…`."""
    handler = type(
        "FrontGemini",
        (_FrontGemini,),
        {
            "back": f"http://127.0.0.1:{back}",
            "hidden_s": hidden_s,
            "visible": set(),
            "http": urllib3.PoolManager(retries=False),
        },
    )
    with serving(handler, port):
        yield f"influxdb://127.0.0.1:{port}/"
