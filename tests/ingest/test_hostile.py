"""What a real network and its people do to an ingest service: it goes on, and says what it did not take."""

import logging
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt.client import Client

from contract import Address, Radio
from ingest.main import run
from ingest.settings import IngestSettings
from store import Query, Row, Select, open_store
from store.sqlite import SqliteStore
from tests.ingest.conftest import EPOCH, HandGateway, Running, healthy, settings_for, wait_until
from tests.servers import Server

T0 = 1_790_000_000_000
COUNT = Query(measurement=Radio.measurement, select=(Select("seq", "count", "n"),))
Start = Callable[[IngestSettings], Running]


def radio(seq: int) -> Radio:
    return Radio(time=T0 + seq, ap="A", radio="0")


def garbage(seq: int, size: int = 240_000) -> bytes:
    head = f'{{"v":1,"epoch":"{EPOCH}","seq":{seq},"sent":"2026-09-21T00:00:00Z","readings":['
    item = '{"kind":"radio","time":1,"x":"\\u001b[2J"},'
    return (head + (item * (size // len(item))).rstrip(",") + "]}").encode()


@pytest.fixture
def other(broker: Server) -> Iterator[HandGateway]:
    made = HandGateway(broker.port, Address("120116", "2112000777", "quiet"))
    yield made
    made.close()


def stored(path: Path) -> int:
    with open_store(f"sqlite:///{path}") as store:
        return sum(int(row.values["n"] or 0) for row in store.query(COUNT))


def readings_of(path: Path) -> Path:
    """The file beside a store's first one that has the readings of these tests: those of their month."""
    return path.with_name(f"{path.name}.readings-{datetime.fromtimestamp(T0 / 1000, UTC):%Y-%m}")


def test_nothing_is_acknowledged_into_a_file_that_was_removed(
    tmp_path: Path, ingest: Running, gateway: HandGateway
) -> None:
    path = tmp_path / "store.sqlite"
    gateway.send(1, radio(1))
    wait_until(lambda: gateway.acknowledged == {1}, what="the first acknowledgement")
    for seq in range(2, 6):
        readings_of(path).unlink()
        gateway.send(seq, radio(seq))
        wait_until(lambda seq=seq: seq in gateway.acknowledged, what="an acknowledgement")
        assert 1 == stored(path)


def test_a_restored_backup_takes_what_comes_after_it(
    tmp_path: Path, ingest: Running, gateway: HandGateway
) -> None:
    path = tmp_path / "store.sqlite"
    gateway.send(1, radio(1))
    wait_until(lambda: gateway.acknowledged == {1}, what="the first acknowledgement")
    readings = readings_of(path)
    with (
        closing(sqlite3.connect(readings)) as source,
        closing(sqlite3.connect(tmp_path / "backup")) as backup,
    ):
        source.backup(backup)
    for seq in range(2, 30):
        gateway.send(seq, radio(seq))
    wait_until(lambda: len(gateway.acknowledged) == 29, what="acknowledgements")
    (tmp_path / "backup").rename(readings)
    gateway.send(30, radio(30))
    wait_until(lambda: 30 in gateway.acknowledged, what="an acknowledgement")
    assert (2, [Row({}, None, {"n": 2})]) == (stored(path), ingest.store.query(COUNT))


def test_a_quarantine_that_was_removed_is_begun_anew(
    tmp_path: Path, ingest: Running, gateway: HandGateway
) -> None:
    path = tmp_path / "quarantine.sqlite"
    for seq in (1, 2):
        path.unlink()
        gateway.send_raw(garbage(seq, 100))
        wait_until(lambda seq=seq: seq in gateway.acknowledged, what="an acknowledgement")
        with closing(sqlite3.connect(path)) as kept:
            assert [(seq,)] == kept.execute("select seq from entry").fetchall()


def test_a_damaged_store_is_survived_and_said_until_it_is_mended(
    tmp_path: Path, ingest: Running, gateway: HandGateway
) -> None:
    path, copy = tmp_path / "store.sqlite", tmp_path / "copy.sqlite"
    for seq in range(1, 40):
        gateway.send(seq, *(radio(seq * 1000 + number) for number in range(50)))
    wait_until(lambda: len(gateway.acknowledged) == 39, what="acknowledgements")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as backup:
        source.backup(backup)
    damaged = tmp_path / "damaged"
    shutil.copy(copy, damaged)
    with damaged.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8192)
    os.replace(damaged, path)
    gateway.send(40, radio(40))
    port = ingest.settings.health.port
    wait_until(lambda: not healthy(port), what="health to tell of it")
    assert (40 not in gateway.acknowledged, ingest.thread.is_alive()) == (True, True)
    os.replace(copy, path)
    wait_until(lambda: 40 in gateway.acknowledged and healthy(port), what="recovery")
    assert 39 * 50 + 1 == stored(path)


def test_a_worker_that_ends_ends_the_service(
    tmp_path: Path, broker: Server, monkeypatch: pytest.MonkeyPatch, gateway: HandGateway
) -> None:
    def mistaken(self: SqliteStore, points: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(SqliteStore, "write", mistaken)
    settings = settings_for(tmp_path, broker)
    raised: list[BaseException | None] = []

    def serve() -> None:
        try:
            run(settings, threading.Event())
        except RuntimeError as error:
            raised.append(error.__cause__)

    thread = threading.Thread(target=serve)
    thread.start()
    wait_until(lambda: healthy(settings.health.port), what="a subscribed service")
    gateway.send(1, radio(1))
    thread.join(60)
    assert (False, [ZeroDivisionError]) == (thread.is_alive(), [type(error) for error in raised])
    assert set() == gateway.acknowledged


def test_a_flood_of_one_school_makes_no_mountain_of_log_or_quarantine_and_stops_no_other(
    tmp_path: Path,
    broker: Server,
    start: Start,
    gateway: HandGateway,
    other: HandGateway,
    caplog: pytest.LogCaptureFixture,
) -> None:
    limits = {"school_quarantine_share": 0.125}
    with caplog.at_level(logging.WARNING):
        service = start(settings_for(tmp_path, broker, quarantine_max_bytes=16 << 20, limits=limits))
        for seq in range(1, 31):
            gateway.send_raw(garbage(seq))
        other.send(1, radio(1))
        other.send_raw(garbage(2, 200))
        wait_until(lambda: other.acknowledged == {1, 2}, what="the quiet school's acknowledgements")
        # Of the flood there is room for an eighth of 16 MiB; what was left out is not acknowledged.
        wait_until(lambda: len(gateway.acknowledged) == 8, what="what there was room for")
    kept = service.quarantine.listed()
    assert 9 == len(kept)
    assert sum((tmp_path / f"quarantine.sqlite{part}").stat().st_size for part in ("", "-wal")) < 8 << 20
    assert len(caplog.text) < 20_000
    assert "\x1b" not in caplog.text


def test_a_school_that_sends_more_than_its_share_is_passed_over_and_loses_nothing(
    tmp_path: Path, broker: Server, start: Start, gateway: HandGateway, other: HandGateway
) -> None:
    limits = {"school_messages_per_s": 1}
    start(settings_for(tmp_path, broker, limits=limits))
    for seq in range(1, 31):
        gateway.send(seq, radio(seq))
    other.send(1, radio(1))
    wait_until(lambda: other.acknowledged == {1}, what="the quiet school's acknowledgement")
    passed_over = set(range(1, 31)) - gateway.acknowledged
    assert passed_over
    # As its gateway would: what is not acknowledged is sent again.
    while passed_over:
        gateway.send(min(passed_over), radio(min(passed_over)))
        passed_over -= gateway.acknowledged
    assert 31 == stored(tmp_path / "store.sqlite")


def test_who_asks_for_its_health_while_it_starts_does_not_end_it(
    tmp_path: Path, broker: Server, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Client.loop_start

    def while_someone_asks(client: Client) -> object:
        threading.Thread(target=time.sleep, args=(0.5,), name="a question").start()
        return begin(client)

    monkeypatch.setattr(Client, "loop_start", while_someone_asks)
    running = start(settings_for(tmp_path, broker))
    running.thread.join(2)
    assert running.thread.is_alive()
