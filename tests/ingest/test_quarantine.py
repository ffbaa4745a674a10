"""What cannot be read or stored is set aside with its reason and stops nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from contract import Radio, Status, decode_envelope, encode
from ingest.batch import Batch
from ingest.replay import replay
from ingest.settings import IngestSettings
from store import Query, Rejected, Row, Select
from tests.ingest.conftest import EPOCH, HandGateway, Running, settings_for, wait_until
from tests.ingest.set_aside import GOOD, T0, entry, envelope
from tests.servers import Server

COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


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
