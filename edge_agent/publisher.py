"""The uplink: sends what the spool holds until the store has confirmed it.

The broker's PUBACK is not storage: only an acknowledgement from ingest lets a batch go.
"""

import asyncio
import contextlib
import logging
import random
import socket
import sqlite3
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import aiomqtt

from contract import (
    Account,
    Ack,
    Address,
    CertificateState,
    CollectorState,
    ContractError,
    RenewalTrouble,
    Status,
    Stream,
    decode_ack,
    encode,
    utc_ms,
    utc_text,
)
from edge_agent.answering import Answering
from edge_agent.changes import Changes
from edge_agent.hosts import Unresolved, address_of
from edge_agent.metrics import Metrics
from edge_agent.server_clock import ServerClock
from edge_agent.settings import PublishSettings
from edge_agent.spool import Spool
from edge_agent.tasks import end
from edge_agent.window import Window
from runtime import BrokerSettings
from runtime.elapsed import elapsed_s

if TYPE_CHECKING:
    from edge_agent.identity.identity import Identity
    from edge_agent.wanted.desk import Desk

log = logging.getLogger(__name__)

RECONNECT_FIRST_S = 1.0
# Short: what waits is to be stored within seconds of the broker's return.
RECONNECT_MAX_S = 5.0
RESOLVE_S = 10.0
# More waiting acknowledgements than this are discarded; their batches are sent and confirmed again.
MAX_WAITING_ACKS = 1000
# What is said last must not hold up the end of the program.
FAREWELL_S = 2.0
NOTICE_S = 0.5


class Publisher:
    """One gateway's connection to the broker, made again whenever it breaks."""

    def __init__(
        self,
        *,
        address: Address,
        broker: BrokerSettings,
        settings: PublishSettings,
        metrics: Metrics,
        clock: Callable[[], int],
        collectors: Callable[[], tuple[CollectorState, ...]] = tuple,
        version: str = "",
        identity: "Identity | None" = None,
        desk: "Desk | None" = None,
    ) -> None:
        """Raises ConfigError where the broker's password or certificate cannot be read."""
        self._address = address
        self._broker = broker
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._collectors = collectors
        self._wanted = address.topic("wanted")
        self._version = version or None
        self._password = broker.read_password()
        self._identity = identity
        self._desk = desk
        # With an identity it is made anew for each connection, since the certificate changes.
        self._tls = None if identity else broker.read_certificates()
        self._window = Window(
            size=settings.window, ack_timeout_s=settings.ack_timeout_s, probe_s=settings.max_backoff_s
        )
        self._work = asyncio.Event()
        self._changed = asyncio.Event()
        self._new_identity = asyncio.Event()
        self._renewal_trouble: RenewalTrouble | None = None
        self._server_clock = ServerClock()
        self._files_opened = 0
        self._wait_s = RECONNECT_FIRST_S
        self._said = Changes(log)
        question = f"is user {broker.username} known there, with this password and this gateway?"
        self._answering = Answering(self._said, question="is it still enrolled?" if identity else question)

    def wake(self) -> None:
        """There are new batches in the spool."""
        self._work.set()

    def status_changed(self) -> None:
        """A collector's state is not what it was."""
        self._changed.set()

    @property
    def refused(self) -> str | None:
        """Why the broker takes nothing of what is sent; None while it does."""
        return self._answering.refused

    @property
    def silence(self) -> str | None:
        """That batches are sent and none is confirmed; None while all is well."""
        return self._answering.silence

    def use_identity(self, identity: "Identity") -> None:
        """Sign with a new key from now on, and connect anew with its certificate."""
        self._identity = identity
        self._renewal_trouble = None
        self._new_identity.set()

    def renewal_failed(self, trouble: RenewalTrouble) -> None:
        """The status says it until a new identity comes."""
        if trouble != self._renewal_trouble:
            self._renewal_trouble = trouble
            self._changed.set()

    def clock_confirmed(self, now_ms: int) -> bool:
        """Whether the server's clock tells the same time as ours."""
        return self._server_clock.confirms(now_ms, now_s=elapsed_s())

    async def run(self, spool: Spool, stop: asyncio.Event) -> None:
        """Publish what `spool` holds until `stop`, through any number of lost connections."""
        while not stop.is_set():
            try:
                # Whoever looks up a name must not hold up collectors, nor the end of the program.
                await address_of(self._broker.host, within_s=RESOLVE_S)
                async with self._client() as client:
                    await self._session(client, spool, stop)
                    if self._new_identity.is_set():
                        self._new_identity.clear()
                        continue
            except (aiomqtt.MqttError, OSError, Unresolved) as error:
                self._said.trouble("broker", f"{self._broker.url}: {self._answering.reason(error)}")
            finally:
                self._metrics.connected.set(0)
            if not stop.is_set():
                # Gateways that lost the same broker together must not come back together.
                await _sleep_or(stop, self._wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
                self._wait_s = min(self._wait_s * 2, RECONNECT_MAX_S)

    def status(self, *, online: bool, account: Account | None) -> Status:
        """What the gateway says about itself now."""
        return Status(
            online=online,
            time=utc_text(self._clock()),
            version=self._version,
            account=account,
            collectors=self._collectors(),
            clock_offset_ms=self._server_clock.offset_ms(self._clock(), now_s=elapsed_s()),
            certificate=self._certificate(),
            settings=self._desk.report() if self._desk else None,
        )

    def _certificate(self) -> CertificateState | None:
        identity = self._identity
        if identity is None:
            return None
        return CertificateState(
            until=utc_text(identity.until_ms),
            renews=utc_text(identity.renews_ms),
            trouble=self._renewal_trouble,
        )

    def _client(self) -> aiomqtt.Client:
        address, broker = self._address, self._broker
        v5 = broker.protocol == "5"
        client = aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=self._password,
            identifier=f"campus-{address.district}-{address.school}-{address.gateway}",
            protocol=aiomqtt.ProtocolVersion.V5 if v5 else aiomqtt.ProtocolVersion.V311,
            # Nothing is kept for us at the broker: the spool remembers. (With MQTT 5 a client's first
            # connection starts clean, and this client makes only one.)
            clean_session=None if v5 else True,
            keepalive=broker.keepalive_s,
            tls_context=self._identity.tls() if self._identity and broker.tls else self._tls,
            will=aiomqtt.Will(
                topic=address.topic("status"),
                payload=self._signed("status", encode(Status(online=False, time=utc_text(self._clock())))),
                qos=1,
                retain=True,
            ),
            max_queued_incoming_messages=MAX_WAITING_ACKS,
            # A batch must not wait for the broker's delayed TCP acknowledgement (40 ms each).
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            logger=self._answering.heard.logger,
        )
        client.pending_calls_threshold = self._settings.window + 8  # a full window is no reason to warn
        self._answering.watch(client)
        return client

    async def _session(self, client: aiomqtt.Client, spool: Spool, stop: asyncio.Event) -> None:
        """One connection: from its first subscription to its end, or to `stop`."""
        self._answering.subscribed(await client.subscribe(self._address.topic("ack"), qos=1))
        if self._desk:
            # A broker whose rules are older refuses it: readings travel all the same.
            codes = await client.subscribe(self._wanted, qos=1)
            if self._answering.declined(codes):
                self._said.trouble("wanted", "the broker does not let this gateway hear wanted settings")
            else:
                self._said.well("wanted")
        self._said.well("broker", "connected")
        self._wait_s = RECONNECT_FIRST_S
        self._metrics.connected.set(1)
        self._window.reconnected(now=time.monotonic())
        self._work.set()
        self._changed.set()
        acks = asyncio.create_task(self._receive(client, spool), name="acks")
        tasks = [
            acks,
            asyncio.create_task(self._send(client, spool), name="batches"),
            asyncio.create_task(self._report(client, spool), name="status"),
            asyncio.create_task(stop.wait(), name="stop"),
            asyncio.create_task(self._new_identity.wait(), name="new identity"),
        ]
        connected = True
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            # To come again at once is no goodbye.
            connected = stop.is_set() or not self._new_identity.is_set()
        except aiomqtt.MqttError:
            connected = False
            # Whichever task failed first: the one that listens is to learn the reason too, or asyncio
            # complains that nobody did.
            await asyncio.wait({acks}, timeout=NOTICE_S)
            raise
        finally:
            await end(*tasks)
            if connected:
                await self._say_goodbye(client, spool)

    async def _say_goodbye(self, client: aiomqtt.Client, spool: Spool) -> None:
        """Also where the program ends by an error: a clean disconnection sends no last will."""
        with contextlib.suppress(TimeoutError, aiomqtt.MqttError, sqlite3.Error):
            async with asyncio.timeout(FAREWELL_S):
                await self._say(client, spool, online=False)

    async def _send(self, client: aiomqtt.Client, spool: Spool) -> None:
        topic = self._address.topic("readings")
        while True:
            self._work.clear()
            if spool.files_opened != self._files_opened:
                self._files_opened = spool.files_opened
                self._window.forget()
            now, now_ms = time.monotonic(), self._clock()
            count = self._window.candidates
            chosen = self._window.choose(
                oldest=spool.oldest(count), newest=spool.newest(count), now=now, now_ms=now_ms
            )
            payloads = []
            for seq in chosen:
                payload = spool.envelope(seq, sent_ms=now_ms)
                if payload is None:
                    self._window.discard(seq)
                else:
                    payloads.append(self._signed("readings", payload))
            self._metrics.sent.inc(len(payloads))
            self._answering.sent(len(payloads))
            await asyncio.gather(*(client.publish(topic, payload, qos=1) for payload in payloads))
            if not payloads:
                await self._until_work()

    async def _until_work(self) -> None:
        due = self._window.next_due()
        wait = None if due is None else max(due - time.monotonic(), 0.01)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._work.wait()

    async def _receive(self, client: aiomqtt.Client, spool: Spool) -> None:
        async for message in client.messages:
            payload = message.payload
            if self._desk and message.topic.value == self._wanted:
                self._desk.heard(payload if isinstance(payload, bytes) else b"")
                continue
            try:
                if not isinstance(payload, bytes):
                    raise ContractError("acknowledgement is empty")
                ack = decode_ack(payload)
            except ContractError as error:
                self._said.trouble("ack", str(error))
                continue
            self._said.well("ack")
            self._answering.confirmed()
            self._metrics.acks.inc()
            if ack.time is not None:
                # Too large by the time that the acknowledgement travelled.
                self._server_clock.heard(utc_ms(ack.time), now_s=elapsed_s())
            self._let_go(spool, ack)

    def _let_go(self, spool: Spool, ack: Ack) -> None:
        """Delete what was sent and is confirmed; what was never sent cannot be confirmed, whoever says so."""
        seqs = self._window.answered(spool.of_epoch(ack.epoch, ack.seqs))
        if not seqs:
            return
        try:
            spool.acknowledge(ack.epoch, [(seq, seq) for seq in seqs])
        except (sqlite3.OperationalError, OSError) as error:
            # A full disk, say. The batches stay, are sent again and confirmed again.
            self._said.trouble("spool", f"cannot delete what was confirmed: {error}")
            return
        self._said.well("spool")
        self._window.confirm(seqs, now=time.monotonic())
        self._metrics.pending.set(spool.waiting)
        self._work.set()

    async def _report(self, client: aiomqtt.Client, spool: Spool) -> None:
        """Publish the status when something changed, and from time to time."""
        while True:
            self._changed.clear()
            await self._say(client, spool, online=True)
            self._answering.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.status_interval_s):
                    await self._changed.wait()

    async def _say(self, client: aiomqtt.Client, spool: Spool, *, online: bool) -> None:
        status = self.status(online=online, account=spool.account())
        payload = self._signed("status", encode(status))
        await client.publish(self._address.topic("status"), payload, qos=1, retain=True)

    def _signed(self, stream: Stream, payload: bytes) -> bytes:
        return self._identity.signed(self._address.topic(stream), payload) if self._identity else payload


async def _sleep_or(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
