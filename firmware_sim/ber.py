"""BER for SNMP (X.690, RFC 3416, RFC 2578): requests are read, responses are written."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

Oid = tuple[int, ...]

GET, GETNEXT, RESPONSE, SET, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA8
V2C, V3 = 1, 3

_INTEGER, OCTETS, _NULL, _OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_IP_ADDRESS, _COUNTER32, _GAUGE32, _TIMETICKS, _COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x46

NULL = b"\x05\x00"
NO_SUCH_OBJECT = b"\x80\x00"
NO_SUCH_INSTANCE = b"\x81\x00"
END_OF_MIB_VIEW = b"\x82\x00"


class BerError(ValueError):
    """These bytes are no SNMP request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came. In a GETBULK `first` and `second` are non-repeaters and max-repetitions."""

    community: bytes
    pdu: int
    request_id: int
    first: int
    second: int
    oids: tuple[Oid, ...]


def read_request(datagram: bytes) -> Request | None:
    """Read a request; None where it is of another SNMP version. Raises BerError."""
    message, rest = expect(SEQUENCE, datagram)
    if rest:
        raise BerError("bytes follow the message")
    version, message = read_integer(message)
    if version != V2C:
        return None
    community, message = expect(OCTETS, message)
    return read_pdu(message, community)


def read_pdu(data: bytes, community: bytes = b"") -> Request:
    """Read a PDU, which is all that follows. Raises BerError."""
    tag, body, rest = _split(data)
    if rest:
        raise BerError("bytes follow the PDU")
    request_id, body = read_integer(body)
    first, body = read_integer(body)
    second, body = read_integer(body)
    varbinds, rest = expect(SEQUENCE, body)
    if rest:
        raise BerError("bytes follow the variable bindings")
    return Request(
        community=community,
        pdu=tag,
        request_id=request_id,
        first=first,
        second=second,
        oids=tuple(_names(varbinds)),
    )


def write_response(request: Request, varbinds: Iterable[bytes], *, error: int = 0, index: int = 0) -> bytes:
    """The whole datagram that answers `request`."""
    return write_message(request, write_pdu(request.request_id, varbinds, error=error, index=index))


def write_message(request: Request, pdu: bytes) -> bytes:
    """The datagram that answers `request` with `pdu`."""
    return tlv(SEQUENCE, integer(V2C) + octets(request.community) + pdu)


def write_pdu(
    request_id: int, varbinds: Iterable[bytes], *, kind: int = RESPONSE, error: int = 0, index: int = 0
) -> bytes:
    body = integer(request_id) + integer(error) + integer(index) + tlv(SEQUENCE, b"".join(varbinds))
    return tlv(kind, body)


def varbind(oid: Oid, value: bytes) -> bytes:
    return tlv(SEQUENCE, object_id(oid) + value)


def integer(value: int) -> bytes:
    """INTEGER and Integer32, signed."""
    return _number(_INTEGER, value)


def counter32(value: int) -> bytes:
    return _number(_COUNTER32, value % 2**32)


def gauge32(value: int) -> bytes:
    """Gauge32 and Unsigned32: a gauge stops at its highest value (RFC 2578 §7.1.7)."""
    return _number(_GAUGE32, min(max(value, 0), 2**32 - 1))


def counter64(value: int) -> bytes:
    return _number(_COUNTER64, value % 2**64)


def timeticks(seconds: float) -> bytes:
    """Hundredths of a second, starting again after 497 days."""
    return _number(_TIMETICKS, int(seconds * 100) % 2**32)


def octets(value: bytes) -> bytes:
    return tlv(OCTETS, value)


def ip_address(value: str) -> bytes:
    return tlv(_IP_ADDRESS, ipaddress.IPv4Address(value).packed)


@lru_cache(maxsize=50_000)
def object_id(oid: Oid) -> bytes:
    content = bytearray(_base128(oid[0] * 40 + oid[1]))
    for arc in oid[2:]:
        content += _base128(arc)
    return tlv(_OID, bytes(content))


def _number(tag: int, value: int) -> bytes:
    # The fewest octets that keep the sign (X.690 §8.3.2); one more than its bits need for an unsigned 2^32-1.
    bits = value.bit_length() if value >= 0 else (~value).bit_length()
    return tlv(tag, value.to_bytes(bits // 8 + 1, signed=True))


def tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(size))) + size + content


def _base128(arc: int) -> bytes:
    found = bytearray((arc & 0x7F,))
    while arc := arc >> 7:
        found.insert(0, 0x80 | (arc & 0x7F))
    return bytes(found)


def _split(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content, and what follows."""
    if len(data) < 2:
        raise BerError("the message ends too early")
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or len(data) < 2 + count:
            raise BerError("a length cannot be read")
        length, start = int.from_bytes(data[2 : 2 + count]), 2 + count
    if len(data) < start + length:
        raise BerError("the message ends too early")
    return tag, data[start : start + length], data[start + length :]


def expect(tag: int, data: bytes) -> tuple[bytes, bytes]:
    found, content, rest = _split(data)
    if found != tag:
        raise BerError(f"expected tag 0x{tag:02x}, found 0x{found:02x}")
    return content, rest


def read_integer(data: bytes) -> tuple[int, bytes]:
    content, rest = expect(_INTEGER, data)
    if not 1 <= len(content) <= 4:
        raise BerError("an integer is too long")
    return int.from_bytes(content, signed=True), rest


def _names(varbinds: bytes) -> Iterable[Oid]:
    while varbinds:
        one, varbinds = expect(SEQUENCE, varbinds)
        name, _value = expect(_OID, one)
        yield _read_oid(name)


def _read_oid(content: bytes) -> Oid:
    arcs: list[int] = []
    arc = 0
    for number, octet in enumerate(content):
        arc = arc << 7 | octet & 0x7F
        if arc >= 2**40:
            raise BerError("an OID has an arc that is too large")
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
        elif number == len(content) - 1:
            raise BerError("an OID ends in the middle of an arc")
    if not arcs or len(arcs) > 127:
        raise BerError("an OID has no arcs, or more than 128")
    root = min(arcs[0] // 40, 2)
    return (root, arcs[0] - root * 40, *arcs[1:])
