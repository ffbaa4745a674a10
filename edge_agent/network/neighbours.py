"""The system's neighbour table: which network card answers at an address, as ARP found out."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_agent.tables import spelling

# More lines than a school has devices; a table that is longer is read so far.
_MOST_LINES = 20_000
_LONGEST_WAIT_S = 5.0
_ARP_TABLE = Path("/proc/net/arp")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
# States of `ip neigh` in which the card itself has answered just now.
_CONFIRMED = {"REACHABLE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What is known of one address. mac None: nobody answered there. confirmed: it answered just now."""

    mac: str | None
    confirmed: bool = False


Neighbours = Mapping[str, Neighbour]


async def read_neighbours(file: Path | None) -> Neighbours:
    """The table by address: of the system, or as a file has it. Raises OSError."""
    if file is not None:
        return _of_file(file)
    try:
        return parse((await _ip_neigh()).splitlines())
    except OSError:
        # Without iproute2; this table does not tell whether what it knows is still so.
        return _of_file(_ARP_TABLE)


def _of_file(file: Path) -> Neighbours:
    return parse(file.read_text(encoding="utf-8", errors="replace").splitlines())


def parse(lines: Iterable[str]) -> Neighbours:
    """Lines of `ip neigh` or of /proc/net/arp; what is neither is passed over."""
    found: dict[str, Neighbour] = {}
    for number, line in enumerate(lines):
        words = line.split()
        if number > _MOST_LINES:
            break
        if "dev" in words[1:2] or "lladdr" in words:
            mac = words[words.index("lladdr") + 1] if "lladdr" in words[:-1] else ""
            found[words[0]] = _neighbour(mac, confirmed=words[-1] in _CONFIRMED)
        elif len(words) == 6 and words[1].startswith("0x"):
            complete = words[2] not in {"0x0", "0x00"}
            found[words[0]] = _neighbour(words[3] if complete else "", confirmed=False)
    return found


def _neighbour(mac: str, *, confirmed: bool) -> Neighbour:
    plain = spelling(mac) if mac else ""
    if not _MAC.fullmatch(plain) or plain == "00:00:00:00:00:00":
        return Neighbour(mac=None)
    return Neighbour(mac=plain, confirmed=confirmed)


async def _ip_neigh() -> str:
    """Raises OSError."""
    process = await asyncio.create_subprocess_exec(
        "ip", "neigh", "show", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_LONGEST_WAIT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise OSError(f"ip neigh ended with {process.returncode}")
    return said.decode("ascii", errors="replace")
