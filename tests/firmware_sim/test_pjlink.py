"""Projectors as a bare socket meets them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from firmware_sim import Endpoint, Faults, PjlinkFaults, Scenario, pjlink, planted_faults, serve
from firmware_sim.faults import PjlinkFault
from firmware_sim.world import World
from tests.firmware_sim.conftest import LESSON, NIGHT, at
from tests.firmware_sim.far_side import say

SCHOOL, PROTECTED = "0112000004", "2112000005"
T = TypeVar("T")


def ask(
    scenario: Scenario,
    question: Callable[[Endpoint], Awaitable[T]],
    *,
    device: str = "PJ-101",
    school: str = SCHOOL,
    time: float = LESSON,
    fault: PjlinkFault | None = None,
) -> T:
    """Start the district at a moment and ask one projector."""

    async def answer() -> T:
        faults = Faults(projectors={(school, device): PjlinkFaults(fault=fault)}) if fault else None
        async with serve(scenario, faults=faults, clock=at(time)) as addresses:
            return await question(addresses[school].projectors[device])

    return asyncio.run(answer())


def test_a_projector_in_a_lesson_answers_every_query_of_class_1(week: Scenario) -> None:
    queries = ["POWR", "INPT", "ERST", "AVMT", "INST", "NAME", "INF1", "INF2", "INFO", "CLSS"]
    heard = ask(week, lambda projector: say(projector, *(f"%1{query} ?" for query in queries)))
    assert heard == [
        "PJLINK 0",
        "%1POWR=1",
        "%1INPT=31",
        "%1ERST=000000",
        "%1AVMT=30",
        "%1INST=11 31 32 51",
        "%1NAME=PJ-101 1号教室",
        "%1INF1=Campus Simulation",
        "%1INF2=Lamp",
        "%1INFO=",
        "%1CLSS=1",
    ]


def test_lamp_hours_come_with_whether_it_burns(week: Scenario) -> None:
    lit = ask(week, lambda projector: say(projector, "%1LAMP ?"))
    dark = ask(week, lambda projector: say(projector, "%1LAMP ?"), time=NIGHT)
    assert [answer[-1].rpartition(" ")[2] for answer in (lit, dark)] == ["1", "0"]


def test_in_standby_input_and_mute_are_unavailable(week: Scenario) -> None:
    heard = ask(week, lambda projector: say(projector, "%1POWR ?", "%1INPT ?", "%1AVMT ?"), time=NIGHT)
    assert heard == ["PJLINK 0", "%1POWR=0", "%1INPT=ERR3", "%1AVMT=ERR3"]


def test_a_laser_has_no_lamp(week: Scenario) -> None:
    heard = ask(week, lambda projector: say(projector, "%1LAMP ?"), device="PJ-201")
    assert heard == ["PJLINK 0", "%1LAMP=ERR1"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%1POWR 1", "%1POWR=ERR3"),
        ("%1POWR 7", "%1POWR=ERR2"),
        ("%1INPT 99", "%1INPT=ERR2"),
        ("%1ABCD ?", "%1ABCD=ERR1"),
        ("%2SNUM ?", "%2SNUM=ERR1"),
        ("%1NAME mine", "%1NAME=ERR1"),
        ("%1powr ?", "%1POWR=1"),
        ("%1POWR", "%1POWR=ERR1"),
        ("hello", "ERR1"),
    ],
)
def test_what_cannot_be_done_has_its_error(week: Scenario, line: str, expected: str) -> None:
    assert ask(week, lambda projector: say(projector, line)) == ["PJLINK 0", expected]


def test_several_commands_in_one_packet_are_answered_in_order(week: Scenario) -> None:
    heard = ask(week, lambda projector: say(projector, "%1POWR ?", "%1ERST ?", "%1CLSS ?", at_once=True))
    assert heard == ["PJLINK 0", "%1POWR=1", "%1ERST=000000", "%1CLSS=1"]


def test_the_first_command_carries_the_digest_and_later_ones_do_not(week: Scenario) -> None:
    async def talk(projector: Endpoint) -> list[str]:
        reader, writer = await asyncio.open_connection(projector.host, projector.port)
        salt = (await reader.readuntil(b"\r")).decode().removeprefix("PJLINK 1 ").rstrip("\r")
        digest = hashlib.md5((salt + week.projector_password).encode()).hexdigest()  # noqa: S324 - PJLink's own
        heard = []
        for line in (f"{digest}%1POWR ?\r", "%1ERST ?\r"):
            writer.write(line.encode())
            heard.append((await reader.readuntil(b"\r")).decode())
        writer.close()
        return heard

    assert ask(week, talk, school=PROTECTED) == ["%1POWR=1\r", "%1ERST=000000\r"]


@pytest.mark.parametrize("line", ["%1POWR ?", "0" * 32 + "%1POWR ?"])
def test_without_the_right_digest_the_projector_hangs_up(week: Scenario, line: str) -> None:
    heard = ask(week, lambda projector: say(projector, line, "%1ERST ?"), school=PROTECTED)
    assert heard[1:] == ["PJLINK ERRA", ""]


def test_each_connection_has_a_salt_of_its_own(week: Scenario) -> None:
    async def greetings(projector: Endpoint) -> list[str]:
        return [(await say(projector))[0] for _ in range(2)]

    first, second = ask(week, greetings, school=PROTECTED)
    assert (first[:9], second[:9], first == second) == ("PJLINK 1 ", "PJLINK 1 ", False)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("erra", ["PJLINK 0", "PJLINK ERRA"]),
        ("err3", ["PJLINK 0", "%1POWR=ERR3"]),
        ("err4", ["PJLINK 0", "%1POWR=ERR4"]),
        ("half", ["PJLINK 0", "%1PO"]),
        ("reset", ["RST"]),
    ],
)
def test_each_fault_is_seen_on_the_wire(week: Scenario, fault: PjlinkFault, expected: list[str]) -> None:
    assert ask(week, lambda projector: say(projector, "%1POWR ?"), fault=fault) == expected


def test_a_muted_projector_takes_the_connection_and_says_nothing(week: Scenario) -> None:
    async def listen(projector: Endpoint) -> bytes:
        reader, writer = await asyncio.open_connection(projector.host, projector.port)
        writer.write(b"%1POWR ?\r")
        try:
            return await asyncio.wait_for(reader.read(1), 0.5)
        except TimeoutError:
            return b"(silence)"
        finally:
            writer.close()

    assert ask(week, listen, fault="mute") == b"(silence)"


def test_a_projector_can_stop_listening_and_come_back(week: Scenario) -> None:
    async def story() -> list[str]:
        faults = Faults()
        heard = []
        async with serve(week, faults=faults, clock=at(LESSON)) as addresses:
            projector = addresses[SCHOOL].projectors["PJ-101"]
            for fault in ("none", "refuse", "none"):
                faults.set_projector(SCHOOL, "PJ-101", PjlinkFaults.model_validate({"fault": fault}))
                await asyncio.sleep(0.05)
                try:
                    heard += await say(projector)
                except ConnectionRefusedError:
                    heard.append("refused")
        return heard

    assert asyncio.run(story()) == ["PJLINK 0", "refused", "PJLINK 0"]


def test_the_scenarios_own_faults_are_there_from_the_start(week: Scenario) -> None:
    faults = planted_faults(week, World(week))
    found = [faults.projector(SCHOOL, f"PJ-{room}").fault for room in (101, 108, 109)]
    assert found == ["none", "mute", "refuse"]


def test_broken_lamps_and_dusty_filters_are_reported(week: Scenario) -> None:
    heard = [
        ask(week, lambda projector: say(projector, "%1ERST ?"), device=device)[1]
        for device in ("PJ-105", "PJ-106")
    ]
    assert heard == ["%1ERST=020000", "%1ERST=000010"]


def test_a_silent_controller_is_hung_up_on(week: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pjlink, "IDLE_CLOSE_S", 0.1)

    async def wait(projector: Endpoint) -> bytes:
        reader, writer = await asyncio.open_connection(projector.host, projector.port)
        heard = await reader.read()
        writer.close()
        return heard

    assert ask(week, wait) == b"PJLINK 0\r"


def test_a_line_without_an_end_is_hung_up_on(week: Scenario) -> None:
    async def flood(projector: Endpoint) -> bytes:
        reader, writer = await asyncio.open_connection(projector.host, projector.port)
        writer.write(b"%1POWR " + b"1" * 400)
        heard = await reader.read()
        writer.close()
        return heard

    assert ask(week, flood) == b"PJLINK 0\r"
