"""A store in which a projector, an access point and a panel are known."""

from collections.abc import Iterator

import pytest

from store import Store, open_store
from tests.rules.stocktake.sheets import fill


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same for those that keep nothing."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('stocktake') / 'store.sqlite'}") as opened:
        fill(opened)
        yield opened
