"""Controllers to read: net-snmp's own agent with a Huawei controller's objects, and one that misbehaves."""

import asyncio
import json
import sys
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.servers import Server, free_port, program

HW = "1.3.6.1.4.1.2011.6.139"
AP, RADIO = f"{HW}.13.3.3.1", f"{HW}.16.1.2.1"
TOTAL, JOINED = f"{HW}.12.1.5.7.0", f"{HW}.12.1.2.1.0"

OBJECT_ID, DESCRIPTION = "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.1.0"


@dataclass(frozen=True)
class Typed:
    """A value of another type than INTEGER, OCTET STRING and OBJECT IDENTIFIER, as it travels."""

    tag: int
    content: bytes


# Types of values beside INTEGER, by their tags, as pass_persist calls them.
_TYPES = {0x41: "counter", 0x42: "gauge", 0x43: "timeticks", 0x46: "counter64"}
Value = int | bytes | tuple[int, ...] | Typed
Objects = dict[str, Value]
AP_ROW: Mapping[int, int | bytes] = {
    2: b"SER%d",
    3: b"AP4050DN",
    4: "教室{}".encode(),
    6: 8,
    7: b"V200R019",
    21: 86_400,
    40: 43,
    41: 7,
    43: 41,
    44: 12,
}
RADIO_ROW: Mapping[int, int | bytes] = {5: 1, 6: 1, 7: 6, 9: 20, 10: 1, 24: -95, 25: 33, 40: 6}


def mac(number: int) -> str:
    return f"80.111.119.234.{number // 256}.{number % 256}"


def controller(count: int, *, changes: Mapping[str, Value | None] | None = None) -> Objects:
    """A controller with `count` access points of two radios each; `changes` replaces or (None) removes."""
    objects: Objects = {TOTAL: count, JOINED: count}
    for number in range(count):
        for column, value in AP_ROW.items():
            text = (
                value.replace(b"%d", b"%d" % number).replace(b"{}", b"%d" % number)
                if isinstance(value, bytes)
                else value
            )
            objects[f"{AP}.{column}.{mac(number)}"] = text
        for radio in (0, 1):
            for column, value in RADIO_ROW.items():
                objects[f"{RADIO}.{column}.{mac(number)}.{radio}"] = value
    for oid, changed in (changes or {}).items():
        if changed is None:
            objects.pop(oid, None)
        else:
            objects[oid] = changed
    return objects


def snmpd(folder: Path, objects: Objects, *, access: str = "rocommunity campus 127.0.0.1") -> Server:
    """net-snmp's agent giving `objects`, with a configuration of its own."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"agentAddress udp:127.0.0.1:{port}", access]
    for oid, value in objects.items():
        if isinstance(value, int):
            lines.append(f"override .{oid} integer {value}")
        elif isinstance(value, bytes):
            lines.append(f'override .{oid} octet_str "{value.decode()}"')
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return _agent(folder, port)


def _agent(folder: Path, port: int) -> Server:
    command = [program("snmpd"), "-f", "-Le", "-C", "-c", str(folder / "snmpd.conf")]
    # Nothing from /etc, and nothing of the machine's own process and package tables.
    command += ["-I", "-hrSWRunTable,hrSWInstalledTable", "-p", str(folder / "pid")]
    return Server(
        "snmpd",
        command,
        port,
        folder,
        {"SNMP_PERSISTENT_DIR": str(folder), "SNMPCONFPATH": str(folder)},
        udp=True,
    )


def changing(folder: Path, *states: tuple[int, Objects]) -> Server:
    """net-snmp's agent whose objects change with the questions: each state, and with which it begins."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    said = [(begin, {name: _typed(value) for name, value in objects.items()}) for begin, objects in states]
    (folder / "states.json").write_text(json.dumps(said), encoding="utf-8")
    script = Path(__file__).with_name("pass_persist.py")
    lines = [
        f"agentAddress udp:127.0.0.1:{port}",
        "rocommunity campus 127.0.0.1",
        f"pass_persist .{HW} {sys.executable} {script} {folder / 'states.json'}",
    ]
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return _agent(folder, port)


def _typed(value: Value) -> tuple[str, str]:
    """As pass_persist is told a value; an octet string in hexadecimal."""
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, bytes):
        return "octet", value.hex(" ")
    if isinstance(value, Typed):
        return _TYPES[value.tag], str(int.from_bytes(value.content))
    return "objectid", "." + ".".join(map(str, value))


@dataclass
class Faulty(asyncio.DatagramProtocol):
    """A small agent that can be told to misbehave. Its codec is its own."""

    objects: Objects
    mute: Callable[[int], bool] = lambda _: False
    end_after: str = "9"
    error_at: str | None = None
    too_big_above: int = 10_000
    most: int = 10_000
    repeating: bool = False
    garbage: bytes | None = None
    other_number: bool = False
    endless: str | None = None
    port: int = 0
    requests: int = 0
    transport: asyncio.DatagramTransport | None = None
    order: list[tuple[int, ...]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order = sorted(_oid(text) for text in self.objects)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests += 1
        assert self.transport is not None
        if self.garbage is not None:
            self.transport.sendto(self.garbage, addr)
        elif not self.mute(self.requests):
            self.transport.sendto(self.answer(data), addr)

    def answer(self, data: bytes) -> bytes:
        _, message, _ = _read(data, 0)
        _, version, at = _read(message, 0)
        _, community, at = _read(message, at)
        kind, pdu, _ = _read(message, at)
        _, request, at = _read(pdu, 0)
        _, _, at = _read(pdu, at)
        _, repetitions, at = _read(pdu, at)
        _, binds, _ = _read(pdu, at)
        names, at = [], 0
        while at < len(binds):
            _, bind, at = _read(binds, at)
            names.append(_name(_read(bind, 0)[1]))
        self.asked += [".".join(map(str, name)) for name in names]
        error = 0
        if kind == 0xA0:
            found = [(name, self.value(name)) for name in names]
        else:
            found, error = self.bulk(names, int.from_bytes(repetitions, "big"))
        body = b"".join(_tlv(0x30, _tlv(6, _name_bytes(name)) + value) for name, value in found)
        if self.other_number:
            request = bytes([request[0] ^ 1, *request[1:]])
        answer = _tlv(2, request) + _tlv(2, bytes([error])) + _tlv(2, b"\0") + _tlv(0x30, body)
        return _tlv(0x30, _tlv(2, version) + _tlv(4, community) + _tlv(0xA2, answer))

    def bulk(
        self, names: list[tuple[int, ...]], repetitions: int
    ) -> tuple[list[tuple[tuple[int, ...], bytes]], int]:
        """Row by row, one object of every column; an answer has at most `most` objects."""
        found: list[tuple[tuple[int, ...], bytes]] = []
        reached = list(names)
        for _ in range(repetitions):
            for column, name in enumerate(reached):
                reached[column], value = self.after(name)
                found.append((reached[column], value))
        if self.error_at is not None and _oid(self.error_at) in dict(found):
            return [(name, b"\x05\0") for name in names], 5  # genErr, and the question as it came
        if len(found) > self.too_big_above:
            return [], 1  # tooBig
        return found[: self.most], 0

    def after(self, name: tuple[int, ...]) -> tuple[tuple[int, ...], bytes]:
        if self.endless is not None and name[: len(_oid(self.endless))] == _oid(self.endless):
            # One row more than the last, for ever, with a text as long as a datagram has room for.
            last = name[-1] if len(name) > len(_oid(self.endless)) + 1 else 0
            return (*_oid(self.endless), *(2, 0, 0, 0, 0), last + 1), _tlv(4, b"x" * 200)
        place = bisect_right(self.order, name)
        if self.repeating and name in self.order:
            place -= 1
        if place >= len(self.order) or self.order[place] > _oid(self.end_after):
            return name, b"\x82\0"  # endOfMibView
        return self.order[place], self.value(self.order[place])

    def value(self, name: tuple[int, ...]) -> bytes:
        value = self.objects.get(".".join(map(str, name)))
        if value is None:
            return b"\x81\0"  # noSuchInstance
        if isinstance(value, bytes):
            return _tlv(4, value)
        if isinstance(value, tuple):
            return _tlv(6, _name_bytes(value))
        if isinstance(value, Typed):
            return _tlv(value.tag, value.content)
        return _tlv(2, value.to_bytes(8, "big", signed=True))


@asynccontextmanager
async def serving(agent: Faulty) -> AsyncIterator[Faulty]:
    agent.port = free_port()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: agent, local_addr=("127.0.0.1", agent.port)
    )
    try:
        yield agent
    finally:
        transport.close()


def _oid(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _read(data: bytes, at: int) -> tuple[int, bytes, int]:
    kind, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return kind, data[at : at + length], at + length


def _tlv(kind: int, body: bytes) -> bytes:
    if len(body) < 128:
        return bytes([kind, len(body)]) + body
    return bytes([kind, 0x82]) + len(body).to_bytes(2, "big") + body


def _name(body: bytes) -> tuple[int, ...]:
    parts, value = [*divmod(body[0], 40)], 0
    for octet in body[1:]:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            parts.append(value)
            value = 0
    return tuple(parts)


def _name_bytes(name: tuple[int, ...]) -> bytes:
    out = [name[0] * 40 + (name[1] if len(name) > 1 else 0)]
    for part in name[2:]:
        octets = [part & 0x7F]
        while part := part >> 7:
            octets.append(part & 0x7F | 0x80)
        out.extend(reversed(octets))
    return bytes(out)
