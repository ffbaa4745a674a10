"""Whether the way from this gateway to an address is open, as far as the gateway itself can tell."""

import ipaddress
import socket
from pathlib import Path

from runtime.language import Text

_ROUTES, _CARDS = "proc/net/route", "sys/class/net"
# What the kernel calls a port that carries nothing (Documentation/networking/operstates.rst).
_DOWN = {"down", "lowerlayerdown", "notpresent"}


def closed_way(address: str, *, root: Path = Path("/")) -> Text | None:
    """Why nothing can be concluded from silence at `address`; None where the gateway's own port is well."""
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        return None
    if wanted.is_loopback or wanted.version == 6:
        return None
    card = _card_to(wanted, root)
    if card is None:
        return Text("网关没有通往它的路由", "the gateway has no route to it")
    state = _read(root / _CARDS / card / "operstate")
    if state in _DOWN:
        return Text(f"网关的网口 {card} 断开", f"the gateway's own port {card} is down")
    return None


def _card_to(address: ipaddress.IPv4Address | ipaddress.IPv6Address, root: Path) -> str | None:
    """The network card that the most specific route to `address` leads over; "?" where none can be read."""
    text = _read(root / _ROUTES)
    if text is None:
        return "?"
    best: tuple[int, str] | None = None
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 8:
            continue
        network, mask = (socket.htonl(int(words[at], 16)) for at in (1, 7))
        if int(address) & mask == network and (best is None or mask > best[0]):
            best = (mask, words[0])
    return best[1] if best is not None else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
