"""The uplink over a real broker: a batch goes only when the store has it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from contract import Account, Ack, Address, CollectorRun, Status, encode
from edge_agent.metrics import Metrics
from edge_agent.publisher import Publisher
from edge_agent.settings import PublishSettings
from edge_agent.spool import Spool
from runtime import BrokerSettings
from tests.edge_agent.uplink import listening
from tests.servers import Server, mosquitto, running

NOW = 1_790_000_000_000
SCHOOLS = count(1)


def run_record(number: int) -> CollectorRun:
    return CollectorRun(time=NOW, collector="c", target=str(number), status="ok")


@pytest.fixture
def address() -> Address:
    """A gateway of its own for every test, since they share a broker that retains."""
    return Address("120116", f"{next(SCHOOLS):010}", "gw1")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool.sqlite", batch_max_readings=2)


def publisher_of(broker: Server, address: Address, *, protocol: str = "5", **settings: float) -> Publisher:
    return Publisher(
        address=address,
        broker=BrokerSettings.model_validate(
            {"url": f"mqtt://127.0.0.1:{broker.port}", "protocol": protocol}
        ),
        settings=PublishSettings.model_validate(settings),
        metrics=Metrics(),
        clock=lambda: NOW,
        version="1.2.3",
    )


@asynccontextmanager
async def publishing(
    broker: Server, address: Address, spool: Spool, *, protocol: str = "5", **settings: float
) -> AsyncIterator[Publisher]:
    publisher = publisher_of(broker, address, protocol=protocol, **settings)
    stop = asyncio.Event()
    task = asyncio.create_task(publisher.run(spool, stop))
    try:
        yield publisher
    finally:
        stop.set()
        await task
        spool.close()


def account(spool: Spool) -> tuple[int, int, int]:
    now = spool.account()
    return now.produced, now.acknowledged, now.pending


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_batch_is_deleted_only_when_it_is_acknowledged(
    broker: Server, address: Address, spool: Spool, protocol: str
) -> None:
    async def story() -> list[tuple[int, int, int]]:
        spool.append([run_record(n) for n in range(4)], now_ms=NOW)
        seen = []
        async with (
            listening(broker, address) as server,
            publishing(broker, address, spool, protocol=protocol),
        ):
            await server.until(lambda: len(server.batches) == 2)
            seen.append(account(spool))  # the broker has confirmed both, the store none
            await server.acknowledge(spool.epoch, 1)
            await server.until(lambda: spool.account().pending == 2)
            seen.append(account(spool))
        return seen

    assert asyncio.run(story()) == [(4, 0, 4), (4, 2, 2)]


def test_without_an_acknowledgement_a_batch_is_sent_again(
    broker: Server, address: Address, spool: Spool
) -> None:
    async def story() -> list[int]:
        spool.append([run_record(1)], now_ms=NOW)
        async with (
            listening(broker, address) as server,
            publishing(broker, address, spool, ack_timeout_s=0.2),
        ):
            await server.until(lambda: len(server.batches) >= 2)
            return [batch.seq for batch in server.batches[:2]]

    assert asyncio.run(story()) == [1, 1]


def test_an_acknowledgement_for_another_spool_or_not_readable_changes_nothing(
    broker: Server, address: Address, spool: Spool
) -> None:
    async def story() -> tuple[int, int, int]:
        spool.append([run_record(1), run_record(2), run_record(3)], now_ms=NOW)
        async with listening(broker, address) as server, publishing(broker, address, spool):
            await server.until(lambda: len(server.batches) == 2)
            await server.client.publish(address.topic("ack"), b"not JSON", qos=1)
            await server.acknowledge("0" * 16, 1)
            await server.acknowledge(spool.epoch, 2)
            await server.until(lambda: spool.account().acknowledged)
            return account(spool)

    assert asyncio.run(story()) == (3, 1, 2)


def test_what_is_appended_later_is_sent_too(broker: Server, address: Address, spool: Spool) -> None:
    async def story() -> list[int]:
        async with listening(broker, address) as server, publishing(broker, address, spool) as publisher:
            server.acknowledging = True
            for number in range(3):
                spool.append([run_record(number)], now_ms=NOW)
                publisher.wake()
                await server.until(lambda done=number + 1: spool.account().acknowledged == done)
            return [batch.seq for batch in server.batches]

    assert asyncio.run(story()) == [1, 2, 3]


def test_a_long_history_drains_through_the_window_in_order(
    broker: Server, address: Address, spool: Spool
) -> None:
    async def story() -> tuple[list[int], int]:
        spool.append([run_record(number) for number in range(400)], now_ms=NOW - 3_600_000)
        async with listening(broker, address) as server, publishing(broker, address, spool, window=8):
            server.acknowledging = True
            await server.until(lambda: spool.account().pending == 0)
            return [batch.seq for batch in server.batches], spool.account().acknowledged

    assert asyncio.run(story()) == (list(range(1, 201)), 400)


def test_the_status_is_retained_and_tells_the_account(broker: Server, address: Address, spool: Spool) -> None:
    async def story() -> Status:
        spool.append([run_record(1)], now_ms=NOW)
        async with listening(broker, address) as first, publishing(broker, address, spool):
            await first.until(lambda: first.statuses)
            async with listening(broker, address) as late:
                await late.until(lambda: late.statuses)
                return late.statuses[0]

    expected = Status(
        online=True,
        time="2026-09-21T14:13:20.000Z",
        version="1.2.3",
        account=Account(
            epoch=spool.epoch,
            last_seq=1,
            produced=1,
            acknowledged=0,
            pending=1,
            dropped=0,
            oldest_pending="2026-09-21T14:13:20.000Z",
        ),
    )
    told = asyncio.run(story())
    assert told.account is not None
    # How much room a disk has is the machine's to say.
    room = {"spool_max_bytes", "spool_room_bytes"}
    assert all(value is not None for value in told.account.model_dump(include=room).values())
    account = told.account.model_copy(update=dict.fromkeys(room))
    assert told.model_copy(update={"account": account}) == expected


def test_the_servers_clock_is_compared_with_ours(broker: Server, address: Address, spool: Spool) -> None:
    async def story() -> int | None:
        spool.append([run_record(1)], now_ms=NOW)
        async with listening(broker, address) as server, publishing(broker, address, spool) as publisher:
            server.acknowledging, server.server_time = True, "2026-09-21T14:13:25.000Z"
            await server.until(lambda: spool.account().acknowledged)
            publisher.status_changed()
            await server.until(lambda: server.statuses and server.statuses[-1].clock_offset_ms is not None)
            return (server.statuses[-1].clock_offset_ms or 0) // 1000

    assert asyncio.run(story()) == 5


def test_a_clock_is_not_wrong_because_its_machine_has_slept(
    broker: Server, address: Address, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server said on Friday is carried on over the weekend, as its clock has gone on."""
    own, weekend_ms = [NOW], 60 * 3_600_000

    async def story() -> list[int | None]:
        spool.append([run_record(1)], now_ms=NOW)
        async with listening(broker, address) as server, publishing(broker, address, spool) as publisher:
            monkeypatch.setattr(publisher, "_clock", lambda: own[0])
            server.acknowledging, server.server_time = True, "2026-09-21T14:13:25.000Z"
            await server.until(lambda: spool.account().acknowledged)
            boot = time.clock_gettime
            own[0] += weekend_ms
            asleep = publisher.clock_confirmed(own[0])
            monkeypatch.setattr(time, "clock_gettime", lambda clock: boot(clock) + weekend_ms / 1000)
            server.statuses.clear()
            publisher.status_changed()
            await server.until(lambda: server.statuses)
            said = [(status.clock_offset_ms or 0) // 1000 for status in server.statuses[-1:]]
            return [asleep, publisher.clock_confirmed(own[0]), *said]

    assert asyncio.run(story()) == [False, True, 5]


def test_a_gateway_that_ends_says_so_with_its_account(broker: Server, address: Address, spool: Spool) -> None:
    async def story() -> tuple[bool, int | None]:
        spool.append([run_record(1)], now_ms=NOW)
        async with listening(broker, address) as server:
            async with publishing(broker, address, spool):
                await server.until(lambda: server.batches)
            await server.until(lambda: server.statuses and not server.statuses[-1].online)
            last = server.statuses[-1]
            return last.online, last.account and last.account.pending

    assert asyncio.run(story()) == (False, 1)


def test_a_gateway_that_fails_says_that_it_is_offline(broker: Server, address: Address, spool: Spool) -> None:
    async def story() -> bool:
        publisher = publisher_of(broker, address)
        async with listening(broker, address) as server:
            failing = asyncio.create_task(publisher.run(spool, asyncio.Event()))
            await server.until(lambda: server.statuses)
            failing.cancel()
            await asyncio.gather(failing, return_exceptions=True)
            spool.close()
            await server.until(lambda: not server.statuses[-1].online)
            return server.statuses[-1].account is not None

    assert asyncio.run(story()) is True


def test_when_the_broker_comes_back_what_was_not_acknowledged_is_sent_again(
    tmp_path: Path, address: Address, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> list[int]:
        # The listener keeps no session, so the gateway comes back only after it.
        listener_is_back = asyncio.Event()
        monkeypatch.setattr("edge_agent.publisher._sleep_or", lambda *_: listener_is_back.wait())
        spool.append([run_record(1)], now_ms=NOW)
        with running(mosquitto(tmp_path / "broker")) as broker:
            async with publishing(broker, address, spool, ack_timeout_s=3600):
                async with listening(broker, address) as before:
                    await before.until(lambda: before.batches)
                    broker.kill()
                    await before.until_cut_off()
                spool.append([run_record(2)], now_ms=NOW)
                broker.start()
                async with listening(broker, address) as after:
                    listener_is_back.set()
                    await after.until(lambda: len({batch.seq for batch in after.batches}) == 2)
                    return sorted({batch.seq for batch in after.batches})

    assert asyncio.run(story()) == [1, 2]


def test_a_forged_acknowledgement_of_what_was_never_sent_deletes_nothing(
    broker: Server, address: Address, spool: Spool
) -> None:
    async def story() -> tuple[list[int], tuple[int, int, int]]:
        spool.append([run_record(number) for number in range(80)], now_ms=NOW - 3_600_000)
        async with listening(broker, address) as server, publishing(broker, address, spool, window=4):
            await server.until(lambda: len(server.batches) == 2)
            await server.client.publish(
                address.topic("ack"),
                encode(Ack(epoch=spool.epoch, seqs=((3, 2**63 - 1),))),
                qos=1,
            )
            # Seen in the order of sending: when this one has counted, the forged one was read before.
            await server.acknowledge(spool.epoch, 1)
            await server.until(lambda: spool.account().acknowledged)
            return [batch.seq for batch in spool.oldest(100)], account(spool)

    assert asyncio.run(story()) == (list(range(2, 41)), (80, 2, 78))


def test_a_batch_that_is_never_confirmed_does_not_hold_up_the_history_behind_it(
    broker: Server, address: Address, spool: Spool
) -> None:
    async def story() -> list[int]:
        spool.append([run_record(number) for number in range(60)], now_ms=NOW - 3_600_000)
        never = {1, 2, 3, 4}
        async with (
            listening(broker, address) as server,
            publishing(broker, address, spool, window=8, ack_timeout_s=0.2, max_backoff_s=0.2) as publisher,
        ):
            live = 100
            async with asyncio.timeout(60):
                while len(spool.oldest(100)) > len(never):
                    # What is observed meanwhile is confirmed, so the server is known to be there.
                    spool.append([run_record(live)], now_ms=NOW)
                    publisher.wake()
                    live += 1
                    await asyncio.sleep(0.1)
                    seqs = {batch.seq for batch in server.batches} - never
                    await server.acknowledge(spool.epoch, *seqs)
            return [batch.seq for batch in spool.oldest(100)]

    assert asyncio.run(story()) == [1, 2, 3, 4]


def test_a_broker_whose_name_leads_nowhere_is_said_and_stops_nothing(
    address: Address, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        publisher = Publisher(
            address=address,
            broker=BrokerSettings.model_validate({"url": "mqtt://no-such-host.invalid:1883"}),
            settings=PublishSettings(),
            metrics=Metrics(),
            clock=lambda: NOW,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(publisher.run(spool, stop))
        async with asyncio.timeout(60):
            while "no-such-host.invalid" not in caplog.text:  # noqa: ASYNC110 a log has no event
                await asyncio.sleep(0.05)
        stop.set()
        await task
        spool.close()

    asyncio.run(story())
