"""The account of every gateway: what is missing is told apart from what is explained."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.program import app
from contract import Account, Address, Radio, Status, status_point, to_point, utc_text
from ingest.accounts import Balance, absent_batches, balances, without_account
from ingest.quarantine import Entry, Quarantine
from store import Store, open_store

GATEWAY = Address("120116", "2112000001", "gw")
OLD, NEW = "a" * 16, "b" * 16
T0 = 1_790_000_000_000
HOUR = 3_600_000


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        yield opened


def tell(store: Store, epoch: str, time_ms: int, *, address: Address = GATEWAY, **numbers: int) -> None:
    """A gateway's account of itself; what is not named is 0."""
    values = {"last_seq": 9, "acknowledged": 0, "pending": 0, "dropped": 0, **numbers}
    account = Account.model_validate({"epoch": epoch, **values})
    status = Status(online=True, time=utc_text(time_ms), account=account)
    store.write([status_point(address, status, time_ms=time_ms)])


def keep(store: Store, epoch: str, *seqs: int, address: Address = GATEWAY) -> None:
    """One reading stored of each batch."""
    store.write([to_point(address, epoch, seq, Radio(time=T0 + seq, ap="A", radio="0")) for seq in seqs])


def judged(store: Store, *quarantines: Quarantine) -> list[tuple[str, int, int, bool]]:
    return [
        (balance.epoch, balance.missing, balance.lost, balance.superseded)
        for balance in balances(store, quarantines)
    ]


def test_what_the_spool_could_not_take_is_explained(store: Store) -> None:
    keep(store, OLD, 1, 2)
    tell(store, OLD, T0, produced=10, pending=3, dropped=1, untaken=4)
    assert [(OLD, 8, 0, False)] == judged(store)


def test_one_reading_more_that_is_missing_is_lost(store: Store) -> None:
    keep(store, OLD, 1, 2)
    tell(store, OLD, T0, produced=11, pending=3, dropped=1, untaken=4)
    (balance,) = balances(store, ())
    assert (1, [(3, 9)]) == (balance.lost, absent_batches(store, (), balance))


def test_an_account_without_untaken_comes_from_an_older_version(store: Store) -> None:
    tell(store, OLD, T0, produced=0)
    assert [0] == [balance.untaken for balance in balances(store, ())]


def test_what_an_earlier_epoch_left_pending_is_lost_once_a_later_one_reports(store: Store) -> None:
    keep(store, OLD, 1)
    tell(store, OLD, T0, produced=6, pending=5)
    assert [(OLD, 5, 0, False)] == judged(store)
    tell(store, NEW, T0 + HOUR, produced=1, pending=1)
    assert [(OLD, 5, 5, True), (NEW, 1, 0, False)] == judged(store)


def test_what_an_earlier_epoch_left_pending_is_expected_while_the_present_spool_holds_it(
    store: Store,
) -> None:
    keep(store, OLD, 1)
    tell(store, OLD, T0, produced=6, pending=5)
    tell(store, NEW, T0 + HOUR, produced=0, inherited=5)
    assert [(OLD, 5, 0, True), (NEW, 0, 0, False)] == judged(store)
    tell(store, NEW, T0 + 2 * HOUR, produced=0, inherited=0)
    assert [(OLD, 5, 5, True), (NEW, 0, 0, False)] == judged(store)


def test_what_an_earlier_epoch_left_pending_and_was_stored_since_is_not_lost(store: Store) -> None:
    keep(store, OLD, 1, 2, 3)
    tell(store, OLD, T0, produced=3, pending=2)
    tell(store, NEW, T0 + HOUR, produced=0)
    assert [(OLD, 0, 0, True), (NEW, 0, 0, False)] == judged(store)


def test_two_spools_at_work_under_one_address_both_still_have_what_is_pending(store: Store) -> None:
    for minute in range(4):
        epoch = (OLD, NEW)[minute % 2]
        tell(store, epoch, T0 + minute * 60_000, produced=5, pending=5)
    assert [(OLD, 5, 0, False), (NEW, 5, 0, False)] == judged(store)


def test_a_new_spool_whose_clock_began_in_the_past_still_supersedes(store: Store) -> None:
    tell(store, OLD, T0, produced=5, pending=5)
    tell(store, NEW, T0 - 1000 * HOUR, produced=1, pending=1)
    tell(store, NEW, T0 + HOUR, produced=1, pending=1)
    assert [(OLD, 5, 5, True), (NEW, 1, 0, False)] == judged(store)


def test_a_spool_that_reports_elsewhere_too_supersedes_all_the_same(store: Store) -> None:
    """A copied disk: what the copy says at another address keeps nothing of ours."""
    tell(store, OLD, T0, produced=5, pending=5)
    tell(store, NEW, T0 - HOUR, address=Address("120116", "2112000003", "gw"), produced=0)
    tell(store, NEW, T0 + HOUR, produced=0)
    assert (OLD, 5, 5, True) in judged(store)


def test_the_batch_that_an_account_ends_with_counts_and_the_next_does_not(
    store: Store, tmp_path: Path
) -> None:
    keep(store, OLD, 9, 10)
    tell(store, OLD, T0, produced=2)
    with closing(Quarantine(tmp_path / "q.sqlite")) as quarantine:
        quarantine.add([set_aside(9), set_aside(10)])
        (balance,) = balances(store, [quarantine])
        absent = absent_batches(store, [quarantine], balance)
    assert (1, 1, 0, 0, [(1, 8)]) == (
        balance.stored, balance.quarantined, balance.lost, balance.surplus, absent,
    )  # fmt: skip


def test_what_others_stored_or_set_aside_is_nothing_of_this_account(store: Store, tmp_path: Path) -> None:
    """Not what another district's, school's or gateway's name stands at, nor another epoch's."""
    others = [
        Address("120117", GATEWAY.school, GATEWAY.gateway),
        Address(GATEWAY.district, "2112000009", GATEWAY.gateway),
        Address(GATEWAY.district, GATEWAY.school, "gw2"),
    ]
    with closing(Quarantine(tmp_path / "q.sqlite")) as quarantine:
        for address in others:
            keep(store, OLD, 1, address=address)
            quarantine.add([set_aside(2, address=address)])
        keep(store, NEW, 1)
        quarantine.add([set_aside(2, epoch=NEW)])
        tell(store, OLD, T0, produced=2)
        (balance,) = balances(store, [quarantine])
    assert (0, 0, 2) == (balance.stored, balance.quarantined, balance.lost)


def set_aside(seq: int, *, address: Address = GATEWAY, epoch: str = OLD) -> Entry:
    return Entry(
        id=f"{address}{epoch}{seq}", topic="t", payload=b"", reason="r", received_ms=1, readings=1,
        address=address, epoch=epoch, seq=seq,
    )  # fmt: skip


def test_a_corrected_school_code_is_no_loss(store: Store) -> None:
    corrected = Address("120116", "2112000002", "gw")
    keep(store, OLD, 1)
    tell(store, OLD, T0, produced=3, pending=2)
    tell(store, NEW, T0 + HOUR, address=corrected, produced=1, pending=1)
    assert [(OLD, 2, 0, False), (NEW, 1, 0, False)] == judged(store)


def test_one_epoch_at_two_addresses_has_two_accounts(store: Store) -> None:
    other = Address("120116", "2112000003", "gw")
    for address, produced in ((GATEWAY, 1), (other, 2)):
        keep(store, OLD, *range(1, produced + 1), address=address)
        tell(store, OLD, T0, address=address, produced=produced)
    tell(store, NEW, T0 + HOUR, address=other, produced=0)
    assert [(OLD, 0, 0, False), (OLD, 0, 0, True), (NEW, 0, 0, False)] == judged(store)


def test_what_stands_in_two_quarantines_counts_once(store: Store, tmp_path: Path) -> None:
    tell(store, OLD, T0, produced=4)
    files = [Quarantine(tmp_path / name) for name in ("a.sqlite", "b.sqlite")]
    entry = Entry(
        id="same", topic="t", payload=b"", reason="r", received_ms=1, readings=4, address=GATEWAY,
        epoch=OLD, seq=3,
    )  # fmt: skip
    for file in files:
        file.add([entry])
    (balance,) = balances(store, files)
    absent = absent_batches(store, files, balance)
    for file in files:
        file.close()
    assert (4, 0, 0, [(1, 2), (4, 9)]) == (balance.quarantined, balance.lost, balance.surplus, absent)


@pytest.mark.parametrize(
    ("stored", "expected"), [(10, (0, 0, True)), (9, (1, 0, False)), (11, (0, 1, False))]
)
def test_a_balance_agrees_only_where_nothing_is_lost_and_nothing_too_much(
    stored: int, expected: tuple[int, int, bool]
) -> None:
    balance = Balance(
        address=GATEWAY, epoch=OLD, account_ms=T0, last_seq=1, produced=10, stored=stored, quarantined=0,
        pending=0, dropped=0,
    )  # fmt: skip
    assert expected == (balance.lost, balance.surplus, balance.agrees)


def test_a_spool_of_which_no_account_came_is_told(sqlite_url: str, store: Store) -> None:
    """Its status is refused by the broker, say: nobody knows how many readings there should be."""
    keep(store, OLD, 1, 2)
    tell(store, OLD, T0, produced=2, last_seq=2)
    ran = [CliRunner().invoke(app, ["verify-loss", "--store", sqlite_url])]
    keep(store, NEW, 1)
    ran.append(CliRunner().invoke(app, ["verify-loss", "--store", sqlite_url]))
    told = f"2112000001 gw（{NEW}）：有读数入库，但从未收到它的账目"
    assert [(0, False), (1, True)] == [(done.exit_code, told in done.output) for done in ran]
    assert [(*vars_of(GATEWAY), NEW)] == without_account(store)


def vars_of(address: Address) -> tuple[str, str, str]:
    return address.district, address.school, address.gateway
