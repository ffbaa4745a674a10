"""A gateway that the broker does not take anything of says so, and to whom it must be said."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import Address, CollectorRun
from edge_agent.metrics import Metrics
from edge_agent.publisher import Publisher
from edge_agent.settings import PublishSettings
from edge_agent.spool import Spool
from runtime import BrokerSettings
from tests.trust.bureau import now_ms
from tests.trust.town import Town
from trust.broker.control import connected
from trust.broker.rules import Command, client_id

MUTE = Address("120116", "2112000051", "gw1")


@pytest.fixture
def listener(town: Town) -> Iterator[None]:
    """A user that may hear its acknowledgements and say nothing, as under rules made by hand."""
    broker = town.bureau.settings.broker
    assert broker is not None
    hear: list[Command] = [
        {"acltype": kind, "topic": MUTE.topic("ack"), "priority": 0, "allow": True}
        for kind in ("subscribeLiteral", "publishClientReceive")
    ]
    login = {"username": "mute", "password": "secret", "clientid": client_id(MUTE)}
    with connected(broker) as control:
        control.ask(
            [
                {"command": "createRole", "rolename": "mute", "acls": hear},
                {"command": "createClient", **login, "roles": [{"rolename": "mute"}]},
            ]
        )
        yield
        control.ask(
            [
                {"command": "deleteClient", "username": "mute"},
                {"command": "deleteRole", "rolename": "mute"},
            ]
        )


@pytest.mark.parametrize(
    ("user", "secret", "said"),
    [
        ("mute", "secret", "the broker refuses what this gateway sends (Not authorized)"),
        ("mute", "guessed", "the broker does not let this gateway in (Not authorized)"),
        ("gw-2112000051", "secret", "the broker does not let this gateway in (Not authorized)"),
    ],
)
@pytest.mark.usefixtures("listener")
def test_what_the_broker_refuses_is_said_and_kept(
    town: Town,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    secret: str,
    said: str,
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_TEST", secret)
    caplog.set_level(logging.WARNING)
    url = f"mqtt://127.0.0.1:{town.bureau.broker.port}"
    publisher = Publisher(
        address=MUTE,
        broker=BrokerSettings(url=url, username=user, password="env:SECRET_OF_THE_TEST"),
        settings=PublishSettings(),
        metrics=Metrics(),
        clock=now_ms,
    )
    spool = Spool(tmp_path / "spool.sqlite", batch_max_readings=1)

    async def story() -> str | None:
        spool.append([CollectorRun(time=now_ms(), collector="c", target="t", status="ok")], now_ms=now_ms())
        stop = asyncio.Event()
        uplink = asyncio.create_task(publisher.run(spool, stop))
        async with asyncio.timeout(30):
            while publisher.refused is None:  # noqa: ASYNC110 the broker's answer comes when it comes
                await asyncio.sleep(0.05)
        await asyncio.sleep(2.5)  # it tries again, and says the same thing once
        told = publisher.refused
        stop.set()
        await uplink
        return told

    told = asyncio.run(story()) or ""
    assert (said, 1) == (told.partition(":")[0], spool.account().pending)
    spool.close()
    assert 1 == sum(said in record.getMessage() for record in caplog.records)
