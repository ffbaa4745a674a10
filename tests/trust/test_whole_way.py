"""From the bureau's code to a stored, acknowledged reading; a new certificate, a forgery, and the end."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from contract import STATUS, Address, CollectorRun, pack, seal
from contract.enrolment import Code
from contract.table import READING_KINDS
from edge_agent.identity.enrolling import enrol
from edge_agent.identity.identity import Identity
from edge_agent.identity.renewing import keep_renewed
from edge_agent.metrics import Metrics
from edge_agent.publisher import Publisher
from edge_agent.settings import PublishSettings
from edge_agent.spool import Spool
from ingest.quarantine import Quarantine
from runtime import BrokerSettings
from store import Query, Select, open_store
from tests.servers import Server, free_port, running
from tests.trust.bureau import Client, now_ms
from tests.trust.town import Town
from trust.broker.control import connected
from trust.broker.syncing import revoke_at_broker

DAY_MS = 86_400_000
PATIENCE_S = 40.0
HONEST = Address("120116", "2112000031", "gw1")
LEAVING = Address("120116", "2112000032", "gw1")


class School:
    """An enrolled gateway's uplink with its spool, without collectors."""

    def __init__(self, town: Town, address: Address, folder: Path) -> None:
        self.address = address
        self.folder = folder
        code = Code.parse(town.code(address))
        self.identity = enrol(folder / "identity", address, town.service, code, now_ms=now_ms())
        self.spool = Spool(folder / "spool.sqlite", batch_max_readings=1)
        self.publisher = Publisher(
            address=address,
            broker=BrokerSettings(url=town.broker_url),
            settings=PublishSettings(status_interval_s=1, ack_timeout_s=1),
            metrics=Metrics(),
            clock=now_ms,
            identity=self.identity,
        )
        self._number = 0

    def observe(self) -> None:
        self._number += 1
        run = CollectorRun(time=now_ms(), collector="c", target=str(self._number), status="ok")
        self.spool.append([run], now_ms=now_ms())
        self.publisher.wake()

    @property
    def waiting(self) -> int:
        return self.spool.account().pending

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 what is waited for happens at the servers
                await asyncio.sleep(0.05)

    def work(self, story: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            stop = asyncio.Event()
            uplink = asyncio.create_task(self.publisher.run(self.spool, stop))
            try:
                await story()
            finally:
                stop.set()
                await uplink

        try:
            asyncio.run(run())
        finally:
            self.spool.close()


@contextmanager
def ingesting(town: Town, folder: Path) -> Iterator[None]:
    health = free_port()
    ca = town.bureau.settings.folder
    config = folder / "ingest.toml"
    config.write_text(
        f'store = "sqlite:///{folder / "store.sqlite"}"\nquarantine = "quarantine.sqlite"\n'
        f'share = "file:{ca}/ingest/share"\n'
        f'[broker]\nurl = "mqtt://127.0.0.1:{town.bureau.broker.port}"\nusername = "ingest"\n'
        f'password = "file:{ca}/ingest/password"\n'
        f'[trust]\nroster = "{ca}/ingest/gateways.json"\n[health]\nport = {health}\n'
    )
    command = [sys.executable, "-m", "campus.main", "ingest", "--config", str(config)]
    with running(Server("ingest", command, health, folder, {"PYTHONPATH": os.pathsep.join(sys.path)})):
        yield


@pytest.fixture(scope="module")
def place(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("ingest")
    with ingesting(town, folder):
        yield folder


def stored(place: Path, address: Address) -> int:
    with open_store(f"sqlite:///{place / 'store.sqlite'}") as store:
        question = Query(
            measurement=READING_KINDS["collector_run"],
            select=(Select("seq", "count", "n"),),
            group_by=STATUS.tag_names,
        )
        rows = {row.tags["school"]: row.values["n"] for row in store.query(question)}
    return cast(int, rows.get(address.school, 0))


def set_aside(place: Path) -> list[str]:
    quarantine = Quarantine(place / "quarantine.sqlite")
    try:
        return [entry.reason for entry in quarantine.listed()]
    finally:
        quarantine.close()


def test_enrolled_published_stored_acknowledged_and_again_with_the_next_certificate(
    town: Town, place: Path, tmp_path: Path
) -> None:
    school = School(town, HONEST, tmp_path)

    async def story() -> None:
        school.observe()
        await school.until(lambda: school.waiting == 0)
        enough, renewed = asyncio.Event(), list[Identity]()

        def use(identity: Identity) -> None:
            renewed.append(identity)
            school.publisher.use_identity(identity)
            enough.set()

        # To the gateway's clock two thirds of the certificate's time have passed.
        await keep_renewed(
            school.identity, HONEST, clock=lambda: now_ms() + 70 * DAY_MS, renewed=use, stop=enough
        )
        assert renewed[0].key_name != school.identity.key_name
        for _ in range(3):
            school.observe()
        await school.until(lambda: school.waiting == 0)

    school.work(story)
    assert (4, []) == (stored(place, HONEST), set_aside(place))


def test_what_another_says_in_a_gateway_s_name_is_neither_stored_nor_answered(
    town: Town, place: Path, tmp_path: Path
) -> None:
    """Somebody got past the broker's rules. The batch that it names stays with its gateway."""
    victim, thief = Address("120116", "2112000033", "gw1"), Address("120116", "2112000034", "gw1")
    broker = town.bureau.settings.broker
    assert broker is not None
    school, other = School(town, victim, tmp_path / "victim"), School(town, thief, tmp_path / "thief")
    other.spool.close()
    # Not sent yet: only the spool has them.
    school.observe()
    school.observe()
    epoch = school.spool.account().epoch
    (packed,) = pack([CollectorRun(time=now_ms(), collector="forged", target="x", status="ok")], most=1)
    forged = seal(epoch, 1, packed.body, sent_ms=now_ms())
    topic = victim.topic("readings")
    signed_by_another = other.identity.signed(topic, forged)
    said_elsewhere = school.identity.signed(victim.topic("status"), forged)
    own = school.identity.signed(topic, forged)
    changed = own.replace(b"forged", b"Forged")
    rogue = {"rolename": "rogue", "acls": [_may("publishClientSend", "campus/v1/#")]}
    login = {"username": "rogue", "password": "rogue", "roles": [{"rolename": "rogue"}]}
    with connected(broker) as control:
        control.ask([{"command": "createRole", **rogue}, {"command": "createClient", **login}])
        with Client(town.bureau.broker.port, login=("rogue", "rogue")) as client:
            for message in (forged, signed_by_another, said_elsewhere, changed):
                assert client.publish(topic, message) == "Success"
            client.publish(victim.topic("status"), b'{"v":1,"online":false,"time":"2026-09-01T00:00:00Z"}')
        control.ask([{"command": "deleteClient", "username": "rogue"}])
        control.ask([{"command": "deleteRole", "rolename": "rogue"}])

    async def story() -> None:
        await school.until(lambda: len(set_aside(place)) >= 2)
        await school.until(lambda: school.waiting == 0)

    school.work(story)
    reasons = set_aside(place)
    assert 2 == stored(place, victim)
    assert {"sender not proven: it is not signed"} < set(reasons)
    assert all(reason.startswith("sender not proven: ") for reason in reasons)


def _may(kind: str, topic: str) -> dict[str, object]:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}


def test_a_gateway_that_is_revoked_while_it_sends_is_cut_off_and_keeps_what_it_has(
    town: Town, place: Path, tmp_path: Path
) -> None:
    school = School(town, LEAVING, tmp_path)

    async def story() -> None:
        school.observe()
        await school.until(lambda: school.waiting == 0)
        with town.bureau.office() as office:
            office.revoke(LEAVING.school, LEAVING.gateway, why="stolen")
            await asyncio.to_thread(revoke_at_broker, town.bureau.settings, office, LEAVING)
        school.observe()
        await school.until(lambda: school.publisher.refused is not None)
        assert 1 == school.waiting

    school.work(story)
    assert 1 == stored(place, LEAVING)
