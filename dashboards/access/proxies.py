"""Where a request really comes from: forwarded headers count only from the proxies that the settings name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_LOOPBACK_NAMES = frozenset({"localhost", "localhost."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who is at the other end, by which scheme, asking for which host. trusted: a proxy of ours speaks."""

    address: str
    secure: bool
    host: str
    trusted: bool


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses or networks as `10.0.0.0/8`; raises ValueError."""
    return tuple(ip_network(text, strict=False) for text in texts)


def origin_of(peer: str, scheme: str, headers: Mapping[str, str], proxies: Sequence[Network]) -> Origin:
    """Walks the forwarded addresses from the right, past our own proxies, to the first that is none."""
    host = headers.get("host", "")
    if not _among(peer, proxies):
        return Origin(address=peer, secure=scheme == "https", host=host, trusted=False)
    address = peer
    for text in reversed(headers.get("x-forwarded-for", "").split(",")):
        known = _address(text.strip())
        if known is None:
            break  # what stands further left was written by nobody that we trust
        address = str(known)
        if not _among(address, proxies):
            break
    proto = headers.get("x-forwarded-proto", scheme).rpartition(",")[2].strip().lower()
    return Origin(
        address=address,
        secure=proto == "https",
        host=headers.get("x-forwarded-host", host).rpartition(",")[2].strip(),
        trusted=True,
    )


def passed_on(peer: str, http_version: str, headers: Mapping[str, str]) -> bool:
    """Whether a request to a board on loopback shows that it did not begin on this machine.

    A proxy leaves a forwarded header, or the name that the reader typed as Host; nginx by itself leaves
    neither, but speaks HTTP/1.0, which no browser does.
    """
    known = _address(peer)
    return (
        known is None
        or not known.is_loopback
        or any(name in headers for name in _FORWARDED)
        or http_version == "1.0"
        or not is_loopback(_name(headers.get("host", "")))
    )


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own and nobody else's."""
    known = _address(host)
    return known.is_loopback if known else host.lower() in _LOOPBACK_NAMES


def address_group(address: str) -> str:
    """What attempts are counted by: an address; of IPv6 its /64, which is one household's or one school's."""
    known = _address(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known, 64), strict=False))
    return str(known or address)


def _name(host: str) -> str:
    """Without the port: `[::1]:8080`, `localhost:8080`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _among(text: str, proxies: Sequence[Network]) -> bool:
    known = _address(text)
    return known is not None and any(known in network for network in proxies)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known
