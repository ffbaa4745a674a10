"""Class PCs that report themselves, as their scheduled task does: the time is asked for, the body signed."""

import asyncio
import contextlib
import csv
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from firmware_sim.chance import digest
from firmware_sim.files import TOKEN_VARIABLE
from firmware_sim.rooms.equipment import Computer
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.life import RoomLife


def write_beacons(computers: Iterable[Computer], folder: Path) -> None:
    with (folder / "beacons.csv").open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("device", "type", "room", "token"))
        for one in computers:
            writer.writerow((one.device, one.type, one.room.code, f"env:{TOKEN_VARIABLE}"))


def body_of(computer: Computer, life: RoomLife, *, time: float, said: int, turn: int = 0) -> bytes:
    """What it says at `time`, its report number `turn`; `said` is the time that the gateway told it."""
    return json.dumps(
        {
            "v": 1,
            "device": computer.device,
            "time": said,
            "nonce": f"{digest(computer.device, said, time, turn):016x}",
            "signed_in": life.signed_in(computer, time),
            "display_on": life.computer_on(computer, time),
        }
    ).encode()


def signed(body: bytes, token: str) -> str:
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


async def send(host: str, port: int, body: bytes, signature: str) -> int:
    """POST it; gives the status. Raises OSError."""
    head = (
        f"POST /beacon HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
        f"X-Campus-Signature: {signature}\r\nConnection: close\r\n\r\n"
    )
    answer = await _talk(host, port, head.encode() + body)
    return int(answer.split(b" ", 2)[1])


async def time_of(host: str, port: int) -> int:
    """The gateway's time. Raises OSError."""
    answer = await _talk(host, port, f"GET /time HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return int(json.loads(answer.partition(b"\r\n\r\n")[2])["time"])


async def report_all(
    computers: Iterable[Computer],
    life: RoomLife,
    *,
    host: str,
    port: int,
    token: str,
    clock: Callable[[], float],
    turn: int = 0,
    faults: RoomFaults | None = None,
) -> None:
    """Every computer that runs now reports itself once; a gateway that is away is tried the next time."""
    faults = faults or RoomFaults()
    # Half an answer is none.
    with contextlib.suppress(OSError, ValueError, LookupError):
        for one in computers:
            fault = faults.computer(one.device).fault
            if fault == "lies" or (life.computer_on(one, clock()) and fault != "unplugged"):
                body = body_of(one, life, time=clock(), said=await time_of(host, port), turn=turn)
                key = f"not {token}" if fault == "wrong-token" else token
                await send(host, port, body, signed(body, key))


async def _talk(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()
