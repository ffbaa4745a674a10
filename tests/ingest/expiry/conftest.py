"""The stores whose classes end by month."""

import uuid
from collections.abc import Iterator

import pytest

from store import Store, open_store
from tests.servers import Server, free_port
from tests.store.influx2_front import ORG, TOKEN, influx2_front


@pytest.fixture(scope="module")
def front(influx: Server) -> Iterator[str]:
    with influx2_front(influx.port, free_port()) as address:
        yield address


@pytest.fixture(params=["sqlite", "influxdb1", "influxdb2path"])
def url(
    request: pytest.FixtureRequest,
    sqlite_url: str,
    influx: Server,
    front: str,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    name = uuid.uuid4().hex
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    return {
        "sqlite": sqlite_url,
        "influxdb1": f"influxdb://127.0.0.1:{influx.port}/{name}",
        "influxdb2path": f"{front}{name}?org={ORG}",
    }[str(request.param)]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.prepare()
        yield opened
