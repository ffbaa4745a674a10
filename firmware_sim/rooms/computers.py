"""Panels and class PCs on the network: one that runs takes connections, one that is off answers nothing.

A closed port of the loopback interface refuses a connection, which only a running computer does. So one that
is off keeps a listening socket whose queue is full: the kernel then drops what comes, as a cable that leads
nowhere does.
"""

import asyncio
import contextlib
import socket

from firmware_sim.addresses import COMPUTER_PORT, Endpoint

# Windows' delivery optimisation, one of the few that class PCs have open.
PORT = COMPUTER_PORT
_SPARE = range(17680, 17780)
_FILLING = 2


class Door:
    """One computer's port at one address."""

    def __init__(self, host: str) -> None:
        self.endpoint = Endpoint(host=host, port=0)
        self._host = host
        self._bound: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._filling: list[socket.socket] = []

    async def open(self) -> None:
        await self._close()
        self._bound = self._listen(64)
        self._server = await asyncio.get_running_loop().create_server(_Taken, sock=self._bound)

    async def fall_silent(self) -> None:
        await self._close()
        self._bound = self._listen(0)
        for _ in range(_FILLING):
            one = socket.socket()
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect((self.endpoint.host, self.endpoint.port))
            self._filling.append(one)

    async def close(self) -> None:
        await self._close()

    async def _close(self) -> None:
        for one in self._filling:
            one.close()
        self._filling.clear()
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()
        elif self._bound is not None:
            self._bound.close()
        self._bound = None

    def _listen(self, backlog: int) -> socket.socket:
        ports = (self.endpoint.port,) if self.endpoint.port else (PORT, *_SPARE)
        problem: OSError | None = None
        for port in ports:
            bound = socket.socket()
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                bound.bind((self._host, port))
                bound.listen(backlog)
            except OSError as error:
                bound.close()
                problem = error
                continue
            bound.setblocking(False)
            self.endpoint = Endpoint(host=self._host, port=port)
            return bound
        raise problem or OSError()


class _Taken(asyncio.Protocol):
    """Takes a connection and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
