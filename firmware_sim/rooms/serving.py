"""A school's room devices, listening; and the papers that its gateway needs of them."""

import asyncio
import csv
import time as system_time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from firmware_sim.addresses import Endpoint, bind_controller, network, switch_host
from firmware_sim.rooms.computers import PORT, Door
from firmware_sim.rooms.equipment import Computer, Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.switch import switch_of
from firmware_sim.snmp_agent import Agent
from firmware_sim.world import Campus

# How often computers look whether they run.
_EVERY_S = 1.0
_IMPOSTOR_MAC = bytes.fromhex("06bad0000001")


@dataclass(kw_only=True)
class SchoolRooms:
    """One school's room devices while they run. `follow` makes them do what the time and faults say."""

    equipment: Equipment
    life: RoomLife
    faults: RoomFaults
    clock: Callable[[], float]
    index: int
    switch: Endpoint
    doors: dict[str, Door] = field(default_factory=dict)
    _state: dict[str, tuple[str, bool]] = field(default_factory=dict)
    _neighbours: Path | None = None

    def address(self, computer: Computer) -> str:
        """Where a computer is now: one that has moved sits a hundred above, in the same network."""
        last = computer.host
        if self.faults.computer(computer.device).fault == "moved":
            last = 250 + computer.number % 5
        return _host(self.index, last)

    @property
    def port(self) -> int:
        """At which computers take connections."""
        return next((door.endpoint.port for door in self.doors.values()), PORT)

    def listed(self, computer: Computer) -> str:
        return _host(self.index, computer.host)

    async def follow(self) -> None:
        now = self.clock()
        for one in self.equipment.computers:
            fault = self.faults.computer(one.device).fault
            answers = self.life.computer_on(one, now) and fault not in {"firewalled", "unplugged"}
            answers = answers or fault in {"lies", "impostor"}
            wanted = (self.address(one), answers)
            if self._state.get(one.device) == wanted:
                continue
            door = self.doors.get(one.device)
            if door is None or door.endpoint.host != wanted[0]:
                if door is not None:
                    # Nobody has the old address any more, and nobody refuses there either.
                    await door.fall_silent()
                    self.doors[f"{one.device} before"] = door
                door = self.doors[one.device] = Door(wanted[0])
            await (door.open() if answers else door.fall_silent())
            self._state[one.device] = wanted
        if self._neighbours is not None:
            self._write_neighbours(self._neighbours, now)

    def write(self, folder: Path) -> None:
        """devices.csv, and the neighbour table that a gateway of this school would have."""
        with (folder / "devices.csv").open("w", encoding="utf-8-sig", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(("device", "type", "host", "mac", "room", "via"))
            for one in self.equipment.asked:
                writer.writerow((one.device, one.type, self.listed(one), one.mac_text, one.room.code, ""))
        self._neighbours = folder / "neighbours.txt"
        self._write_neighbours(self._neighbours, self.clock())

    async def close(self) -> None:
        for door in self.doors.values():
            await door.close()

    def _write_neighbours(self, file: Path, now: float) -> None:
        """As `ip neigh` prints it. A card answers ARP whatever its firewall does."""
        lines = []
        for one in self.equipment.computers:
            fault = self.faults.computer(one.device).fault
            runs = fault == "lies" or (self.life.computer_on(one, now) and fault != "unplugged")
            mac = _IMPOSTOR_MAC if fault == "impostor" else one.mac
            state = "REACHABLE" if runs or fault == "impostor" else "STALE"
            lines.append(f"{self.address(one)} dev eth0 lladdr {mac.hex(':')} {state}\n")
        before = file.with_suffix(".new")
        before.write_text("".join(lines), encoding="ascii")
        before.replace(file)


@asynccontextmanager
async def serve_rooms(
    campus: Campus,
    index: int,
    *,
    seed: int,
    community: str,
    clock: Callable[[], float] = system_time.time,
    faults: RoomFaults | None = None,
    follows: bool = True,
) -> AsyncIterator[SchoolRooms]:
    """Start a school's switch, panels and class PCs. follows: they look at the clock by themselves."""
    equipment, faults = Equipment(campus.school), faults or RoomFaults()
    life = RoomLife(campus, seed=seed)
    bound = bind_controller(switch_host(index))
    host, port = bound.getsockname()
    rooms = SchoolRooms(
        equipment=equipment,
        life=life,
        faults=faults,
        clock=clock,
        index=index,
        switch=Endpoint(host=host, port=port),
    )
    agent = Agent(
        switch_of(equipment, life, faults, address=rooms.address),
        community=community,
        school=campus.school.code,
        seed=seed,
        clock=clock,
        faults=lambda: faults.switch,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.sleep, 0)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: agent, sock=bound)
        stack.callback(transport.close)
        stack.push_async_callback(rooms.close)
        await rooms.follow()
        if follows:
            task = asyncio.get_running_loop().create_task(_keep_following(rooms), name="room devices")
            stack.callback(task.cancel)
        yield rooms


async def _keep_following(rooms: SchoolRooms) -> None:
    while True:
        await asyncio.sleep(_EVERY_S)
        await rooms.follow()


def _host(index: int, last: int) -> str:
    return f"{network(index).rpartition('.')[0]}.{last}"
