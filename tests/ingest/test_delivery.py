"""Readings are acknowledged when, and only when, the store or the quarantine has them."""

import time
from collections.abc import Callable
from pathlib import Path

from contract import STATUS, Account, Radio, Status, encode, utc_text
from ingest.accounts import balances
from ingest.settings import IngestSettings
from store import Condition, Query, Row, Select
from tests.ingest.conftest import EPOCH, HandGateway, Running, settings_for, wait_until
from tests.servers import Server, free_port, influxd

T0 = 1_790_000_000_000
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))


def radios(seq: int, number: int = 10) -> list[Radio]:
    return [Radio(time=T0 + seq * 1000 + i, ap="AP1", radio="0", clients=i) for i in range(number)]


def test_a_batch_is_acknowledged_once_the_store_has_it(ingest: Running, gateway: HandGateway) -> None:
    gateway.send(1, *radios(1))
    ack = gateway.acks.get(timeout=30)
    assert (EPOCH, ((1, 1),), [Row({}, None, {"n": 10})]) == (ack.epoch, ack.seqs, ingest.store.query(COUNT))


def test_a_batch_sent_twice_is_stored_once_and_acknowledged_twice(
    ingest: Running, gateway: HandGateway
) -> None:
    for _ in range(2):
        gateway.send(1, *radios(1))
        gateway.acks.get(timeout=30)
    assert [Row({}, None, {"n": 10})] == ingest.store.query(COUNT)


def test_several_processes_share_the_load_and_store_each_reading_once(
    tmp_path: Path, broker: Server, start: Callable[[IngestSettings], Running], gateway: HandGateway
) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    settings = settings_for(tmp_path, broker, store=url)
    first = start(settings)
    other = settings_for(tmp_path, broker, store=url, share=settings.share, quarantine=tmp_path / "q2.sqlite")
    second = start(other)
    for seq in range(1, 101):
        gateway.send(seq, *radios(seq, 3))
    wait_until(lambda: len(gateway.acknowledged) == 100, what="100 acknowledgements")
    assert [Row({}, None, {"n": 300})] == first.store.query(COUNT) == second.store.query(COUNT)


def test_while_the_store_is_away_nothing_is_acknowledged_and_afterwards_everything_is(
    tmp_path: Path, broker: Server, start: Callable[[IngestSettings], Running], gateway: HandGateway
) -> None:
    server = influxd(tmp_path / "influx", port=free_port()).start()
    try:
        running = start(settings_for(tmp_path, broker, store=f"influxdb://127.0.0.1:{server.port}/away"))
        gateway.send(1, *radios(1))
        wait_until(lambda: gateway.acknowledged == {1}, what="the first acknowledgement")
        server.kill()
        for seq in range(2, 50):
            gateway.send(seq, *radios(seq))
        assert {1} == gateway.acknowledged
        server.start()
        wait_until(lambda: len(gateway.acknowledged) == 49, what="the other acknowledgements", seconds=60)
        assert [Row({}, None, {"n": 490})] == running.store.query(COUNT)
    finally:
        server.stop()


def test_a_database_that_was_lost_is_made_anew(
    tmp_path: Path,
    broker: Server,
    start: Callable[[IngestSettings], Running],
    gateway: HandGateway,
    influx: Server,
) -> None:
    running = start(settings_for(tmp_path, broker, store=f"influxdb://127.0.0.1:{influx.port}/dropped"))
    gateway.send(1, *radios(1))
    wait_until(lambda: gateway.acknowledged == {1}, what="the first acknowledgement")
    list(running.store.influxql("DROP DATABASE dropped"))  # type: ignore[attr-defined]  # an accident, staged
    gateway.send(2, *radios(2))
    wait_until(lambda: gateway.acknowledged == {1, 2}, what="the second acknowledgement", seconds=60)
    assert [Row({}, None, {"n": 10})] == running.store.query(COUNT)


def test_what_was_received_is_stored_before_the_service_stops(ingest: Running, gateway: HandGateway) -> None:
    for seq in range(1, 51):
        gateway.send(seq, *radios(seq))
    wait_until(lambda: len(gateway.acknowledged) > 0, what="a first acknowledgement")
    ingest.end()
    stored = ingest.store.query(COUNT)[0].values["n"]
    wait_until(lambda: len(gateway.acknowledged) * 10 == stored, what="an answer for all that is stored")
    assert stored == len(gateway.acknowledged) * 10


def test_a_broker_without_mqtt_5_will_do(
    tmp_path: Path, broker: Server, start: Callable[[IngestSettings], Running], gateway: HandGateway
) -> None:
    old = {"url": f"mqtt://127.0.0.1:{broker.port}", "protocol": "3.1.1"}
    running = start(settings_for(tmp_path, broker, broker=old, batch={"age_ms": 20, "inbox": 3}))
    for seq in range(1, 31):
        gateway.send(seq, *radios(seq))
    wait_until(lambda: len(gateway.acknowledged) == 30, what="30 acknowledgements")
    assert [Row({}, None, {"n": 300})] == running.store.query(COUNT)


def test_a_gateways_account_is_stored_and_balances(ingest: Running, gateway: HandGateway) -> None:
    gateway.send(1, *radios(1))
    bad = encode_bad(2)
    gateway.send_raw(bad)
    wait_until(lambda: gateway.acknowledged == {1, 2}, what="both acknowledgements")
    account = Account(epoch=EPOCH, last_seq=3, produced=17, acknowledged=11, pending=5, dropped=1)
    now = utc_text(int(time.time() * 1000))
    status = Status(online=True, time=now, version="1.0", account=account)
    gateway.send_raw(encode(status), topic=gateway.address.topic("status"), retain=True)
    ours = Condition("gateway", "=", gateway.address.gateway)
    newest = Query(measurement=STATUS, select=(Select("produced"),), where=(ours,), newest=1)
    wait_until(lambda: bool(ingest.store.query(newest)), what="the account")
    found = balances(ingest.store, [ingest.quarantine])
    gateway.send_raw(b"", topic=gateway.address.topic("status"), retain=True)
    assert [(17, 10, 1, 5, 1, 6, 0, True)] == [
        (b.produced, b.stored, b.quarantined, b.pending, b.dropped, b.missing, b.lost, b.agrees)
        for b in found
        if b.address == gateway.address  # the broker keeps other tests' gateways too
    ]


def encode_bad(seq: int) -> bytes:
    item = '{"kind":"radio","time":1790000000000,"ap":"A","radio":"0","channel":500}'
    return (
        f'{{"v":1,"epoch":"{EPOCH}","seq":{seq},"sent":"2026-09-21T00:00:00Z","readings":[{item}]}}'.encode()
    )
