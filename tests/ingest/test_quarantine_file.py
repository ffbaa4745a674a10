"""What the quarantine file holds, how much of it, and what is done with it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.commands.quarantine import app
from contract import Address, Radio
from ingest.batch import Batch
from ingest.quarantine import LAYOUT, Entry, Quarantine, QuarantineError
from ingest.selection import Selection, grouped
from runtime import ConfigError
from store import Query, Select
from tests.ingest.conftest import EPOCH
from tests.ingest.set_aside import GOOD, T0, entry, envelope

COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


def test_a_full_quarantine_takes_nothing_more_and_says_what_it_left_out(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q.sqlite", max_bytes=25)
    left_out = quarantine.add([entry(1), entry(2), entry(3)])
    kept = quarantine.entries()
    quarantine.close()
    assert ([entry(3)], [entry(1), entry(2)]) == (left_out, kept)


def test_of_several_schools_there_is_room_for_as_much_as_it_may_hold_together(tmp_path: Path) -> None:
    schools = [
        replace(entry(number), address=Address("120116", f"{number:010}", "gw")) for number in (1, 2, 3)
    ]
    with closing(Quarantine(tmp_path / "q.sqlite", max_bytes=25)) as quarantine:
        # What comes twice at once and finds no room is one thing that is left out.
        left_out = quarantine.add([*schools, schools[2]])
        assert ([schools[2]], schools[:2]) == (left_out, quarantine.entries())


def test_what_stays_of_an_entry_and_stands_there_already_stands_there_once(tmp_path: Path) -> None:
    with closing(Quarantine(tmp_path / "q.sqlite")) as quarantine:
        quarantine.add([entry(1), entry(2)])
        quarantine.replace(entry(1), [entry(2), entry(3)])
        assert [entry(2), entry(3)] == quarantine.entries()


def test_of_what_cannot_be_kept_whole_nothing_is_kept_and_the_next_is(tmp_path: Path) -> None:
    with closing(Quarantine(tmp_path / "q.sqlite", max_bytes=25)) as quarantine:
        spoilt = replace(entry(2), reason=None)  # type: ignore[arg-type]  # the file refuses it
        with pytest.raises(QuarantineError):
            quarantine.add([entry(1), spoilt])
        assert [] == quarantine.entries()
        assert ([], [entry(3), entry(4)]) == (quarantine.add([entry(3), entry(4)]), quarantine.entries())


def test_what_was_written_into_a_file_that_was_removed_meanwhile_is_not_kept(tmp_path: Path) -> None:
    """Its gateway is not answered; the next time there is a file again."""
    path = tmp_path / "q.sqlite"

    class Removing(list[Entry]):
        def __iter__(self) -> Iterator[Entry]:
            path.unlink(missing_ok=True)
            return super().__iter__()

    with closing(Quarantine(path)) as quarantine:
        with pytest.raises(QuarantineError):
            quarantine.add(Removing([entry(1)]))
        assert ([], [entry(1)]) == (quarantine.add([entry(1)]), quarantine.entries())
    with closing(Quarantine(path)) as quarantine:
        assert [entry(1)] == quarantine.entries()


def test_what_stands_of_a_batch_that_was_read_whole_later_goes(tmp_path: Path) -> None:
    """But for what of it is set aside now; nothing of other batches, and nothing that will come again."""
    here = Address("120116", "2112000001", "gw")
    other = replace(entry(6), seq=1, address=Address("120116", "2112000002", "gw"))
    with closing(Quarantine(tmp_path / "q.sqlite", max_bytes=100)) as quarantine:
        quarantine.add(
            [entry(1), entry(2), replace(entry(3), seq=1), other, replace(entry(4), epoch="b" * 16)]
        )
        quarantine.add([replace(entry(5), seq=1)], whole={(here, EPOCH, 1)})
        left = {kept.id for kept in quarantine.listed()}
        assert {entry(2).id, entry(4).id, entry(5).id, other.id} == left
        quarantine.add([replace(entry(7, size=90), seq=2)], whole={(here, EPOCH, 2)})
        assert left == {kept.id for kept in quarantine.listed()}
        quarantine.add([], whole={(here, EPOCH, 2), (here, EPOCH, 1)})
        assert {entry(4).id, other.id} == {kept.id for kept in quarantine.listed()}


def test_a_message_of_which_only_the_batch_can_be_told_takes_nothing_out_of_quarantine() -> None:
    topic = "campus/v1/120116/2112000001/gw/readings"
    whole = []
    for payload in (envelope(1, GOOD), envelope(2, GOOD, "7"), envelope(3).replace(b"[]", b"7"), b"{}"):
        batch = Batch()
        batch.read(topic, payload, T0)
        whole.append(batch.whole)
    here = Address("120116", "2112000001", "gw")
    assert [{(here, EPOCH, 1)}, {(here, EPOCH, 2)}, set(), set()] == whole


def test_the_quarantine_counts_readings_of_a_spool_up_to_a_batch(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q.sqlite")
    quarantine.add([entry(1), entry(2), entry(3)])
    gateway = Address("120116", "2112000001", "gw")
    held, seqs = quarantine.held(gateway, EPOCH, through_seq=2), quarantine.seqs(gateway, EPOCH)
    quarantine.close()
    assert ({entry(1).id: 1, entry(2).id: 1}, {1, 2, 3}) == (held, seqs)


def test_a_school_fills_its_share_of_the_quarantine_and_no_more(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q.sqlite", max_bytes=1000, school_bytes=25)
    other = replace(entry(4), address=Address("120116", "2112000002", "gw"))
    left_out = quarantine.add([entry(1), entry(2), entry(3), other])
    quarantine.replace(entry(1), ())
    again = quarantine.add([entry(3)])
    quarantine.close()
    assert ([entry(3)], []) == (left_out, again)


def test_what_an_older_version_set_aside_counts_towards_what_it_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite"
    quarantine = Quarantine(path)
    quarantine.add([entry(1)])
    quarantine.close()
    with closing(sqlite3.connect(path)) as old:
        old.executescript("drop table used; drop trigger entry_added; drop trigger entry_removed")
    quarantine = Quarantine(path, max_bytes=25)
    left_out = quarantine.add([entry(2), entry(3)])
    quarantine.close()
    assert [entry(3)] == left_out


def test_a_quarantine_of_a_later_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite"
    with closing(Quarantine(path)) as quarantine:
        quarantine.add([entry(1)])
    with closing(sqlite3.connect(path)) as kept:
        kept.execute(f"pragma user_version = {LAYOUT + 1}")
    with pytest.raises(QuarantineError, match=f"{LAYOUT + 1} > {LAYOUT}"):
        Quarantine(path)
    with closing(sqlite3.connect(path)) as kept:
        told = (
            kept.execute("pragma user_version").fetchone(),
            kept.execute("select seq from entry").fetchall(),
        )
    assert ((LAYOUT + 1,), [(1,)]) == told


def test_what_was_discarded_is_gone_but_stays_counted_with_the_reason(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q.sqlite")
    quarantine.add([entry(1), entry(2)])
    quarantine.discard([entry(1)], why="a test of the school's", now_ms=7)
    gateway = Address("120116", "2112000001", "gw")
    held, seqs = quarantine.held(gateway, EPOCH, through_seq=9), quarantine.seqs(gateway, EPOCH)
    discarded, left = quarantine.discarded(), quarantine.entries()
    quarantine.close()
    assert ({entry(1).id: 1, entry(2).id: 1}, {1, 2}, [entry(2)]) == (held, seqs, left)
    assert [(entry(1).id, 7, "a test of the school's", 1)] == [
        (item.id, item.discarded_ms, item.why, item.readings) for item in discarded
    ]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [1, 2, 3]),
        (Selection(school="2112000001"), [1, 3]),
        (Selection(school="2112000002", gateway="gw"), [2]),
        (Selection(gateway="other"), []),
        (Selection(reason="CLIENTS"), [1, 2]),
        (Selection(since_ms=2), [2, 3]),
        (Selection(since_ms=2, until_ms=3), [2]),
        (Selection(ids=(entry(3).id[:5],)), [3]),
    ],
)
def test_entries_are_chosen_by_what_they_are(selection: Selection, expected: list[int]) -> None:
    assert expected == [kept.seq for kept in troubles() if selection.holds(kept)]


def test_entries_are_seen_together_by_school_and_kind_of_reason() -> None:
    more = replace(troubles()[0], id="x", reason="readings.9: clients: too low (got -7)", readings=5)
    assert [("2112000001", 2, 6), ("2112000001", 1, 1), ("2112000002", 1, 1)] == [
        (group.school, group.entries, group.readings) for group in grouped([*troubles(), more])
    ]


def troubles() -> list[Entry]:
    other = Address("120116", "2112000002", "gw")
    return [
        replace(entry(1), reason="readings.3: clients: too low (got -1)"),
        replace(entry(2), reason="readings.3: clients: too low (got -1)", address=other),
        replace(entry(3), reason="message is not JSON"),
    ]


def test_the_quarantine_command_shows_groups_discards_and_remembers(tmp_path: Path) -> None:
    (tmp_path / "ingest.toml").write_text(
        'store = "sqlite:///s.sqlite"\nquarantine = "q.sqlite"\n[broker]\nurl = "mqtt://127.0.0.1:1"\n'
    )
    quarantine = Quarantine(tmp_path / "q.sqlite")
    quarantine.add([replace(kept, reason=kept.reason + "\x1b[31m[red]") for kept in troubles()])
    quarantine.close()

    def command(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(
            app, [arguments[0], "--config", str(tmp_path / "ingest.toml"), *arguments[1:]]
        )
        return done.exit_code, done.output

    listed = command("list", "--reason", "clients", "--school", "2112000001")[1]
    assert ("\\x1b[31m[red]" in listed, "\x1b" in listed, entry(2).id in listed) == (True, False, False)
    assert command("list", "--group")[1].count("2112000001") == 2
    with pytest.raises(ConfigError):
        CliRunner().invoke(
            app,
            ["discard", "--config", str(tmp_path / "ingest.toml"), "--why", "x"],
            catch_exceptions=False,
        )
    for slip in (["show", "zz"], ["list", "zz"], ["discard", "zz", "--why", "x"], ["replay", "zz"]):
        with pytest.raises(ConfigError, match="没有以 zz 开头的编号"):
            CliRunner().invoke(
                app, [*slip, "--config", str(tmp_path / "ingest.toml")], catch_exceptions=False
            )
    assert 0 == command("discard", "--why", "查明为测试数据", "--school", "2112000001")[0]
    assert "查明为测试数据" in command("list", "--discarded")[1]
    left = command("list")[1]
    assert (entry(2).id in left, entry(1).id in left) == (True, False)
