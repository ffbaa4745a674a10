"""What became of every reading, told from journals and store alone; `verify-loss` is held against it."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

from campus.bench.chaos.journal import Identity, Told, identity_of, read
from campus.bench.chaos.plant import SCHOOLS, Plant
from contract import READING_KINDS, decode_envelope
from contract.readings import ADDRESS_TAGS
from edge_agent.spool import Spool
from ingest.accounts import Balance, balances
from ingest.quarantine import Quarantine
from store import Condition, Query, Select, Store, open_store

_FAR_FUTURE_MS = 253_402_300_799_999


@dataclass(kw_only=True)
class Audit:
    """Of all gateways. `lost` and `doubled` must be 0, and `disagreements` empty."""

    committed: int = 0
    stored: int = 0
    quarantined: int = 0
    dropped: int = 0
    untaken: int = 0
    uncertain: int = 0
    lost: int = 0
    doubled: int = 0
    disagreements: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.lost and not self.doubled and not self.disagreements


def audit(plant: Plant) -> Audit:
    """Once everything has come to rest."""
    total = Audit()
    quarantine = Quarantine(plant.quarantine)
    try:
        with open_store(plant.store_url) as store:
            found = balances(store, [quarantine])
            for school in SCHOOLS:
                _add(total, plant, store, quarantine, school, found)
    finally:
        quarantine.close()
    return total


@dataclass(frozen=True, kw_only=True)
class Spooled:
    """What a spool holds once its gateway has ended."""

    produced: int
    waiting: set[Identity]


def spool_of(plant: Plant, school: str) -> Spooled:
    path = plant.folder_of(school) / "disk" / "spool.sqlite"
    with closing(Spool(path)) as spool:
        payloads = [spool.envelope(batch.seq, sent_ms=0) for batch in spool.oldest(1_000_000)]
        produced = spool.account().produced
    waiting = {
        identity_of(reading)
        for payload in payloads
        if payload
        for reading in decode_envelope(payload, now_ms=_FAR_FUTURE_MS).readings
    }
    return Spooled(produced=produced, waiting=waiting)


def _add(
    total: Audit, plant: Plant, store: Store, quarantine: Quarantine, school: str, found: list[Balance]
) -> None:
    told = read(plant.folder_of(school) / "journal")
    stored, aside = _stored(store, school), _quarantined(quarantine, school)
    own = [balance for balance in found if balance.address.school == school]
    dropped = sum(balance.dropped for balance in own)
    untaken = sum(balance.untaken for balance in own)
    present = stored.keys() | aside | spool_of(plant, school).waiting
    absent = told.committed - present
    total.committed += len(told.committed)
    total.stored += len(stored)
    total.quarantined += len(aside)
    total.dropped += dropped
    total.untaken += untaken
    total.uncertain += len(told.uncertain)
    # What was dropped is told as a number; that many may be absent, and not one more. Fewer may: some of
    # them the store had already, and only the gateway did not know yet.
    total.lost += max(len(absent) - dropped, 0)
    total.doubled += sum(number - 1 for number in stored.values()) + len(stored.keys() & aside)
    total.disagreements += _disagreements(school, told, own, untaken)


def _disagreements(school: str, told: Told, own: list[Balance], untaken: int) -> list[str]:
    """Where `verify-loss` says anything else than the journal."""
    produced = sum(balance.produced for balance in own)
    least, most = len(told.committed) + len(told.refused), len(told.uncertain)
    found = [f"{school}: verify-loss says {balance}" for balance in own if not balance.agrees]
    if not least <= produced <= least + most:
        found.append(f"{school}: produced {produced}, journal {least} and {most} uncertain")
    if not len(told.refused) <= untaken <= len(told.refused) + most:
        found.append(f"{school}: untaken {untaken}, journal {len(told.refused)}")
    return found


def _stored(store: Store, school: str) -> Counter[Identity]:
    """How often each reading of a school is in the store, under whatever epoch."""
    found: Counter[Identity] = Counter()
    for measurement in READING_KINDS.values():
        query = Query(
            measurement=measurement,
            select=(Select("seq"),),
            group_by=measurement.tag_names,
            where=(Condition("school", "=", school),),
        )
        own = measurement.tag_names[len(ADDRESS_TAGS) :]
        found.update(
            (measurement.name, row.time or 0, tuple(row.tags[tag] for tag in own))
            for row in store.query(query)
        )
    return found


def _quarantined(quarantine: Quarantine, school: str) -> set[Identity]:
    found: set[Identity] = set()
    for entry in quarantine.entries():
        if entry.address and entry.address.school == school and entry.epoch:
            decoded = decode_envelope(entry.payload, now_ms=_FAR_FUTURE_MS)
            found |= {identity_of(reading) for reading in decoded.readings}
    return found
