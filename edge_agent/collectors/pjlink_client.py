"""PJLink class 1, as a client: one connection a poll, all questions on it (JBMIA PJLink 1.04)."""

import asyncio
import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import md5

# The specification allows 128 characters in an answer; this is enough for any, and no more.
MAX_LINE = 512


class Unreachable(Exception):
    """No connection: refused, or no answer to it."""

    def __init__(self, text: str, *, refused: bool) -> None:
        super().__init__(text)
        self.refused = refused


class Denied(Exception):
    """The projector does not accept our password, or asks for one that is not configured."""


@dataclass(kw_only=True)
class Answers:
    """What a projector answered: values by command, and the error codes (ERR1 to ERR4) of the others."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    broken: str | None = None
    """Why the conversation ended early, None where it did not."""
    garbled: bool = False
    """Whether it ended because an answer could not be read."""
    asked: int = 0

    @property
    def heard(self) -> bool:
        return bool(self.values or self.errors)


async def ask(
    host: str,
    port: int,
    commands: Iterable[str],
    *,
    password: str | None,
    connect_timeout_s: float,
    reply_timeout_s: float,
) -> Answers:
    """Ask all `commands`. Raises Unreachable or Denied; what breaks off later is told in the answers."""
    reader, writer = await _connect(host, port, connect_timeout_s)
    answers = Answers()
    try:
        await _converse(reader, writer, answers, commands, password, reply_timeout_s)
    except TimeoutError:
        answers.broken = f"no answer within {reply_timeout_s:g} s"
    except asyncio.IncompleteReadError:
        answers.broken = "closed the connection"
    except (_Garbled, asyncio.LimitOverrunError) as error:
        answers.broken, answers.garbled = str(error), True
    except OSError as error:
        answers.broken = f"broke the connection: {error.strerror or error}"
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return answers


class _Garbled(Exception):
    """An answer that is not PJLink."""


async def _connect(
    host: str, port: int, timeout_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.open_connection(host, port, limit=MAX_LINE)
    except TimeoutError as error:
        raise Unreachable(f"no connection within {timeout_s:g} s", refused=False) from error
    except (OSError, UnicodeError) as error:  # UnicodeError: no such host name can exist
        refused = isinstance(error, ConnectionRefusedError)
        raise Unreachable(str(error), refused=refused) from error


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answers: Answers,
    commands: Iterable[str],
    password: str | None,
    timeout_s: float,
) -> None:
    # Only the first line of a connection carries the digest.
    digest = _digest(await _line(reader, timeout_s), password)
    for command in commands:
        writer.write(f"{digest}%1{command} ?\r".encode("ascii"))
        digest = ""
        answers.asked += 1
        line = await _line(reader, timeout_s)
        if line.upper() == "PJLINK ERRA":
            raise Denied("wrong password")
        match = re.fullmatch(r"%[12]([A-Za-z0-9]{4})=(.*)", line)
        if match is None or match[1].upper() != command:
            raise _Garbled(f"cannot read the answer to {command}: {line!r}")
        if match[2].upper() in {"ERR1", "ERR2", "ERR3", "ERR4"}:
            answers.errors[command] = match[2].upper()
        else:
            answers.values[command] = match[2].strip()


def _digest(greeting: str, password: str | None) -> str:
    if greeting == "PJLINK 0":
        return ""
    if greeting.upper() == "PJLINK ERRA":
        raise Denied("wrong password")
    match = re.fullmatch(r"PJLINK 1 ([0-9A-Za-z]{8})", greeting)
    if match is None:
        raise _Garbled(f"cannot read the greeting: {greeting!r}")
    if password is None:
        raise Denied("asks for a password, none is configured")
    # MD5 is what the protocol prescribes.
    return md5((match[1] + password).encode(), usedforsecurity=False).hexdigest()


async def _line(reader: asyncio.StreamReader, timeout_s: float) -> str:
    async with asyncio.timeout(timeout_s):
        raw = await reader.readuntil(b"\r")
    # Names may be UTF-8; a line feed after the carriage return is a common mistake.
    return raw.strip(b"\r\n").decode("utf-8", errors="replace")
