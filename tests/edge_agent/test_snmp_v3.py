"""Controllers over SNMP v3: against net-snmp's own agent, and against one that sends damaged bytes."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import cast

import pytest

from edge_agent.collectors.base import Round
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.opening import opener
from edge_agent.tables import RoomMap
from runtime import ConfigError
from tests.edge_agent.controllers import Faulty, controller, serving, snmpd
from tests.edge_agent.wlan import radios, run_of, verdict
from tests.servers import Server, free_port, running

NOW = 1_790_000_000_000
AUTH, PRIV = "authentic-words", "private-words"
USERS = "\n".join(
    [
        f'createUser both SHA-256 "{AUTH}" AES "{PRIV}"',
        "rouser both priv",
        f'createUser one SHA-512 "{AUTH}"',
        "rouser one auth",
        f'createUser narrow SHA-256 "{AUTH}" AES "{PRIV}"',
        "view few included .1.3.6.1.2.1.1",
        "rouser narrow priv -V few",
    ]
)


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(snmpd(tmp_path_factory.mktemp("snmpd"), controller(12), access=USERS)) as server:
        yield server


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in (("AUTH", AUTH), ("PRIV", PRIV), ("OTHER", "other-words"), ("SHORT", "short")):
        monkeypatch.setenv(f"TEST_{name}", key)


def settings(port: int, **changes: object) -> SnmpWlanSettings:
    values: dict[str, object] = {
        "id": "ac1",
        "host": "127.0.0.1",
        "port": port,
        "version": "3",
        "user": "both",
    }
    values |= {"auth": "sha256", "auth_key": "env:TEST_AUTH"}
    values |= {"priv": "aes128", "priv_key": "env:TEST_PRIV"}
    return SnmpWlanSettings.model_validate(values | {"timeout_s": 0.5, "retries": 0} | changes)


def collect(port: int, **changes: object) -> Round:
    chosen = settings(port, **changes)
    wlan = SnmpWlan(chosen, rooms=RoomMap(), open_source=opener(chosen), recall=lambda _: None)
    return asyncio.run(wlan.collect(count(NOW).__next__))


def told(result: Round) -> tuple[str, str]:
    return run_of(result).status, str(run_of(result).reason)


def test_a_controller_is_read_with_authentication_and_privacy(agent: Server) -> None:
    result = collect(agent.port)
    assert (verdict(result), len(radios(result))) == (("ok", 12, 12), 24)


def test_a_controller_is_read_with_authentication_alone(agent: Server) -> None:
    assert verdict(collect(agent.port, user="one", auth="sha512", priv=None, priv_key=None)) == ("ok", 12, 12)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": "nobody"},
        {"auth_key": "env:TEST_OTHER"},
        {"auth": "md5"},
        {"priv": None, "priv_key": None},
    ],
)
def test_who_is_not_let_in_is_told_so(agent: Server, changes: dict[str, object]) -> None:
    status, reason = told(collect(agent.port, **changes))
    assert (status, "SNMP v3 拒绝登录" in reason) == ("auth", True)


@pytest.mark.parametrize("changes", [{"priv_key": "env:TEST_OTHER"}, {"priv": "des"}])
def test_wrong_privacy_is_told_apart_from_an_agent_that_is_down(
    agent: Server, changes: dict[str, object]
) -> None:
    assert told(collect(agent.port, **changes)) == ("auth", "设备在线，但 SNMP v3 的加密口令或加密算法不对")


def test_a_view_without_the_tables_is_told_with_the_device(agent: Server) -> None:
    status, reason = told(collect(agent.port, user="narrow"))
    assert (status, "没有适用于此设备的型号表" in reason) == ("unsupported", True)


@pytest.mark.parametrize("answer", ["3082", "3003616263", "30800000", "ff" * 40])
def test_damaged_bytes_are_decode_and_nothing_more(answer: str) -> None:
    async def one() -> Round:
        async with serving(Faulty(controller(2), garbage=bytes.fromhex(answer))) as faulty:
            chosen = settings(faulty.port)
            wlan = SnmpWlan(chosen, rooms=RoomMap(), open_source=opener(chosen), recall=lambda _: None)
            return await wlan.collect(count(NOW).__next__)

    assert told(asyncio.run(one()))[0] == "decode"


def test_an_agent_that_is_silent_is_a_timeout() -> None:
    async def one() -> Round:
        async with serving(Faulty(controller(2), mute=lambda _: True)) as faulty:
            chosen = settings(faulty.port, timeout_s=0.1)
            wlan = SnmpWlan(chosen, rooms=RoomMap(), open_source=opener(chosen), recall=lambda _: None)
            return await wlan.collect(count(NOW).__next__)

    assert told(asyncio.run(one()))[0] == "timeout"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"auth_key": "env:TEST_SHORT"}, "snmp_wlan ac1: auth_key: 口令至少 8 个字符"),
        ({"priv_key": "env:NOT_SET_ANYWHERE"}, "snmp_wlan ac1: priv_key: "),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_at_the_start(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        opener(settings(161, **changes))
    assert str(raised.value).startswith(expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": None},
        {"auth_key": None},
        {"priv_key": None},
        {"auth": None, "auth_key": None},
        {"version": "2c"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"community|user|auth|priv"):
        settings(161, **changes)


def test_keys_are_shown_nowhere(tmp_path: Path, agent: Server) -> None:
    assert AUTH not in repr(opener(settings(agent.port)))


class Relay(asyncio.DatagramProtocol):
    """Hands questions on to one agent, and from the so many-th on to another: one that has restarted."""

    def __init__(self, before: int, after: int, turn: int) -> None:
        self._ports, self._turn, self._asked = (before, after), turn, 0
        self._waiting: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._asked += 1
        task = asyncio.create_task(self._hand_on(data, addr, self._ports[self._asked > self._turn]))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _hand_on(self, data: bytes, addr: tuple[str, int], port: int) -> None:
        loop = asyncio.get_running_loop()
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as agent:
            agent.setblocking(False)
            agent.connect(("127.0.0.1", port))
            await loop.sock_sendall(agent, data)
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(5):
                    self._transport.sendto(await loop.sock_recv(agent, 65_535), addr)


@pytest.mark.parametrize("turn", [10, 20])
def test_an_agent_that_restarts_while_it_is_read_is_read_to_the_end(
    agent: Server, tmp_path: Path, turn: int
) -> None:
    """The one after the restart knows nothing of the session before it."""

    async def round_of_it(after: int) -> Round:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Relay(agent.port, after, turn), local_addr=("127.0.0.1", free_port())
        )
        try:
            chosen = settings(transport.get_extra_info("sockname")[1], retries=1, timeout_s=2)
            wlan = SnmpWlan(chosen, rooms=RoomMap(), open_source=opener(chosen), recall=lambda _: None)
            return await wlan.collect(count(NOW).__next__)
        finally:
            transport.close()

    with running(snmpd(tmp_path, controller(12), access=USERS)) as other:
        result = asyncio.run(round_of_it(other.port))
    assert (("ok", 12, 12), 24) == (verdict(result), len(radios(result)))


def test_an_agent_that_stops_while_it_is_read_is_not_said_to_have_another_key(agent: Server) -> None:
    async def round_of_it() -> Round:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Relay(agent.port, 9, 20), local_addr=("127.0.0.1", free_port())
        )
        try:
            chosen = settings(transport.get_extra_info("sockname")[1])
            wlan = SnmpWlan(chosen, rooms=RoomMap(), open_source=opener(chosen), recall=lambda _: None)
            return await wlan.collect(count(NOW).__next__)
        finally:
            transport.close()

    status, reason = told(asyncio.run(round_of_it()))
    assert ("partial", True, False) == (status, "中途不再答复" in reason, "口令" in reason)
