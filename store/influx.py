"""InfluxDB 1.x, 2.x and 3.x, and openGemini: line protocol in, InfluxQL out.

The server's version decides the write path: `/write` before 2.0, `/api/v2/write` from 2.0 on.
"""

import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from influxdb_client import BucketRetentionRules, InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from contract import Point, Value
from store.base import Rejected, Store, StoreError, Unavailable
from store.influxql import compile_influxql
from store.line_protocol import Unwritable, encode_line
from store.query import Query, Row, Select

log = logging.getLogger("store.influx")

PLACEHOLDER = "change-me"
_TIMEOUT = urllib3.Timeout(connect=5, read=30)
# A write that the server refuses in part, or as a whole because of one line.
_REFUSED = {400, 413, 422}
_DROPPED = re.compile(r"dropped=(\d+)")
_CHUNK_ROWS = 10_000
# Writes and queries that run at the same time; more wait for a connection.
_CONNECTIONS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Credentials: a token for 2.x and later, a user for 1.x, or nothing."""

    token: str | None = None
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_environment(cls) -> "Login":
        """Read CAMPUS_INFLUX_TOKEN (or …_TOKEN_FILE), CAMPUS_INFLUX_USERNAME and CAMPUS_INFLUX_PASSWORD."""
        token = os.environ.get("CAMPUS_INFLUX_TOKEN")
        file = os.environ.get("CAMPUS_INFLUX_TOKEN_FILE")
        if not token and file:
            try:
                token = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise StoreError(f"CAMPUS_INFLUX_TOKEN_FILE: cannot read {file}: {error.strerror}") from error
        password = os.environ.get("CAMPUS_INFLUX_PASSWORD")
        for name, value in (("CAMPUS_INFLUX_TOKEN", token), ("CAMPUS_INFLUX_PASSWORD", password)):
            if value and PLACEHOLDER in value:
                raise StoreError(f"{name} still holds {PLACEHOLDER!r}; set a secret of your own")
        return cls(
            token=token or None, username=os.environ.get("CAMPUS_INFLUX_USERNAME"), password=password or None
        )

    def headers(self) -> dict[str, str]:
        if self.token:
            return {"Authorization": f"Token {self.token}"}
        if self.username:
            return dict(urllib3.make_headers(basic_auth=f"{self.username}:{self.password or ''}"))
        return {}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    retry_after_s: float | None = None


class InfluxStore(Store):
    """A bucket (2.x, 3.x) or database (1.x) of an InfluxDB server."""

    name = "influxdb"

    def __init__(self, url: str, bucket: str, *, org: str | None, login: Login) -> None:
        self.url = url
        self.bucket = bucket
        self.org = org
        self._login = login
        self._http = urllib3.PoolManager(
            maxsize=_CONNECTIONS, block=True, timeout=_TIMEOUT, retries=False, headers=login.headers()
        )
        self._generation: int | None = None
        self._missing = False
        self._client: Any = None

    @classmethod
    def from_url(cls, url: str) -> "InfluxStore":
        """`influxdb://host:8086/bucket?org=…`; raises StoreError."""
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        if not parts.hostname or not bucket or "/" in bucket:
            raise StoreError(f"store {url!r}: write influxdb://host:8086/bucket")
        if parts.username or parts.password:
            raise StoreError("store: the address must not hold a password; use the environment")
        options = parse_qs(parts.query)
        unknown = sorted(options.keys() - {"org"})
        if unknown:
            raise StoreError(f"store {url!r}: no option is called {unknown[0]!r}")
        scheme = "https" if parts.scheme == "influxdbs" else "http"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(
            f"{scheme}://{host}:{parts.port or 8086}",
            bucket,
            org=options.get("org", [None])[0],
            login=Login.from_environment(),
        )

    def prepare(self) -> None:
        generation = self._find_generation()
        if generation < 2:
            self._influxql(f'CREATE DATABASE "{self.bucket}"')
        elif generation == 2:
            self._create_bucket()
        self._missing = False
        # 3.x creates a database when it is first written to.

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        rejected: list[Rejected] = []
        fit: list[tuple[Point, str]] = []
        for point in points:
            try:
                fit.append((point, encode_line(point)))
            except Unwritable as error:
                rejected.append(Rejected(point, str(error)))
        if fit:
            if self._missing:
                self.prepare()
            self._write_lines(fit, rejected)
        return rejected

    def query(self, query: Query) -> list[Row]:
        rows = [row for series in self._influxql(compile_influxql(query)) for row in _rows(query, series)]
        rows.sort(key=lambda row: (*(row.tags[tag] for tag in query.group_by), row.time or 0))
        return rows

    def close(self) -> None:
        self._http.clear()
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def generation(self) -> int:
        """1, 2 or 3; openGemini counts as 1. Raises Unavailable."""
        return self._find_generation()

    def _write_lines(self, lines: list[tuple[Point, str]], rejected: list[Rejected]) -> None:
        """Write; where the server refuses, halve until each line that it refuses stands alone."""
        answer = self._send("\n".join(line for _, line in lines).encode())
        if answer.status < 300:
            return
        if answer.status not in _REFUSED:
            if answer.status == 404:
                # A server that lost its data is made ready again, and may be another version by now.
                self._generation, self._missing = None, True
            raise Unavailable(self._explain(answer), retry_after_s=answer.retry_after_s)
        found = _DROPPED.search(answer.text)
        if len(lines) == 1 or (found and int(found[1]) == len(lines)):
            rejected.extend(Rejected(point, _message(answer.text)) for point, _ in lines)
            return
        middle = len(lines) // 2
        self._write_lines(lines[:middle], rejected)
        self._write_lines(lines[middle:], rejected)

    def _send(self, body: bytes) -> _Answer:
        if self._find_generation() < 2:
            return self._request("POST", "/write", {"db": self.bucket, "precision": "ms"}, body)
        try:
            self._v2().write_api(write_options=SYNCHRONOUS).write(
                bucket=self.bucket, org=self._organisation(), record=body, write_precision="ms"
            )
        except ApiException as error:
            after = (error.headers or {}).get("Retry-After", "")
            return _Answer(error.status or 503, str(error.body or error.reason), _seconds(after))
        except urllib3.exceptions.HTTPError as error:
            raise _away(self.url, error) from error
        return _Answer(204, "")

    def _v2(self) -> Any:
        if self._client is None:
            self._client = InfluxDBClient(
                url=self.url,
                token=self._login.token,
                org=self.org,
                timeout=30_000,
                connection_pool_maxsize=_CONNECTIONS,
            )
        return self._client

    def _organisation(self) -> str:
        """The organisation of the address, or the server's only one."""
        if self.org is None:
            found = self._v2().organizations_api().find_organizations()
            if len(found) != 1:
                names = ", ".join(organisation.name for organisation in found)
                raise Unavailable(f"{self.url}: say which organisation with ?org=…; there are: {names}")
            self.org = found[0].name
        return self.org

    def _create_bucket(self) -> None:
        try:
            org, buckets = self._organisation(), self._v2().buckets_api()
            if buckets.find_bucket_by_name(self.bucket) is None:
                # Evidence is kept until someone decides otherwise: no expiry.
                keep = BucketRetentionRules(type="expire", every_seconds=0)
                buckets.create_bucket(bucket_name=self.bucket, retention_rules=keep, org=org)
                log.info("created bucket %s at %s", self.bucket, self.url)
        except ApiException as error:
            raise Unavailable(self._explain(_Answer(error.status or 503, str(error.body)))) from error
        except urllib3.exceptions.HTTPError as error:
            raise _away(self.url, error) from error

    def _find_generation(self) -> int:
        if self._generation is None:
            try:
                answer = self._http.request("GET", f"{self.url}/ping")
            except urllib3.exceptions.HTTPError as error:
                raise _away(self.url, error) from error
            if answer.status >= 300:
                raise Unavailable(self._explain(_Answer(answer.status, answer.data.decode(errors="replace"))))
            version = re.match(r"v?(\d+)\.", answer.headers.get("X-Influxdb-Version", ""))
            self._generation = max(int(version[1]), 1) if version else 1
        return self._generation

    def _influxql(self, statement: str) -> Iterator[dict[str, Any]]:
        """Run one statement; gives series as they come, a long one in several parts."""
        parameters = {
            "db": self.bucket,
            "epoch": "ms",
            "chunked": "true",
            "chunk_size": str(_CHUNK_ROWS),
            "q": statement,
        }
        answer = self._request("POST", "/query", parameters)
        if answer.status >= 300:
            raise Unavailable(self._explain(answer))
        series: list[dict[str, Any]] = []
        for line in answer.text.splitlines():
            for result in json.loads(line).get("results", [json.loads(line)]):
                if "error" in result:
                    raise _query_error(self.url, str(result["error"]))
                series.extend(result.get("series", []))
        return iter(series)

    def _request(self, method: str, path: str, fields: dict[str, str], body: bytes | None = None) -> _Answer:
        url = f"{self.url}{path}"
        try:
            if body is None:
                answer = self._http.request_encode_body(method, url, fields, encode_multipart=False)
            else:
                answer = self._http.request(method, f"{url}?{urlencode(fields)}", body=body)
        except urllib3.exceptions.HTTPError as error:
            raise _away(self.url, error) from error
        return _Answer(
            answer.status,
            answer.data.decode(errors="replace"),
            _seconds(answer.headers.get("Retry-After", "")),
        )

    def _explain(self, answer: _Answer) -> str:
        hints = {
            401: "; set CAMPUS_INFLUX_TOKEN (2.x) or CAMPUS_INFLUX_USERNAME and _PASSWORD (1.x)",
            403: "; the token may not use this bucket",
            404: f"; is there a bucket or database {self.bucket!r}?",
        }
        return f"{self.url} answered {answer.status}: {_message(answer.text)}{hints.get(answer.status, '')}"


def _away(url: str, error: urllib3.exceptions.HTTPError) -> Unavailable:
    # urllib3 begins with the connection object and its address: noise, and never twice the same text.
    return Unavailable(f"{url}: {re.sub(r'<[^>]*>: ', '', str(error))}")


def _query_error(url: str, message: str) -> StoreError:
    if "database not found" in message or "timeout" in message:
        return Unavailable(f"{url}: {message}")
    return StoreError(f"{url} refused the query: {message}")


def _message(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text.strip()[:500] or "no explanation"
    return str(found.get("error") or found.get("message") or text)[:500] if isinstance(found, dict) else text


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() else None


def _rows(query: Query, series: dict[str, Any]) -> Iterator[Row]:
    tags = {tag: series.get("tags", {}).get(tag, "") for tag in query.group_by}
    timed = not query.aggregated or query.window_ms is not None
    places = [(item, series["columns"].index(item.name)) for item in query.select]
    for cells in series.get("values", []):
        values = {item.name: _value(query, item, cells[place]) for item, place in places}
        counted = [item.name for item in query.select if item.aggregate == "count"]
        if any(value is not None and not (name in counted and value == 0) for name, value in values.items()):
            yield Row(dict(tags), int(cells[0]) if timed else None, values)


def _value(query: Query, item: Select, cell: Any) -> Value | None:
    """JSON does not tell 3 from 3.0; the table does."""
    if item.aggregate == "count":
        return int(cell or 0)
    if cell is None:
        return None
    kind = query.measurement.column(item.field).type
    if item.aggregate == "mean" or kind == "float":
        return float(cell)
    if kind == "integer":
        return int(cell)
    return bool(cell) if kind == "boolean" else str(cell)
