"""Tokens of an InfluxDB 2.x for one bucket and one purpose, and the proof that a given one can do no more.

Whoever may look at Grafana can send any request through its data source: with a token that may write or see
other tokens, that is everything. Ingest that keeps everything only writes; rules, board and ingest that lets
things expire read and write. None needs anything of other buckets, users and tokens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
from influxdb_client import Authorization, InfluxDBClient, Permission, PermissionResource
from influxdb_client.client.exceptions import InfluxDBError

from runtime.language import Text
from store.base import StoreError, Unavailable
from store.influx import InfluxStore
from store.influx_admin import only_organisation
from store.influx_http import Answer, Http
from store.influx_login import Login

_READ, _WRITE, _BUCKETS = "read", "write", "buckets"
# What a server says to a token that may not do it; a write without points it would refuse otherwise (400).
_NOT_ALLOWED = {401, 403, 404}
_ERROR = 300


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a token is for: `words` name it, `actions` are what it may do with the bucket, in this order."""

    words: Text
    mark: str
    actions: tuple[str, ...]

    @property
    def reads(self) -> bool:
        return _READ in self.actions

    @property
    def writes(self) -> bool:
        return _WRITE in self.actions


READING = Purpose(Text("给 Grafana 的令牌", "the token for Grafana"), "reads {bucket} (Grafana)", (_READ,))
WRITING = Purpose(Text("只写令牌", "the token that writes"), "writes {bucket} (ingest)", (_WRITE,))
BOTH = Purpose(
    Text("读写令牌", "the token that reads and writes"),
    "reads and writes {bucket} (rules, board, ingest)",
    (_READ, _WRITE),
)


def found_token(store_url: str, purpose: Purpose) -> str:
    """The token for a purpose, made where there is none; raises StoreError, Unavailable.

    What opens the store must be a token that may make others.
    """
    store, login = _opened(store_url)
    with store, _client(store, login, _organisation(store, login)) as client:
        return _found_or_made(client, store, purpose)


def prove(store_url: str, token: str, purpose: Purpose) -> None:
    """Raise StoreError where a token cannot do what it is for, can do more, or is the one that opened."""
    store, login = _opened(store_url)
    with store:
        if token == login.token:
            raise StoreError(
                Text(
                    f"{purpose.words.zh}与 CAMPUS_INFLUX_TOKEN 相同：任何访客都能经它写入和删除"
                    if purpose is READING
                    else f"{purpose.words.zh}与 CAMPUS_INFLUX_TOKEN 相同：它能做得更多",
                    f"{purpose.words.en} equals CAMPUS_INFLUX_TOKEN: any viewer could write and delete"
                    if purpose is READING
                    else f"{purpose.words.en} equals CAMPUS_INFLUX_TOKEN, which may do more",
                )
            )
        http = Http(store.url, Login(token=token).headers())
        try:
            place = {"bucket": store.bucket, "org": _organisation(store, login), "precision": "ms"}
            reads = _reads(http, store)
            may_write = http.post("/api/v2/write", place, b"").status not in _NOT_ALLOWED
            sees_tokens = '"token"' in http.get("/api/v2/authorizations").text
        finally:
            http.close()
    for wrong, what in (
        (purpose.reads and not reads, Text("不能读取", "cannot read")),
        (reads and not purpose.reads, Text("可以读取", "may read")),
        (purpose.writes and not may_write, Text("不能写入", "cannot write")),
        (may_write and not purpose.writes, Text("可以写入", "may write")),
        (sees_tokens, Text("可以读取其他令牌", "may see other tokens")),
    ):
        if wrong:
            zh, en = _should(purpose)
            raise StoreError(
                Text(
                    f"{purpose.words.zh}{what.zh}，它应当能{zh} {store.bucket}，也只能如此",
                    f"{purpose.words.en} {what.en}: it must {en} {store.bucket}, and do nothing else",
                )
            )


def _should(purpose: Purpose) -> Text:
    if purpose.reads and purpose.writes:
        return Text("读写", "read and write")
    return Text("读", "read") if purpose.reads else Text("写", "write")


def _opened(store_url: str) -> tuple[InfluxStore, Login]:
    if not store_url.startswith(("influxdb://", "influxdbs://")):
        raise StoreError(Text("只有 InfluxDB 才有令牌", "only an InfluxDB has tokens"))
    store, login = InfluxStore.from_url(store_url), Login.from_environment()
    if store.generation == 1:
        make = f"CREATE USER grafana WITH PASSWORD '…'; GRANT READ ON \"{store.bucket}\" TO grafana"
        raise StoreError(
            Text(
                f"{store.url} 是 InfluxDB 1.x，没有令牌；请建立只读用户：{make}",
                f"{store.url} is an InfluxDB 1.x and has no tokens; make a user that only reads: {make}",
            )
        )
    if store.generation > 2:
        raise StoreError(
            Text(
                f"{store.url} 是 InfluxDB 3.x，请用它自己的工具建立只读令牌",
                f"{store.url} is an InfluxDB 3.x: make a token that only reads with its own tools",
            )
        )
    return store, login


def _organisation(store: InfluxStore, login: Login) -> str:
    return store.org or only_organisation(store.url, login, lambda answer: _refused(store, answer))


def _found_or_made(client: InfluxDBClient, store: InfluxStore, purpose: Purpose) -> str:
    bucket = client.buckets_api().find_bucket_by_name(store.bucket)
    if bucket is None:
        raise StoreError(
            Text(f"{store.url} 没有 bucket {store.bucket!r}", f"{store.url} has no bucket {store.bucket!r}")
        )
    description = "campus: " + purpose.mark.format(bucket=store.bucket)
    for known in client.authorizations_api().find_authorizations(org_id=bucket.org_id):
        ours = known.description == description and _is_for(known, bucket.id, purpose)
        # A server that keeps tokens hashed does not show them again.
        if ours and known.token and _serves(store, str(known.token), purpose):
            return str(known.token)
    resource = PermissionResource(type=_BUCKETS, id=bucket.id, org_id=bucket.org_id)
    wanted = Authorization(
        org_id=bucket.org_id,
        permissions=[Permission(action=action, resource=resource) for action in purpose.actions],
        description=description,
        status="active",
    )
    return str(client.authorizations_api().create_authorization(authorization=wanted).token)


def _serves(store: InfluxStore, token: str, purpose: Purpose) -> bool:
    """Whether the server knows it still; what may not read is proven by a write without points."""
    http = Http(store.url, Login(token=token).headers())
    try:
        if purpose.reads:
            return _reads(http, store)
        place = {"bucket": store.bucket, "org": store.org or "", "precision": "ms"}
        return http.post("/api/v2/write", place, b"").status not in _NOT_ALLOWED
    finally:
        http.close()


def _reads(http: Http, store: InfluxStore) -> bool:
    return http.get("/query", {"db": store.bucket, "q": "SHOW MEASUREMENTS"}).status < _ERROR


def _is_for(known: Any, bucket_id: str, purpose: Purpose) -> bool:
    allowed = {
        (permission.action, permission.resource.type, permission.resource.id)
        for permission in known.permissions or ()
    }
    return known.status == "active" and allowed == {
        (action, _BUCKETS, bucket_id) for action in purpose.actions
    }


@contextmanager
def _client(store: InfluxStore, login: Login, org: str) -> Iterator[InfluxDBClient]:
    try:
        with InfluxDBClient(url=store.url, token=login.token or "", org=org, timeout=30_000) as client:
            yield client
    except InfluxDBError as error:
        status = int(getattr(error, "status", None) or 403)
        raise _refused(store, Answer(status, str(getattr(error, "body", None) or error.message))) from error
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(f"{store.url}: {error}") from error


def _refused(store: InfluxStore, answer: Answer) -> StoreError:
    return StoreError(
        Text(
            f"{store.url} 答复 {answer.status}：{answer.message}；CAMPUS_INFLUX_TOKEN 须能建立令牌",
            f"{store.url} answered {answer.status}: {answer.message}; CAMPUS_INFLUX_TOKEN must be one that "
            "may make tokens",
        )
    )
