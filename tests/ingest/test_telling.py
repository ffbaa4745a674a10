"""What ingest tells of its quarantine: when it changes, and every hour; never what was received."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import Address
from contract.quarantined import QUARANTINE, TOLD_EVERY_MS
from ingest.quarantine import Entry, Quarantine
from ingest.telling import Telling
from store import Query, Select, Store, open_store

T0 = 1_790_000_000_000
HOME = Address("120116", "2112000001", "gw1")
TOLD = Query(
    measurement=QUARANTINE,
    select=tuple(Select(name) for name in ("entries", "readings", "newest", "reason")),
    group_by=QUARANTINE.tag_names,
)


def entry(number: int, *, address: Address | None = HOME) -> Entry:
    return Entry(
        id=f"{number:016x}",
        topic=HOME.topic("readings"),
        payload=b"x" * (100 + number),
        reason=f"readings.{number}: radio.clients: too large (got '欧阳晓明 13812345678')",
        received_ms=T0 + number,
        readings=2,
        address=address,
    )


@pytest.fixture
def quarantine(tmp_path: Path) -> Iterator[Quarantine]:
    opened = Quarantine(tmp_path / "quarantine.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        opened.prepare()
        yield opened


def rows(store: Store) -> list[tuple[object, ...]]:
    return [
        (row.time, row.tags["school"], row.tags["gateway"], *row.values.values()) for row in store.query(TOLD)
    ]


def test_it_is_told_by_gateway_and_without_what_was_received(quarantine: Quarantine, store: Store) -> None:
    quarantine.add([entry(1), entry(2), entry(3, address=None)])
    Telling(quarantine, store, name="one").tell(T0 + 10)
    assert [
        (T0 + 10, "", "", 3, 6, T0 + 3, None),
        (T0 + 10, HOME.school, "gw1", 2, 4, T0 + 2, "readings.…: radio.clients: too large …"),
    ] == rows(store)


def test_it_is_told_again_when_it_changes_or_an_hour_has_gone(quarantine: Quarantine, store: Store) -> None:
    telling = Telling(quarantine, store, name="one")
    moments = [T0, T0 + 1000, T0 + 2000, T0 + 3000, T0 + 3000 + TOLD_EVERY_MS]
    for number, now_ms in enumerate(moments):
        if number == 2:
            quarantine.add([entry(1)])
        telling.tell(now_ms)
    together = [(time, entries) for time, school, _, entries, *_ in rows(store) if not school]
    assert [(T0, 0), (T0 + 2000, 1), (T0 + 3000 + TOLD_EVERY_MS, 1)] == together


def test_a_store_that_is_away_is_told_later(quarantine: Quarantine, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    with open_store(f"sqlite:///{folder / 'store.sqlite'}") as away:
        folder.touch()  # a file where the folder should be
        telling = Telling(quarantine, away, name="one")
        telling.tell(T0)
        folder.unlink()
        telling.tell(T0 + 1)
        assert [T0 + 1] == [time for time, *_ in rows(away)]
