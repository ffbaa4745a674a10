"""What was saved comes back, into any store, and what came after the backup is named exactly."""

import itertools
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from campus import archive, backup
from campus.archive import ArchiveError, Writer
from campus.backup import TABLES, Parts, back_up, contents, points_of, restore
from contract import (
    Account,
    Address,
    CollectorRun,
    Measurement,
    Point,
    Radio,
    Retention,
    RoomDevice,
    Status,
    status_point,
    to_point,
    utc_text,
)
from contract.daybook import HOURS, SCHOOL_DAY, TOUCHED
from ingest.accounts import absent_batches, balances
from ingest.expiry import expire
from ingest.late import set_apart
from ingest.quarantine import Entry, Quarantine
from rules.daybook.records import read_records
from rules.stored import retirements, states, tables
from rules.stored.tables import VERDICT
from runtime.language import Text
from store import Query, Select, Store, open_store
from tests.servers import Server

GATEWAY = Address("120116", "2112000001", "gw")
EPOCH = "0123456789abcdef"
T0 = 1_790_000_000_000
_numbers = itertools.count()


def quietly(_: Text) -> None:
    """What is said is of no interest here."""


def batch(seq: int) -> list[Point]:
    time = T0 + seq * 3_600_000
    device = RoomDevice(
        time=time, device='"A" \\ 1,=', type="plug", room="教室 1", reachable=seq % 2 == 0, power_w=seq / 3
    )
    radios = [Radio(time=time + n, ap=f"AP{n}", radio="0", clients=n or None) for n in range(5)]
    return [to_point(GATEWAY, EPOCH, seq, reading) for reading in (device, *radios)]


def verdict() -> Point:
    fields = tuple(
        {"integer": 7, "float": 0.5, "boolean": True, "text": "见 \n 说明"}[column.type]
        for column in VERDICT.fields
    )
    return Point(VERDICT, tuple(f"t{n}" for n in range(len(VERDICT.tags))), T0, fields)


def account(last_seq: int, *, acknowledged: int) -> Point:
    told = Account(
        epoch=EPOCH, last_seq=last_seq, produced=acknowledged, acknowledged=acknowledged, pending=0, dropped=0
    )
    time = T0 + last_seq * 3_600_000
    return status_point(
        GATEWAY, Status(online=True, time=utc_text(time), version="1", account=told), time_ms=time
    )


@pytest.fixture(params=["sqlite", "influxdb"])
def urls(request: pytest.FixtureRequest, tmp_path: Path, influx: Server) -> tuple[str, str]:
    """A store to save, and an empty one of the same kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}", f"sqlite:///{tmp_path / 'new.sqlite'}"
    number = next(_numbers)
    base = f"influxdb://127.0.0.1:{influx.port}/backup-{os.getpid()}-{number}"
    return f"{base}-old", f"{base}-new"


@pytest.fixture
def saved(urls: tuple[str, str]) -> Iterator[Store]:
    with open_store(urls[0]) as store:
        store.prepare()
        store.write([point for seq in range(1, 6) for point in batch(seq)] + [verdict()])
        store.write([account(5, acknowledged=30)])
        yield store


def everything(store: Store) -> list[Point]:
    return [point for table in TABLES.values() for point in points_of(store, table)]


def test_a_store_comes_back_point_for_point_and_what_came_after_the_backup_is_named(
    tmp_path: Path, urls: tuple[str, str], saved: Store
) -> None:
    out = tmp_path / "backup.tar.gz"
    before = everything(saved)
    manifest = back_up(Parts(store=saved), out, now_ms=T0, say=quietly)
    # Six more batches are stored and acknowledged, then the store is lost.
    saved.write([point for seq in range(6, 12) for point in batch(seq)])
    with open_store(urls[1]) as store:
        store.prepare()
        rejected = restore(out, Parts(store=store), add=False, say=quietly)
        restored = everything(store)
        # The gateway's next account of itself tells of them.
        store.write([account(11, acknowledged=66)])
        (balance,) = balances(store, ())
        absent = absent_batches(store, (), balance)
    assert ([], before) == (rejected, restored)
    assert (36, [(6, 11)]) == (balance.lost, absent)
    assert {"/".join((*vars_of(GATEWAY), EPOCH)): 5} == manifest.batches


def vars_of(address: Address) -> tuple[str, str, str]:
    return address.district, address.school, address.gateway


def test_a_store_can_be_restored_into_another_kind(tmp_path: Path, influx: Server) -> None:
    out = tmp_path / "backup.tar.gz"
    with open_store(f"sqlite:///{tmp_path / 'old.sqlite'}") as old:
        old.write([point for seq in range(1, 4) for point in batch(seq)])
        before = everything(old)
        back_up(Parts(store=old), out, now_ms=T0, say=quietly)
    with open_store(f"influxdb://127.0.0.1:{influx.port}/moved-{os.getpid()}") as new:
        new.prepare()
        restore(out, Parts(store=new), add=False, say=quietly)
        assert before == everything(new)


def test_a_store_that_holds_something_is_added_to_only_on_demand(
    tmp_path: Path, urls: tuple[str, str], saved: Store
) -> None:
    out = tmp_path / "backup.tar.gz"
    back_up(Parts(store=saved), out, now_ms=T0, say=quietly)
    before = everything(saved)
    with pytest.raises(ArchiveError, match="--add"):
        restore(out, Parts(store=saved), add=False, say=quietly)
    assert ([], before) == (restore(out, Parts(store=saved), add=True, say=quietly), everything(saved))


def test_quarantine_registry_settings_and_keys_come_back_and_nothing_is_overwritten(tmp_path: Path) -> None:
    entry = Entry(id="1", topic="t", payload=b"\0x", reason="r", received_ms=1, readings=2)
    quarantine = Quarantine(tmp_path / "q.sqlite")
    quarantine.add([entry])
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "schools.csv").write_text("学校", encoding="utf-8")
    (tmp_path / "etc" / "keys").mkdir(parents=True)
    (tmp_path / "etc" / "keys" / "ca.key").write_bytes(b"secret")
    out = tmp_path / "backup.tar.gz"
    parts = Parts(
        quarantines=[tmp_path / "q.sqlite"], registry=tmp_path / "registry", settings=[tmp_path / "etc"]
    )
    back_up(parts, out, now_ms=T0, say=quietly)
    quarantine.close()
    back = tmp_path / "back"
    target = Parts(quarantines=[back / "q.sqlite"], registry=back / "registry", settings=[back / "etc"])
    restore(out, target, add=False, say=quietly)
    again = Quarantine(back / "q.sqlite")
    kept = again.entries()
    again.close()
    key = back / "etc" / "etc" / "keys" / "ca.key"
    assert ([entry], "学校") == (kept, (back / "registry" / "schools.csv").read_text(encoding="utf-8"))
    assert (b"secret", 0o600, 0o600) == (
        key.read_bytes(),
        key.stat().st_mode & 0o777,
        out.stat().st_mode & 0o777,
    )
    with pytest.raises(ArchiveError, match="registry"):
        restore(out, Parts(registry=back / "registry"), add=False, say=quietly)


def test_a_backup_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "backup.tar.gz"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "ingest.toml").write_text("store = 1")
    back_up(Parts(settings=[tmp_path / "etc"]), out, now_ms=T0, say=quietly)
    assert ["settings/etc/ingest.toml"] == list(contents(out).digests)
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveError):
        contents(out)
    with tarfile.open(out, "w:gz") as tar:
        tar.add(tmp_path / "etc", "settings/../../etc")
    with pytest.raises(ArchiveError):
        contents(out)


def test_a_backup_of_a_table_that_this_version_lacks_says_so(tmp_path: Path) -> None:
    out = tmp_path / "backup.tar.gz"
    path = tmp_path / "old.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.write(batch(1))
        known = dict(TABLES)
        try:
            TABLES["radio"] = Measurement(
                name="radio",
                kept="readings",
                tags=Radio.measurement.tags,
                fields=(*Radio.measurement.fields, RoomDevice.measurement.column("power_w")),
            )
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("alter table radio add column power_w real")
                connection.commit()
            back_up(Parts(store=store), out, now_ms=T0, say=quietly)
        finally:
            TABLES.update(known)
    with open_store(f"sqlite:///{tmp_path / 'new.sqlite'}") as new:
        new.prepare()
        with pytest.raises(ArchiveError, match="power_w"):
            restore(out, Parts(store=new), add=False, say=quietly)


def test_every_table_that_a_program_writes_is_in_a_backup() -> None:
    """Tables are found where they live: as the values of modules that are loaded."""
    modules = (retirements, states, tables)
    written = {
        value.name for module in modules for value in vars(module).values() if isinstance(value, Measurement)
    }
    assert written <= set(TABLES)


MONTH = 1_790_812_800_000  # October begins
DAY = 86_400_000
NOW = MONTH + 70 * DAY
PLACE = (GATEWAY.district, GATEWAY.school)


def of(seq: int, time_ms: int, kind: str = "radio") -> Point:
    made = Radio(time=time_ms, ap="A", radio="0")
    run = CollectorRun(time=time_ms, collector="c", target="t", status="ok")
    return to_point(GATEWAY, EPOCH, seq, made if kind == "radio" else run)


def half_expired(store: Store) -> None:
    """Two batches of September, one of October; the account of itself is September's, too."""
    store.prepare()
    early = [of(1, MONTH - 3 * DAY), of(1, MONTH - 3 * DAY + 1, "round"), of(2, MONTH - 2 * DAY)]
    store.write([*early, of(4, MONTH + DAY), of(5, NOW - DAY)])
    told = Account(epoch=EPOCH, last_seq=3, produced=5, acknowledged=3, pending=0, dropped=0)
    status = Status(online=True, time=utc_text(MONTH - DAY), version="1", account=told)
    store.write([status_point(GATEWAY, status, time_ms=MONTH - DAY), day_record(MONTH, "d", 1)])


def day_record(begin_ms: int, digest: str, readings: int) -> Point:
    values = {"parts": 1, "digest": digest, "readings": readings, "facts": "{}"}
    return Point(
        SCHOOL_DAY, (*PLACE, "0"), begin_ms, tuple(values.get(name) for name in SCHOOL_DAY.field_names)
    )


@pytest.mark.parametrize("into", [1, "sqlite"])
def test_what_had_expired_before_the_backup_is_not_lost_after_it(
    into: int | str, tmp_path: Path, urls: tuple[str, str]
) -> None:
    out = tmp_path / "backup.tar.gz"
    with open_store(urls[0]) as old:
        half_expired(old)
        expire(old, Retention(), now_ms=NOW)
        (before,) = balances(old, ())
        back_up(Parts(store=old), out, now_ms=NOW, say=quietly)
    with open_store(urls[1] if into == 1 else f"sqlite:///{tmp_path / 'into.sqlite'}") as new:
        new.prepare()
        assert [] == restore(out, Parts(store=new), add=False, say=quietly)
        assert [before] == balances(new, ())
        # One that was stored comes again, and one for the first time.
        late = new.write([of(2, MONTH - 2 * DAY), of(3, MONTH - 2 * DAY)])
        aside, known = set_apart(new, late)
        assert ([3], [2]) == tuple([found.point.fields[0] for found in some] for some in (aside, known))
        expire(new, Retention(), now_ms=NOW)
        assert [before] == balances(new, ())
    assert (0, 3, 2) == (before.stored, before.expired, before.lost)


def test_a_month_that_expires_while_it_is_saved_is_in_no_table_of_the_backup(
    tmp_path: Path, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, saved = tmp_path / "backup.tar.gz", backup._save_table
    with open_store(urls[0]) as old:
        half_expired(old)

        def meanwhile(archive: Writer, store: Store, table: Measurement, folder: Path) -> None:
            saved(archive, store, table, folder)
            if table is Radio.measurement:
                expire(old, Retention(), now_ms=NOW)

        monkeypatch.setattr(backup, "_save_table", meanwhile)
        back_up(Parts(store=old), out, now_ms=NOW, say=quietly)
        (before,) = balances(old, ())
    with open_store(urls[1]) as new:
        new.prepare()
        restore(out, Parts(store=new), add=False, say=quietly)
        assert [before] == balances(new, ())


def test_facts_that_a_store_has_stand_beside_those_of_a_backup_that_is_added(
    tmp_path: Path, urls: tuple[str, str]
) -> None:
    out = tmp_path / "backup.tar.gz"
    touched = dict.fromkeys(HOURS, 1)
    touch = Point(TOUCHED, PLACE, MONTH, tuple(touched.values()))
    with open_store(urls[0]) as old:
        old.prepare()
        old.write([day_record(MONTH, "half", 3), day_record(MONTH + DAY, "then", 4), touch])
        back_up(Parts(store=old), out, now_ms=NOW, say=quietly)
    with open_store(urls[1]) as new:
        new.prepare()
        # Of the second day nothing was heard when it was counted here.
        new.write([day_record(MONTH, "whole", 7), day_record(MONTH + DAY, "nothing", 0), touch])
        restore(out, Parts(store=new), add=True, say=quietly)
        records = read_records(new, 0, NOW)
        (row,) = new.query(Query(measurement=TOUCHED, select=tuple(map(Select, HOURS))))
    assert ["whole", "then"] == [found.record.digest for found in records.values()]
    assert 1 not in row.values.values()  # counted anew, from what both have


def test_a_database_that_a_program_keeps_to_itself_is_told_and_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway's spool among the settings: the backup hung for as long as the gateway ran."""
    monkeypatch.setattr(archive, "_HELD_S", 0.1)
    monkeypatch.setattr(archive, "_BUSY_S", 0.1)
    settings, out = tmp_path / "settings", tmp_path / "backup.tar.gz"
    settings.mkdir()
    spool = sqlite3.connect(settings / "spool.sqlite")
    spool.executescript(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE batch (seq);"
    )
    with pytest.raises(ArchiveError, match=r"spool\.sqlite 被运行中的程序独占"):
        back_up(Parts(settings=(settings,)), out, now_ms=0, say=quietly)
    assert ["settings"] == [path.name for path in tmp_path.iterdir()]
    spool.close()
    assert ["settings/settings/spool.sqlite"] == list(
        back_up(Parts(settings=(settings,)), out, now_ms=0, say=quietly).digests
    )


def test_a_backup_into_the_folder_that_it_saves_is_not_in_itself(tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text("port = 8080\n", encoding="utf-8")
    manifest = back_up(Parts(settings=(tmp_path,)), tmp_path / "backup.tar.gz", now_ms=0, say=quietly)
    assert [f"settings/{tmp_path.name}/board.toml"] == list(manifest.digests)


def test_a_quarantine_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "q.sqlite").write_text("no database at all, whatever it is called", encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"q\.sqlite 不能作为数据库读取"):
        back_up(Parts(quarantines=(tmp_path / "q.sqlite",)), tmp_path / "b.tar.gz", now_ms=0, say=quietly)


def test_what_a_backup_does_not_have_is_not_restored_in_silence(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "board.toml").write_text("port = 8080\n", encoding="utf-8")
    out, told = tmp_path / "backup.tar.gz", list[str]()
    back_up(Parts(settings=[tmp_path / "etc"]), out, now_ms=T0, say=quietly)
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        for parts, lacking in (
            (Parts(store=store), "备份中没有数据库"),
            (Parts(registry=tmp_path / "r"), "备份中没有登记表"),
            (Parts(quarantines=[tmp_path / "q"]), "备份中只有 0 个隔离区"),
        ):
            with pytest.raises(ArchiveError, match=lacking):
                restore(out, parts, add=False, say=quietly)
    back = tmp_path / "back"
    restore(out, Parts(settings=[back]), add=False, say=lambda text: told.append(str(text)))
    assert [f"配置与密钥：1 个文件写入 {back}"] == told
