"""Every store that this machine has, under one contract; the run prints which ones it covered."""

import itertools
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from store import Store, open_store
from tests.servers import Server, free_port
from tests.store.influx2_front import ORG, TOKEN, influx2_front

_names = (f"contract-{uuid.uuid4().hex[:8]}-{number}" for number in itertools.count())
_INFLUX2 = os.environ.get("CAMPUS_TEST_INFLUX2_URL")


def _kinds() -> list[str]:
    """SQLite, InfluxDB 1.x and the 2.x path always; a 2.x server where CAMPUS_TEST_INFLUX2_URL names one."""
    return ["sqlite", "influxdb1", "influxdb2path", *(["influxdb2"] if _INFLUX2 else [])]


@pytest.fixture(scope="session")
def front(influx: Server) -> Iterator[str]:
    with influx2_front(influx.port, free_port()) as address:
        yield address


@pytest.fixture(params=_kinds())
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(
    kind: str, tmp_path: Path, influx: Server, front: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """An empty store of its own for each test."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    elif kind == "influxdb1":
        url = f"influxdb://127.0.0.1:{influx.port}/{next(_names)}"
    elif kind == "influxdb2path":
        url = f"{front}{next(_names)}?org={ORG}"
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    else:
        url = _influx2_url(str(_INFLUX2), next(_names))
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", os.environ["CAMPUS_TEST_INFLUX2_TOKEN"])
    with open_store(url) as opened:
        opened.prepare()
        yield opened


def _influx2_url(server: str, bucket: str) -> str:
    """`http://host:8086`, `influxdb://host:8086/?org=name` and the like, with a bucket of the test's own."""
    parts = urlsplit(server)
    scheme = {"http": "influxdb", "https": "influxdbs"}.get(parts.scheme, parts.scheme)
    org = os.environ.get("CAMPUS_TEST_INFLUX2_ORG")
    query = parts.query or (f"org={org}" if org else "")
    return f"{scheme}://{parts.netloc}/{bucket}" + (f"?{query}" if query else "")
