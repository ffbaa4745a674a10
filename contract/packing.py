"""The bytes of a batch: readings are packed once, when observed, and sealed each time they are sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contract.moments import utc_text
from contract.readings import Reading
from contract.topics import MAX_MESSAGE_BYTES

# The envelope around the readings (epoch, seq, sent) has less than 200 bytes.
MAX_PACKED_BYTES = MAX_MESSAGE_BYTES - 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """So many readings as the JSON list that an envelope holds."""

    readings: int
    body: bytes


def pack(readings: Iterable[Reading], *, most: int) -> Iterator[Packed]:
    """Readings in lists of at most `most`, each small enough for one message."""
    items: list[bytes] = []
    size = 2
    for reading in readings:
        item = reading.model_dump_json(exclude_none=True).encode()
        if items and (len(items) == most or size + len(item) + 1 > MAX_PACKED_BYTES):
            yield pack_raw(items)
            items, size = [], 2
        items.append(item)
        size += len(item) + 1
    if items:
        yield pack_raw(items)


def pack_raw(items: Iterable[bytes]) -> Packed:
    """Readings that are JSON already, whether or not they can be read."""
    items = tuple(items)
    return Packed(readings=len(items), body=b"[" + b",".join(items) + b"]")


def seal(epoch: str, seq: int, body: bytes, *, sent_ms: int) -> bytes:
    """The message that carries a packed list: an Envelope, without reading what is in it."""
    head = f'{{"v":1,"epoch":"{epoch}","seq":{seq},"sent":"{utc_text(sent_ms)}","readings":'
    return head.encode() + body + b"}"
