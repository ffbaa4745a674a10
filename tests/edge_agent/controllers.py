"""Controllers to read: net-snmp's own agent with a Huawei controller's objects, and one that misbehaves."""

import asyncio
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

Objects = dict[str, int | bytes]
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


def controller(count: int, *, changes: Mapping[str, int | bytes | None] | None = None) -> Objects:
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


def snmpd(folder: Path, objects: Objects) -> Server:
    """net-snmp's agent giving `objects`, with a configuration of its own."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"agentAddress udp:127.0.0.1:{port}", "rocommunity campus 127.0.0.1"]
    for oid, value in objects.items():
        if isinstance(value, int):
            lines.append(f"override .{oid} integer {value}")
        else:
            lines.append(f'override .{oid} octet_str "{value.decode()}"')
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
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


@dataclass
class Faulty(asyncio.DatagramProtocol):
    """A small agent that can be told to misbehave. Its codec is its own."""

    objects: Objects
    mute: Callable[[int], bool] = lambda _: False
    end_after: str = "9"
    error_at: str | None = None
    too_big_above: int = 10_000
    repeating: bool = False
    garbage: bool = False
    port: int = 0
    requests: int = 0
    transport: asyncio.DatagramTransport | None = None
    order: list[tuple[int, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order = sorted(_oid(text) for text in self.objects)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests += 1
        assert self.transport is not None
        if self.garbage:
            self.transport.sendto(b"\x30\x03abc", addr)
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
        error = 0
        if kind == 0xA0:
            found = [(name, self.value(name)) for name in names]
        else:
            found, error = self.bulk(names[0], int.from_bytes(repetitions, "big"))
        body = b"".join(_tlv(0x30, _tlv(6, _name_bytes(name)) + value) for name, value in found)
        answer = _tlv(2, request) + _tlv(2, bytes([error])) + _tlv(2, b"\0") + _tlv(0x30, body)
        return _tlv(0x30, _tlv(2, version) + _tlv(4, community) + _tlv(0xA2, answer))

    def bulk(
        self, name: tuple[int, ...], repetitions: int
    ) -> tuple[list[tuple[tuple[int, ...], bytes]], int]:
        start = bisect_right(self.order, name)
        found = self.order[start : start + repetitions]
        if self.repeating and name in self.order:
            found = self.order[start - 1 : start - 1 + repetitions]
        if self.error_at is not None and _oid(self.error_at) in found:
            return [(name, b"\x05\0")], 5  # genErr, and the question as it came
        if len(found) > self.too_big_above:
            return [], 1  # tooBig
        end = _oid(self.end_after)
        if found and found[-1] > end:
            found = [one for one in found if one <= end]
            return [*((one, self.value(one)) for one in found), (end, b"\x82\0")], 0  # endOfMibView
        return [(one, self.value(one)) for one in found], 0

    def value(self, name: tuple[int, ...]) -> bytes:
        value = self.objects.get(".".join(map(str, name)))
        if value is None:
            return b"\x81\0"  # noSuchInstance
        if isinstance(value, bytes):
            return _tlv(4, value)
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
