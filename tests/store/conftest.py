"""Every store that this machine has, under one contract; the run prints which ones it covered."""

import itertools
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import urllib3

from contract import Point
from store import Rejected, Store, open_store
from store.influx import InfluxStore
from tests.servers import Server, free_port
from tests.store.influx2_front import ORG, TOKEN, influx2_front
from tests.store.influx3_front import influx3_front

_names = (f"contract-{uuid.uuid4().hex[:8]}-{number}" for number in itertools.count())
_INFLUX2 = os.environ.get("CAMPUS_TEST_INFLUX2_URL")
_INFLUX3 = os.environ.get("CAMPUS_TEST_INFLUX3_URL")
_GEMINI = os.environ.get("CAMPUS_TEST_OPENGEMINI_URL")
# 3 Core allows five databases, so all tests share one, which is emptied before each.
_SHARED = "campus-contract"


def _kinds() -> list[str]:
    """SQLite, InfluxDB 1.x, the 2.x and 3.x paths always; a real server where the environment names one."""
    named = (("influxdb2", _INFLUX2), ("influxdb3", _INFLUX3), ("opengemini", _GEMINI))
    real = [name for name, url in named if url]
    return ["sqlite", "influxdb1", "influxdb2path", "influxdb3path", *real]


@pytest.fixture(scope="session")
def front(influx: Server) -> Iterator[str]:
    with influx2_front(influx.port, free_port()) as address:
        yield address


@pytest.fixture(scope="session")
def front3(influx: Server) -> Iterator[str]:
    with influx3_front(influx.port, free_port()) as address:
        yield address


@pytest.fixture(params=_kinds())
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(
    kind: str, tmp_path: Path, influx: Server, front: str, front3: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """An empty store of its own for each test."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    elif kind == "influxdb1":
        url = f"influxdb://127.0.0.1:{influx.port}/{next(_names)}"
    elif kind == "influxdb2path":
        url = f"{front}{next(_names)}?org={ORG}"
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    elif kind == "influxdb3path":
        url = f"{front3}{_SHARED}"
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
        _drop(front3, TOKEN)
    elif kind == "influxdb3":
        token = os.environ.get("CAMPUS_TEST_INFLUX3_TOKEN", "")
        url = _influx_url(str(_INFLUX3), _SHARED)
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", token)
        _drop(url, token)
    elif kind == "opengemini":
        url = _influx_url(str(_GEMINI), next(_names))
        patient(monkeypatch)
    else:
        url = _influx2_url(str(_INFLUX2), next(_names))
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", os.environ["CAMPUS_TEST_INFLUX2_TOKEN"])
    with open_store(url) as opened:
        opened.prepare()
        yield opened


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write is answered once it can be seen, for tests that look at once."""
    write = InfluxStore.write

    def slowly(self: InfluxStore, points: Sequence[Point]) -> list[Rejected]:
        rejected = write(self, points)
        time.sleep(self.visible_after_s)
        return rejected

    monkeypatch.setattr(InfluxStore, "write", slowly)


def _drop(url: str, token: str) -> None:
    """Delete the shared database of a 3.x server, whether or not it is there."""
    parts = urlsplit(url)
    scheme = "https" if parts.scheme == "influxdbs" else "http"
    address = f"{scheme}://{parts.netloc}/api/v3/configure/database?{urlencode({'db': _SHARED})}"
    urllib3.request("DELETE", address, headers={"Authorization": f"Token {token}"}, retries=False)


def _influx2_url(server: str, bucket: str) -> str:
    return _influx_url(server, bucket, org=os.environ.get("CAMPUS_TEST_INFLUX2_ORG"))


def _influx_url(server: str, bucket: str, *, org: str | None = None) -> str:
    """`http://host:8086`, `influxdb://host:8086/?org=name` and the like, with a bucket of the test's own."""
    parts = urlsplit(server)
    scheme = {"http": "influxdb", "https": "influxdbs"}.get(parts.scheme, parts.scheme)
    query = parts.query or (f"org={org}" if org else "")
    return f"{scheme}://{parts.netloc}/{bucket}" + (f"?{query}" if query else "")
