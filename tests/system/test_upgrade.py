"""Files that earlier versions wrote are taken over with all that is in them; a later version's are refused.

`tests/cases/upgrade/NAME` holds what the program of that day made of the same readings: `python -m sqlite3`'s
dump of its spool, its store and its quarantine.
"""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from contract import (
    STATUS,
    AccessPoint,
    Address,
    Asset,
    MappedDevice,
    Radio,
    Reading,
    RoomDevice,
    RoomMap,
    decode_envelope,
    to_point,
)
from contract.readings import KINDS
from edge_agent.spool import Spool
from ingest.accounts import balances
from ingest.quarantine import Quarantine, QuarantineError
from runtime import ConfigError
from store import Query, Select, StoreError, open_store

CASES = Path(__file__).parents[1] / "cases" / "upgrade"
RELEASES = sorted(folder.name for folder in CASES.iterdir())
HOME = Address("120116", "2112000001", "gw1")
T0 = 1_790_000_000_000
# What every version was given: the fields that tell whether a row is the one it was.
GIVEN: dict[type[Reading], tuple[str, object]] = {
    AccessPoint: ("clients", 3),
    Radio: ("noise_dbm", -95),
    RoomDevice: ("lamp_h", 12),
    Asset: ("value_fen", 123456),
}
# What gateways have told only since; it is not in what was kept then.
YOUNGER = (RoomMap, MappedDevice)
KEPT_THEN = tuple(kind for kind in KINDS if kind not in YOUNGER)


def restored(folder: Path, release: str, name: str) -> Path:
    path = folder / f"{name}.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((CASES / release / f"{name}.sql").read_text(encoding="utf-8"))
    return path


@pytest.mark.parametrize("release", RELEASES)
def test_a_spool_of_an_earlier_version_goes_on_where_it_was(tmp_path: Path, release: str) -> None:
    with closing(Spool(restored(tmp_path, release, "spool"))) as spool:
        account = spool.account()
        payloads = [spool.envelope(batch.seq, sent_ms=T0) or b"" for batch in spool.oldest(100)]
        batches = [decode_envelope(payload, now_ms=T0 + 10**9) for payload in payloads]
        new = spool.append([AccessPoint(time=T0 + 10**6, ap="A2", state="up")], now_ms=T0 + 10**6)
        noted = spool.recall("survey")
        spool.acknowledge(spool.epoch, [(4, 10)])
        after = spool.account()
    assert (18, 6, 12, 0) == (account.produced, account.acknowledged, account.pending, account.dropped)
    assert ([4, 5, 6, 7, 8, 9], 12) == (
        [batch.seq for batch in batches],
        sum(len(batch.readings) for batch in batches),
    )
    assert ([10], "noted 2", 19, 0) == (new, noted, after.produced, after.pending)


@pytest.mark.parametrize("release", RELEASES)
def test_a_store_of_an_earlier_version_is_read_and_written_on(tmp_path: Path, release: str) -> None:
    with open_store(f"sqlite:///{restored(tmp_path, release, 'store')}") as store:
        before = {
            kind: store.query(
                Query(measurement=kind.measurement, select=(Select(GIVEN.get(kind, ("seq", 0))[0]),))
            )
            for kind in KEPT_THEN
        }
        new = AccessPoint(time=T0 + 60_000, ap="A1", room="101", state="up", clients=9)
        rejected = store.write([to_point(HOME, "00000000000000aa", 1, new)])
        clients = Query(measurement=AccessPoint.measurement, select=(Select("clients"),))
        after = [row.values["clients"] for row in store.query(clients)]
    assert [1] * len(KEPT_THEN) == [len(rows) for rows in before.values()]
    assert [value for _, value in GIVEN.values()] == [
        before[kind][0].values[column] for kind, (column, _) in GIVEN.items()
    ]
    assert ([], [3, 9]) == (rejected, sorted(after, key=str))


@pytest.mark.parametrize("release", RELEASES)
def test_the_account_of_an_earlier_version_stays_what_it_was(tmp_path: Path, release: str) -> None:
    quarantine = Quarantine(restored(tmp_path, release, "quarantine"))
    with closing(quarantine), open_store(f"sqlite:///{restored(tmp_path, release, 'store')}") as store:
        entries = quarantine.entries()
        (balance,) = balances(store, [quarantine])
        (status,) = store.query(
            Query(measurement=STATUS, select=(Select("produced"), Select("epoch")), newest=1)
        )
    assert [("0123456789abcdef", 2, 3, "cannot read batch")] == [
        (entry.id, entry.readings, entry.seq, entry.reason) for entry in entries
    ]
    assert (18, 12, HOME) == (balance.produced, balance.pending, balance.address)
    assert 18 == status.values["produced"]


@pytest.mark.parametrize("name", ["spool", "quarantine", "store"])
def test_a_file_of_a_later_version_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    path = restored(tmp_path, RELEASES[-1], name)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = hashlib.sha256(path.read_bytes()).digest()
    with pytest.raises((ConfigError, QuarantineError, StoreError), match="99"):
        open_all(path, name)
    assert before == hashlib.sha256(path.read_bytes()).digest()
    assert [] == [file for file in tmp_path.iterdir() if "damaged" in file.name]


def open_all(path: Path, name: str) -> None:
    if name == "spool":
        Spool(path).close()
    elif name == "quarantine":
        Quarantine(path).close()
    else:
        with open_store(f"sqlite:///{path}") as store:
            store.prepare()
