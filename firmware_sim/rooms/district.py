"""The room devices of all schools of a district that have any, and a gateway's settings for them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from firmware_sim.files import COMMUNITY_VARIABLE
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.serving import SchoolRooms, serve_rooms
from firmware_sim.world import World

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
    world: World, folder: Path, *, clock: Callable[[], float], faults: Mapping[str, RoomFaults] | None = None
) -> AsyncIterator[Mapping[str, SchoolRooms]]:
    """Start them; into each school's folder go devices.csv, neighbours.txt and rooms.toml."""
    scenario, faults = world.scenario, faults or {}
    async with AsyncExitStack() as stack:
        found: dict[str, SchoolRooms] = {}
        for index, school in enumerate(scenario.schools):
            if not Equipment(school).computers:
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
            (folder / school.code / "rooms.toml").write_text(settings_of(rooms), encoding="utf-8")
        yield found


def settings_of(rooms: SchoolRooms) -> str:
    """The gateway's block for a school's computers and switch."""
    door = next(iter(rooms.doors.values()))
    return _SETTINGS.format(
        port=door.endpoint.port,
        switch=rooms.switch.host,
        switch_port=rooms.switch.port,
        community=COMMUNITY_VARIABLE,
    )
