"""The server's side of the wire, for tests: reads what a gateway publishes and acknowledges it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiomqtt

from contract import Ack, Address, Decoded, Status, decode_envelope, decode_status, encode
from tests.servers import Server

FAR_FUTURE = 4_000_000_000_000
PATIENCE_S = 30.0


@dataclass
class Uplink:
    """What was received of one gateway, and a way to acknowledge it."""

    client: aiomqtt.Client
    address: Address
    batches: list[Decoded] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    acknowledging: bool = False
    server_time: str | None = None
    task: asyncio.Task[None] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def acknowledge(self, epoch: str, *seqs: int) -> None:
        ack = Ack.of(epoch, seqs, time=self.server_time)
        await self.client.publish(self.address.topic("ack"), encode(ack), qos=1)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds; a test that waits in vain fails with TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.news.clear()
                news = asyncio.create_task(self.news.wait())
                await asyncio.wait({news}, timeout=0.05)
                news.cancel()

    async def until_cut_off(self) -> None:
        """Wait until the broker is gone."""
        assert self.task is not None
        await asyncio.wait({self.task}, timeout=PATIENCE_S)

    async def listen(self) -> None:
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            if message.topic.value.endswith("/status"):
                self.statuses.append(decode_status(message.payload))
            else:
                batch = decode_envelope(message.payload, now_ms=FAR_FUTURE)
                self.batches.append(batch)
                if self.acknowledging:
                    await self.acknowledge(batch.epoch, batch.seq)
            self.news.set()


@asynccontextmanager
async def listening(broker: Server, address: Address) -> AsyncIterator[Uplink]:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe(address.topic("readings"), qos=1)
        await client.subscribe(address.topic("status"), qos=1)
        uplink = Uplink(client, address)
        uplink.task = asyncio.create_task(uplink.listen())
        try:
            yield uplink
        finally:
            uplink.task.cancel()
            await asyncio.gather(uplink.task, return_exceptions=True)
