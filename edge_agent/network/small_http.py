"""As much of HTTP/1.1 (RFC 9112) as a class PC's scheduled task needs: one small request a connection."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

_MOST_HEAD, _MOST_BODY = 4096, 1024
_MOST_CONNECTIONS = 64
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """headers: by their names in small letters."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: HTTPStatus
    body: str = ""


Answer = Callable[[Request], Response]


class _Refused(Exception):
    """What was sent is no request that is taken."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class SmallServer:
    """Answers requests until it is closed."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._open = 0

    async def start(self, host: str, port: int) -> None:
        """Raises OSError."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MOST_HEAD)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open > _MOST_CONNECTIONS:
                return
            with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
                async with asyncio.timeout(_PATIENCE_S):
                    writer.write(_written(await self._one(reader, writer)))
                    await writer.drain()
        finally:
            self._open -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Response:
        try:
            return self._answer(await _read(reader, writer))
        except _Refused as error:
            return Response(status=error.status)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request:
    """Raises _Refused, and what a broken connection raises."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError as error:
        raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from error
    first, *lines = head.rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise _Refused(HTTPStatus.BAD_REQUEST)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
        raise _Refused(HTTPStatus.LENGTH_REQUIRED)
    if len(length) > 6 or int(length) > _MOST_BODY:
        raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    # PowerShell 5 waits for this before it sends a body.
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await reader.readexactly(int(length))
    return Request(method=words[0], path=words[1].partition("?")[0], headers=headers, body=body)


def _written(response: Response) -> bytes:
    body = response.body.encode()
    head = (
        f"HTTP/1.1 {response.status.value} {response.status.phrase}\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
