"""What has expired is told apart from what was lost, exactly."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import (
    READING_KINDS,
    Point,
    Retention,
)
from contract.expiry import EXPIRED
from ingest.accounts import absent_batches, balances
from ingest.expiry import _drop, _settle
from ingest.late import set_apart
from store import Query, Select, Store, open_store
from store.sqlite_file import SqliteFile
from tests.ingest.expiry.month import (
    DAY,
    NOW,
    OCTOBER,
    PLACE,
    SEPTEMBER,
    account,
    day_fact,
    expire,
    fates,
    reading,
    run,
)


def test_what_expired_is_neither_missing_nor_stored_and_what_was_lost_stays_lost(store: Store) -> None:
    store.write([reading(seq, OCTOBER - DAY + seq) for seq in (1, 2, 3)])
    store.write([reading(seq, OCTOBER + DAY + seq) for seq in (5, 6)])
    store.write([account(NOW - DAY, last_seq=7, produced=7, pending=1), day_fact(OCTOBER + DAY)])
    (before,) = balances(store, ())
    assert [("readings-2026-09", "due")] == fates(expire(store, Retention(), now_ms=NOW, dry_run=True))
    assert [before] == balances(store, ())
    assert [("readings-2026-09", "dropped")] == fates(expire(store, Retention(), now_ms=NOW))
    (after,) = balances(store, ())
    assert (5, 0, 1) == (before.stored, before.expired, before.lost)
    assert (2, 3, 1) == (after.stored, after.expired, after.lost)
    assert [(4, 4), (7, 7)] == absent_batches(store, (), after)
    assert [] == expire(store, Retention(), now_ms=NOW)


def test_the_last_account_of_a_gateway_that_fell_silent_stays_with_its_loss(store: Store) -> None:
    store.write([reading(1, OCTOBER - 2 * DAY), reading(9, OCTOBER - DAY), day_fact(OCTOBER + DAY)])
    # The last batch came after the last account: no account ever covers it.
    store.write([account(OCTOBER - 3 * DAY, last_seq=1, produced=1)])
    store.write([account(OCTOBER - 2 * DAY + 5, last_seq=3, produced=3, dropped=1)])
    expire(store, Retention(), now_ms=NOW)
    (after,) = balances(store, ())
    assert (0, 1, 3, 1) == (after.stored, after.expired, after.produced, after.lost)


def test_ledgers_and_their_rounds_outlive_the_readings_of_an_old_file(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    at = OCTOBER - DAY
    points = [
        *(run(seq, at + seq) for seq in (1, 2)),
        run(3, at + 3, target="ledger", reads="asset", rows=1),
        run(4, at + 4, reads="signal_sample"),
        reading(5, at + 5),
        account(NOW - DAY, last_seq=6, produced=6),
    ]
    file = SqliteFile(path)
    file.write(sorted(points, key=lambda point: point.measurement.name))
    file.close()
    with open_store(f"sqlite:///{path}") as store:
        # A later write begins the classes; the second batch comes once more.
        store.write([run(6, NOW - DAY), run(2, at + 2), reading(7, NOW - DAY), day_fact(NOW)])
        (before,) = balances(store, ())
        found = fates(expire(store, Retention(), now_ms=NOW))
        (after,) = balances(store, ())
        left = store.query(
            Query(measurement=READING_KINDS["collector_run"], select=(Select("seq"),), group_by=("target",))
        )
    assert ("before-readings-2026-09", "dropped") in found
    assert (6, 0, 0) == (before.stored, before.expired, before.missing)
    assert (3, 3, 0) == (after.stored, after.expired, after.missing)
    assert [3, 4, 6] == sorted(int(row.values["seq"] or 0) for row in left)


def test_what_is_taken_down_of_a_month_is_stored_where_an_earlier_one_has_gone(store: Store) -> None:
    store.write([reading(1, SEPTEMBER - DAY), reading(2, OCTOBER - DAY), day_fact(OCTOBER)])
    store.write([account(NOW - DAY, last_seq=2, produced=2)])
    august, september = store.parts("readings", OCTOBER)
    assert "dropped" == _drop(store, august)
    _settle(store, september)
    (balance,) = balances(store, ())
    assert (1, 1, 0) == (balance.stored, balance.expired, balance.missing)


def test_what_an_earlier_version_took_down_by_its_ends_is_not_counted_again(store: Store) -> None:
    at = OCTOBER - DAY
    store.write([reading(seq, at + seq) for seq in (1, 2, 4)])
    store.write([account(NOW - DAY, last_seq=4, produced=4), day_fact(OCTOBER)])
    (part,) = store.parts("readings", OCTOBER)
    store.write([Point(EXPIRED, (*PLACE, part.name), part.begin_ms, (part.end_ms, 3, 0, 1, 4))])
    expire(store, Retention(), now_ms=NOW)
    (balance,) = balances(store, ())
    new, expired = set_apart(store, store.write([reading(seq, at + seq) for seq in (1, 3)]))
    assert (0, 3, 1) == (balance.stored, balance.expired, balance.lost)
    assert ([3], [1]) == tuple([found.point.fields[0] for found in some] for some in (new, expired))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.dictionaries(
        st.integers(1, 30),
        st.lists(st.integers(-40, 40), min_size=1, max_size=4, unique=True),
        min_size=1,
        max_size=10,
    ),
    late=st.sets(st.integers(1, 30), max_size=5),
    covered=st.integers(0, 30),
    looks=st.lists(st.tuples(st.integers(55, 140), st.sets(st.integers(1, 30))), min_size=1, max_size=4).map(
        lambda found: sorted(found, key=lambda look: look[0])
    ),
)
def test_the_account_is_exact_whatever_expires_and_comes_again(
    batches: dict[int, list[int]],
    late: set[int],
    covered: int,
    looks: list[tuple[int, set[int]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Readings of several months, some after the last account; between two looks batches come again, some for
    the first time."""
    path = tmp_path_factory.mktemp("expiry") / "s.sqlite"
    points = {seq: [reading(seq, OCTOBER + day * DAY + seq) for day in days] for seq, days in batches.items()}
    produced = sum(len(some) for seq, some in points.items() if seq <= covered)
    came, aside = batches.keys() - late, set[Point]()
    with open_store(f"sqlite:///{path}") as store:

        def send(seqs: set[int]) -> None:
            for seq in seqs & batches.keys():
                refused, _ = set_apart(store, store.write(points[seq]))
                aside.update(found.point for found in refused)

        send(came)
        store.write([account(OCTOBER + 200 * DAY, last_seq=covered, produced=produced), day_fact(NOW)])
        for look, again in looks:
            expire(store, Retention(), now_ms=OCTOBER + look * DAY)
            send(again)
            came |= again & batches.keys()
            (balance,) = balances(store, ())
            quarantined = sum(int(point.fields[0] or 0) <= covered for point in aside)
            missing = sum(len(points[seq]) for seq in batches.keys() - came if seq <= covered)
            assert (produced - missing, missing + quarantined, 0) == (
                balance.stored + balance.expired + quarantined,
                balance.lost,
                balance.surplus,
            )
