"""Rounds of the collector that asks access-point controllers, and what they gave."""

import asyncio
from itertools import count

from contract import AccessPoint, CollectorRun, Radio
from edge_agent.collectors.base import Recall, Round
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.opening import V2cAgent
from edge_agent.snmp.v2c import Target
from edge_agent.tables import MappedAp, RoomMap, spelling
from tests.edge_agent.controllers import (
    Faulty,
    serving,
)

NOW = 1_790_000_000_000


def room_map(**rooms: str) -> RoomMap:
    return RoomMap(lines={spelling(ap): MappedAp(ap=ap, room=room) for ap, room in rooms.items()})


def collector(
    port: int, rooms: RoomMap | None = None, *, community: str = "campus", **changes: object
) -> SnmpWlan:
    """One that asks at a port, with these settings changed."""
    settings = SnmpWlanSettings.model_validate(
        {"id": "ac1", "host": "127.0.0.1", "port": port, "community": "env:X", "timeout_s": 0.2, "retries": 1}
        | changes
    )
    return with_settings(settings, rooms, community)


def with_settings(
    settings: SnmpWlanSettings,
    rooms: RoomMap | None = None,
    community: str = "campus",
    recall: Recall = lambda _: None,
) -> SnmpWlan:
    target = Target(
        host=settings.host,
        port=settings.port,
        community=community,
        timeout_s=settings.timeout_s,
        retries=settings.retries,
    )
    agent = V2cAgent(target, most=settings.max_repetitions)
    return SnmpWlan(settings, rooms=rooms or RoomMap(), open_source=agent.open, recall=recall)


def collect(wlan: SnmpWlan, times: int = 1) -> Round:
    """The last of so many rounds."""
    clock = count(NOW).__next__

    async def rounds() -> Round:
        for _ in range(times - 1):
            await wlan.collect(clock)
        return await wlan.collect(clock)

    return asyncio.run(rounds())


def collect_from(
    agent: Faulty, wlan_of: dict[str, object] | None = None, rooms: RoomMap | None = None
) -> Round:
    """A round at an agent that answers as it is told to."""
    clock = count(NOW).__next__

    async def round_of_it() -> Round:
        async with serving(agent):
            return await collector(agent.port, rooms, **(wlan_of or {})).collect(clock)

    return asyncio.run(round_of_it())


def run_of(result: Round) -> CollectorRun:
    """How the round went."""
    (run,) = result.runs
    return run


def aps(result: Round) -> dict[str, AccessPoint]:
    return {reading.ap: reading for reading in result.readings if isinstance(reading, AccessPoint)}


def radios(result: Round) -> dict[tuple[str, str], Radio]:
    return {(reading.ap, reading.radio): reading for reading in result.readings if isinstance(reading, Radio)}


def verdict(result: Round) -> tuple[str, int, int | None]:
    """Its status, how many access points it gave, and how many there should be."""
    run = run_of(result)
    return run.status, run.rows, run.expected
