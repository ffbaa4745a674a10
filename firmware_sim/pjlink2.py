"""What PJLink class 2 (2.00) adds: serial number, filter hours; search and notifications over UDP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from firmware_sim.chance import between, digest
from firmware_sim.layout import Projector
from firmware_sim.world import Campus

PORT = 4352
_ON = 1
_DIRTY_AFTER_H = 900


def second_answers(campus: Campus, hung: Projector, time: float) -> dict[str, str]:
    """The answers to the queries of class 2."""
    state = campus.projector_state(hung, time)
    on = state.power == _ON
    return {
        "SNUM": serial_of(campus, hung),
        "SVER": "1.02",
        "FILT": str((state.lamp_h or 0) % _DIRTY_AFTER_H) if state.lamp_h is not None else "ERR1",
        "RLMP": "ELPLP97" if state.lamp_h is not None else "ERR1",
        "RFIL": "ELPAF60" if state.lamp_h is not None else "ERR1",
        "IRES": "1920x1080" if on else "ERR3",
        "RRES": "1280x800" if on else "ERR3",
        "FREZ": "0" if on else "ERR3",
    }


def serial_of(campus: Campus, hung: Projector) -> str:
    return f"X5SIM{digest(campus.school.code, hung.device, 'serial') & 0xFFFFFF:06X}"


def mac_of(campus: Campus, hung: Projector) -> str:
    """Locally administered, as all addresses of the simulation."""
    number = between(0, 2**24 - 1, campus.school.code, hung.device, "mac")
    return f"0e:00:{hung.number:02x}:" + number.to_bytes(3).hex(":")


class Responder(asyncio.DatagramProtocol):
    """Answers a search, and tells the gateway of changes."""

    def __init__(self, mac: str) -> None:
        self._mac = mac
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip().upper() == b"%2SRCH" and self._transport is not None:
            self._transport.sendto(f"%2ACKN={self._mac}\r".encode(), addr)

    def notify(self, what: str, gateway: tuple[str, int]) -> None:
        """`what`: 'LKUP=…', 'POWR=1', 'ERST=010000', 'INPT=31'."""
        if self._transport is not None:
            self._transport.sendto(f"%2{what}\r".encode(), gateway)


@asynccontextmanager
async def udp_side(host: str, mac: str, *, port: int = PORT) -> AsyncIterator[Responder]:
    """A projector's UDP port at its address. Raises OSError."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.setblocking(False)
    try:
        own.bind((host, port))
    except OSError:
        own.close()
        raise
    transport, responder = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Responder(mac), sock=own
    )
    try:
        yield responder
    finally:
        transport.abort()


async def announce_power(
    responder: Responder, state: Callable[[], int], gateway: tuple[str, int], *, every_s: float = 0.5
) -> None:
    """Tell of every switching on and off, as one that was set up to; until cancelled."""
    before = state()
    while True:
        await asyncio.sleep(every_s)
        now = state()
        if (now == _ON) != (before == _ON):
            responder.notify(f"POWR={int(now == _ON)}", gateway)
        before = now
