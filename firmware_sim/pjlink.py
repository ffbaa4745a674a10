"""A PJLink class 1 projector over TCP (JBMIA PJLink 1.04), and faults on request."""

import asyncio
import hashlib
import re
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from firmware_sim.chance import digest
from firmware_sim.faults import PjlinkFaults
from firmware_sim.states import ProjectorState

# A projector hangs up on whoever says nothing for so long.
IDLE_CLOSE_S = 30.0
# A slow one's answers come so late; a gateway waits for 4 s.
SLOW_S = 0.8
# "%1", four letters, a space, a parameter of at most 128, and the digest before the first command.
_MAX_LINE = 32 + 7 + 128
_COMMAND = re.compile(rb"%([12])([A-Z0-9]{4}) (.{1,128})", re.IGNORECASE | re.DOTALL)

_ON = 1
_UNDEFINED, _OUT_OF_RANGE, _UNAVAILABLE = "ERR1", "ERR2", "ERR3"
_INPUTS = ("11", "31", "32", "51")
_SETTABLE = {"POWR": ("0", "1"), "INPT": _INPUTS, "AVMT": ("10", "11", "20", "21", "30", "31")}


class Projector(asyncio.Protocol):
    """One connection to one projector. `number` tells its connections apart: each has its own salt."""

    def __init__(
        self,
        *,
        name: str,
        model: str,
        number: int,
        password: str | None,
        state: Callable[[], ProjectorState],
        faults: Callable[[], PjlinkFaults],
        connections: "set[Projector]",
        second: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        """`second`: what one of class 2 answers beside (see pjlink2.py)."""
        self._name = name
        self._model = model
        self._salt = f"{digest(name, number, 'salt') & 0xFFFFFFFF:08x}"
        self._password = password
        self._state = state
        self._faults = faults
        self._connections = connections
        self._second = second
        self._trusted = password is None
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        fault = self._faults().fault
        if fault == "reset":
            self._reset()
        elif fault != "mute":
            self._wait()
            self._send("PJLINK 0" if self._password is None else f"PJLINK 1 {self._salt}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._transport = None
        if self._idle:
            self._idle.cancel()

    def data_received(self, data: bytes) -> None:
        fault = self._faults().fault
        if fault == "mute":
            return
        if fault == "reset":
            self._reset()
            return
        self._wait()
        self._received += data
        while b"\r" in self._received and self._transport and not self._transport.is_closing():
            line, _, self._received = self._received.partition(b"\r")
            # Some controllers end their lines with CR LF.
            self._line(line.lstrip(b"\n"))
        if len(self._received) > _MAX_LINE:
            self.hang_up()

    def hang_up(self) -> None:
        if self._transport:
            self._transport.close()

    def drop(self) -> None:
        """Hang up at once, whatever is still to be sent."""
        if self._transport:
            self._transport.abort()

    def _line(self, line: bytes) -> None:
        fault = self._faults().fault
        if not self._trusted or fault == "erra":
            line = self._authenticated(line) if fault != "erra" else b""
            if not line:
                self._send("PJLINK ERRA")
                self.hang_up()
                return
            self._trusted = True
        reply = self._reply(line, fault)
        if fault == "half":
            self._write(reply[: len(reply) // 2])
            self.hang_up()
        elif fault == "slow":
            asyncio.get_running_loop().call_later(SLOW_S, self._write, reply)
        else:
            self._write(reply)

    def _authenticated(self, line: bytes) -> bytes:
        """The command behind the right digest; nothing where the digest is wrong."""
        expected = hashlib.md5(f"{self._salt}{self._password}".encode(), usedforsecurity=False).hexdigest()
        return line[32:] if line[:32].lower() == expected.encode() else b""

    def _reply(self, line: bytes, fault: str) -> bytes:
        command = _COMMAND.fullmatch(line)
        if not command:
            return b"%1" + line[2:6] + b"=ERR1\r" if line[:1] == b"%" else b"ERR1\r"
        body = command[2].decode().upper()
        parameter = command[3].decode(errors="replace")
        if fault in {"err3", "err4"}:
            value = fault.upper()
        elif command[1] != b"1":
            answers = self._second() if self._second is not None else {}
            value = answers.get(body, _UNDEFINED) if parameter == "?" else _UNDEFINED
        else:
            value = self._query(body) if parameter == "?" else self._set(body, parameter)
        return f"%{command[1].decode()}{body}={value}\r".encode()

    def _query(self, body: str) -> str:
        state = self._state()
        if self._faults().fault == "lies":
            state = replace(state, power=_ON)
        answers: dict[str, Callable[[], str]] = {
            "POWR": lambda: str(state.power),
            "LAMP": lambda: _lamp(state),
            "INPT": lambda: state.source if state.power == _ON else _UNAVAILABLE,
            "ERST": lambda: state.errors,
            "AVMT": lambda: "30" if state.power == _ON else _UNAVAILABLE,
            "INST": lambda: " ".join(_INPUTS),
            "NAME": lambda: self._name,
            "INF1": lambda: "Campus Simulation",
            "INF2": lambda: self._model,
            "INFO": lambda: "",
            "CLSS": lambda: "1" if self._second is None else "2",
        }
        answer = answers.get(body)
        return answer() if answer else _UNDEFINED

    def _set(self, body: str, parameter: str) -> str:
        """The timetable alone switches simulated projectors: a valid command comes at the wrong time."""
        allowed = _SETTABLE.get(body)
        if allowed is None:
            return _UNDEFINED
        return _UNAVAILABLE if parameter in allowed else _OUT_OF_RANGE

    def _send(self, text: str) -> None:
        self._write(text.encode() + b"\r")

    def _write(self, data: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def _reset(self) -> None:
        """Close with RST in place of FIN, as a device that lost power and came back does."""
        if self._transport:
            handle = self._transport.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    def _wait(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_CLOSE_S, self.hang_up)


def _lamp(state: ProjectorState) -> str:
    if state.lamp_h is None:
        return _UNDEFINED  # a laser has no lamp
    return f"{state.lamp_h} {int(state.power == _ON)}"
