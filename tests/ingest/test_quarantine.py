"""What cannot be read or stored is set aside with its reason and stops nothing."""

from pathlib import Path

import pytest

from contract import Address, Radio
from ingest.quarantine import Entry, Quarantine, identity
from ingest.replay import replay
from store import Query, Row, Select
from tests.ingest.conftest import EPOCH, HandGateway, Running, wait_until

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
        pytest.param(
            envelope(5, GOOD, extra=',"school":"3112000002"'), "school", id="wrong school in the body"
        ),
        pytest.param(envelope(5).replace(b'"v":1', b'"v":2'), "v: Input should be 1", id="another version"),
        pytest.param(envelope(5).replace(b":5,", b':"5",'), "seq: Input should be a valid integer", id="seq"),
        pytest.param(envelope(5), "at least one reading", id="no readings"),
        pytest.param(envelope(5).replace(b"[]", b"7"), "must be a list", id="readings of a wrong type"),
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


def test_a_topic_that_is_not_ours_is_quarantined(ingest: Running, gateway: HandGateway) -> None:
    topic = "campus/v1/120116/school-1/gw/readings"
    gateway.send_raw(envelope(1, GOOD), topic=topic)
    gateway.send_raw(envelope(2, GOOD))
    wait_until(lambda: gateway.acknowledged == {2}, what="the good batch")
    assert [(topic, "school 'school-1' is not 10 digits")] == [
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
    outcome = replay(ingest.quarantine, ingest.store, ids=(), now_ms=4_000_000_000_001)
    assert (1, 1) == outcome
    assert [Row({}, None, {"n": 1})] == ingest.store.query(COUNT)
    assert ["clients" in entry.reason for entry in ingest.quarantine.entries()] == [True]


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


def test_the_quarantine_counts_readings_of_a_spool_up_to_a_batch(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q.sqlite")
    quarantine.add([entry(1), entry(2), entry(3)])
    count = quarantine.count(Address("120116", "2112000001", "gw"), EPOCH, through_seq=2)
    quarantine.close()
    assert 2 == count
