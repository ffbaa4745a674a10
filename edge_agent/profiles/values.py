"""Signs, scales and markers of what devices give: how a value of the wire becomes a field of a reading."""

import re
from collections.abc import Mapping

from edge_agent.collectors.base import shorten
from edge_agent.profiles.shape import ApState, Field, Reader
from edge_agent.snmp.ber import Value

# A number that firmware writes into an OCTET STRING; what stands behind its end is what memory held before.
_WRITTEN = re.compile(rb"\s*([+-]?[0-9]{1,10})\s*(?:\x00.*)?", re.DOTALL)


def text(value: Value) -> str | None:
    """A name as UTF-8, UTF-16 or, on older controllers, GBK; None where it is empty. A number is its digits:
    some firmware gives a serial number as one."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, bytes):
        return None
    if (wide := _wide(value)) is not None:
        return shorten(wide) or None
    # What stands behind the end of a text is what its memory held before.
    raw = value.partition(b"\0")[0]
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = raw.decode("gb18030", errors="replace")
    return shorten(plain) or None


def _wide(raw: bytes) -> str | None:
    """A text of two bytes a character, of which digits and letters have a zero each; else None."""
    while len(raw) % 2 == 0 and raw.endswith(b"\0\0"):
        raw = raw[:-2]
    if len(raw) < 4 or len(raw) % 2:
        return None
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    high, low = raw[::2].count(0), raw[1::2].count(0)
    # As many zeros as half of its characters, all at one side, and not only behind its end.
    plain = not min(high, low) and max(high, low) * 4 >= len(raw) and raw.rstrip(b"\0").count(0)
    if not marked and not plain:
        return None
    encoding = "utf-16" if marked else "utf-16-le" if low else "utf-16-be"
    try:
        return raw.decode(encoding).strip("\0")
    except UnicodeDecodeError:
        return None


def mac(value: Value) -> str | None:
    """Six octets as 50:6f:77:ea:dc:a0."""
    if isinstance(value, bytes) and len(value) == 6 and any(value):
        return value.hex(":")
    return None


def whole(value: Value) -> int | None:
    """An integer of whatever type (INTEGER, Gauge, Counter), also where firmware writes it as a text."""
    if isinstance(value, bytes) and (written := _WRITTEN.fullmatch(value)):
        return int(written[1])
    return value if isinstance(value, int) else None


def number(low: int, high: int, *, scale: int = 1) -> Reader:
    """A whole number; the markers for "not known" (255, 0x7FFFFFFF and the like) lie outside its range.

    With `scale` it is a so many-th part, and rounded down.
    """

    def read(value: Value) -> int | None:
        found = whole(value)
        return found // scale if found is not None and low <= found // scale <= high else None

    return read


def dbm(value: Value) -> int | None:
    """A received level: -127 to -1 as it is. 0, 255, 0x7FFFFFFF and all else mean "not known"."""
    found = whole(value)
    return found if found is not None and -127 <= found < 0 else None


def dbm_without_sign(value: Value) -> int | None:
    """A level that its maker tells without the minus: 95 is -95 dBm."""
    found = whole(value)
    return -found if found is not None and 0 < found <= 127 else None


def choice(table: Mapping[int, Field] | Mapping[int, ApState]) -> Reader:
    """One of the numbers that the MIB names; any other is not known."""

    def read(value: Value) -> Field:
        found = whole(value)
        return None if found is None else table.get(found)

    return read


def word(table: Mapping[str, Field] | Mapping[str, ApState]) -> Reader:
    """One of the words that the maker uses, in any case; any other is not known."""

    def read(value: Value) -> Field:
        found = text(value)
        return table.get(found.casefold()) if found is not None else None

    return read


def band_of_channel(value: Value) -> str | None:
    """The band of a channel, for makers whose radios know 2.4 and 5 GHz only."""
    found = whole(value)
    if found is None:
        return None
    if 1 <= found <= 14:
        return "2.4"
    return "5" if 32 <= found <= 177 else None


def channel_in_text(value: Value) -> int | None:
    """Aruba's channels: `116E`, `53S`, `36+`, and `388`, which is 132 with the width in the higher bits."""
    found = re.match(r"\d+", text(value) or "")
    return _channel(int(found[0]) & 255) if found else None


def width_in_text(value: Value) -> int | None:
    """The width that the letter behind an Aruba channel means, where it is sure."""
    found = re.fullmatch(r"\d+([E+-])", text(value) or "")
    return {"E": 80, "+": 40, "-": 40}[found[1]] if found else None


def _channel(found: int) -> int | None:
    return found if 1 <= found <= 233 else None


channel = number(1, 233)
percent = number(0, 100)
clients = number(0, 10_000)
power_dbm = number(-10, 36)
seconds = number(0, 2**31 - 3)
ticks = number(0, 2**31 - 3, scale=100)
"""TimeTicks as seconds."""
celsius = number(-60, 150)
