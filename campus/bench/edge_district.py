"""The devices of `campus bench edge`, in a process of their own: schools of one size, and all their plugs.

python -m campus.bench.edge_district SCHOOLS BROKER_PORT FOLDER: says `ready` when all of them listen.
"""

import asyncio
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from campus.open_files import allow_open_files
from firmware_sim import Scenario, World, load_scenario, serve, write_devices
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.plug_serving import serve_plugs, write_plugs

ACCESS_POINTS, DISPLAYS, PLUGS = 40, 30, 40
# As often as the gateways ask; TelePeriod 60.
EVERY_S = 60.0
_FIRST = 2_190_000_000


def code_of(number: int) -> str:
    """A school's code, counted from 0."""
    return str(_FIRST + number)


def district(schools: int) -> Scenario:
    """So many schools of 40 rooms: an access point and a plug in each, a display in 30."""
    demo = load_scenario("demo")
    like = demo.schools[0].model_dump(by_alias=True)
    rooms: list[dict[str, object]] = [
        {"first": 101, "count": DISPLAYS, "projector": "lamp", "multimedia": True},
        {"first": 201, "count": ACCESS_POINTS - DISPLAYS},
    ]
    shared: dict[str, object] = {"name": "{code}", "kind": "普通教室", "area_m2": 60, "plug": "tasmota"}
    like |= {"planted": [], "projectors_ask_password": False, "rooms": [shared | one for one in rooms]}
    found = [like | {"code": code_of(number)} for number in range(schools)]
    whole = demo.model_dump(by_alias=True, exclude={"schools", "term"})
    return Scenario.model_validate({**whole, "schools": found})


async def _serve(schools: int, broker_port: int, folder: Path) -> None:
    scenario = district(schools)
    world, stop = World(scenario), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(serve(scenario, world=world))
        write_devices(scenario, folder, addresses, world=world)
        for school in scenario.schools:
            equipment = Equipment(school)
            write_plugs(equipment, folder / school.code)
            life = RoomLife(world.campus(school.code), seed=scenario.seed)
            await stack.enter_async_context(
                serve_plugs(
                    equipment,
                    life,
                    RoomFaults(),
                    host="127.0.0.1",
                    port=broker_port,
                    clock=time.time,
                    every_s=EVERY_S,
                )
            )
            # A broker takes connections one after the other.
            await asyncio.sleep(0.02)
        print("ready", flush=True)  # noqa: T201 - whoever started this waits for it
        await stop.wait()


def main() -> None:
    schools, port, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    allow_open_files(district(schools), beside=schools * PLUGS + 500)
    asyncio.run(_serve(schools, port, folder))


if __name__ == "__main__":
    main()
