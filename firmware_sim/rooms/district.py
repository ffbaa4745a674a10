"""The room devices of all schools of a district that have any, and a gateway's settings for them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from firmware_sim.addresses import Endpoint, RoomEndpoints, free_for_beacons, usual_rooms
from firmware_sim.files import COMMUNITY_VARIABLE, beacon_token
from firmware_sim.rooms.beacons import report_all, write_beacons
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.plug_serving import serve_plugs, write_plugs
from firmware_sim.rooms.serving import SchoolRooms, serve_rooms
from firmware_sim.world import World

# Where plugs find their broker: host and port.
Broker = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often, in seconds: class PCs report themselves, plugs tell what they draw, faults are looked for.

    A class PC's scheduled task runs every minute; a gateway believes a report for 150 s.
    """

    report_s: float = 60.0
    tell_s: float = 30.0
    steer_s: float = 1.0


USUAL = Pace()

_PLUG_SETTINGS = """[[mqtt_power]]
id = "plugs"
url = "mqtt://{at}"
plugs = "plugs.csv"
"""
_BEACON_SETTINGS = """[[beacon]]
id = "beacons"
beacons = "beacons.csv"
host = "{at.host}"
port = {at.port}
"""
# On loopback the kernel itself answers pings to whatever address. What is off has no link at its switch.
_SETTINGS = """[[presence]]
id = "rooms"
devices = "devices.csv"
method = "tcp"
ports = [{at.computers}]
no_link = "off"
neighbours = "neighbours.txt"
[[presence.switches]]
host = "{at.switch.host}"
port = {at.switch.port}
community = "env:{community}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRooms:
    """A school's room devices while they run, and where."""

    rooms: SchoolRooms
    at: RoomEndpoints


@asynccontextmanager
async def serve_all_rooms(
    world: World,
    folder: Path,
    *,
    clock: Callable[[], float],
    faults: Mapping[str, RoomFaults] | None = None,
    plug_broker: Broker | None = None,
    pace: Pace = USUAL,
) -> AsyncIterator[Mapping[str, ServedRooms]]:
    """Start them; into each school's folder go the lists of its devices and rooms.toml.

    Plugs speak only where there is a broker for them.
    """
    async with AsyncExitStack() as stack:
        found: dict[str, ServedRooms] = {}
        for index, school in enumerate(world.scenario.schools):
            if not has_room_devices(Equipment(school)):
                continue
            served = found[school.code] = await _serve_school(
                stack,
                world,
                index,
                clock=clock,
                faults=(faults or {}).get(school.code),
                broker=plug_broker,
                tell_s=pace.tell_s,
            )
            _write(served, folder / school.code, speaks=plug_broker is not None)
            if served.rooms.equipment.reporting:
                task = asyncio.create_task(
                    _keep_reporting(served, beacon_token(world.scenario), clock, pace.report_s),
                    name=f"beacons of {school.code}",
                )
                stack.callback(task.cancel)
        yield found


def has_room_devices(equipment: Equipment) -> bool:
    return bool(equipment.computers or equipment.plugs)


async def _serve_school(
    stack: AsyncExitStack,
    world: World,
    index: int,
    *,
    clock: Callable[[], float],
    faults: RoomFaults | None,
    broker: Broker | None,
    tell_s: float,
) -> ServedRooms:
    scenario = world.scenario
    rooms = await stack.enter_async_context(
        serve_rooms(
            world.campus(scenario.schools[index].code),
            index,
            seed=scenario.seed,
            community=scenario.community,
            clock=clock,
            faults=faults,
        )
    )
    equipment, usual = rooms.equipment, usual_rooms(index)
    if broker is not None:
        host, port = broker
        await stack.enter_async_context(
            serve_plugs(
                equipment, rooms.life, rooms.faults, host=host, port=port, clock=clock, every_s=tell_s
            )
        )
    at = RoomEndpoints(
        switch=rooms.switch,
        computers=rooms.port,
        plugs=usual.plugs if broker is None else Endpoint(host=broker[0], port=broker[1]),
        beacons=free_for_beacons(index) if equipment.reporting else usual.beacons,
    )
    return ServedRooms(rooms=rooms, at=at)


def _write(served: ServedRooms, folder: Path, *, speaks: bool) -> None:
    equipment = served.rooms.equipment
    folder.mkdir(parents=True, exist_ok=True)
    served.rooms.write(folder)
    write_plugs(equipment, folder)
    write_beacons(equipment.reporting, folder)
    (folder / "rooms.toml").write_text(settings_of(served, speaks=speaks), encoding="utf-8")


def settings_of(served: ServedRooms, *, speaks: bool) -> str:
    """The gateway's blocks for a school's computers, switch and plugs. speaks: plugs have their broker."""
    equipment, at = served.rooms.equipment, served.at
    blocks = ["# For this school's gateway: paste it into its settings.\n"]
    if speaks and equipment.plugs:
        blocks.append(_PLUG_SETTINGS.format(at=at.plugs))
    if equipment.reporting:
        blocks.append(_BEACON_SETTINGS.format(at=at.beacons))
    if equipment.asked:
        blocks.append(_SETTINGS.format(at=at, community=COMMUNITY_VARIABLE))
    return "".join(blocks)


async def _keep_reporting(
    served: ServedRooms, token: str, clock: Callable[[], float], every_s: float
) -> None:
    """Every computer that runs tells so; one whose report is lost tells again the next time."""
    equipment, at = served.rooms.equipment, served.at.beacons
    for turn in count():
        await report_all(
            equipment.reporting,
            served.rooms.life,
            host=at.host,
            port=at.port,
            token=token,
            clock=clock,
            turn=turn,
            faults=served.rooms.faults,
        )
        await asyncio.sleep(every_s)
