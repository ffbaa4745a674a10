"""What comes when its month has expired: known again, or refused, and never counted twice."""

import uuid
from pathlib import Path

import pytest

from contract import (
    Asset,
    Retention,
    to_point,
)
from ingest.accounts import balances
from ingest.batches import expired_batches
from ingest.late import set_apart
from ingest.touched import store_batch
from store import Rejected, Store, open_store
from store.base import JustExpired
from store.sqlite_file import SqliteFile
from tests.ingest.conftest import EPOCH as BATCHES
from tests.ingest.expiry.month import (
    DAY,
    EPOCH,
    GATEWAY,
    NOW,
    OCTOBER,
    PLACE,
    SEPTEMBER,
    account,
    counted,
    day_fact,
    expire,
    fates,
    reading,
    run,
)
from tests.ingest.test_pipeline import running
from tests.servers import Server


def test_late_readings_of_what_has_expired_are_refused_and_ledgers_are_not(store: Store) -> None:
    ledger = run(2, OCTOBER - DAY + 2, target="ledger", rows=1)
    asset = Asset(time=OCTOBER - DAY + 2, asset="A", name="台", quantity=1, value_fen=1)
    # A round of another collector in the same hour goes another way than the ledger's.
    points = [run(1, OCTOBER - DAY), reading(1, OCTOBER - DAY), ledger, to_point(GATEWAY, EPOCH, 2, asset)]
    store.write([*points, day_fact(OCTOBER)])
    store.write([account(NOW - DAY, last_seq=3, produced=5)])
    expire(store, Retention(), now_ms=NOW)
    late = store.write([reading(1, OCTOBER - DAY), reading(3, OCTOBER - DAY + 3), ledger])
    (balance,) = balances(store, ())
    assert [1, 3] == [refused.point.fields[0] for refused in late]
    assert "readings-2026-09 has expired" in late[0].reason
    assert (2, 2, 1) == (balance.stored, balance.expired, balance.lost)


def test_a_batch_that_comes_again_when_it_has_expired_is_counted_once(store: Store, tmp_path: Path) -> None:
    """Its acknowledgement was lost, or its spool restored; the third one comes for the first time."""
    with running(tmp_path, store) as plant:
        plant.send(1)
        plant.send(2)
        plant.acknowledged(1, 2)
        store.write([account(NOW - DAY, BATCHES, last_seq=3, produced=3, pending=1), day_fact(OCTOBER)])
        assert [("readings-2026-09", "uncounted")] == fates(expire(store, Retention(), now_ms=NOW))
        counted(store)
        assert [("readings-2026-09", "dropped")] == fates(expire(store, Retention(), now_ms=NOW))
        for seq in (1, 2, 3):
            plant.send(seq)
        plant.acknowledged(1, 2, 3)
        (balance,) = balances(store, [plant.quarantine])
        (late,) = plant.quarantine.entries()
    assert (0, 2, 1) == (balance.stored, balance.expired, balance.quarantined)
    assert (0, 0, 3) == (balance.missing, balance.surplus, late.seq)


def test_a_batch_that_expired_in_one_month_may_be_new_in_another(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.write(expired_batches("readings-2026-08", SEPTEMBER - 31 * DAY, PLACE, {1}))
        store.write(expired_batches("readings-2026-09", SEPTEMBER, PLACE, {2}))
        refused = [
            Rejected(reading(seq, OCTOBER - DAY), "expired", f"readings-2026-{month}")
            for month in ("08", "09")
            for seq in (1, 2)
        ]
        new, expired = set_apart(store, refused)
    assert ([refused[1], refused[2]], [refused[0], refused[3]]) == (new, expired)


def test_what_comes_late_to_one_program_once_another_has_dropped_its_month_is_refused(
    store: Store, url: str
) -> None:
    """Also where the first has written to it just before."""
    store_batch(store, [reading(1, OCTOBER - DAY)])
    store.write([account(NOW - DAY, last_seq=2, produced=2), day_fact(OCTOBER)])
    counted(store)
    with open_store(url) as other:
        expire(other, Retention(), now_ms=NOW)
    (late,) = store_batch(store, [reading(2, OCTOBER - DAY)])
    (balance,) = balances(store, ())
    assert ("readings-2026-09", 2) == (late.part, late.point.fields[0])
    assert (0, 1, 1) == (balance.stored, balance.expired, balance.lost)
    assert [] == expire(store, Retention(), now_ms=NOW)


@pytest.mark.parametrize("kind", ["old file", "file of a month", "influxdb1"])
def test_what_is_written_across_the_drop_of_another_program_comes_again(
    kind: str, influx: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.sqlite"
    if kind == "old file":
        file = SqliteFile(path)
        file.write([reading(1, OCTOBER - DAY + 9)])
        file.close()
    url = (
        f"influxdb://127.0.0.1:{influx.port}/{uuid.uuid4().hex}" if "influx" in kind else f"sqlite:///{path}"
    )
    late = reading(2, OCTOBER - DAY)
    with open_store(url) as other, open_store(url) as store:
        other.prepare()
        other.write([reading(1, OCTOBER - DAY + 9), account(NOW - DAY, last_seq=2, produced=2)])
        other.write([day_fact(OCTOBER)])
        work = "_write" if "influx" in kind else "_commit"
        real = getattr(store, work)

        def across(*given: object) -> object:
            expire(other, Retention(), now_ms=NOW)
            return real(*given)

        monkeypatch.setattr(store, work, across)
        with pytest.raises(JustExpired):
            store.write([late])
        monkeypatch.setattr(store, work, real)
        new, known = set_apart(store, store.write([late]))
        (balance,) = balances(other, ())
        # What is left of it goes at the next look, counted or not.
        assert {"dropped"} >= {ended.fate for ended in expire(other, Retention(), now_ms=NOW)}
        assert [] == expire(other, Retention(), now_ms=NOW)
    assert ([late], []) == ([refused.point for refused in new], known)
    assert (0, 1, 1) == (balance.stored, balance.expired, balance.lost)
