"""The bytes of SNMP v2c (X.690, RFC 3416): questions are written, answers are read.

An answer comes from whatever stands at the other end of a cable. Whatever its bytes are, reading them
either gives an Answer or raises Damaged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from runtime.language import Text

Oid = tuple[int, ...]
Value = int | bytes | Oid | None

GET, GETNEXT, GETBULK = 0xA0, 0xA1, 0xA5
_RESPONSE = 0xA2
_V2C = 1
_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64, UINTEGER32 = (
    0x40,
    0x41,
    0x42,
    0x43,
    0x44,
    0x46,
    0x47,
)
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_VIEW = 0x80, 0x81, 0x82
_UNSIGNED = {COUNTER32, GAUGE32, TIMETICKS, COUNTER64, UINTEGER32}
_TEXTS = {_OCTETS, IP_ADDRESS, OPAQUE}
_EMPTY = {_NULL, NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_VIEW}
# 64 bits and the octet that keeps an unsigned number positive.
_LONGEST_INTEGER = 9
# RFC 2578 §3.5.
_MOST_ARCS, _LARGEST_ARC = 128, 2**32 - 1


class Damaged(ValueError):
    """These bytes are no answer of SNMP v2c; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Varbind:
    """One object of an answer; `value` is None where the agent has none, and `tag` says in which way."""

    oid: Oid
    tag: int
    value: Value


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `error` is 0, or a number of RFC 3416 §3 (1 tooBig, 5 genErr, …)."""

    request: int
    error: int
    varbinds: tuple[Varbind, ...]


def write_question(
    kind: int, request: int, community: bytes, oids: Iterable[Oid], *, repetitions: int = 0
) -> bytes:
    """A datagram that asks for `oids`; `repetitions` counts only for GETBULK."""
    binds = b"".join(_tlv(_SEQUENCE, _oid_bytes(oid) + b"\x05\x00") for oid in oids)
    pdu = _integer(request) + _integer(0) + _integer(repetitions) + _tlv(_SEQUENCE, binds)
    return _tlv(_SEQUENCE, _integer(_V2C) + _tlv(_OCTETS, community) + _tlv(kind, pdu))


def read_answer(datagram: bytes) -> Answer:
    """Read an answer; raises Damaged."""
    start, end = _content(_SEQUENCE, datagram, 0, len(datagram))
    # Some agents fill up their datagrams with zeros.
    if datagram[end:].strip(b"\0"):
        raise Damaged(Text("报文之后还有字节", "bytes follow the message"))
    version, at = _read_integer(datagram, start, end)
    if version != _V2C:
        raise Damaged(Text(f"版本号为 {version}，不是 v2c", f"the answer is of SNMP version {version}"))
    _, at = _content(_OCTETS, datagram, at, end)
    at, inner = _content(_RESPONSE, datagram, at, end)
    _at_the_end(inner, end)
    request, at = _read_integer(datagram, at, inner)
    error, at = _read_integer(datagram, at, inner)
    _, at = _read_integer(datagram, at, inner)
    start, end = _content(_SEQUENCE, datagram, at, inner)
    _at_the_end(end, inner)
    return Answer(request, error, tuple(_varbinds(datagram, start, end)))


def _varbinds(data: bytes, at: int, end: int) -> Iterator[Varbind]:
    while at < end:
        start, stop = _content(_SEQUENCE, data, at, end)
        name, value_at = _content(_OID, data, start, stop)
        tag, first, last = _head(data, value_at, stop)
        _at_the_end(last, stop)
        yield Varbind(_read_oid(data[name:value_at]), tag, _read_value(tag, data[first:last]))
        at = stop


def _read_value(tag: int, content: bytes) -> Value:
    if tag == _INTEGER or tag in _UNSIGNED:
        if not 1 <= len(content) <= _LONGEST_INTEGER:
            raise Damaged(Text("整数没有字节或过长", "an integer has no octets, or too many"))
        return int.from_bytes(content, signed=tag == _INTEGER)
    if tag in _TEXTS:
        return content
    if tag == _OID:
        return _read_oid(content)
    if tag in _EMPTY:
        return None
    raise Damaged(Text(f"值的类型 0x{tag:02x} 未知", f"a value has the unknown type 0x{tag:02x}"))


def _read_oid(content: bytes) -> Oid:
    arcs: list[int] = []
    arc = 0
    for octet in content:
        arc = arc << 7 | octet & 0x7F
        if arc > _LARGEST_ARC:
            raise Damaged(Text("对象名中的数过大", "an object's name has a number that is too large"))
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or content[-1] & 0x80 or len(arcs) >= _MOST_ARCS:
        raise Damaged(Text("对象名为空、不完整或过长", "an object's name is empty, unfinished or too long"))
    root = min(arcs[0] // 40, 2)
    return (root, arcs[0] - 40 * root, *arcs[1:])


def _read_integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = _content(_INTEGER, data, at, end)
    if not 1 <= stop - start <= 4:
        raise Damaged(Text("报文头中的数没有字节或过长", "a number of the header has no octets, or too many"))
    return int.from_bytes(data[start:stop], signed=True), stop


def _content(tag: int, data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends; it must be of this type."""
    found, start, stop = _head(data, at, end)
    if found != tag:
        raise Damaged(
            Text(
                f"应为类型 0x{tag:02x}，实为 0x{found:02x}", f"expected type 0x{tag:02x}, found 0x{found:02x}"
            )
        )
    return start, stop


def _head(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Type, begin and end of the element at `at`, which must end before `end`."""
    start = at + 2
    if start > end:
        raise Damaged(Text("报文不完整", "the message ends too early"))
    length = data[at + 1]
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or start + octets > end:
            raise Damaged(Text("长度无法读取", "a length cannot be read"))
        length = int.from_bytes(data[start : start + octets])
        start += octets
    if start + length > end:
        raise Damaged(Text("报文不完整", "the message ends too early"))
    return data[at], start, start + length


def _at_the_end(found: int, expected: int) -> None:
    if found != expected:
        raise Damaged(Text("多出了字节", "bytes follow where nothing should"))


# What is asked first in every round; the rest of a walk is asked by what the answers name.
@lru_cache(maxsize=128)
def _oid_bytes(oid: Oid) -> bytes:
    content = bytearray()
    for arc in (oid[0] * 40 + oid[1], *oid[2:]):
        octets = [arc & 0x7F]
        while arc := arc >> 7:
            octets.append(arc & 0x7F | 0x80)
        content += bytes(reversed(octets))
    return _tlv(_OID, bytes(content))


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content
