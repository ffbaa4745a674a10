"""What ingest stores, it says to have touched: after the readings, before any acknowledgement."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from contract import STATUS, AccessPoint, Address, Point, Status, status_point, to_point, utc_text
from contract.daybook import TOUCHED
from ingest.touched import store_batch
from store import Query, Rejected, Select, Store, Unavailable, open_store
from store.sqlite import SqliteStore

HOUR = 3_600_000
T0 = 1_790_000_000_000 // (24 * HOUR) * 24 * HOUR
GATEWAY = Address("120116", "2112000001", "gw")
OTHER = Address("120116", "2112000002", "gw")


def reading(time: int, address: Address = GATEWAY) -> Point:
    return to_point(address, "e" * 16, 1, AccessPoint(time=time, ap="A", state="up"))


def touched(store: Store) -> dict[tuple[str, int, str], int]:
    rows = store.query(
        Query(
            measurement=TOUCHED,
            select=tuple(Select(name) for name in TOUCHED.field_names),
            group_by=TOUCHED.tag_names,
        )
    )
    return {
        (row.tags["school"], (row.time or 0) - T0, hour): int(number)
        for row in rows
        for hour, number in row.values.items()
        if number is not None
    }


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        yield opened


def test_every_hour_that_got_a_reading_or_a_status_is_touched(store: Store) -> None:
    status = status_point(OTHER, Status(online=False, time=utc_text(T0)), time_ms=T0 + 26 * HOUR)
    assert status.measurement is STATUS
    assert store_batch(store, [reading(T0), reading(T0 + HOUR - 1), reading(T0 + 5 * HOUR), status]) == []
    assert touched(store).keys() == {
        (GATEWAY.school, 0, "h00"),
        (GATEWAY.school, 0, "h05"),
        (OTHER.school, 24 * HOUR, "h02"),
    }


def test_each_write_leaves_another_number_and_only_where_it_wrote(store: Store) -> None:
    store_batch(store, [reading(T0), reading(T0 + HOUR)])
    before = touched(store)
    store_batch(store, [reading(T0)])
    after = touched(store)
    changed = {key for key in before if before[key] != after[key]}
    assert (changed, after.keys()) == ({(GATEWAY.school, 0, "h00")}, before.keys())


def test_whoever_counts_between_the_readings_and_their_touch_counts_again(tmp_path: Path) -> None:
    """What goes along with the readings may be seen with a part of them: the touch after them is another."""
    seen: list[dict[tuple[str, int, str], int]] = []

    class Looked(SqliteStore):
        def write(self, points: Sequence[Point]) -> list[Rejected]:
            refused = super().write(points)
            seen.append(touched(self))
            return refused

    with Looked(tmp_path / "store.sqlite") as store:
        store.prepare()
        store_batch(store, [reading(T0), reading(T0 + 5 * HOUR)])
    along, after = seen
    assert along.keys() == after.keys() == {(GATEWAY.school, 0, "h00"), (GATEWAY.school, 0, "h05")}
    assert all(along[key] != after[key] for key in along)


class Dying(SqliteStore):
    """A store whose writes end after so many, as with kill -9 or a network that is cut."""

    def __init__(self, path: Path, writes: int) -> None:
        super().__init__(path)
        self.writes = writes

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        if not self.writes:
            raise Unavailable("cut")
        self.writes -= 1
        return super().write(points)


@pytest.mark.parametrize("writes", [0, 1])
def test_a_write_that_ends_before_the_touch_is_never_taken_for_done(tmp_path: Path, writes: int) -> None:
    store = Dying(tmp_path / "store.sqlite", writes)
    store.prepare()
    with store, pytest.raises(Unavailable):
        store_batch(store, [reading(T0)])
