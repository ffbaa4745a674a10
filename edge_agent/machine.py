"""What tells this machine from one that a copy of its disk was put into."""

from pathlib import Path

_NETWORK = Path("/sys/class/net")
_SERIALS = (
    Path("/sys/firmware/devicetree/base/serial-number"),
    Path("/sys/class/dmi/id/product_uuid"),
    Path("/sys/class/dmi/id/board_serial"),
)
# What makers write where there is no number.
_NO_SERIALS = {"", "none", "default string", "to be filled by o.e.m.", "not specified", "0" * 16}
# In the first byte of a hardware address: given by software, as those of containers and virtual networks are.
_LOCAL = 0x02


def hardware() -> frozenset[str]:
    """Numbers burnt into this machine, which a copied disk does not bring along; none where none is told."""
    return frozenset({*_serials(), *_addresses()})


def another_machine(known: frozenset[str], here: frozenset[str]) -> bool:
    """Whether a spool was made elsewhere. One number in common is enough: parts are exchanged."""
    return bool(known) and bool(here) and not known & here


def _serials() -> set[str]:
    found = {_text(path) for path in _SERIALS}
    return {text for text in found if text.lower() not in _NO_SERIALS}


def _addresses() -> set[str]:
    found = set()
    try:
        interfaces = sorted(_NETWORK.iterdir())
    except OSError:
        return set()
    for interface in interfaces:
        address = _text(interface / "address")
        if (interface / "device").exists() and address and not int(address[:2], 16) & _LOCAL:
            found.add(address)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip("\0 \n")
    except (OSError, ValueError):
        return ""
