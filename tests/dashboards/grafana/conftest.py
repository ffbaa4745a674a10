"""The term in a real InfluxDB, filled once a run: 1.x always, 2.x where CAMPUS_TEST_INFLUX2_URL names one."""

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from edge_agent.collectors import ledger, survey
from store import open_store
from store.influx import InfluxStore
from tests.dashboards.grafana.grafana import Database
from tests.dashboards.grafana.term import Term
from tests.servers import Server
from tests.store.conftest import _influx2_url

_INFLUX2 = os.environ.get("CAMPUS_TEST_INFLUX2_URL")


@dataclass(frozen=True)
class Filled:
    """The term, and the database to ask."""

    term: Term
    database: Database


@pytest.fixture(scope="session", params=["influxdb1", *(["influxdb2"] if _INFLUX2 else [])])
def filled(
    request: pytest.FixtureRequest, influx: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    name, token = f"term-{uuid.uuid4().hex[:8]}", None
    with ExitStack() as opened:
        # Only while the term is filled in: what is patched for good would change other tests.
        with pytest.MonkeyPatch.context() as patch:
            for reader in (ledger, survey):
                patch.setattr(reader, "SETTLE_S", 0.0)
            if request.param == "influxdb1":
                url = f"influxdb://127.0.0.1:{influx.port}/{name}"
            else:
                url, token = _influx2_url(str(_INFLUX2), name), os.environ["CAMPUS_TEST_INFLUX2_TOKEN"]
                patch.setenv("CAMPUS_INFLUX_TOKEN", token)
            store = opened.enter_context(open_store(url))
            assert isinstance(store, InfluxStore)
            store.prepare()
            term = Term(tmp_path_factory.mktemp("term"), store)
            term.fill()
            parts = urlsplit(store.url)
        yield Filled(term, Database(f"{parts.scheme}://{parts.netloc}", name, token))
