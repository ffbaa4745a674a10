"""Controllers and projectors whose answers are damaged on their way to the gateway's collectors."""

import asyncio
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from campus.bench.fuzz import Fuzz, Fuzzed, damaged
from campus.servers import free_port
from contract import pack
from edge_agent.collectors.base import Collector
from edge_agent.collectors.pjlink import Pjlink
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import PjlinkSettings, SnmpWlanSettings
from edge_agent.snmp.v2c import Connect, Target, V2c
from edge_agent.tables import Projector, RoomMap
from firmware_sim import World, load_scenario
from firmware_sim.controllers import controller_of
from firmware_sim.faults import SnmpFaults
from firmware_sim.snmp_agent import Agent

_START_MS = 1_790_000_000_000
_MINUTE_MS = 60_000
_PATIENCE_S = 5.0
# So many projectors are asked at once: most of the time is waited for the ends of broken conversations.
_PROJECTORS = 200
# Of ten answers so many are damaged, so that rounds get beyond their first question.
_DAMAGED_OF_TEN = 3
# After so many crashes nobody needs more of them.
_ENOUGH_CRASHES = 20
_PJLINK_ANSWERS = {
    "POWR": b"%1POWR=1\r",
    "LAMP": b"%1LAMP=1234 1 20 0\r",
    "INPT": b"%1INPT=31\r",
    "ERST": b"%1ERST=000010\r",
    "INF1": "%1INF1=鸿合\r".encode("gbk"),
    "INF2": b"%1INF2=ERR1\r",
}


def subjects() -> list[tuple[str, Fuzz]]:
    return [("SNMP", fuzz_snmp), ("PJLink", fuzz_pjlink)]


def fuzz_snmp(answers: int, seed: int) -> Fuzzed:
    """Rounds over a simulated controller, whose answers are damaged at random."""
    chance, found = random.Random(seed), Fuzzed()  # noqa: S311 - the same damage in every run
    settings = SnmpWlanSettings(
        id="ac1", host="127.0.0.1", community="env:NONE", timeout_s=_PATIENCE_S, retries=1
    )
    target = Target(host="127.0.0.1", port=161, community="campus-sim", timeout_s=_PATIENCE_S, retries=1)
    connect = damaging_way(_agent(), chance, found)

    def anew() -> Collector:
        return SnmpWlan(
            settings,
            rooms=RoomMap(),
            open_source=lambda: V2c(target, most=50, connect=connect),
            recall=lambda _: None,
        )

    asyncio.run(_rounds(anew, answers, found))
    return found


def fuzz_pjlink(answers: int, seed: int) -> Fuzzed:
    """Rounds over a projector on the loopback interface, whose lines are damaged at random."""
    chance, found = random.Random(seed), Fuzzed()  # noqa: S311 - the same damage in every run

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: bytes) -> None:
            writer.write(_perhaps(line, chance, found))

        try:
            say(chance.choice((b"PJLINK 0\r", b"PJLINK 1 498e4a67\r")))
            while line := await reader.readuntil(b"\r"):
                command = line[-7:-3].decode("ascii", errors="replace")
                say(_PJLINK_ANSWERS.get(command, b"%1" + line[-7:-3] + b"=ERR1\r"))
                if chance.randrange(20) == 0:
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def story(file: Path) -> None:
        port = free_port()
        settings = PjlinkSettings(
            id="p", projectors=file, connect_timeout_s=5, reply_timeout_s=0.1, concurrency=_PROJECTORS
        )
        lines = [
            Projector(host="127.0.0.1", port=port, device=f"A{number}", room="101", password="x")  # noqa: S106
            for number in range(_PROJECTORS)
        ]
        async with await asyncio.start_server(serve, "127.0.0.1", port):
            await _rounds(lambda: Pjlink(settings, projectors=lines), answers, found)

    with TemporaryDirectory() as folder:
        file = Path(folder) / "projectors.csv"
        file.touch()
        asyncio.run(story(file))
    return found


async def _rounds(anew: Callable[[], Collector], answers: int, found: Fuzzed) -> None:
    """Rounds until so many answers were damaged; what a collector remembers is forgotten now and then."""
    times = count(_START_MS, _MINUTE_MS)
    collector = anew()
    while found.answers < answers and len(found.crashes) < _ENOUGH_CRASHES:
        found.rounds += 1
        if found.rounds % 20 == 0:
            collector = anew()
        try:
            result = await collector.collect(times.__next__)
            for _ in pack([*result.readings, *result.runs], most=500):
                pass
            found.ended.update(run.status for run in result.runs)
        except BaseException as error:  # what is no Exception ends a gateway, and is what is looked for
            if isinstance(error, KeyboardInterrupt | asyncio.CancelledError):
                raise
            found.crashes.append(f"{type(error).__name__}: {error}")


def damaging_way(agent: Agent, chance: random.Random, found: Fuzzed) -> Connect:
    """A way to a simulated agent for a collector, on which answers are damaged."""

    async def connect(address: str, port: int) -> _Damaging:
        return _Damaging(agent, chance, found)

    return connect


class _Damaging:
    """A way to a simulated agent, on which answers are damaged."""

    def __init__(self, agent: Agent, chance: random.Random, found: Fuzzed) -> None:
        self._agent = agent
        self._chance = chance
        self._found = found
        self._heard: list[bytes] = []

    def send(self, datagram: bytes) -> None:
        answer = self._agent.answer(datagram, SnmpFaults())
        if answer is not None:
            self._heard.append(_perhaps(answer, self._chance, self._found))

    async def receive(self) -> bytes:
        if not self._heard:
            raise TimeoutError  # nothing more comes; the patience is not worth waiting for
        return self._heard.pop(0)

    def close(self) -> None:
        self._heard.clear()


def _perhaps(data: bytes, chance: random.Random, found: Fuzzed) -> bytes:
    if chance.randrange(10) >= _DAMAGED_OF_TEN:
        return data
    found.answers += 1
    return damaged(data, chance)


def _agent() -> Agent:
    scenario = load_scenario("demo")
    school = scenario.schools[0]
    return Agent(
        controller_of(World(scenario).campus(school.code), network="127.1.0.0/24"),
        community="campus-sim",
        school=school.code,
        seed=1,
        clock=lambda: _START_MS / 1000,
        faults=SnmpFaults,
    )
