"""A deletion that was killed, or that others look at while it goes on."""

import uuid
from typing import Any

import pytest

from contract import (
    Point,
    Retention,
)
from contract.expiry import EXPIRED, HORIZON
from ingest import accounts
from ingest.accounts import balances
from ingest.batches import expired_batches
from ingest.expiry import _settle
from ingest.late import set_apart
from ingest.touched import store_batch
from store import Query, Row, Store, Unavailable, open_store
from store.influx import InfluxStore
from tests.ingest.expiry.month import (
    DAY,
    NOW,
    OCTOBER,
    PLACE,
    account,
    counted,
    day_fact,
    expire,
    fates,
    reading,
    run,
)
from tests.servers import Server


class Killed(BaseException):
    """As by kill -9: nothing that was to come after it happens."""


def test_what_is_taken_down_and_not_dropped_yet_is_stored(store: Store) -> None:
    """More comes to it before it is dropped in the end, some of it after the gateway's last account."""
    at = OCTOBER - DAY
    store.write([reading(1, at), reading(2, at), run(3, at, target="ledger", rows=1)])
    store.write([account(NOW - DAY, last_seq=1, produced=1), day_fact(OCTOBER)])
    (part,) = store.parts("readings", OCTOBER)

    def killed() -> None:
        _settle(store, part)
        raise Killed

    with pytest.raises(Killed):
        part.drop(killed)
    (balance,) = balances(store, ())
    assert (1, 0, 0) == (balance.stored, balance.expired, balance.missing)
    store.write([reading(4, at)])
    expire(store, Retention(), now_ms=NOW)
    (balance,) = balances(store, ())
    assert (0, 1, 0) == (balance.stored, balance.expired, balance.missing)
    store.write([account(NOW, last_seq=4, produced=4)])
    (balance,) = balances(store, ())
    assert (1, 3, 0) == (balance.stored, balance.expired, balance.missing)


def test_what_is_dropped_and_not_all_deleted_yet_has_expired(
    influx: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with InfluxStore.from_url(f"influxdb://127.0.0.1:{influx.port}/{uuid.uuid4().hex}") as store:
        store.prepare()
        store_batch(store, [reading(1, OCTOBER - DAY), run(2, OCTOBER - DAY)])
        store.write([account(NOW - DAY, last_seq=3, produced=3), day_fact(OCTOBER)])
        counted(store)
        move = store.horizon.move

        def late(*where: Any) -> None:
            """What comes when it was looked whether all is counted; it is taken down, and goes as well."""
            store_batch(store, [reading(3, OCTOBER - DAY)])
            move(*where)

        with monkeypatch.context() as dying:
            calls = iter([lambda: None])  # asks whether it may delete; then no more
            dying.setattr(store, "delete", lambda *_: next(calls, _die)())
            dying.setattr(store.horizon, "move", late)
            with pytest.raises(Killed):
                expire(store, Retention(), now_ms=NOW)
        (balance,) = balances(store, ())
        assert (0, 3, 0) == (balance.stored, balance.expired, balance.missing)
        assert [("readings-2026-09", "dropped")] == fates(expire(store, Retention(), now_ms=NOW))
        assert [balance] == balances(store, ())


def _die() -> None:
    raise Killed


def test_an_account_waits_where_nobody_can_say_what_was_dropped(
    influx: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has expired must not look lost, nor what is half deleted as if it were there."""
    url = f"influxdb://127.0.0.1:{influx.port}/{uuid.uuid4().hex}"
    with open_store(url) as first:
        first.prepare()
        first.write([reading(1, OCTOBER - DAY), account(NOW - DAY, last_seq=1, produced=1)])
        first.write([day_fact(OCTOBER)])
        expire(first, Retention(), now_ms=NOW)
    with InfluxStore.from_url(url) as store:
        real = store.rows

        def rows(query: Query) -> list[Row]:
            if query.measurement is HORIZON:
                raise Unavailable("busy")
            return real(query)

        monkeypatch.setattr(store, "rows", rows)
        with pytest.raises(Unavailable, match="busy"):
            balances(store, ())


def test_what_expires_while_it_is_counted_is_neither_lost_nor_twice_there(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write([reading(1, OCTOBER - DAY), account(NOW - DAY, last_seq=1, produced=1), day_fact(OCTOBER)])
    real = accounts._quarantined

    def meanwhile(*given: Any) -> int:
        with open_store(url) as other:
            expire(other, Retention(), now_ms=NOW)
        return real(*given)

    monkeypatch.setattr(accounts, "_quarantined", meanwhile)
    with open_store(url) as asking:
        (balance,) = balances(asking, ())
    assert (0, 1, 0, 0) == (balance.stored, balance.expired, balance.lost, balance.surplus)


def test_what_a_part_has_no_more_stays_taken_down_where_more_came_to_it(store: Store) -> None:
    """Killed while it deleted; a program that had not heard of the end yet has added to it since."""
    at = OCTOBER - DAY
    store.write([reading(3, at), account(NOW - DAY, last_seq=3, produced=3), day_fact(OCTOBER)])
    (part,) = store.parts("readings", OCTOBER)
    store.write([Point(EXPIRED, (*PLACE, part.name), part.begin_ms, (part.end_ms, 2, 0, 1, 2))])
    store.write(expired_batches(part.name, part.begin_ms, PLACE, {1, 2}))
    expire(store, Retention(), now_ms=NOW)
    (balance,) = balances(store, ())
    new, expired = set_apart(store, store.write([reading(seq, at + seq) for seq in (1, 2, 3)]))
    assert (0, 3, 0, [], 3) == (balance.stored, balance.expired, balance.missing, new, len(expired))
