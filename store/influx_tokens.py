"""A token of an InfluxDB 2.x that may only read one bucket, and the proof that a given one can do no more.

Whoever may look at Grafana can send any request through its data source: with a token that may write or see
other tokens, that is everything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
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

_DESCRIPTION = "campus: reads {bucket} (Grafana)"
_READ, _BUCKETS = "read", "buckets"
# What a server says to a token that may not do it; a write without points it would refuse otherwise (400).
_NOT_ALLOWED = {401, 403, 404}
_ERROR = 300


def read_token(store_url: str) -> str:
    """The token that may only read the bucket, made where there is none; raises StoreError, Unavailable.

    What opens the store must be a token that may make others.
    """
    store, login = _opened(store_url)
    with store, _client(store, login, _organisation(store, login)) as client:
        return _found_or_made(client, store)


def prove_read_only(store_url: str, token: str) -> None:
    """Raise StoreError where a token cannot read, is the one that writes, may write, or sees other tokens."""
    store, login = _opened(store_url)
    with store:
        if token == login.token:
            raise StoreError(
                Text(
                    "给 Grafana 的令牌与 CAMPUS_INFLUX_TOKEN 相同：任何访客都能经它写入和删除",
                    "the token for Grafana equals CAMPUS_INFLUX_TOKEN: any viewer could write and delete",
                )
            )
        http = Http(store.url, Login(token=token).headers())
        try:
            place = {"bucket": store.bucket, "org": _organisation(store, login), "precision": "ms"}
            may_write = http.post("/api/v2/write", place, b"").status not in _NOT_ALLOWED
            sees_tokens = '"token"' in http.get("/api/v2/authorizations").text
        finally:
            http.close()
    for wrong, what in (
        (not _reads(store, token), Text("不能读取", "cannot read")),
        (may_write, Text("可以写入", "may write")),
        (sees_tokens, Text("可以读取其他令牌", "may see other tokens")),
    ):
        if wrong:
            raise StoreError(
                Text(
                    f"给 Grafana 的令牌{what.zh}，它应当能读 {store.bucket}，也只能读",
                    f"the token for Grafana {what.en}: it must read {store.bucket}, and do nothing else",
                )
            )


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


def _found_or_made(client: InfluxDBClient, store: InfluxStore) -> str:
    bucket = client.buckets_api().find_bucket_by_name(store.bucket)
    if bucket is None:
        raise StoreError(
            Text(f"{store.url} 没有 bucket {store.bucket!r}", f"{store.url} has no bucket {store.bucket!r}")
        )
    description = _DESCRIPTION.format(bucket=store.bucket)
    for known in client.authorizations_api().find_authorizations(org_id=bucket.org_id):
        ours = known.description == description and _only_reads(known, bucket.id)
        # A server that keeps tokens hashed does not show them again.
        if ours and known.token and _reads(store, str(known.token)):
            return str(known.token)
    resource = PermissionResource(type=_BUCKETS, id=bucket.id, org_id=bucket.org_id)
    wanted = Authorization(
        org_id=bucket.org_id,
        permissions=[Permission(action=_READ, resource=resource)],
        description=description,
        status="active",
    )
    return str(client.authorizations_api().create_authorization(authorization=wanted).token)


def _reads(store: InfluxStore, token: str) -> bool:
    http = Http(store.url, Login(token=token).headers())
    try:
        return http.get("/query", {"db": store.bucket, "q": "SHOW MEASUREMENTS"}).status < _ERROR
    finally:
        http.close()


def _only_reads(known: Any, bucket_id: str) -> bool:
    allowed = known.permissions or ()
    return known.status == "active" and [
        (one.action, one.resource.type, one.resource.id) for one in allowed
    ] == [(_READ, _BUCKETS, bucket_id)]


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
