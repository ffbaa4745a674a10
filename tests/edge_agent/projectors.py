"""A scripted projector: says what the test tells it to."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.servers import free_port

SALT = "498e4a67"
ANSWERS: Mapping[str, str] = {
    "POWR": "1",
    "LAMP": "1234 1",
    "INPT": "31",
    "ERST": "000000",
    "INF1": "EPSON",
    "INF2": "CB-X51",
}


@dataclass
class Scripted:
    """`answers` by command; None says nothing, bytes are sent as they are and end the conversation."""

    answers: dict[str, str | bytes | None] = field(default_factory=lambda: dict(ANSWERS))
    password: str | None = None
    greeting: bytes | None = None
    mute: bool = False
    hangs_up_after: int | None = None
    on_digest: str = "errs"
    salt: str = SALT
    echo: bool = False
    encoding: str = "utf-8"
    end: bytes = b"\r"
    asked: list[str] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_at_once: int = 0
    delay_s: float = 0.0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_now += 1
        self.most_at_once = max(self.most_at_once, self.open_now)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_now -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mute:
            await reader.read()
            return
        plain = b"PJLINK 0\r" if self.password is None else f"PJLINK 1 {self.salt}\r".encode()
        writer.write(plain if self.greeting is None else self.greeting)
        denied = False
        if self.password is not None:
            digest = hashlib.md5((self.salt + self.password).encode(), usedforsecurity=False).hexdigest()
            denied = await reader.readexactly(32) != digest.encode()
        answered = 0
        while answered != self.hangs_up_after:
            answered += 1
            line = (await reader.readuntil(b"\r")).decode()
            command = line[2:6]
            self.asked.append(command)
            await asyncio.sleep(self.delay_s)
            answer = self.answers.get(command, "ERR1")
            if denied and self.on_digest == "hangs up":
                return
            if denied:
                writer.write(b"PJLINK ERRA\r")
                return
            if isinstance(answer, bytes):
                writer.write(answer)
                return
            if self.echo:
                writer.write(line.encode())
            if answer is not None:
                writer.write(f"%1{command}={answer}".encode(self.encoding) + self.end)


@asynccontextmanager
async def serving(projector: Scripted) -> AsyncIterator[Scripted]:
    projector.port = free_port()
    server = await asyncio.start_server(projector.serve, "127.0.0.1", projector.port)
    async with server:
        yield projector
