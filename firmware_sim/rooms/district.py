"""The room devices of all schools of a district that have any, and a gateway's settings for them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from firmware_sim.files import COMMUNITY_VARIABLE
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.plug_serving import serve_plugs, write_plugs
from firmware_sim.rooms.serving import SchoolRooms, serve_rooms
from firmware_sim.world import World

# Where plugs find their broker: host and port.
Broker = tuple[str, int]

_PLUG_SETTINGS = """[[mqtt_power]]
id = "plugs"
url = "mqtt://{host}:{port}"
plugs = "plugs.csv"
"""
# On loopback the kernel itself answers pings to whatever address.
_SETTINGS = """# For this school's gateway: paste it into its settings.
[[presence]]
id = "rooms"
devices = "devices.csv"
method = "tcp"
ports = [{port}]
neighbours = "neighbours.txt"
[[presence.switches]]
host = "{switch}"
port = {switch_port}
community = "env:{community}"
"""


@asynccontextmanager
async def serve_all_rooms(
    world: World,
    folder: Path,
    *,
    clock: Callable[[], float],
    faults: Mapping[str, RoomFaults] | None = None,
    plug_broker: Broker | None = None,
) -> AsyncIterator[Mapping[str, SchoolRooms]]:
    """Start them; into each school's folder go devices.csv, neighbours.txt, plugs.csv and rooms.toml.

    Plugs speak only where there is a broker for them.
    """
    scenario, faults = world.scenario, faults or {}
    async with AsyncExitStack() as stack:
        found: dict[str, SchoolRooms] = {}
        for index, school in enumerate(scenario.schools):
            equipment = Equipment(school)
            if not equipment.computers and not equipment.plugs:
                continue
            rooms = found[school.code] = await stack.enter_async_context(
                serve_rooms(
                    world.campus(school.code),
                    index,
                    seed=scenario.seed,
                    community=scenario.community,
                    clock=clock,
                    faults=faults.get(school.code),
                )
            )
            rooms.write(folder / school.code)
            write_plugs(equipment, folder / school.code)
            if plug_broker is not None:
                host, port = plug_broker
                await stack.enter_async_context(
                    serve_plugs(equipment, rooms.life, rooms.faults, host=host, port=port, clock=clock)
                )
            text = settings_of(rooms, plug_broker)
            (folder / school.code / "rooms.toml").write_text(text, encoding="utf-8")
        yield found


def settings_of(rooms: SchoolRooms, plug_broker: Broker | None = None) -> str:
    """The gateway's blocks for a school's computers, switch and plugs."""
    plugs = ""
    if plug_broker is not None and rooms.equipment.plugs:
        plugs = _PLUG_SETTINGS.format(host=plug_broker[0], port=plug_broker[1])
    if not rooms.doors:
        return plugs
    door = next(iter(rooms.doors.values()))
    return plugs + _SETTINGS.format(
        port=door.endpoint.port,
        switch=rooms.switch.host,
        switch_port=rooms.switch.port,
        community=COMMUNITY_VARIABLE,
    )
