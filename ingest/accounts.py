"""What became of every reading: a gateway's own account against what the store really holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract import READING_KINDS, STATUS, Address
from ingest.quarantine import Quarantine
from store import Condition, Query, Row, Select, Store

_ACCOUNT = ("epoch", "last_seq", "produced", "acknowledged", "pending", "dropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Readings of one spool, of all batches up to the gateway's last account of itself.

    A reading can be counted both as stored and as pending: the store had it, its gateway did not know yet.
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

    @property
    def missing(self) -> int:
        """Produced, but neither in the store nor in quarantine."""
        return self.produced - self.stored - self.quarantined

    @property
    def lost(self) -> int:
        """Missing and accounted for by nobody: must be 0."""
        return max(self.missing - self.pending - self.dropped, 0)

    @property
    def surplus(self) -> int:
        """Stored, but produced by nobody: must be 0."""
        return max(-self.missing, 0)

    @property
    def agrees(self) -> bool:
        return not self.lost and not self.surplus


def balances(store: Store, quarantines: Sequence[Quarantine]) -> list[Balance]:
    """One balance per spool, from each gateway's newest account; raises Unavailable."""
    return [
        _balance(store, quarantines, account)
        for account in sorted(_accounts(store), key=lambda row: (tuple(row.tags.values()), row.time or 0))
    ]


def _accounts(store: Store) -> list[Row]:
    """The newest account of every spool; a gateway whose spool was made anew has several."""
    found: list[Row] = []
    seen: tuple[str, ...] = ()
    while True:
        rows = store.query(
            Query(
                measurement=STATUS,
                select=tuple(Select(name) for name in _ACCOUNT),
                group_by=STATUS.tag_names,
                where=(
                    Condition("produced", ">=", 0),
                    *(Condition("epoch", "!=", epoch) for epoch in seen),
                ),
                newest=1,
            )
        )
        if not rows:
            return found
        found += rows
        seen += tuple(str(row.values["epoch"]) for row in rows)


def _balance(store: Store, quarantines: Sequence[Quarantine], account: Row) -> Balance:
    address = Address(account.tags["district"], account.tags["school"], account.tags["gateway"])
    epoch = str(account.values["epoch"])
    numbers = {name: int(account.values[name] or 0) for name in _ACCOUNT[1:]}
    return Balance(
        address=address,
        epoch=epoch,
        account_ms=account.time or 0,
        last_seq=numbers["last_seq"],
        produced=numbers["produced"],
        stored=_stored(store, address, epoch, numbers["last_seq"]),
        quarantined=sum(q.count(address, epoch, through_seq=numbers["last_seq"]) for q in quarantines),
        pending=numbers["pending"],
        dropped=numbers["dropped"],
    )


def _stored(store: Store, address: Address, epoch: str, last_seq: int) -> int:
    total = 0
    for measurement in READING_KINDS.values():
        rows = store.query(
            Query(
                measurement=measurement,
                select=(Select("seq", "count", "points"),),
                where=(
                    Condition("district", "=", address.district),
                    Condition("school", "=", address.school),
                    Condition("gateway", "=", address.gateway),
                    Condition("epoch", "=", epoch),
                    Condition("seq", "<=", last_seq),
                ),
            )
        )
        total += sum(int(row.values["points"] or 0) for row in rows)
    return total
