"""PJLink classes 1 and 2, as a client: all questions on one connection, as far as it is kept open.

Projectors take the protocol (JBMIA PJLink 1.04) lightly: line ends, blanks, capitals and the bytes of telnet
servers are as they may be; what is said must be PJLink.
"""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import md5

from edge_agent.hosts import Unresolved, address_of
from runtime.errors import os_reason
from runtime.language import Text

# The specification allows 128 characters in an answer; this is enough for any, and no more.
MAX_LINE = 512
# Line ends that come alone: a few are a bad habit, more are no projector.
_EMPTY_LINES = 16
# A projector that takes one client only needs a moment after it has hung up.
_PAUSE_S = 0.2
# Telnet's commands: IAC SB … IAC SE, IAC WILL/WONT/DO/DONT option, and those of two bytes (RFC 854).
_TELNET = re.compile(rb"\xff\xfa.*?\xff\xf0|\xff[\xfb-\xfe].|\xff[\xf0-\xf9]|\xff\xff", re.DOTALL)
_GREETING = re.compile(r"PJLINK\s*(?:(?P<open>0)\b.*|1\s*(?P<challenge>\S+))", re.IGNORECASE)
_ANSWER = re.compile(r"%\s*[12]\s*(?P<command>[A-Z0-9]{4})\s*=\s*(?P<value>.*)", re.IGNORECASE)
_REFUSED = re.compile(r"PJLINK\s*ERRA|%\s*[12]\s*[A-Z0-9]{4}\s*=\s*ERRA", re.IGNORECASE)
# What only class 2 knows (PJLink 2.00); the rest is asked as class 1, which those of class 2 answer as well.
_SECOND_CLASS = {"SNUM", "FILT"}
_ERRORS = {"ERR1", "ERR2", "ERR3", "ERR4"}


class Unreachable(Exception):
    """No connection. `refused`: it was turned away; `unresolved`: the host has no address."""

    def __init__(self, text: Text, *, refused: bool = False, unresolved: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.refused = refused
        self.unresolved = unresolved


class Denied(Exception):
    """The projector does not accept our password, or asks for one that is not configured."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A projector, the password it wants, and how patiently to ask it."""

    host: str
    port: int
    password: str | None
    connect_timeout_s: float
    reply_timeout_s: float


@dataclass(kw_only=True)
class Answers:
    """What a projector answered: values by command, and the error codes (ERR1 to ERR4) of the others."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    broken: Text | None = None
    """Why the conversation ended early, None where it did not."""
    garbled: bool = False
    """Whether it ended because an answer could not be read."""
    asked: int = 0

    @property
    def heard(self) -> int:
        return len(self.values) + len(self.errors)


async def ask(place: Place, commands: Iterable[str]) -> Answers:
    """Ask all `commands`. Raises Unreachable or Denied; what breaks off later is told in the answers.

    A projector that hangs up after an answer is asked the rest on further connections.
    """
    answers, waiting = Answers(), deque(commands)
    while waiting:
        before = answers.heard
        try:
            hung_up = await _connect_and_converse(place, answers, waiting)
        except Unreachable as error:
            if not before:
                raise
            answers.broken = error.text
            break
        if not hung_up or answers.heard == before:
            break
        answers.broken = None if waiting else answers.broken
        await asyncio.sleep(_PAUSE_S if waiting else 0)
    return answers


class _Garbled(Exception):
    """An answer that is not PJLink."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


class _HungUp(Exception):
    """The other side ended the connection."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


async def _connect_and_converse(place: Place, answers: Answers, waiting: deque[str]) -> bool:
    """One connection: takes from `waiting` what was answered. True where the projector hung up."""
    reader, writer = await _connect(place)
    lines = _Lines(reader, place.reply_timeout_s)
    try:
        await _converse(lines, writer, answers, waiting, place.password)
    except TimeoutError:
        seconds = f"{place.reply_timeout_s:g}"
        answers.broken = Text(f"{seconds} 秒内没有答复", f"no answer within {seconds} s")
        answers.garbled = lines.noise and not answers.heard
    except _HungUp as error:
        answers.broken = error.text
        return True
    except _Garbled as error:
        answers.broken, answers.garbled = error.text, True
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return False


async def _connect(place: Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        address = await address_of(place.host, within_s=place.connect_timeout_s)
        async with asyncio.timeout(place.connect_timeout_s):
            return await asyncio.open_connection(address, place.port, limit=MAX_LINE)
    except Unresolved as error:
        raise Unreachable(error.text, unresolved=True) from error
    except TimeoutError as error:
        seconds = f"{place.connect_timeout_s:g}"
        raise Unreachable(Text(f"{seconds} 秒内没有连上", f"no connection within {seconds} s")) from error
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError)
        raise Unreachable(os_reason(error), refused=refused) from error


async def _converse(
    lines: "_Lines",
    writer: asyncio.StreamWriter,
    answers: Answers,
    waiting: deque[str],
    password: str | None,
) -> None:
    # Only the first line of a connection carries the digest.
    digest = _digest(await lines.next(), password)
    while waiting:
        command = waiting[0]
        question = f"{digest}%{2 if command in _SECOND_CLASS else 1}{command} ?"
        writer.write(f"{question}\r".encode("ascii"))
        answers.asked += 1
        try:
            line = await lines.next()
            # Some say back what they heard before they answer it.
            while line in {question, question[len(digest) :]}:
                line = await lines.next()
        except _HungUp as error:
            if digest and not answers.heard:
                raise Denied(
                    Text("收到口令摘要后挂断：口令不对", "hung up on the digest: wrong password")
                ) from error
            raise
        digest = ""
        _take(line, command, answers)
        waiting.popleft()


def _take(line: str, command: str, answers: Answers) -> None:
    if _REFUSED.fullmatch(line):
        raise Denied(Text("口令不对", "wrong password"))
    match = _ANSWER.fullmatch(line)
    if match is None or match["command"].upper() != command:
        raise _Garbled(
            Text(f"无法读懂对 {command} 的答复：{line!r}", f"cannot read the answer to {command}: {line!r}")
        )
    value = match["value"].strip()
    if value.upper() in _ERRORS:
        answers.errors[command] = value.upper()
    else:
        answers.values[command] = value


def _digest(greeting: str, password: str | None) -> str:
    if _REFUSED.fullmatch(greeting):
        raise Denied(Text("口令不对", "wrong password"))
    match = _GREETING.fullmatch(greeting)
    if match is None:
        raise _Garbled(Text(f"无法读懂问候：{greeting!r}", f"cannot read the greeting: {greeting!r}"))
    if match["open"]:
        return ""
    if password is None:
        raise Denied(Text("要求口令，但没有配置", "asks for a password, none is configured"))
    # MD5 is what the protocol prescribes. The challenge has eight characters; some have other lengths.
    return md5((match["challenge"] + password).encode(), usedforsecurity=False).hexdigest()


class _Lines:
    """The lines that come, whatever ends them. `noise`: something came since the last of them."""

    def __init__(self, reader: asyncio.StreamReader, timeout_s: float) -> None:
        self._reader = reader
        self._timeout_s = timeout_s
        self._rest = b""
        self.noise = False

    async def next(self) -> str:
        """The next line that is not empty. Raises TimeoutError, _HungUp, _Garbled."""
        empty = 0
        async with asyncio.timeout(self._timeout_s):
            while True:
                line, end, rest = _first_line(self._rest)
                if not end:
                    await self._more()
                    continue
                self._rest = rest
                if text := _text(line):
                    self.noise = False
                    return text
                empty += 1
                if empty > _EMPTY_LINES:
                    raise _Garbled(Text("只发来空行", "sends nothing but empty lines"))

    async def _more(self) -> None:
        if len(self._rest) > MAX_LINE:
            raise _Garbled(Text("发来的一行过长", "sends a line that is too long"))
        try:
            data = await self._reader.read(MAX_LINE)
        except OSError as error:
            why = os_reason(error)
            raise _HungUp(Text(f"连接中断：{why.zh}", f"broke the connection: {why.en}")) from error
        if not data:
            raise _HungUp(Text("挂断了连接", "closed the connection"))
        self.noise = True
        self._rest = _TELNET.sub(b"", self._rest + data)


def _first_line(data: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the first carriage return or line feed, that end, and what follows."""
    match = re.search(rb"[\r\n]", data)
    return (data[: match.start()], match[0], data[match.end() :]) if match else (data, b"", b"")


def _text(line: bytes) -> str:
    """A line as UTF-8 or, as many sold here send names, GBK; without NULs and the blanks around it."""
    raw = line.replace(b"\0", b"")
    try:
        return raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace").strip()
