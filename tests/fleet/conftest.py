"""The bureau that tests of the fleet share."""

from collections.abc import Iterator

import pytest

from tests.trust.town import Town, whole_town


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with whole_town(tmp_path_factory.mktemp("town")) as made:
        yield made
