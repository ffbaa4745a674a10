"""Echo requests (RFC 792) without privileges: one socket for all devices of a round.

Linux gives such a socket (SOCK_DGRAM, IPPROTO_ICMP) to the groups in net.ipv4.ping_group_range; where it does
not, a raw socket is tried, which needs CAP_NET_RAW.
"""

import asyncio
import contextlib
import secrets
import socket

_REQUEST, _REPLY = 8, 0
# What a ping carries beside its header: proof that a reply answers us, and nobody else on this machine.
_TOKEN_BYTES = 16
_LONGEST = 1500


class NotPermitted(Exception):
    """The system gives this program no way to send echo requests."""


class Pings:
    """Asks addresses whether they are there."""

    def __init__(self, own: socket.socket) -> None:
        self._own = own
        self._raw = own.type == socket.SOCK_RAW
        self._token = secrets.token_bytes(_TOKEN_BYTES)
        self._sequence = 0
        self._waiting: dict[str, asyncio.Future[None]] = {}
        asyncio.get_running_loop().add_reader(own, self._heard)

    @classmethod
    async def open(cls) -> "Pings":
        """Raises NotPermitted."""
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
            with contextlib.suppress(OSError):
                own = socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP)
                own.setblocking(False)
                return cls(own)
        raise NotPermitted

    async def answers(self, address: str, *, within_s: float, tries: int = 2) -> bool:
        """Whether an IPv4 address answers. Raises OSError where there is no way to it."""
        heard = self._waiting.get(address)
        if heard is None:
            heard = self._waiting[address] = asyncio.get_running_loop().create_future()
        try:
            for _ in range(tries):
                self._sequence = (self._sequence + 1) % 0x10000
                with contextlib.suppress(BlockingIOError):  # a full buffer: the next try has room
                    self._own.sendto(request(self._sequence, self._token), (address, 0))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(within_s / tries):
                        await asyncio.shield(heard)
                    return True
            return False
        finally:
            self._waiting.pop(address, None)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._own)
        self._own.close()

    def _heard(self) -> None:
        with contextlib.suppress(OSError):  # an address that cannot be reached is one that does not answer
            data, (address, _) = self._own.recvfrom(_LONGEST)
            waiting = self._waiting.get(address)
            if waiting is not None and not waiting.done() and is_reply(data, self._token, raw=self._raw):
                waiting.set_result(None)


def request(sequence: int, token: bytes) -> bytes:
    """An echo request. The kernel puts its own number into the identifier of an unprivileged socket."""
    without_sum = bytes((_REQUEST, 0, 0, 0)) + token[:2] + sequence.to_bytes(2) + token
    return without_sum[:2] + _sum(without_sum).to_bytes(2) + without_sum[4:]


def is_reply(data: bytes, token: bytes, *, raw: bool) -> bool:
    """Whether a datagram is an echo reply to one of ours; a raw socket's have the IP header before them."""
    if raw:
        data = data[(data[0] & 15) * 4 :] if data else b""
    return len(data) >= 8 + len(token) and data[0] == _REPLY and data[8 : 8 + len(token)] == token


def _sum(data: bytes) -> int:
    """The checksum of RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(padded[at : at + 2]) for at in range(0, len(padded), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
