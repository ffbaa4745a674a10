"""The other end of the wire: net-snmp's own tools, and bare sockets."""

import asyncio
import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from firmware_sim import Endpoint
from tests.servers import program

SYSTEM = "1.3.6.1.2.1.1"
WLAN = "1.3.6.1.4.1.2011.6.139"
AP_TABLE = f"{WLAN}.13.3.3.1"
RADIO_TABLE = f"{WLAN}.16.1.2.1"


async def net_snmp(
    tool: str, controller: Endpoint, *arguments: str, community: str = "campus-sim", options: str = "-Onx"
) -> tuple[int, str]:
    """Run snmpwalk and its like; gives the exit code and everything it said."""
    who = ("-v2c", "-c", community, "-t", "2")
    return await _run(tool, (*who, *options.split(), str(controller), *arguments))


async def net_snmp_v3(tool: str, controller: Endpoint, who: Sequence[str], oid: str) -> str:
    """The same over SNMP v3, as this user; gives everything it said."""
    return (await _run(tool, ("-v3", *who, "-t", "1", "-Onx", str(controller), oid)))[1]


async def _run(tool: str, arguments: Sequence[str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        program(tool),
        *("-r", "0", "-m", "", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # Neither the machine's SNMP configuration nor its state belongs to a test.
        env={**os.environ, "SNMPCONFPATH": "/nonexistent", "SNMP_PERSISTENT_FILE": os.devnull},
    )
    said, _ = await process.communicate()
    return await process.wait(), said.decode(errors="replace")


async def walk(controller: Endpoint, root: str, *, tool: str = "snmpbulkwalk") -> dict[str, str]:
    """OID to 'TYPE: value' of everything below `root`."""
    return rows_of((await net_snmp(tool, controller, root))[1])


def rows_of(said: str) -> dict[str, str]:
    """OID to 'TYPE: value' of what a walk has said."""
    rows: dict[str, str] = {}
    # Long octet strings are wrapped.
    for line in re.sub(r"\n(?!\.)", " ", said).splitlines():
        name, separator, value = line.partition(" = ")
        if separator and "No " not in value:
            rows[name.lstrip(".")] = value.strip()
    return rows


async def column(controller: Endpoint, table: str, number: int) -> list[str]:
    """The values of one column, without their types."""
    rows = await walk(controller, f"{table}.{number}")
    return [value.partition(": ")[2] for value in rows.values()]


class Datagrams(asyncio.DatagramProtocol):
    """A UDP socket that keeps what it receives."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait(data)


async def datagrams(controller: Endpoint) -> tuple[asyncio.DatagramTransport, Datagrams]:
    return await asyncio.get_running_loop().create_datagram_endpoint(
        Datagrams, remote_addr=(controller.host, controller.port)
    )


def get_request(number: int, oid: bytes = bytes.fromhex("2b06010201010500")) -> bytes:
    """A GET of sysName.0 written byte by byte, so that no codec stands between test and agent."""
    varbind = b"\x30" + bytes((len(oid) + 4,)) + b"\x06" + bytes((len(oid),)) + oid + b"\x05\x00"
    numbers = b"\x02\x02" + number.to_bytes(2) + b"\x02\x01\x00\x02\x01\x00"
    pdu = numbers + b"\x30" + bytes((len(varbind),)) + varbind
    body = b"\x02\x01\x01\x04\x0acampus-sim\xa0" + bytes((len(pdu),)) + pdu
    return b"\x30" + bytes((len(body),)) + body


def request_number(answer: bytes) -> int:
    """The request-id of an answer to `get_request`."""
    start = answer.index(b"campus-sim") + len(b"campus-sim") + 2
    assert answer[start : start + 1] == b"\x02"
    return int.from_bytes(answer[start + 2 : start + 2 + answer[start + 1]])


async def say(projector: Endpoint, *lines: str, at_once: bool = False) -> list[str]:
    """Connect, hear the greeting, say each line and hear its answer; '' is a hang-up, 'RST' a broken line."""
    reader, writer = await asyncio.open_connection(projector.host, projector.port)
    heard: list[str] = []
    try:
        heard.append(await _line(reader))
        if at_once:
            writer.write("".join(f"{line}\r" for line in lines).encode())
        for line in lines:
            if not at_once:
                writer.write(f"{line}\r".encode())
            heard.append(await _line(reader))
    except ConnectionResetError:
        heard.append("RST")
    finally:
        writer.close()
    return heard


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r")).decode().rstrip("\r")
    except asyncio.IncompleteReadError as error:
        return error.partial.decode()


def listening(host: str) -> list[int]:
    """Ports on which this very process listens on `host`, TCP and UDP, as the kernel tells it."""
    wanted = "".join(f"{octet:02X}" for octet in reversed(socket.inet_aton(host)))
    ours = {os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}
    ports = []
    for table, state in (("tcp", "0A"), ("udp", "07")):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            cells = line.split()
            address, _, port = cells[1].partition(":")
            if address == wanted and cells[3] == state and f"socket:[{cells[9]}]" in ours:
                ports.append(int(port, 16))
    return sorted(ports)


def _is_open(name: str) -> bool:
    return os.path.islink(f"/proc/self/fd/{name}")
