"""Hosts: how they may be written, and a name server that is away."""

import asyncio
import socket
from itertools import count

import pytest

from edge_agent.hosts import Unresolved, address_of
from runtime.hosts import problem_of
from tests.edge_agent.controllers import Faulty, controller, serving
from tests.edge_agent.names import black_hole, no_such_name
from tests.edge_agent.wlan import collector, run_of

NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    "host", ["10.1.0.1", "fe80::1", "ac1", "ac-1.school.lan", "ac1.school.lan.", "无线控制器"]
)
def test_a_host_is_an_address_or_a_name(host: str) -> None:
    assert problem_of(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "10.1.0.1:161",
        "ac1:161",
        "10.1.0.300",
        "10.1",
        "127",
        "http://ac1",
        "10.1.0.1/24",
        "ac 1",
        "a..b",
        "public@10.1.0.1",
        "a" * 64,
        "fe80::1::2",
    ],
)
def test_what_can_be_no_host_is_refused(host: str) -> None:
    assert problem_of(host) is not None


def test_a_host_with_a_port_says_how_to_write_it() -> None:
    assert str(problem_of("10.1.0.1:161")) == "地址里不写端口：host 写 10.1.0.1，port 写 161"


def test_an_address_needs_no_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    assert asyncio.run(address_of("10.1.0.1", within_s=1)) == "10.1.0.1"


def test_a_name_that_is_not_there_says_where_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(Unresolved, match=r"主机名 ac1.school 不存在：请核对配置中的 host"):
        asyncio.run(address_of("ac1.school", within_s=1))


def test_a_black_holed_name_delays_no_controller_that_is_given_by_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> tuple[list[str], list[bool]]:
        clock = count(NOW).__next__
        named = [collector(161, host=f"ac{number}.school", timeout_s=60) for number in range(40)]
        async with serving(Faulty(controller(4))) as agent:
            waiting = [asyncio.create_task(wlan.collect(clock)) for wlan in named]
            await asyncio.sleep(0)
            rounds = [await collector(agent.port).collect(clock) for _ in range(3)]
            still = [not task.done() for task in waiting]
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        return [run_of(result).status for result in rounds], still

    with black_hole(monkeypatch):
        assert asyncio.run(story()) == (["ok"] * 3, [True] * 40)


def test_a_controller_whose_name_does_not_resolve_is_misconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    with black_hole(monkeypatch):
        result = asyncio.run(collector(161, host="ac1.school").collect(count(NOW).__next__))
    assert (run_of(result).status, "ac1.school" in str(run_of(result).reason)) == ("config", True)
