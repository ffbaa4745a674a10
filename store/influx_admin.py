"""What only an InfluxDB 2.x needs before the first write: its organisation, and a bucket."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import urllib3
from influxdb_client import BucketRetentionRules, InfluxDBClient
from influxdb_client.client.exceptions import InfluxDBError

from runtime.language import Text
from store.base import StoreError, Unavailable
from store.influx_http import Answer
from store.influx_login import Login

log = logging.getLogger("store.influx")


def only_organisation(url: str, login: Login, refuse: Callable[[Answer], Exception]) -> str:
    """The server's one organisation; raises StoreError where it has another number of them."""
    with _client(url, login, None) as client, _errors(url, refuse):
        names = [organisation.name for organisation in client.organizations_api().find_organizations()]
    if len(names) == 1:
        return str(names[0])
    there = ", ".join(names)
    raise StoreError(
        Text(
            f"{url}：请用 ?org=… 写明组织" + (f"，现有：{there}" if names else "，此令牌看不到任何组织"),
            f"{url}: say which organisation with ?org=…"
            + (f"; there are: {there}" if names else "; this token sees none"),
        )
    )


def create_bucket(
    url: str, login: Login, *, org: str, bucket: str, shard_s: int, refuse: Callable[[Answer], Exception]
) -> None:
    """Make a bucket that keeps everything, in shards of so many seconds; `refuse` makes an error of the
    server's answer."""
    with _client(url, login, org) as client, _errors(url, refuse):
        # Evidence is kept until someone decides otherwise: no expiry.
        keep = BucketRetentionRules(type="expire", every_seconds=0, shard_group_duration_seconds=shard_s)
        client.buckets_api().create_bucket(bucket_name=bucket, retention_rules=keep, org=org)
    log.info("created bucket %s at %s", bucket, url)


@contextmanager
def _client(url: str, login: Login, org: str | None) -> Iterator[InfluxDBClient]:
    with InfluxDBClient(url=url, token=login.token or "", org=org, timeout=30_000) as client:
        yield client


@contextmanager
def _errors(url: str, refuse: Callable[[Answer], Exception]) -> Iterator[None]:
    """The library raises InfluxDBError also without an answer, for what it could not find itself."""
    try:
        yield
    except InfluxDBError as error:
        status = int(getattr(error, "status", None) or 403)
        raise refuse(Answer(status, str(getattr(error, "body", None) or error.message or ""))) from error
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(f"{url}: {error}") from error
