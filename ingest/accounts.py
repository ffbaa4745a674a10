"""What became of every reading: a gateway's own account against what the store really holds."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from contract import READING_KINDS, STATUS, Address, Measurement
from contract.expiry import EXPIRED
from ingest.batches import SPOOL, Spool, known_batches, ranges
from ingest.quarantine import Quarantine
from store import Condition, Query, Row, Select, Store

_NUMBERS = ("last_seq", "produced", "acknowledged", "pending", "dropped", "untaken", "inherited")
# Two epochs that report within a day of one another are two spools at work, not one after the other.
_AT_WORK_MS = 86_400_000
# Readings expire, or leave a quarantine, while they are counted: in the next look they are at their place.
_LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Readings of one epoch of a gateway's spool, of all batches up to its last account of itself.

    `expired`: readings that were stored and were dropped when their time was over.
    A reading can be counted both as stored and as pending or dropped: the store had it, its gateway did not
    know yet.
    `superseded`: the gateway reports a later epoch by now; what was pending comes only if a spool still has
    it: `inherited` are the readings of earlier epochs that wait in the present one.
    """

    address: Address
    epoch: str
    account_ms: int
    last_seq: int
    produced: int
    stored: int
    quarantined: int
    pending: int
    dropped: int
    expired: int = 0
    untaken: int = 0
    superseded: bool = False
    inherited: int = 0

    @property
    def missing(self) -> int:
        """Produced, but neither in the store, nor once there and expired, nor in quarantine."""
        return self.produced - self.stored - self.expired - self.quarantined

    @property
    def expected(self) -> int:
        """Missing with the gateway's own explanation."""
        return self.dropped + self.untaken + (self.inherited if self.superseded else self.pending)

    @property
    def lost(self) -> int:
        """Missing and accounted for by nobody: must be 0."""
        return max(self.missing - self.expected, 0)

    @property
    def surplus(self) -> int:
        """Stored, but produced by nobody: must be 0."""
        return max(-self.missing, 0)

    @property
    def agrees(self) -> bool:
        return not self.lost and not self.surplus


def balances(store: Store, quarantines: Sequence[Quarantine]) -> list[Balance]:
    """One balance per epoch, from each gateway's newest account of it; raises Unavailable."""
    found: list[Balance] = []
    accounts = sorted(newest_accounts(store), key=lambda row: (tuple(row.tags.values()), row.time or 0))
    # What was stored before an account was given is there for sure only after the store's own delay.
    time.sleep(store.visible_after_s)
    for _, group in groupby(accounts, key=lambda row: tuple(row.tags.values())):
        rows = list(group)
        # Of what the newest epoch's spool inherited nobody says to which of the earlier ones it belongs.
        inherited = int(rows[-1].values["inherited"] or 0)
        for row in rows:
            superseded = row is not rows[-1] and _superseded(store, row, rows)
            look = partial(_balance, store, quarantines, row, superseded, inherited)
            found.append(_at_rest(look))
    return found


def absent_batches(
    store: Store, quarantines: Sequence[Quarantine], balance: Balance
) -> list[tuple[int, int]]:
    """Batches up to the account that are neither stored nor set aside, as closed ranges of numbers.

    Of what expired before it was taken down batch by batch nobody can say any more which were missing.
    """
    present = {
        seq
        for measurement in READING_KINDS.values()
        for row in store.query(replace(_of_epoch(measurement, balance, Select("seq")), distinct=True))
        for seq in (row.values["seq"],)
        if isinstance(seq, int)
    }
    for quarantine in quarantines:
        present |= quarantine.seqs(balance.address, balance.epoch)
    address = balance.address
    spool = (address.district, address.school, address.gateway, balance.epoch)
    gone = {
        seq
        for row in _expired_rows(store, balance)
        for seq in known_batches(store, row.tags["part"], spool, row)
    }
    absent = (seq for seq in range(1, balance.last_seq + 1) if seq not in present)
    return ranges(seq for seq in absent if seq not in gone)


def without_account(store: Store) -> list[Spool]:
    """Epochs of which readings are stored, and no account that says how many there should be; raises
    Unavailable."""
    told = {(*row.tags.values(), str(row.values["epoch"])) for row in newest_accounts(store)}
    newest = (
        Query(measurement=table, select=(Select("seq"),), group_by=SPOOL, newest=1)
        for table in READING_KINDS.values()
    )
    seen = {tuple(row.tags[tag] for tag in SPOOL) for query in newest for row in store.query(query)}
    return sorted(seen - told)


def newest_accounts(store: Store) -> Iterator[Row]:
    """The newest account of every epoch of every gateway."""
    for newest in _newest(store, ()):
        row: Row | None = newest
        seen: list[Condition] = [Condition(tag, "=", value) for tag, value in newest.tags.items()]
        while row is not None:
            yield row
            seen.append(Condition("epoch", "!=", str(row.values["epoch"])))
            row = next(iter(_newest(store, seen)), None)


def _newest(store: Store, where: Sequence[Condition]) -> list[Row]:
    return store.query(
        Query(
            measurement=STATUS,
            select=(Select("epoch"), *(Select(name) for name in _NUMBERS)),
            group_by=STATUS.tag_names,
            where=(Condition("produced", ">=", 0), *where),
            newest=1,
        )
    )


def _superseded(store: Store, account: Row, all_of_gateway: Sequence[Row]) -> bool:
    """Whether a later epoch began only after this one had fallen silent."""
    last_ms = account.time or 0
    later = {str(row.values["epoch"]) for row in all_of_gateway if (row.time or 0) > last_ms}
    return any(not _reported(store, account.tags, epoch, last_ms) for epoch in later)


def _reported(store: Store, tags: dict[str, str], epoch: str, until_ms: int) -> bool:
    """Whether an epoch gave an account of itself in the day before a moment."""
    rows = store.query(
        Query(
            measurement=STATUS,
            select=(Select("produced", "count", "n"),),
            where=(
                Condition("epoch", "=", epoch),
                *(Condition(tag, "=", value) for tag, value in tags.items()),
            ),
            since=until_ms - _AT_WORK_MS,
            until=until_ms + 1,
        )
    )
    return bool(rows)


def _balance(
    store: Store, quarantines: Sequence[Quarantine], account: Row, superseded: bool, inherited: int
) -> Balance:
    numbers = {name: int(account.values[name] or 0) for name in _NUMBERS}
    balance = Balance(
        address=Address(account.tags["district"], account.tags["school"], account.tags["gateway"]),
        epoch=str(account.values["epoch"]),
        account_ms=account.time or 0,
        stored=0,
        quarantined=0,
        superseded=superseded,
        **{name: numbers[name] for name in ("last_seq", "produced", "pending", "dropped", "untaken")},
        inherited=inherited,
    )
    return replace(
        balance,
        stored=_stored(store, balance),
        quarantined=_quarantined(quarantines, balance),
        expired=_expired(store, balance),
    )


def _at_rest(look: Callable[[], Balance]) -> Balance:
    """What agrees, or does not in two looks one after the other."""
    found = look()
    for _ in range(_LOOKS):
        if found.agrees:
            break
        before, found = found, look()
        if found == before:
            break
    return found


def _expired(store: Store, balance: Balance) -> int:
    """What was taken down when it was dropped, up to the batches that the account covers."""
    total = 0
    for row in _expired_rows(store, balance):
        total += int(row.values["points"] or 0)
        if int(row.values["last_seq"] or 0) <= balance.last_seq:
            total += int(row.values["points_after"] or 0)
    return total


def _expired_rows(store: Store, balance: Balance) -> list[Row]:
    """Of parts that are gone: what was taken down of one that is still there is stored."""
    rows = store.query(
        Query(
            measurement=EXPIRED,
            select=tuple(Select(name) for name in EXPIRED.field_names),
            group_by=("part",),
            where=_here(balance),
        )
    )
    return [
        row
        for row in rows
        if store.has_dropped("readings", row.tags["part"], int(row.values["until_ms"] or 0))
    ]


def _here(balance: Balance) -> tuple[Condition, ...]:
    address = balance.address
    return (
        Condition("district", "=", address.district),
        Condition("school", "=", address.school),
        Condition("gateway", "=", address.gateway),
        Condition("epoch", "=", balance.epoch),
    )


def _quarantined(quarantines: Sequence[Quarantine], balance: Balance) -> int:
    """A batch that came twice may stand in the quarantines of two ingest processes: it counts once."""
    entries: dict[str, int] = {}
    for quarantine in quarantines:
        entries |= quarantine.held(balance.address, balance.epoch, through_seq=balance.last_seq)
    return sum(entries.values())


def _stored(store: Store, balance: Balance) -> int:
    total = 0
    for measurement in READING_KINDS.values():
        rows = store.query(_of_epoch(measurement, balance, Select("seq", "count", "points")))
        total += sum(int(row.values["points"] or 0) for row in rows)
    return total


def _of_epoch(measurement: Measurement, balance: Balance, select: Select) -> Query:
    return Query(
        measurement=measurement,
        select=(select,),
        where=(*_here(balance), Condition("seq", "<=", balance.last_seq)),
    )
