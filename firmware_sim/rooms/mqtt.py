"""MQTT 3.1.1 as a plug speaks it: connect with a last will, publish, subscribe. No library, no queue."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

_CONNECT, _PUBLISH, _SUBSCRIBE, _PING, _DISCONNECT = 0x10, 0x30, 0x82, 0xC0, 0xE0


class Connection:
    """One plug's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(
        cls, host: str, port: int, client: str, *, will: tuple[str, bytes], keepalive_s: int = 60
    ) -> "Connection":
        """Raises OSError."""
        reader, writer = await asyncio.open_connection(host, port)
        topic, payload = will
        flags = 0x02 | 0x04 | 0x20  # clean session, a will, which is retained
        body = _text(b"MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2)
        body += _text(client.encode()) + _text(topic.encode()) + _text(payload)
        writer.write(_packet(_CONNECT, body))
        answer = await reader.readexactly(4)
        if answer[3]:
            writer.close()
            raise ConnectionRefusedError(f"the broker answers {answer[3]}")
        return cls(reader, writer)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._writer.write(_packet(_PUBLISH | retain, _text(topic.encode()) + payload))
        await self._writer.drain()

    async def subscribe(self, topic: str) -> None:
        self._writer.write(_packet(_SUBSCRIBE, b"\0\1" + _text(topic.encode()) + b"\0"))
        await self._writer.drain()

    async def ping(self) -> None:
        self._writer.write(_packet(_PING, b""))
        await self._writer.drain()

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """What comes for us, until the connection ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind = (await self._reader.readexactly(1))[0]
                body = await self._reader.readexactly(await self._length())
                if kind & 0xF0 == _PUBLISH:
                    size = int.from_bytes(body[:2])
                    yield body[2 : 2 + size].decode(), body[2 + size :]

    async def say_goodbye(self) -> None:
        """With this the broker does not speak the last will."""
        with contextlib.suppress(OSError):
            self._writer.write(_packet(_DISCONNECT, b""))
            await self._writer.drain()
        self.drop()

    def drop(self) -> None:
        """As if its power were cut."""
        self._writer.transport.abort()

    async def _length(self) -> int:
        length = shift = 0
        while True:
            octet = (await self._reader.readexactly(1))[0]
            length |= (octet & 0x7F) << shift
            if not octet & 0x80:
                return length
            shift += 7


def _packet(kind: int, body: bytes) -> bytes:
    length, head = len(body), bytes((kind,))
    while True:
        length, octet = divmod(length, 128)
        head += bytes((octet | (0x80 if length else 0),))
        if not length:
            return head + body


def _text(value: bytes) -> bytes:
    return len(value).to_bytes(2) + value
