"""SNMP v3 of the simulated controllers as net-snmp's own tools and a gateway's collector see it."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.opening import opener
from edge_agent.tables import RoomMap
from firmware_sim import Scenario, aes, serve
from firmware_sim.ber import BerError
from firmware_sim.usm import Security, User
from tests.firmware_sim.conftest import LESSON, at
from tests.firmware_sim.far_side import net_snmp_v3, rows_of
from tests.firmware_sim.test_makers import SCHOOL, made_by

LEVELS = ("-l", "authPriv", "-a", "SHA-256", "-x", "AES")
RIGHT = ("-u", "campus-sim", *LEVELS, "-A", "campus-sim-auth", "-X", "campus-sim-priv")


def test_aes_is_that_of_the_standard() -> None:
    """SP 800-38A, F.3.13 (CFB128-AES128)."""
    key, start = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes(range(16))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    expected = bytes.fromhex("3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b")
    assert (aes.encrypt(key, start, plain), aes.decrypt(key, start, expected)) == (expected, plain)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 100])
def test_a_text_of_any_length_comes_back(length: int) -> None:
    key, start, plain = bytes(range(16)), bytes(16), bytes(range(length))
    assert aes.decrypt(key, start, aes.encrypt(key, start, plain)) == plain


def say(tool: str, week: Scenario, who: Sequence[str], oid: str, maker: str = "huawei") -> str:
    async def answer() -> str:
        async with serve(made_by(maker, week), clock=at(LESSON)) as addresses:
            return await net_snmp_v3(tool, addresses[SCHOOL].controller, who, oid)

    return asyncio.run(answer())


@pytest.mark.parametrize("maker", ["huawei", "h3c", "ruijie"])
def test_walking_step_by_step_and_in_bulk_finds_the_same_over_v3(maker: str, week: Scenario) -> None:
    steps, bulk = (
        rows_of(say(tool, week, RIGHT, "1.3.6.1.2.1.1", maker)) for tool in ("snmpwalk", "snmpbulkwalk")
    )
    assert (list(steps.items()), len(steps)) == (list(bulk.items()), 7)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (("-u", "nobody", *RIGHT[2:]), "Unknown user name"),
        ((*RIGHT[:-3], "other-words", *RIGHT[-2:]), "Authentication failure"),
        (("-u", "campus-sim", "-l", "noAuthNoPriv"), "Unsupported security level"),
        ((*RIGHT[:-1], "other-words"), "Timeout"),
    ],
)
def test_who_is_not_let_in_is_told_why(who: tuple[str, ...], expected: str, week: Scenario) -> None:
    assert expected in say("snmpget", week, who, "1.3.6.1.2.1.1.5.0")


@pytest.mark.parametrize("maker", ["huawei", "h3c", "ruijie"])
def test_a_gateway_reads_every_maker_over_v3(
    maker: str, week: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_AUTH", week.snmp_auth_key)
    monkeypatch.setenv("TEST_PRIV", week.snmp_priv_key)

    async def read() -> tuple[str, int]:
        async with serve(made_by(maker, week), clock=at(LESSON)) as addresses:
            place = addresses[SCHOOL].controller
            settings = SnmpWlanSettings(
                id="ac1",
                host=place.host,
                port=place.port,
                version="3",
                user=week.snmp_user,
                auth="sha256",
                auth_key="env:TEST_AUTH",
                priv="aes128",
                priv_key="env:TEST_PRIV",
            )
            wlan = SnmpWlan(settings, rooms=RoomMap(), open_source=opener(settings), recall=lambda _: None)
            (run,) = (await wlan.collect(count(1_790_000_000_000).__next__)).runs
            return run.status, run.rows

    status, rows = asyncio.run(read())
    assert (status, rows >= 10) == ("ok", True)


@given(data=st.binary(max_size=200))
def test_broken_messages_are_refused_or_answered_but_never_stop_the_agent(data: bytes) -> None:
    user = User(name="campus-sim", auth_key="campus-sim-auth", priv_key="campus-sim-priv")
    security = Security(user, engine=b"\x80\x00\x1f\x88\x04x", uptime=lambda: (100, 3))
    try:
        security.answer(b"\x30\x82" + len(data).to_bytes(2) + data, lambda _: None)
    except BerError:
        return
