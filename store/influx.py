"""InfluxDB 1.x, 2.x and 3.x, and openGemini: line protocol in, InfluxQL out.

The server's version decides the write path: `/write` before 2.0, `/api/v2/write` from 2.0 on.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from contract import Kept, Point, utc_text
from runtime.language import Text
from store.address import port_of, unreadable
from store.base import JustExpired, Part, Rejected, Store, StoreError, Unavailable
from store.influx_answer import CutOff, QueryError, results_of, rows_of, series_of, whole_results
from store.influx_expiry import Horizon, as_saved, may_be_saved, parts_of, restored, saved
from store.influx_http import READ_S, Answer, Http, NotForUs, Refusal
from store.influx_login import Login
from store.influx_rows import Fixed, groups_of, tally_rows, values_of
from store.influx_writing import REFUSED, LineWriter
from store.influxql import compile_influxql, identifier
from store.merging import ask_all
from store.query import Query, Row
from store.tally import Tallied, Tally
from store.tally_influxql import add_series, in_order, statements

log = logging.getLogger("store.influx")
_T = TypeVar("_T")

_CHUNK_ROWS = 10_000
# The server works on one statement of a request after the other, on one core; a day's tallies are many.
_REQUESTS = 4
# A lesson's facts come once a week: in shards of a week each of their fields has an index entry of its own.
_SHARD_S = 13 * 7 * 86_400
# Until the first group of a tally, the server may have to read all of a district's day.
_PATIENCE_S = 300.0
# 3.x makes databases and tables when they are first written to: until then there is no data yet.
_NO_MEASUREMENT = "measurement not found"  # as openGemini says it
# A series that is new is found by openGemini's queries about two seconds after its write was acknowledged.
GEMINI_VISIBLE_AFTER_S = 3.0
_NOTHING_YET = re.compile(r"(database|table)\b.*\bnot found", re.IGNORECASE)


class InfluxStore(Store):
    """A bucket (2.x, 3.x) or database (1.x) of an InfluxDB server."""

    name = "influxdb"

    def __init__(self, url: str, bucket: str, *, org: str | None, login: Login) -> None:
        self.url = url
        self.bucket = bucket
        self.org = org
        self._login = login
        self._http = Http(url, login.headers())
        self._generation: int | None = None
        self._gemini = False
        self._lines = LineWriter(self._send, self._not_written)
        self._horizon = Horizon(self)
        self._seen: set[str] = set()
        self._missing = False

    @classmethod
    def from_url(cls, url: str) -> "InfluxStore":
        """`influxdb://host:8086/bucket?org=…`, for 3.x without an organisation; raises StoreError."""
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        if "@" in url:
            raise StoreError(
                Text(
                    "store：地址中不能写密码，请用环境变量",
                    "store: the address must not hold a password; use the environment",
                )
            )
        port = port_of(url) or 8086
        if not parts.hostname or not bucket or "/" in bucket:
            raise unreadable(
                url, Text("应写 influxdb://host:8086/bucket", "write influxdb://host:8086/bucket")
            )
        options = parse_qs(parts.query)
        unknown = sorted(options.keys() - {"org"})
        if unknown:
            raise unreadable(url, Text(f"没有选项 {unknown[0]!r}", f"no option is called {unknown[0]!r}"))
        scheme = "https" if parts.scheme == "influxdbs" else "http"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        if len(options.get("org", [])) > 1:
            raise unreadable(url, Text("org 只能写一次", "org may be there once"))
        org = options.get("org", [None])[0]
        return cls(f"{scheme}://{host}:{port}", bucket, org=org, login=Login.from_environment())

    def prepare(self) -> None:
        """An empty write tells what is missing, with no more rights than writing needs.

        Raises StoreError where waiting would not help: a wrong organisation.
        """
        generation = self._find_generation()
        if generation > 2:
            # Where this is not allowed, the first write makes it.
            self._http.post("/api/v3/configure/database", {}, json.dumps({"db": self.bucket}).encode())
        answer = self._send(b"")
        if answer.status == 404:
            self._create(generation, answer)
        elif answer.status >= 300 and answer.status not in REFUSED:
            raise self._unavailable(answer)
        self._missing = False

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        fit, late = self._horizon.in_time(points)
        rejected = self._write(fit)
        if self._horizon.has_moved_over(fit):
            raise JustExpired(self.url)
        return [restored(refused) for refused in (*late, *rejected)]

    def _write(self, points: Sequence[Point]) -> list[Rejected]:
        if points and self._missing:
            self.prepare()
        return self._lines.write(points)

    def _not_written(self, answer: Answer) -> Unavailable:
        if answer.status == 404:
            # A server that lost its data is made ready again, and may be another version by now.
            self._generation, self._missing = None, True
            self._seen.clear()
        return self._unavailable(answer)

    def keep(self, points: Sequence[Point]) -> list[Rejected]:
        return self.write([saved(point) for point in points])

    def parts(self, kept: Kept, before_ms: int) -> list[Part]:
        if not self.can_drop:
            return []
        return list(parts_of(self, kept, before_ms))

    def has_dropped(self, kept: Kept, name: str, end_ms: int) -> bool:
        return self._horizon.has_dropped(kept, end_ms)

    def mark_dropped(self, kept: Kept, name: str, end_ms: int) -> bool:
        self._horizon.move(kept, end_ms)
        return True

    @property
    def horizon(self) -> Horizon:
        """Up to when each class was dropped."""
        return self._horizon

    @property
    def can_drop(self) -> bool:
        """Whether a span of a table can be deleted: InfluxDB 3 Core and openGemini have no such thing."""
        return self._is_classic

    @property
    def _is_classic(self) -> bool:
        """Whether it is InfluxDB's own engine of 1.x and 2.x."""
        return self._find_generation() < 3 and not self._gemini

    def query(self, query: Query) -> list[Row]:
        if not may_be_saved(query):
            return self.rows(query)
        if not self.rows(as_saved(query)):
            return self.rows(self._horizon.since(query))
        places = [
            lambda asked: self.rows(self._horizon.since(asked)),
            lambda asked: self.rows(as_saved(asked)),
        ]
        return ask_all(places, query)

    def rows(self, query: Query) -> list[Row]:
        """The rows of one table, without what was saved of it."""
        answer = self.influxql(compile_influxql(query))
        rows = [row for series in answer for row in rows_of(query, series)]
        rows.sort(key=lambda row: (*(row.tags[tag] for tag in query.group_by), row.time or 0))
        return rows

    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        by_rows = [tally for tally in tallies if self._by_rows(tally)]
        by_statements = [tally for tally in tallies if tally not in by_rows]
        rows = iter(tally_rows(by_rows, self._rows, self._asked_apart))
        statements = iter(self._tally(by_statements))
        return [in_order(next(rows if tally in by_rows else statements)) for tally in tallies]

    def _by_rows(self, tally: Tally) -> bool:
        """1.x and 2.x hand rows out faster than they count them; any server, than it finds percentiles."""
        return bool(tally.apart) if self._is_classic else any(item.function == "p95" for item in tally.items)

    def _asked_apart(self, tally: Tally) -> list[Fixed]:
        """By which tags' values rows are asked for: of 1.x it is known what a statement costs by itself."""
        if not (self._is_classic and tally.apart):
            return [{}] if self._is_there(tally.measurement.name) else []
        groups = groups_of(tally, self.influxql) if self._find_generation() == 1 else None
        return list(values_of(tally, self.influxql)) if groups is None else groups

    def _tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        asked = [
            (place, statement, items)
            for place, tally in enumerate(tallies)
            if self._is_there(tally.measurement.name)
            for statement, items in statements(tally)
        ]
        found: list[Tallied] = [{} for _ in tallies]
        parts = [some for first in range(_REQUESTS) if (some := asked[first::_REQUESTS])]
        with ThreadPoolExecutor(_REQUESTS, thread_name_prefix="tally") as pool:
            answers = pool.map(lambda some: list(self._results([text for _, text, _ in some])), parts)
            for some, answer in zip(parts, answers, strict=True):
                for number, series in answer:
                    place, _, items = some[number]
                    add_series(found[place], tallies[place], items, series)
        return found

    def _rows(self, asked: list[str]) -> list[tuple[int, dict[str, Any]]]:
        """The rows of several statements; of 1.x in one packed document, or where that is cut, in parts."""
        if self._find_generation() == 1:
            form = {"db": self.bucket, "epoch": "ms", "q": "; ".join(asked)}
            with self._told(), suppress(CutOff):
                content, packed = self._http.whole("/query", form, patience_s=_PATIENCE_S)
                return list(whole_results(content, packed=packed, asked=len(asked)))
        return list(self._results(asked))

    def _is_there(self, measurement: str) -> bool:
        """Of openGemini only what is there may be asked for; what once was stays."""
        self._find_generation()
        if self._gemini and measurement not in self._seen:
            for series in self.influxql("SHOW MEASUREMENTS"):
                self._seen.update(str(row[0]) for row in series.get("values", ()))
        return not self._gemini or measurement in self._seen

    def delete(self, measurement: str, begin_ms: int, end_ms: int) -> None:
        """Delete what a table has of a span; raises StoreError."""
        if self._find_generation() < 2:
            span = f"time >= {begin_ms}ms AND time < {end_ms}ms"
            for _ in self.influxql(f"DELETE FROM {identifier(measurement)} WHERE {span}"):
                pass
            return
        # The last moment may or may not belong to it, so that it is one that no point has.
        document = {
            "start": utc_text(begin_ms),
            "stop": utc_text(end_ms - 1).replace("Z", "999Z"),
            "predicate": f'_measurement="{measurement}"',
        }
        place = {"bucket": self.bucket, "org": self._organisation()}
        answer = self._http.post("/api/v2/delete", place, json.dumps(document).encode())
        if answer.status >= 300:
            raise self._unavailable(answer)

    def _results(self, asked: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """All in one request; of 3.x one by one: there a statement without a table would refuse them all."""
        if self._find_generation() > 2:
            for number, statement in enumerate(asked):
                answer = self._answered(statement, series_of, patience_s=_PATIENCE_S)
                yield from ((number, series) for series in answer)
            return
        if asked:
            yield from self._answered("; ".join(asked), results_of, patience_s=_PATIENCE_S)

    def influxql(self, statement: str) -> Iterator[dict[str, Any]]:
        """Run one statement; gives series as they come, a long one in several parts."""
        yield from self._answered(statement, series_of)

    def _answered(
        self,
        statement: str,
        read: Callable[[Iterable[bytes]], Iterator[_T]],
        *,
        patience_s: float = READ_S,
    ) -> Iterator[_T]:
        form = {
            "db": self.bucket,
            "epoch": "ms",
            "chunked": "true",
            "chunk_size": str(_CHUNK_ROWS),
            "q": statement,
        }
        with self._told():
            yield from read(self._http.lines("/query", form, patience_s=patience_s))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the server says against a question, in our words; that there is nothing yet is no error."""
        try:
            yield
        except Refusal as error:
            if self._nothing_yet(error.answer.message):
                return
            if error.answer.status == 400:
                raise _query_error(self.url, error.answer.message) from error
            raise self._unavailable(error.answer) from error
        except QueryError as error:
            if not self._nothing_yet(str(error)):
                raise _query_error(self.url, str(error)) from error

    def close(self) -> None:
        self._http.close()

    @property
    def visible_after_s(self) -> float:
        self._find_generation()
        return GEMINI_VISIBLE_AFTER_S if self._gemini else 0.0

    @property
    def generation(self) -> int:
        """1, 2 or 3; openGemini counts as 1. Raises Unavailable."""
        return self._find_generation()

    def _send(self, body: bytes) -> Answer:
        generation = self._find_generation()
        if generation < 2:
            return self._http.post("/write", {"db": self.bucket, "precision": "ms"}, body)
        query = {"bucket": self.bucket, "precision": "ms"}
        if generation == 2:
            query["org"] = self._organisation()
        elif self.org is not None:
            query["org"] = self.org
        return self._http.post("/api/v2/write", query, body)

    def check_organisation(self) -> None:
        """Raises StoreError where the address names an organisation that a 2.x does not have.

        An empty write tells, whatever else it is refused for: only a token that may not even ask is not told.
        """
        if self.org is not None and self._find_generation() == 2:
            answer = self._send(b"")
            if answer.status == 404 and "organization" in answer.message:
                raise self._no_organisation()

    def _no_organisation(self) -> StoreError:
        org = self.org or ""
        return StoreError(
            Text(
                f"{self.url}：没有组织 {org!r}，请改正地址中的 ?org=…",
                f"{self.url}: there is no organisation {org!r}; mend ?org=… in the address",
            )
        )

    def _organisation(self) -> str:
        """The organisation of the address, or the server's only one."""
        if self.org is None:
            from store.influx_admin import only_organisation

            self.org = only_organisation(self.url, self._login, self._unavailable)
        return self.org

    def _create(self, generation: int, answer: Answer) -> None:
        if "organization" in answer.message:
            raise self._no_organisation()
        if generation < 2:
            shards = "" if self._gemini else f" WITH DURATION INF SHARD DURATION {_SHARD_S}s NAME autogen"
            for _ in self.influxql(f"CREATE DATABASE {identifier(self.bucket)}{shards}"):
                pass
        elif generation == 2:
            from store.influx_admin import create_bucket

            create_bucket(
                self.url,
                self._login,
                org=self._organisation(),
                bucket=self.bucket,
                shard_s=_SHARD_S,
                refuse=self._cannot_create,
            )
        else:
            raise self._unavailable(answer)

    def _find_generation(self) -> int:
        if self._generation is None:
            answer = self._http.get("/ping")
            if answer.status >= 300:
                raise self._unavailable(answer)
            self._gemini = bool(answer.gemini)
            version = re.match(r"v?(\d+)\.", answer.version)
            self._generation = max(int(version[1]), 1) if version else 1
        return self._generation

    def _nothing_yet(self, message: str) -> bool:
        if self._find_generation() > 2:
            return bool(_NOTHING_YET.search(message))
        return self._gemini and _NO_MEASUREMENT in message

    def _cannot_create(self, answer: Answer) -> Unavailable:
        return Unavailable(
            f"{self.url}: there is no bucket {self.bucket!r}, and it cannot be created: {answer.message}"
        )

    def _unavailable(self, answer: Answer) -> Unavailable:
        hints = {
            401: Text(
                "；请设置 CAMPUS_INFLUX_TOKEN（2.x），或 CAMPUS_INFLUX_USERNAME 与 _PASSWORD（1.x）",
                "; set CAMPUS_INFLUX_TOKEN (2.x) or CAMPUS_INFLUX_USERNAME and _PASSWORD (1.x)",
            ),
            403: Text("；该令牌无权使用此库", "; the token may not use this bucket"),
            404: Text(f"；有库 {self.bucket!r} 吗？", f"; is there a bucket or database {self.bucket!r}?"),
        }
        hint = hints.get(answer.status, "")
        kind = NotForUs if answer.status in hints else Unavailable
        return kind(
            f"{self.url} answered {answer.status}: {answer.message}{hint}", retry_after_s=answer.retry_after_s
        )


def _query_error(url: str, message: str) -> StoreError:
    if "database not found" in message:
        return NotForUs(f"{url}: {message}")
    if "timeout" in message:
        return Unavailable(f"{url}: {message}")
    return StoreError(Text(f"{url} 拒绝了查询：{message}", f"{url} refused the query: {message}"))
