"""A store that shows new series late, and calls a measurement that nobody wrote an error, is right as any."""

import time
import uuid
from collections.abc import Iterator

import pytest

from contract import READING_KINDS, Account, Address, Radio, Status, status_point, to_point, utc_text
from dashboards.board.newest import Newest
from ingest.accounts import absent_batches, balances
from ingest.touched import store_batch
from rules.daybook.book import BookMemory
from store import Item, Query, Select, Span, Store, Tally, influx, open_store
from tests.rules.daybook.looking import END, LIMIT_MS, facts, look, seeded
from tests.rules.daybook.slow import rows_of, slow_days
from tests.rules.daybook.world import CALENDAR, SCHOOLS, world
from tests.servers import Server, free_port
from tests.store.opengemini_front import opengemini_front

# Shorter than the real one, so that the tests are; what waits for it waits somewhat longer, as it does.
HIDDEN_S, WAITS_S = 0.5, 1.0
GATEWAY, EPOCH = Address("120116", "2112000001", "gw"), "e" * 16
T0 = 1_790_000_000_000
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


@pytest.fixture(scope="module")
def front(influx: Server) -> Iterator[str]:
    with opengemini_front(influx.port, free_port(), HIDDEN_S) as address:
        yield address


@pytest.fixture
def store(front: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(influx, "GEMINI_VISIBLE_AFTER_S", WAITS_S)
    with open_store(f"{front}{uuid.uuid4().hex}") as opened:
        opened.prepare()
        yield opened


def radio(seq: int) -> Radio:
    return Radio(time=T0 + seq, ap=f"A{seq}", radio="0")


def count(store: Store) -> int:
    return sum(int(row.values["n"] or 0) for row in store.query(COUNT))


def test_the_front_hides_what_is_new_and_shows_what_is_known(store: Store) -> None:
    store.write([to_point(GATEWAY, EPOCH, 1, radio(1))])
    hidden = count(store)
    time.sleep(WAITS_S)
    store.write([to_point(GATEWAY, EPOCH, 2, radio(1).model_copy(update={"time": T0 + 9}))])
    assert (0, 2) == (hidden, count(store))


def test_a_measurement_that_nobody_wrote_has_no_rows_and_takes_no_other_along(store: Store) -> None:
    store.write([to_point(GATEWAY, EPOCH, 1, radio(1))])
    time.sleep(WAITS_S)
    nobody = READING_KINDS["room_device"]
    assert [] == store.query(Query(measurement=nobody, select=(Select("seq"),)))
    span = Span(T0, T0 + 1000)
    asked = [
        Tally(
            measurement=table,
            group_by=("school",),
            items=(Item(name="n", function="count", field="seq", span=span),),
        )
        for table in (nobody, Radio.measurement, nobody)
    ]
    assert [{}, {(GATEWAY.school,): {"n": 1}}, {}] == store.tally(asked)


def test_what_is_rejected_is_rejected_all_the_same(store: Store) -> None:
    good = to_point(GATEWAY, EPOCH, 1, radio(1))
    wrong = good._replace(fields=("one", *good.fields[1:]), time=T0 + 5)
    assert [wrong] == [refused.point for refused in store.write([good, wrong])]


def test_the_account_of_a_gateway_that_has_just_begun_is_not_one_of_loss(store: Store) -> None:
    def tell(seq: int) -> None:
        account = Account(epoch=EPOCH, last_seq=seq, produced=seq, acknowledged=seq, pending=0, dropped=0)
        status = Status(online=True, time=utc_text(T0 + seq), account=account)
        store.write([status_point(GATEWAY, status, time_ms=T0 + seq)])

    tell(0)
    time.sleep(WAITS_S)
    store.write([to_point(GATEWAY, EPOCH, seq, radio(seq)) for seq in (1, 2, 3)])
    tell(4)
    (balance,) = balances(store, ())
    assert (3, 1, [(4, 4)]) == (balance.stored, balance.lost, absent_batches(store, (), balance))


def test_a_day_is_counted_with_what_was_stored_a_moment_ago(store: Store) -> None:
    made = world(seeded(3)).points
    half, memory = len(made) // 2, BookMemory()
    store_batch(store, made[:half])
    time.sleep(WAITS_S)
    look(store, memory=memory)
    time.sleep(WAITS_S)
    # New series, and a touch that is seen at once.
    store_batch(store, made[half:])
    expected = slow_days(rows_of(made), CALENDAR, END, LIMIT_MS)
    at_once = facts(look(store, memory=memory))
    # Of a school that nobody knew, the first word is hidden as well: it is there with the next look.
    assert at_once == {key: day for key, day in expected.items() if key[1][1] in SCHOOLS}
    time.sleep(WAITS_S)
    assert expected == facts(look(store, memory=memory))


def test_the_board_shows_what_is_new_as_soon_as_the_store_does(store: Store) -> None:
    table = Newest(Radio.measurement, tags=("ap",), key=("ap",), lookbacks=(60_000,), fields=("seq",))
    store.write([to_point(GATEWAY, EPOCH, 1, radio(1))])
    time.sleep(WAITS_S)
    shown = []
    for seq in (1, 2):
        shown.append(len(table.read(store, now_ms=T0 + 1000)))
        store.write([to_point(GATEWAY, EPOCH, seq, radio(seq + 1))])
        # Something known says more meanwhile.
        store.write([to_point(GATEWAY, EPOCH, seq, radio(1).model_copy(update={"time": T0 + 500 + seq}))])
        shown.append(len(table.read(store, now_ms=T0 + 1000)))
        time.sleep(WAITS_S)
    shown.append(len(table.read(store, now_ms=T0 + 1000)))
    assert [1, 1, 2, 2, 3] == shown
