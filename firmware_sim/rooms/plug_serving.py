"""All plugs of a school, connected to a broker; and plugs.csv for its gateway."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.plugs import SimulatedPlug, serve_plug


@asynccontextmanager
async def serve_plugs(
    equipment: Equipment,
    life: RoomLife,
    faults: RoomFaults,
    *,
    host: str,
    port: int,
    clock: Callable[[], float],
    every_s: float = 30.0,
) -> AsyncIterator[None]:
    """Be all plugs of a school until the block ends. A broker that is away is tried again and again."""
    started = clock()
    tasks = [
        asyncio.create_task(
            serve_plug(
                SimulatedPlug(
                    plug=plug,
                    life=life,
                    fault=lambda device=plug.device: faults.plug(device).fault,  # type: ignore[misc]
                    started=started,
                ),
                host,
                port,
                clock=clock,
                every_s=every_s,
            ),
            name=plug.device,
        )
        for plug in equipment.plugs
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def write_plugs(equipment: Equipment, folder: Path) -> None:
    with (folder / "plugs.csv").open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("topic", "kind", "device", "room", "on_w"))
        for plug in equipment.plugs:
            on_w = "" if plug.room.plug_on_w is None else f"{plug.room.plug_on_w:g}"
            writer.writerow((plug.topic, plug.kind, plug.device, plug.room.code, on_w))
