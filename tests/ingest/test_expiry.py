"""What has expired is told apart from what was lost, exactly, and what must stay stays."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from campus.program import app
from contract import (
    READING_KINDS,
    STATE_TABLES,
    Account,
    Address,
    Asset,
    CollectorRun,
    Point,
    Radio,
    Retention,
    Status,
    status_point,
    to_point,
    utc_text,
)
from contract.daybook import BEYOND_MS, DAY_FACTS, touched_digest
from contract.expiry import EXPIRED, HELD, HORIZON
from ingest import accounts, expiry
from ingest.accounts import absent_batches, balances
from ingest.batches import expired_batches
from ingest.expiry import Ended, _drop, _fate, _settle
from ingest.late import set_apart
from ingest.settings import RetentionSettings
from ingest.touched import store_batch
from ingest.upkeep import expiring
from rules.stored.shares import WATCH_SHARE, share_point
from rules.stored.states import STATES
from rules.stored.tables import RESULTS
from store import Query, Rejected, Row, Select, Store, Unavailable, open_store
from store.base import JustExpired
from store.influx import InfluxStore
from store.periods import period_of, span_of
from store.sqlite_file import SqliteFile
from tests.ingest.conftest import EPOCH as BATCHES
from tests.ingest.conftest import wait_until
from tests.ingest.test_pipeline import running
from tests.servers import Server, free_port
from tests.store.influx2_front import ORG, TOKEN, influx2_front
from tests.store.influx3_front import influx3_front

GATEWAY = Address("120116", "2112000001", "gw")
EPOCH = "a" * 16
PLACE = (GATEWAY.district, GATEWAY.school, GATEWAY.gateway, EPOCH)
DAY = 86_400_000
OCTOBER = 1_790_812_800_000
SEPTEMBER = OCTOBER - 30 * DAY
NOW = OCTOBER + 70 * DAY  # so that September is over for more than 60 days


@pytest.fixture(scope="module")
def front(influx: Server) -> Iterator[str]:
    with influx2_front(influx.port, free_port()) as address:
        yield address


@pytest.fixture(params=["sqlite", "influxdb1", "influxdb2path"])
def url(
    request: pytest.FixtureRequest,
    sqlite_url: str,
    influx: Server,
    front: str,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    name = uuid.uuid4().hex
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    return {
        "sqlite": sqlite_url,
        "influxdb1": f"influxdb://127.0.0.1:{influx.port}/{name}",
        "influxdb2path": f"{front}{name}?org={ORG}",
    }[str(request.param)]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.prepare()
        yield opened


def reading(seq: int, time_ms: int) -> Point:
    return to_point(GATEWAY, EPOCH, seq, Radio(time=time_ms, ap=f"A{seq}", radio="0"))


def run(seq: int, time_ms: int, **values: object) -> Point:
    given = {"time": time_ms, "collector": "c", "target": "t", "status": "ok", **values}
    return to_point(GATEWAY, EPOCH, seq, CollectorRun.model_validate(given))


def account(time_ms: int, epoch: str = EPOCH, **numbers: int) -> Point:
    values = {"acknowledged": 0, "pending": 0, "dropped": 0, **numbers}
    told = Account.model_validate({"epoch": epoch, **values})
    return status_point(GATEWAY, Status(online=True, time=utc_text(time_ms), account=told), time_ms=time_ms)


def day_fact(time_ms: int, kind: str = "school_day") -> Point:
    table = DAY_FACTS[kind]
    fields = {"parts": 1, "digest": "d", "facts": "{}", "polls": 1, "known": 1, "up": 1, "retired": 0}
    values = tuple(fields.get(name) for name in table.field_names)
    return Point(table, tuple("1" for _ in table.tags), time_ms, values)


def counted(store: Store, begin_ms: int = SEPTEMBER) -> None:
    """As the rules tell when they have counted September, or the month before."""
    rows = store.query(
        Query(
            measurement=DAY_FACTS["touched"],
            select=tuple(Select(name) for name in DAY_FACTS["touched"].field_names),
            group_by=("district", "school"),
            since=begin_ms,
            until=span_of(period_of("readings", begin_ms))[1] + BEYOND_MS,
        )
    )
    digest = touched_digest((row.time or 0, tuple(row.values.values())) for row in rows)
    store.write([Point(DAY_FACTS["counted"], tuple(rows[0].tags.values()), begin_ms, (digest,))])


def heard(at_ms: int) -> Point:
    """That time has gone on, as another gateway knows it."""
    elsewhere = Address(GATEWAY.district, GATEWAY.school, "other")
    return to_point(elsewhere, EPOCH, 1, Radio(time=at_ms, ap="A", radio="0"))


def expire(store: Store, retention: Retention, *, now_ms: int, dry_run: bool = False) -> list[Ended]:
    """At a moment of which gateways know, too."""
    store.write([heard(now_ms - DAY)])
    return expiry.expire(store, retention, now_ms=now_ms, dry_run=dry_run)


def fates(found: list[Ended]) -> list[tuple[str, str]]:
    return [(ended.part.name, ended.fate) for ended in found]


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


def test_a_month_is_due_when_its_last_reading_has_been_kept_long_enough(store: Store) -> None:
    store.write([reading(1, OCTOBER - 1), day_fact(OCTOBER)])
    due = OCTOBER + 60 * DAY
    assert ([], [("readings-2026-09", "due")]) == (
        fates(expire(store, Retention(), now_ms=due - 1)),
        fates(expire(store, Retention(), now_ms=due, dry_run=True)),
    )


def test_readings_stay_until_their_days_are_counted(store: Store) -> None:
    store.write([reading(1, OCTOBER - DAY), day_fact(OCTOBER - 40 * DAY)])
    assert [("readings-2026-09", "uncounted")] == fates(expire(store, Retention(), now_ms=NOW))
    # Counting has stopped within the month: its later days are not counted.
    store.write([day_fact(OCTOBER - 20 * DAY)])
    assert [("readings-2026-09", "uncounted")] == fates(expire(store, Retention(), now_ms=NOW))
    store.write([day_fact(OCTOBER)])
    assert [("readings-2026-09", "dropped")] == fates(expire(store, Retention(), now_ms=NOW))


def test_a_month_stays_that_something_touched_since_it_was_counted(store: Store) -> None:
    """Also where it comes at the last moment, between the look and the deletion."""
    store_batch(store, [reading(1, OCTOBER - DAY)])
    store.write([day_fact(OCTOBER), account(NOW - DAY, last_seq=2, produced=2)])
    counted(store)
    (part,) = store.parts("readings", OCTOBER)
    assert "due" == _fate(store, part)
    store_batch(store, [reading(2, OCTOBER - DAY)])
    assert ("uncounted", "uncounted") == (_fate(store, part), _drop(store, part))
    (balance,) = balances(store, ())
    assert (2, 0) == (balance.stored, balance.expired)
    counted(store)
    # By UTC a school's first of October begins in September: without those hours nothing more of it counts.
    store_batch(store, [reading(3, OCTOBER + DAY - 1)])
    assert ("uncounted", "uncounted") == (_fate(store, part), _drop(store, part))
    counted(store)
    store_batch(store, [reading(4, OCTOBER + DAY)])
    assert "dropped" == _drop(store, part)


def test_a_month_that_is_counted_waits_for_an_earlier_one_that_is_not(store: Store) -> None:
    """Where a class ends is one moment: what is before it is there no more for anybody who asks."""
    august = SEPTEMBER - DAY
    store_batch(store, [reading(1, OCTOBER - DAY)])
    store.write([day_fact(OCTOBER), account(NOW - DAY, last_seq=2, produced=2)])
    counted(store)
    store_batch(store, [reading(2, august)])
    kept = [("readings-2026-08", "uncounted"), ("readings-2026-09", "behind")]
    looks = [fates(expire(store, Retention(), now_ms=NOW, dry_run=dry)) for dry in (True, False)]
    (balance,) = balances(store, ())
    assert ([kept, kept], 2, 0) == (looks, balance.stored, balance.missing)
    counted(store, SEPTEMBER - 31 * DAY)
    found = fates(expire(store, Retention(), now_ms=NOW))
    assert [("readings-2026-08", "dropped"), ("readings-2026-09", "dropped")] == found


def test_a_clock_that_runs_ahead_lets_nothing_expire(store: Store) -> None:
    """All readings are from long before it, whatever was counted by it, and whatever statuses it stamped."""
    store_batch(store, [reading(1, OCTOBER - DAY)])
    store.write([reading(2, OCTOBER + DAY), day_fact(NOW), account(NOW, last_seq=2, produced=2)])
    counted(store)
    assert [("readings-2026-09", "unheard")] == fates(expiry.expire(store, Retention(), now_ms=NOW))
    store.write([heard(OCTOBER + 52 * DAY)])
    assert [("readings-2026-09", "unheard")] == fates(expiry.expire(store, Retention(), now_ms=NOW))
    store.write([heard(OCTOBER + 54 * DAY)])
    assert [("readings-2026-09", "dropped")] == fates(expiry.expire(store, Retention(), now_ms=NOW))


def test_what_is_taken_down_of_a_month_is_stored_where_an_earlier_one_has_gone(store: Store) -> None:
    store.write([reading(1, SEPTEMBER - DAY), reading(2, OCTOBER - DAY), day_fact(OCTOBER)])
    store.write([account(NOW - DAY, last_seq=2, produced=2)])
    august, september = store.parts("readings", OCTOBER)
    assert "dropped" == _drop(store, august)
    _settle(store, september)
    (balance,) = balances(store, ())
    assert (1, 1, 0) == (balance.stored, balance.expired, balance.missing)


def test_how_everything_stood_expires_as_readings_do(store: Store) -> None:
    store.write([share_point("1/2", 300, OCTOBER - DAY), share_point("2/2", 300, OCTOBER)])
    assert [("states-2026-09", "dropped")] == fates(expire(store, Retention(), now_ms=NOW))
    rows = store.query(Query(measurement=WATCH_SHARE, select=(Select("interval_s"),), group_by=("share",)))
    assert ["2/2"] == [row.tags["share"] for row in rows]


def test_facts_of_days_stay_while_a_quarter_that_was_handed_in_rests_on_them(store: Store) -> None:
    store.write([day_fact(OCTOBER, "ap_day")])
    far = OCTOBER + 4000 * DAY
    store.write([Point(HELD, ("2026Q4",), NOW, (OCTOBER - DAY, OCTOBER + 90 * DAY))])
    assert [("days-2026", "held")] == fates(expire(store, Retention(), now_ms=far))
    # Neither what ends when the year begins nor what begins when it ends rests on any of it.
    begin, end = span_of("days-2026")
    store.write([Point(HELD, ("2026Q4",), NOW + 1, (end, end + 90 * DAY))])
    store.write([Point(HELD, ("2025Q4",), NOW, (begin - 90 * DAY, begin))])
    assert [("days-2026", "dropped")] == fates(expire(store, Retention(), now_ms=far))


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


def test_the_tables_of_states_are_those_that_rules_make() -> None:
    assert sorted(STATE_TABLES) == sorted(
        table.name for table in (*STATES.values(), *RESULTS.values(), WATCH_SHARE) if table.kept == "states"
    )


def test_the_service_lets_expire_beside_its_work(store: Store) -> None:
    store.write([reading(1, OCTOBER - DAY), heard(NOW - DAY), day_fact(OCTOBER)])
    with expiring(store, RetentionSettings(every_s=1), lambda: NOW / 1000):
        wait_until(lambda: not store.parts("readings", OCTOBER), what="the month to go")


def test_the_service_goes_on_where_a_store_did_not_take_an_account(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(sqlite_url) as store:
        store.write([reading(1, OCTOBER - DAY), heard(NOW - DAY), day_fact(OCTOBER)])
        keep, refusals = store.keep, iter([True])
        monkeypatch.setattr(
            store,
            "keep",
            lambda some: [Rejected(some[0], "full")] if next(refusals, False) else keep(some),
        )
        with expiring(store, RetentionSettings(every_s=1), lambda: NOW / 1000):
            wait_until(lambda: not store.parts("readings", OCTOBER), what="the month to go")


def test_the_command_says_what_is_due_and_drops_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.sqlite'}"
    with open_store(url) as store:
        store.write([reading(1, OCTOBER - 400 * DAY), day_fact(OCTOBER - 360 * DAY)])
        store.write([heard(round(time.time() * 1000) - DAY)])
    runner = CliRunner()
    said = [
        runner.invoke(app, ["store", "expire", "--store", url, *more]).output.strip()
        for more in (["--dry-run"], ["--days", "60"], [])
    ]
    assert ["readings-2025-08: 到期", "readings-2025-08: 已删除", "没有到期的数据"] == said


def test_a_store_that_is_not_there_has_not_kept_everything(tmp_path: Path) -> None:
    """A mistyped address must not look like a store in which nothing has expired."""
    done = CliRunner().invoke(app, ["store", "expire", "--dry-run", "--store", f"sqlite:///{tmp_path / 's'}"])
    assert (True, [], True) == (
        isinstance(done.exception, Unavailable),
        list(tmp_path.iterdir()),
        "没有到期" not in done.output,
    )


def test_the_command_says_where_nothing_can_expire(influx: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    with influx3_front(influx.port, free_port()) as address:
        ran = CliRunner().invoke(app, ["store", "expire", "--store", f"{address}campus"])
    assert ran.exit_code != 0
    assert "不能按时段删除" in str(ran.exception)
