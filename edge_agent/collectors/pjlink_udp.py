"""What PJLink class 2 says over UDP: who is there (SRCH, ACKN), and that something has changed.

Neither has a password, and a notification names nobody: its sender's address is all there is. Both are hints.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from typing import cast

_SEARCH = b"%2SRCH\r"
_HERE = re.compile(r"%2ACKN=(?P<mac>[0-9a-f]{2}(?::[0-9a-f]{2}){5})\s*", re.IGNORECASE)
_CHANGED = re.compile(r"%2(?:LKUP|POWR|ERST|INPT)=[^\r\n]{0,64}\s*", re.IGNORECASE)
_MOST_FOUND = 1000


class Ear(asyncio.DatagramProtocol):
    """Tells who sent a notification."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, host: str, port: int, told: Callable[[str], None]) -> "Ear":
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_datagram_endpoint(lambda: cls(told), local_addr=(host, port))
        return ear

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) <= 128 and _CHANGED.fullmatch(data.decode("ascii", errors="replace")):
            self._told(addr[0])

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _Finding(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        match = _HERE.fullmatch(data[:128].decode("ascii", errors="replace"))
        if match is not None and len(self.found) < _MOST_FOUND:
            self.found[addr[0]] = match["mac"].lower()

    def error_received(self, exc: Exception) -> None:
        """Where nobody listens there is no projector of class 2."""


async def search(places: Sequence[str], *, port: int, within_s: float) -> dict[str, str]:
    """The MACs of those that answer at `places` (addresses, or a network's broadcast address), by address."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    own.setblocking(False)
    own.bind(("", 0))
    transport, finding = await asyncio.get_running_loop().create_datagram_endpoint(_Finding, sock=own)
    try:
        # Twice: a datagram may get lost.
        for _ in range(2):
            for place in places:
                transport.sendto(_SEARCH, (place, port))
            await asyncio.sleep(within_s / 2)
    finally:
        transport.abort()
    return finding.found
