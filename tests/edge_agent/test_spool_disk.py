"""A spool on a disk that is too small, was taken away, or is another machine's."""

import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from contract import AccessPoint, Address, SignalSample, decode_envelope, utc_text
from edge_agent.ballast import Ballast
from edge_agent.machine import another_machine
from edge_agent.spool import Spool
from edge_agent.spool_file import LAYOUT, Owner, move_aside
from edge_agent.tally import Tally
from runtime import ConfigError
from tests.edge_agent.small_disk import play

NOW = 1_790_000_000_000
HOME = Address("120116", "2112000001", "gw-1")


def reading(number: int) -> AccessPoint:
    return AccessPoint(time=NOW, ap=f"SER{number}", state="up")


def spool(folder: Path, owner: Owner = Owner(HOME, frozenset({"a"}))) -> Spool:  # noqa: B008 a value
    return Spool(folder / "spool.sqlite", owner=owner, batch_max_readings=2)


def totals(spooled: Spool) -> tuple[int, int, int, int, int]:
    account = spooled.account()
    return account.produced, account.acknowledged, account.pending, account.dropped, account.untaken or 0


def waiting(spooled: Spool) -> list[tuple[str, int, int]]:
    """Epoch, number and size of every batch that waits."""
    found = []
    for batch in spooled.oldest(1000):
        payload = spooled.envelope(batch.seq, sent_ms=NOW)
        assert payload is not None
        decoded = decode_envelope(payload, now_ms=NOW)
        found.append((decoded.epoch, decoded.seq, len(decoded.readings)))
    return found


@pytest.mark.parametrize("mib", [2, 4])
def test_a_spool_that_outgrew_its_disk_gives_up_the_oldest_and_recovers(tmp_path: Path, mib: int) -> None:
    full, confirmed, later = play(tmp_path, mib, "outgrown")
    assert 0 == full["refused"] == full["untaken"] == later["untaken"]
    assert full["dropped"] > 0
    assert (0, full["pending"]) == (confirmed["pending"], confirmed["acknowledged"])
    assert later["pending"] > 0
    for told in (full, confirmed, later):
        assert told["offered"] == told["produced"] == told["sum"]


@pytest.mark.parametrize("mib", [3, 16])
def test_a_disk_that_others_filled_stops_neither_rounds_nor_confirmations(tmp_path: Path, mib: int) -> None:
    full, confirmed, later = play(tmp_path, mib, "crowded_out")
    assert 0 == full["untaken"] == later["untaken"]
    assert (0, full["pending"]) == (confirmed["pending"], confirmed["acknowledged"])
    # The settings allow 200 MiB; the account says what is left of the disk.
    assert full["room"] < 1024**2 < later["room"] < mib * 1024**2
    for told in (full, confirmed, later):
        assert told["offered"] == told["produced"] == told["sum"]


def test_a_gateway_that_restarts_on_a_full_disk_still_lets_go_what_is_confirmed(tmp_path: Path) -> None:
    full, confirmed, later = play(tmp_path, 4, "restarted_full")
    assert (0, full["pending"]) == (confirmed["pending"], confirmed["acknowledged"])
    for told in (full, confirmed, later):
        assert told["offered"] == told["produced"] == told["sum"]


def test_what_the_spool_could_not_take_is_counted_and_remembered(tmp_path: Path) -> None:
    full, again, later = play(tmp_path, 4, "nothing_left")
    assert full["refused"] == full["untaken"] == again["untaken"] == later["untaken"] > 0
    for told in (full, again, later):
        assert told["offered"] == told["produced"] == told["sum"]


def test_readings_that_a_file_still_holds_are_not_counted_as_untaken(tmp_path: Path) -> None:
    sample = SignalSample(time=NOW, room="101", point="1", band="5")
    with closing(spool(tmp_path)) as spooled:
        with pytest.raises(sqlite3.Error):
            spooled.append([sample, reading(1)], now_ms=NOW, notes={"file": None})  # type: ignore[dict-item] # refused
        assert totals(spooled) == (1, 0, 0, 0, 1)


def test_what_is_observed_waits_for_the_disk_also_after_a_confirmation(tmp_path: Path) -> None:
    """A power cut may undo a confirmation, which comes again; what was observed comes never again."""
    with closing(spool(tmp_path)) as spooled:
        pragmas = [spooled._db.execute("pragma synchronous").fetchone()[0]]
        spooled.append([reading(1)], now_ms=NOW)
        spooled.acknowledge(spooled.epoch, [(1, 1)])
        pragmas.append(spooled._db.execute("pragma synchronous").fetchone()[0])
        mode = spooled._db.execute("pragma journal_mode").fetchone()[0]
    assert ([2, 2], "wal") == (pragmas, mode)


def test_what_could_not_be_taken_stays_counted_where_the_file_beside_the_spool_is_lost(
    tmp_path: Path,
) -> None:
    with closing(spool(tmp_path)) as spooled:
        for _ in range(2):
            with pytest.raises(sqlite3.Error):
                spooled.append([reading(1), reading(2)], now_ms=NOW, notes={"file": None})  # type: ignore[dict-item] # refused
        spooled.append([reading(3)], now_ms=NOW)
    (tmp_path / "spool.sqlite.untaken").unlink()
    with closing(spool(tmp_path)) as spooled:
        before = totals(spooled)
        with pytest.raises(sqlite3.Error):
            spooled.append([reading(4)], now_ms=NOW, notes={"file": None})  # type: ignore[dict-item] # refused
        assert ((5, 0, 1, 0, 4), (6, 0, 1, 0, 5)) == (before, totals(spooled))


def test_a_spool_file_that_was_removed_is_written_again_with_all_that_waits(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1), reading(2)], now_ms=NOW)
        (tmp_path / "spool.sqlite").unlink()
        spooled.append([reading(3)], now_ms=NOW)
        epoch = spooled.epoch
        # The same batches under the same numbers: what travels is confirmed as before.
        assert 1 == spooled.files_opened
    with closing(spool(tmp_path)) as spooled:
        assert (waiting(spooled), totals(spooled)) == ([(epoch, 1, 2), (epoch, 2, 1)], (3, 0, 3, 0, 0))


def test_a_confirmation_after_the_file_was_removed_is_kept_too(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1), reading(2), reading(3)], now_ms=NOW)
        (tmp_path / "spool.sqlite").unlink()
        spooled.acknowledge(spooled.epoch, [(1, 1)])
    with closing(spool(tmp_path)) as spooled:
        assert totals(spooled) == (3, 2, 1, 0, 0)


def test_a_spool_file_that_was_replaced_is_put_aside_and_ours_is_written_again(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        (tmp_path / "other").write_bytes(b"an old copy")
        (tmp_path / "other").rename(tmp_path / "spool.sqlite")
        spooled.append([reading(2)], now_ms=NOW)
    with closing(spool(tmp_path)) as spooled:
        assert totals(spooled) == (2, 0, 2, 0, 0)
    assert b"an old copy" == (tmp_path / "spool.sqlite.replaced-1").read_bytes()


def test_while_the_folder_is_gone_what_is_observed_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with closing(spool(folder)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        folder.rename(tmp_path / "away")
        for _ in range(2):
            with pytest.raises((sqlite3.Error, OSError)):
                spooled.append([reading(2)], now_ms=NOW)
        away = totals(spooled)
        (tmp_path / "away").rename(folder)
        spooled.append([reading(3)], now_ms=NOW)
        assert (away, totals(spooled)) == ((3, 0, 1, 0, 2), (4, 0, 2, 0, 2))


def test_a_file_found_damaged_in_the_middle_of_the_work_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with closing(Spool(path, owner=Owner(HOME))) as spooled:
        for _ in range(30):  # more than SQLite holds in memory
            spooled.append(
                [AccessPoint(time=NOW, ap=f"A{n}", state="up", name="x" * 256) for n in range(500)],
                now_ms=NOW,
            )
    with closing(spool(tmp_path)) as spooled:
        epoch, opened = spooled.epoch, spooled.files_opened
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (path.stat().st_size - 4096))
        assert spooled.acknowledge(epoch, [(15, 15)]) == 0
        assert spooled.append([reading(1)], now_ms=NOW) == [1]
        assert (spooled.epoch != epoch, spooled.files_opened, totals(spooled)) == (
            True,
            opened + 1,
            (1, 0, 1, 0, 0),
        )
    assert path.with_name("spool.sqlite.damaged-1").exists()


def test_a_spool_made_for_another_address_is_moved_aside_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        epoch = spooled.epoch
    corrected = Address("120116", "2112000002", "gw-1")
    with caplog.at_level(logging.ERROR), closing(spool(tmp_path, Owner(corrected))) as spooled:
        assert (spooled.epoch != epoch, totals(spooled)) == (True, (0, 0, 0, 0, 0))
    assert "belongs to 120116/2112000001/gw-1" in caplog.text
    assert "1 readings that nobody has confirmed" in caplog.text
    aside = tmp_path / "spool.sqlite.of-120116-2112000001-gw-1-1"
    with closing(Spool(aside, owner=Owner(HOME))) as spooled:
        assert (spooled.epoch, totals(spooled)) == (epoch, (1, 0, 1, 0, 0))


def test_on_another_machine_a_new_epoch_begins_and_what_waits_is_sent_under_the_old_one(
    tmp_path: Path,
) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1), reading(2), reading(3)], now_ms=NOW)
        old = spooled.epoch
    with closing(spool(tmp_path, Owner(HOME, frozenset({"b"})))) as spooled:
        spooled.append([reading(4)], now_ms=NOW + 1)
        told = spooled.account()
        assert (3, utc_text(NOW)) == (told.inherited, told.oldest_pending)
        new = spooled.epoch
        before = (waiting(spooled), totals(spooled))
        # Each number belongs to one epoch only.
        nothing = spooled.acknowledge(new, [(1, 2)]) + spooled.acknowledge(old, [(3, 9)])
        done = spooled.acknowledge(old, [(1, 2**63 - 1)])
        after = (waiting(spooled), totals(spooled))
        told = spooled.account()
        assert (None, utc_text(NOW + 1)) == (told.inherited, told.oldest_pending)
    assert old != new
    assert before == ([(old, 1, 2), (old, 2, 1), (new, 3, 1)], (1, 0, 1, 0, 0))
    assert (nothing, done, after) == (0, 3, ([(new, 3, 1)], (1, 0, 1, 0, 0)))
    with closing(spool(tmp_path, Owner(HOME, frozenset({"b", "c"})))) as spooled:
        assert spooled.epoch == new


def test_what_is_given_up_of_an_earlier_epoch_is_none_of_the_present_ones(tmp_path: Path) -> None:
    """Its own account ended with that epoch, and the server waits for what it inherited."""
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(number) for number in range(6)], now_ms=NOW)
    another = Owner(HOME, frozenset({"b"}))
    with closing(
        Spool(tmp_path / "spool.sqlite", owner=another, batch_max_readings=2, max_bytes=300)
    ) as spooled:
        spooled.append([reading(7)], now_ms=NOW)
        inherited = spooled.account().inherited or 0
        assert (0 < inherited < 6, (1, 0, 1, 0, 0)) == (True, totals(spooled))


def test_what_an_earlier_epoch_could_not_take_is_none_of_the_present_ones(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        with pytest.raises(sqlite3.Error):
            spooled.append([reading(1)], now_ms=NOW, notes={"file": None})  # type: ignore[dict-item] # refused
        spooled.append([reading(2)], now_ms=NOW)
        assert (2, 0, 1, 0, 1) == totals(spooled)
    with closing(spool(tmp_path, Owner(HOME, frozenset({"b"})))) as spooled:
        assert (0, 0, 0, 0, 0) == totals(spooled)


def test_a_spool_of_a_later_version_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
    path = tmp_path / "spool.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"pragma user_version = {LAYOUT + 1}")
    with pytest.raises(ConfigError, match=f"{LAYOUT + 1}"):
        spool(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        told = db.execute("pragma user_version").fetchone(), db.execute("select seq from batch").fetchall()
    assert ((LAYOUT + 1,), [(1,)]) == told


def test_what_is_moved_aside_takes_its_log_along_and_covers_nothing_that_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    for content in ("first", "second"):
        path.write_text(content)
        path.with_name("spool.sqlite-wal").write_text(f"log of the {content}")
        move_aside(path, "damaged")
    assert {
        "spool.sqlite.damaged-1": "first",
        "spool.sqlite.damaged-1-wal": "log of the first",
        "spool.sqlite.damaged-2": "second",
        "spool.sqlite.damaged-2-wal": "log of the second",
    } == {file.name: file.read_text() for file in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("known", "here", "expected"),
    [
        ({"a"}, {"a"}, False),
        ({"a", "b"}, {"b", "c"}, False),
        ({"a"}, {"b"}, True),
        ({"a"}, set(), False),
        (set(), {"a"}, False),
    ],
)
def test_a_machine_is_another_one_where_no_number_is_the_same(
    known: set[str], here: set[str], expected: bool
) -> None:
    assert expected == another_machine(frozenset(known), frozenset(here))


def test_a_spool_of_an_older_version_is_taken_over_with_all_that_waits(tmp_path: Path) -> None:
    with closing(spool(tmp_path)) as spooled:
        spooled.append([reading(1)], now_ms=NOW)
        epoch = spooled.epoch
    with closing(sqlite3.connect(tmp_path / "spool.sqlite")) as db:
        db.execute("drop table epoch")
        db.execute("alter table batch drop column sure")
        db.execute("delete from meta where key in ('untaken', 'address', 'machine')")
        db.commit()
    with closing(spool(tmp_path)) as spooled:
        assert (waiting(spooled), totals(spooled)) == ([(epoch, 1, 1)], (1, 0, 1, 0, 0))


def test_a_tally_counts_on_after_a_restart_and_for_its_epoch_only(tmp_path: Path) -> None:
    path = tmp_path / "tally"
    tally = Tally(path)
    for number in (3, 5, 9):
        tally.put("a" * 16, number)
    assert (9, 0) == (Tally(path).of("a" * 16), Tally(path).of("b" * 16))
    spoilt = bytearray(path.read_bytes())
    spoilt[3 if Tally(path)._slots[0][1] == 9 else 515] ^= 1
    path.write_bytes(spoilt)
    assert 5 == Tally(path).of("a" * 16)
    path.write_bytes(b"short")
    assert 0 == Tally(path).of("a" * 16)


def test_the_ballast_takes_an_eighth_of_a_small_disk_and_is_put_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", max_bytes=16 * 1024**2)
    taken = [ballast.path.stat().st_size, ballast.release(), ballast.path.exists(), ballast.release()]
    ballast.restore()
    assert [1024**2, True, False, False] == taken
    assert 1024**2 == ballast.path.stat().st_size
    assert json.dumps(taken)
