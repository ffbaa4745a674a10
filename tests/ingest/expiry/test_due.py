"""A month goes when it was kept long enough, is counted, and nobody rests on it; until then it stays."""

from collections.abc import Sequence

import pytest

from contract import (
    STATE_TABLES,
    Point,
    Retention,
)
from contract.expiry import HELD
from ingest import expiry
from ingest.accounts import balances
from ingest.expiry import _drop, _fate
from ingest.touched import store_batch
from rules.stored.shares import WATCH_SHARE, share_point
from rules.stored.states import STATES
from rules.stored.tables import RESULTS
from store import Query, Rejected, Select, Store
from store.periods import span_of
from tests.ingest.expiry.month import (
    DAY,
    NOW,
    OCTOBER,
    SEPTEMBER,
    account,
    counted,
    day_fact,
    expire,
    fates,
    heard,
    reading,
)


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


def test_readings_that_come_while_their_month_is_dropped_keep_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a batch and what it touched: the month went with what nobody had counted."""
    store_batch(store, [reading(1, OCTOBER - DAY)])
    store.write([day_fact(OCTOBER), account(NOW - DAY, last_seq=2, produced=2)])
    counted(store)
    (part,) = store.parts("readings", OCTOBER)
    assert "due" == _fate(store, part)
    write, dropped = store.write, list[str]()

    def then_drop(points: Sequence[Point]) -> list[Rejected]:
        rejected = write(points)
        if not dropped and any(point.measurement.name == "radio" for point in points):
            dropped.append(_drop(store, part))
        return rejected

    monkeypatch.setattr(store, "write", then_drop)
    assert [] == store_batch(store, [reading(2, OCTOBER - DAY)])
    (balance,) = balances(store, ())
    assert (["uncounted"], 2, 0) == (dropped, balance.stored, balance.expired)


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


def test_the_tables_of_states_are_those_that_rules_make() -> None:
    assert sorted(STATE_TABLES) == sorted(
        table.name for table in (*STATES.values(), *RESULTS.values(), WATCH_SHARE) if table.kept == "states"
    )
