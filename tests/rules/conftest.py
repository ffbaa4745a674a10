"""What many tests of the rules share: an empty store."""

from collections.abc import Iterator

import pytest

from store import Store, open_store


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        yield opened
