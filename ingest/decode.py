"""From a message to what becomes of it: points for the store, entries for the quarantine, an answer."""

from dataclasses import dataclass, field
from datetime import datetime

import pydantic_core

from contract import (
    READING_KINDS,
    Address,
    ContractError,
    Decoded,
    Point,
    decode_envelope,
    decode_status,
    parse_topic,
    status_point,
    to_point,
    utc_text,
)
from ingest.quarantine import Entry, identity

_ADDRESS_TAGS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one message holds. `batch` is what its gateway waits for; None where that cannot be told."""

    points: list[Point] = field(default_factory=list)
    refused: list[Entry] = field(default_factory=list)
    address: Address | None = None
    batch: tuple[str, int] | None = None


def decode(topic: str, payload: bytes, *, now_ms: int) -> Outcome:
    """Read one message. Never raises: what cannot be read becomes a quarantine entry with its reason."""
    try:
        address, stream = parse_topic(topic)
        if stream == "status" and not payload:
            # MQTT's way to say that a retained message was taken away: a gateway was retired.
            return Outcome(address=address)
        if stream == "status":
            return Outcome(points=[_status(address, payload, now_ms)], address=address)
        if stream != "readings":
            raise ContractError(f"stream {stream!r} is not for ingest")
        decoded = decode_envelope(payload, now_ms=now_ms)
    except ContractError as error:
        entry = Entry(
            id=identity(topic, payload),
            topic=topic,
            payload=payload,
            reason=str(error),
            received_ms=now_ms,
        )
        return Outcome(refused=[entry])
    return Outcome(
        points=[to_point(address, decoded.epoch, decoded.seq, reading) for reading in decoded.readings],
        refused=_refused(topic, address, decoded, now_ms),
        address=address,
        batch=(decoded.epoch, decoded.seq),
    )


def refused_point(point: Point, reason: str, *, now_ms: int) -> Entry:
    """A reading that the store will not take, as a message that can be decoded again."""
    names = (*point.measurement.tag_names, *point.measurement.field_names)
    values = dict(zip(names, (*point.tags, *point.fields), strict=True))
    address = Address(*point.tags[:3])
    if point.measurement.name not in READING_KINDS:
        raw = pydantic_core.to_json(values)
        topic = address.topic("status")
        return Entry(
            id=identity(topic, raw),
            topic=topic,
            payload=raw,
            reason=reason,
            received_ms=now_ms,
            address=address,
        )
    epoch, seq = str(values["epoch"]), int(values["seq"] or 0)
    own = {
        name: value
        for name, value in values.items()
        if value is not None and name not in {*point.measurement.tag_names[:_ADDRESS_TAGS], "seq"}
    }
    item = {"kind": point.measurement.name, "time": point.time, **own}
    raw = pydantic_core.to_json(item, inf_nan_mode="constants")
    return _entry(address.topic("readings"), address, epoch, seq, raw, reason, now_ms)


def _refused(topic: str, address: Address, decoded: Decoded, now_ms: int) -> list[Entry]:
    return [
        _entry(
            topic,
            address,
            decoded.epoch,
            decoded.seq,
            item.raw,
            f"readings.{item.index}: {item.reason}",
            now_ms,
        )
        for item in decoded.refused
    ]


def _entry(topic: str, address: Address, epoch: str, seq: int, raw: bytes, reason: str, now_ms: int) -> Entry:
    """One reading in an envelope of its own."""
    head = f'{{"v":1,"epoch":"{epoch}","seq":{seq},"sent":"{utc_text(now_ms)}","readings":['
    return Entry(
        # Without the time of sending: a batch that is sent again holds the same readings.
        id=identity(topic, epoch.encode(), str(seq).encode(), raw),
        topic=topic,
        payload=head.encode() + raw + b"]}",
        reason=reason,
        received_ms=now_ms,
        readings=1,
        address=address,
        epoch=epoch,
        seq=seq,
    )


def _status(address: Address, payload: bytes, now_ms: int) -> Point:
    """A status counts from its own time; a last will was written before it came true, so from now."""
    status = decode_status(payload)
    own_ms = round(datetime.fromisoformat(status.time).timestamp() * 1000)
    return status_point(address, status, time_ms=own_ms if status.online and own_ms <= now_ms else now_ms)
