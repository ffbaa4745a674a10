"""What cannot be read or stored is set aside with its reason and stops nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.commands.quarantine import app
from contract import Address, Radio, Status, decode_envelope, encode
from ingest.batch import Batch
from ingest.quarantine import LAYOUT, Entry, Quarantine, QuarantineError, identity
from ingest.replay import replay
from ingest.selection import Selection, grouped
from ingest.settings import IngestSettings
from runtime import ConfigError
from store import Query, Rejected, Row, Select
from tests.ingest.conftest import EPOCH, HandGateway, Running, settings_for, wait_until
from tests.servers import Server

T0 = 1_790_000_000_000
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))
GOOD = f'{{"kind":"radio","time":{T0},"ap":"A","radio":"0","clients":1}}'


def envelope(seq: int, *items: str, extra: str = "", sent: str = "2026-09-21T00:00:00Z") -> bytes:
    head = f'{{"v":1,"epoch":"{EPOCH}","seq":{seq},"sent":"{sent}"{extra},"readings":['
    return (head + ",".join(items) + "]}").encode()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param(b"\xff\xfe not text", "message is not JSON", id="not JSON"),
        pytest.param(b'{"v":1', "message is not JSON", id="cut off"),
        pytest.param(b"[1,2]", "not a JSON object", id="not an object"),
        pytest.param(b"[" * 100_000, "message is not JSON", id="nested without end"),
        pytest.param(b" " * (1 << 20), "1048576 bytes, at most 262144", id="1 MiB"),
        pytest.param(envelope(5).replace(b":5,", b':"5",'), "seq: Input should be a valid integer", id="seq"),
        pytest.param(envelope(5).replace(b"00aa", b"00AA"), "epoch: String should match", id="epoch"),
    ],
)
def test_a_message_that_cannot_be_read_is_kept_as_it_came_and_not_acknowledged(
    ingest: Running, gateway: HandGateway, payload: bytes, reason: str
) -> None:
    gateway.send_raw(payload)
    gateway.send_raw(envelope(6, GOOD))
    wait_until(lambda: gateway.acknowledged == {6}, what="the good batch behind the bad message")
    entries = ingest.quarantine.entries()
    assert [payload] == [entry.payload for entry in entries]
    assert reason in entries[0].reason


@pytest.mark.parametrize(
    ("payload", "reason", "readings"),
    [
        pytest.param(
            envelope(5, GOOD, extra=',"school":"3112000002"'),
            "no key is called 'school'",
            1,
            id="wrong school in the body",
        ),
        pytest.param(
            envelope(5, GOOD, GOOD).replace(b'"v":1', b'"v":2'), "v: Input should be 1", 2, id="version"
        ),
        pytest.param(envelope(5, GOOD, sent="today"), "sent: Value error", 1, id="time of sending"),
        pytest.param(envelope(5), "at least one reading", 0, id="no readings"),
        pytest.param(envelope(5).replace(b"[]", b"7"), "must be a list", 0, id="readings of a wrong type"),
        pytest.param(envelope(5, *["0"] * 5001), "it has 5001 readings, at most 5000", 5001, id="too many"),
        pytest.param(
            envelope(5, GOOD, '"' + "x" * (1 << 18) + '"'), "at most 262144 are allowed", 2, id="too large"
        ),
    ],
)
def test_a_message_that_will_never_be_readable_but_says_its_batch_is_kept_whole_and_acknowledged(
    ingest: Running, gateway: HandGateway, payload: bytes, reason: str, readings: int
) -> None:
    gateway.send_raw(payload)
    wait_until(lambda: gateway.acknowledged == {5}, what="the acknowledgement")
    entries = ingest.quarantine.entries()
    assert [(payload, readings, EPOCH, 5)] == [
        (entry.payload, entry.readings, entry.epoch, entry.seq) for entry in entries
    ]
    assert reason in entries[0].reason


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        pytest.param(GOOD.replace("1}", '"many"}'), "clients", id="wrong type"),
        pytest.param(GOOD.replace("1}", "NaN}"), "clients", id="NaN"),
        pytest.param(GOOD.replace(str(T0), str(T0 * 2)), "lies in the future", id="future date"),
        pytest.param(GOOD.replace("radio", "co2", 1), "kind", id="unknown kind"),
        pytest.param(GOOD.replace("}", ',"client_mac":"aa:bb"}'), "client_mac", id="unknown field"),
        pytest.param("null", "valid", id="null"),
    ],
)
def test_a_reading_that_cannot_be_read_leaves_the_rest_of_its_batch_alone(
    ingest: Running, gateway: HandGateway, item: str, reason: str
) -> None:
    gateway.send_raw(envelope(1, GOOD, item))
    wait_until(lambda: gateway.acknowledged == {1}, what="the acknowledgement")
    entries = ingest.quarantine.entries()
    assert [(1, EPOCH, 1)] == [(entry.readings, entry.epoch, entry.seq) for entry in entries]
    assert reason in entries[0].reason
    assert [Row({}, None, {"n": 1})] == ingest.store.query(COUNT)


def test_all_that_cannot_be_read_of_one_batch_is_one_entry(ingest: Running, gateway: HandGateway) -> None:
    bad = [
        f'{{"kind":"radio","time":{T0},"ap":"{number}","radio":"0","clients":-1}}' for number in range(900)
    ]
    gateway.send_raw(envelope(1, bad[0], GOOD, *bad[1:]))
    wait_until(lambda: gateway.acknowledged == {1}, what="the acknowledgement")
    (entry,) = ingest.quarantine.entries()
    again = decode_envelope(entry.payload, now_ms=T0)
    assert (900, 900, 0) == (
        entry.readings,
        len(again.refused.items if again.refused else ()),
        len(again.readings),
    )
    assert entry.reason.startswith("readings.0: radio.clients: ")
    assert entry.reason.endswith("; and 899 more")
    assert [Row({}, None, {"n": 1})] == ingest.store.query(COUNT)


def test_what_a_full_quarantine_left_out_is_acknowledged_only_once_there_is_room(
    tmp_path: Path, broker: Server, start: Callable[[IngestSettings], Running], gateway: HandGateway
) -> None:
    ingest = start(settings_for(tmp_path, broker, quarantine_max_bytes=1 << 20))
    filler = [entry(number, size=(1 << 20) - 100) for number in (1,)]
    ingest.quarantine.add(filler)
    bad = GOOD.replace("1}", "-1}")
    gateway.send_raw(envelope(1, GOOD, bad))
    gateway.send_raw(envelope(2, GOOD))
    wait_until(lambda: 2 in gateway.acknowledged, what="the batch that needs no quarantine")
    assert ({2}, filler) == (gateway.acknowledged, ingest.quarantine.entries())
    ingest.quarantine.replace(filler[0], ())
    for _ in range(2):
        gateway.send_raw(envelope(1, GOOD, bad))
    wait_until(lambda: 1 in gateway.acknowledged, what="the batch that was left out")
    assert [1] == [kept.readings for kept in ingest.quarantine.entries()]


def test_what_stands_in_a_full_quarantine_already_is_acknowledged_again(
    tmp_path: Path, broker: Server, start: Callable[[IngestSettings], Running], gateway: HandGateway
) -> None:
    ingest = start(settings_for(tmp_path, broker, quarantine_max_bytes=1 << 20))
    message = envelope(1, GOOD.replace("1}", "-1}"))
    gateway.send_raw(message)
    wait_until(lambda: gateway.acknowledged == {1}, what="the acknowledgement")
    ingest.quarantine.add([entry(2, size=(1 << 20) - 400)])
    gateway.acknowledged.clear()
    gateway.send_raw(message)
    wait_until(lambda: gateway.acknowledged == {1}, what="the second acknowledgement")


def test_a_status_that_the_store_will_not_take_is_kept_as_it_came() -> None:
    batch = Batch()
    payloads = [encode(Status(online=True, time=f"2026-09-21T00:00:0{second}.000Z")) for second in (0, 1)]
    for payload in payloads:
        batch.read("campus/v1/120116/2112000001/gw/status", payload, T0)
    batch.read("campus/v1/120116/2112000001/gw/readings", envelope(1, GOOD), T0)
    entries = batch.set_aside([Rejected(point, "field type conflict") for point in batch.points], T0)
    assert [(payload, 0, "field type conflict") for payload in payloads] == [
        (kept.payload, kept.readings, kept.reason) for kept in entries[:2]
    ]
    assert [(1, 1)] == [(kept.seq, kept.readings) for kept in entries[2:]]


def test_what_the_store_will_not_take_of_one_batch_is_one_entry_however_often_it_came() -> None:
    batch = Batch()
    for _ in range(2):
        batch.read("campus/v1/120116/2112000001/gw/readings", envelope(1, GOOD, GOOD.replace("A", "B")), T0)
    rejected = [Rejected(point, "conflict") for point in batch.points]
    (kept,) = batch.set_aside(rejected, T0)
    read = decode_envelope(kept.payload, now_ms=T0)
    assert (2, ["A", "B"], "conflict; and 3 more") == (
        kept.readings,
        [reading.ap for reading in read.readings if isinstance(reading, Radio)],
        kept.reason,
    )


def test_what_the_store_will_not_take_is_set_aside_for_each_batch_of_each_spool() -> None:
    """Or the account of one batch would hold the readings of another."""
    batch = Batch()
    other = envelope(1, GOOD).replace(EPOCH.encode(), b"00000000000000bb")
    topics = ["campus/v1/120116/2112000001/gw/readings", "campus/v1/120116/2112000001/gw2/readings"]
    for topic, payload in (
        (topics[0], envelope(1, GOOD)),
        (topics[0], envelope(2, GOOD)),
        (topics[0], other),
        (topics[1], envelope(1, GOOD)),
    ):
        batch.read(topic, payload, T0)
    entries = batch.set_aside([Rejected(point, "conflict") for point in batch.points], T0)
    assert [
        (topics[0], EPOCH, 1, 1),
        (topics[0], EPOCH, 2, 1),
        (topics[0], "00000000000000bb", 1, 1),
        (topics[1], EPOCH, 1, 1),
    ] == [(kept.topic, kept.epoch, kept.seq, kept.readings) for kept in entries]
    assert 4 == len({kept.id for kept in entries})


def test_a_topic_that_is_not_ours_is_quarantined(ingest: Running, gateway: HandGateway) -> None:
    topic = "campus/v1/120116/school-1/gw/readings"
    gateway.send_raw(envelope(1, GOOD), topic=topic)
    gateway.send_raw(envelope(2, GOOD))
    wait_until(lambda: gateway.acknowledged == {2}, what="the good batch")
    assert [(topic, "school 'school-1' 不是 10 位数字")] == [
        (entry.topic, entry.reason.rpartition(": ")[2]) for entry in ingest.quarantine.entries()
    ]


def test_a_batch_sent_again_does_not_fill_the_quarantine(ingest: Running, gateway: HandGateway) -> None:
    bad = GOOD.replace("1}", "-1}")
    for second in range(5):
        gateway.send_raw(envelope(1, bad, sent=f"2026-09-21T00:00:0{second}Z"))
    gateway.send_raw(envelope(2, GOOD))
    wait_until(lambda: gateway.acknowledged == {1, 2}, what="the acknowledgements")
    assert 1 == len(ingest.quarantine.entries())


def test_replay_stores_what_can_be_read_now_and_keeps_the_rest(ingest: Running, gateway: HandGateway) -> None:
    soon = GOOD.replace(str(T0), "4000000000000")
    gateway.send_raw(envelope(1, soon, GOOD.replace("1}", "-1}")))
    wait_until(lambda: gateway.acknowledged == {1}, what="the acknowledgement")
    outcome = replay(ingest.quarantine, ingest.store, ingest.quarantine.listed(), now_ms=4_000_000_000_001)
    assert (1, 1) == outcome
    assert [Row({}, None, {"n": 1})] == ingest.store.query(COUNT)
    assert [("clients" in entry.reason, entry.readings) for entry in ingest.quarantine.entries()] == [
        (True, 1)
    ]


def entry(number: int, size: int = 10) -> Entry:
    payload = bytes([number]) * size
    address = Address("120116", "2112000001", "gw")
    return Entry(
        id=identity("t", payload),
        topic="t",
        payload=payload,
        reason="r",
        received_ms=number,
        readings=1,
        address=address,
        epoch=EPOCH,
        seq=number,
    )


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
    assert 0 == command("discard", "--why", "查明为测试数据", "--school", "2112000001")[0]
    assert "查明为测试数据" in command("list", "--discarded")[1]
    left = command("list")[1]
    assert (entry(2).id in left, entry(1).id in left) == (True, False)
