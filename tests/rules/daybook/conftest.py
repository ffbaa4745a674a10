"""Stores that a day book is kept in."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from store import Store, open_store
from tests.servers import Server


@pytest.fixture(params=["sqlite", "influxdb"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path, influx: Server) -> Callable[[], Store]:
    def make() -> Store:
        name = uuid.uuid4().hex
        here = request.param == "sqlite"
        store = open_store(
            f"sqlite:///{tmp_path / name}.sqlite" if here else f"influxdb://127.0.0.1:{influx.port}/{name}"
        )
        store.prepare()
        return store

    return make
