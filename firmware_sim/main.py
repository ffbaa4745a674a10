"""The simulator as a program: papers written, devices listening, a handset walking, until told to stop."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from firmware_sim.addresses import SchoolEndpoints
from firmware_sim.district import planted_faults, serve
from firmware_sim.faults import Faults
from firmware_sim.files import list_rooms, write_devices, write_registry
from firmware_sim.ledger import write_ledger
from firmware_sim.rooms.district import USUAL, Broker, Pace, serve_all_rooms
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.scenario import Scenario
from firmware_sim.steering import Steering, check_faults
from firmware_sim.survey import write_walk
from firmware_sim.world import World

Ready = Callable[[Mapping[str, SchoolEndpoints]], None]


async def run(
    scenario: Scenario,
    folder: Path,
    stop: asyncio.Event,
    *,
    faults: Faults | None = None,
    clock: Callable[[], float] = time.time,
    ready: Ready | None = None,
    room_faults: Mapping[str, RoomFaults] | None = None,
    plug_broker: Broker | None = None,
    pace: Pace = USUAL,
) -> None:
    """Serve the district until `stop`. Into `folder` go registry/, one folder per school, addresses.csv
    and sim.env. `ready` is called once, when all devices listen and all files are there."""
    check_faults(scenario)
    world = World(scenario)
    faults = faults or planted_faults(scenario, world)
    room_faults = {school.code: RoomFaults() for school in scenario.schools} | dict(room_faults or {})
    for school in scenario.schools:
        room_faults[school.code].plant(school.faulty)
    steering = Steering(folder, faults, room_faults)
    write_registry(scenario, folder / "registry")
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(serve(scenario, faults=faults, clock=clock, world=world))
        write_devices(scenario, folder, addresses, world=world)
        for school in scenario.schools:
            write_ledger(world.campus(school.code), folder / school.code / "ledger")
        rooms = await stack.enter_async_context(
            serve_all_rooms(
                world,
                folder,
                clock=clock,
                faults=room_faults,
                plug_broker=plug_broker,
                pace=pace,
            )
        )
        list_rooms(folder, {code: served.at for code, served in rooms.items()})
        await _walk_all(world, folder, clock)
        steered = asyncio.create_task(_steer(steering, pace.steer_s), name="faults by command")
        stack.callback(steered.cancel)
        if ready:
            ready(addresses)
        while not await _stopped(stop, within_s=scenario.survey_every_s):
            await _walk_all(world, folder, clock)


async def _steer(steering: Steering, every_s: float) -> None:
    while True:
        steering.follow()
        await asyncio.sleep(every_s)


async def _walk_all(world: World, folder: Path, clock: Callable[[], float]) -> None:
    now = clock()
    for school in world.scenario.schools:
        survey = folder / school.code / "survey"
        write_walk(world.campus(school.code), survey, time=now, keep=world.scenario.surveys_kept)
        # A large district's walks take seconds; its devices answer in between.
        await asyncio.sleep(0)


async def _stopped(stop: asyncio.Event, *, within_s: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), within_s)
    except TimeoutError:
        return False
    return True
