"""From a message to what becomes of it: points for the store, an entry for the quarantine, an answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contract import (
    Address,
    ContractError,
    Packed,
    Point,
    claim,
    decode_envelope,
    decode_status,
    decode_wanted,
    from_point,
    pack,
    pack_raw,
    parse_topic,
    seal,
    status_point,
    to_point,
    utc_ms,
    wanted_point,
)
from contract.proof import Proof, detach
from contract.quick import quick_batch
from ingest.quarantine import Entry, identity

# A reason quotes what came, which has no limit of its own.
_LONGEST_REASON = 500
# A status that is a minute old is no news to anyone.
_BEHIND_MS = 60_000
_SENT = re.compile(rb'"sent": ?"[^"]{0,40}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The batch that a gateway waits for."""

    address: Address
    epoch: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one message holds. `source` is what its gateway waits for; None where that cannot be told.

    `whole`: every reading of the batch is among the points or in what is refused.
    """

    points: list[Point] = field(default_factory=list)
    refused: Entry | None = None
    source: Source | None = None
    whole: bool = False


class SenderCheck(Protocol):
    """Who tells whether a message is its gateway's: `ingest.senders`."""

    def doubt(
        self, address: Address, topic: str, bare: bytes, proof: Proof | None, *, now_ms: int
    ) -> str | None: ...

    def doubt_of_bureau(self, topic: str, bare: bytes, proof: Proof | None) -> str | None: ...


def decode(topic: str, payload: bytes, *, now_ms: int, senders: SenderCheck | None = None) -> Outcome:
    """Read one message. Never raises: what cannot be read becomes one quarantine entry with its reason.

    Without `senders` the broker's word is taken for whose message it is.
    """
    address = None
    bare, proof = detach(payload)
    try:
        address, stream = parse_topic(topic)
        if not payload and stream != "ack":
            # MQTT's way to say that a retained message was taken away: a gateway was retired. And how
            # `campus doctor` asks the broker whether it may speak: there is nothing in it.
            return Outcome()
        if senders and (doubt := _doubt(senders, address, stream, topic, bare, proof, now_ms)):
            return Outcome(refused=_unproven(topic, payload, bare, stream, doubt, now_ms))
        if stream == "status":
            return Outcome(points=_status(address, bare, now_ms))
        if stream == "wanted":
            return Outcome(points=[wanted_point(address, decode_wanted(bare, address))])
        if stream != "readings":
            raise ContractError(f"stream {stream!r} is not for ingest")
        if quick := quick_batch(address, bare, now_ms=now_ms):
            source = Source(address=address, epoch=quick.epoch, seq=quick.seq)
            return Outcome(points=quick.points, source=source, whole=True)
        decoded = decode_envelope(bare, now_ms=now_ms)
    except ContractError as error:
        return _unreadable(topic, payload, bare, str(error), address, now_ms)
    source = Source(address=address, epoch=decoded.epoch, seq=decoded.seq)
    refused = decoded.refused
    return Outcome(
        points=[to_point(address, decoded.epoch, decoded.seq, reading) for reading in decoded.readings],
        refused=_of_batch(source, pack_raw(refused.items), refused.reason, now_ms) if refused else None,
        source=source,
        whole=True,
    )


def _doubt(
    senders: SenderCheck,
    address: Address,
    stream: str,
    topic: str,
    bare: bytes,
    proof: Proof | None,
    now_ms: int,
) -> str | None:
    """What a gateway is to run comes from the bureau, everything else from that gateway."""
    if stream == "wanted":
        return senders.doubt_of_bureau(topic, bare, proof)
    return senders.doubt(address, topic, bare, proof, now_ms=now_ms)


def refused_points(points: Sequence[Point], reason: str, *, now_ms: int) -> list[Entry]:
    """Readings of one batch that the store will not take, as a message that can be decoded again."""
    address, epoch, seq, _ = from_point(points[0])
    source = Source(address=address, epoch=epoch, seq=seq)
    # A batch that came twice is refused twice, and set aside once.
    distinct = {(point.measurement.name, point.tags, point.time): point for point in points}
    readings = (from_point(point)[3] for point in distinct.values())
    return [_of_batch(source, packed, reason, now_ms) for packed in pack(readings, most=len(points))]


def refused_status(topic: str, payload: bytes, reason: str, *, now_ms: int) -> Entry:
    """A status that the store will not take, as it came."""
    address, _ = parse_topic(topic)
    return _as_it_came(topic, payload, reason, now_ms, address=address)


def unexpected(topic: str, payload: bytes, error: Exception, *, now_ms: int) -> Entry:
    """A message that we made a mistake with, as it came: never acknowledged, so its gateway keeps it, too."""
    reason = f"unexpected {type(error).__name__}: {error}"
    return _as_it_came(topic, payload, reason, now_ms, address=None)


def _unproven(topic: str, payload: bytes, bare: bytes, stream: str, doubt: str, now_ms: int) -> Entry:
    """What may be anybody's: kept as it came, counted for no school, and never answered.

    An acknowledgement would make the gateway that it names delete a batch on a stranger's word. Where it was
    the gateway's own after all, it has its batch still, and sends it until it is proven.
    """
    # Sent again every few seconds, it is still one thing; of statuses the first is enough.
    what = stream.encode() if stream in {"status", "wanted"} else _SENT.sub(b"", bare, count=1)
    return Entry(
        id=identity(topic, b"unproven", what),
        topic=topic,
        payload=payload,
        reason=_shortened(f"sender not proven: {doubt}"),
        received_ms=now_ms,
    )


def _unreadable(
    topic: str, payload: bytes, bare: bytes, reason: str, address: Address | None, now_ms: int
) -> Outcome:
    """Where the batch can be told all the same, its gateway need not send it again: it is set aside."""
    claimed = claim(bare) if address else None
    if address is None or claimed is None:
        entry = _as_it_came(topic, payload, reason, now_ms, address=address)
        return Outcome(refused=entry)
    source = Source(address=address, epoch=claimed.epoch, seq=claimed.seq)
    entry = _as_it_came(
        topic,
        payload,
        reason,
        now_ms,
        address=address,
        source=source,
        readings=claimed.readings,
        bare=bare,
    )
    return Outcome(refused=entry, source=source)


def _as_it_came(
    topic: str,
    payload: bytes,
    reason: str,
    now_ms: int,
    *,
    address: Address | None,
    source: Source | None = None,
    readings: int = 0,
    bare: bytes = b"",
) -> Entry:
    return Entry(
        # As below: a batch that is sent again differs in its time of sending and its proof only.
        id=identity(topic, _SENT.sub(b"", bare, count=1) if source else payload),
        topic=topic,
        payload=payload,
        reason=_shortened(reason),
        received_ms=now_ms,
        readings=readings,
        address=address,
        epoch=source.epoch if source else None,
        seq=source.seq if source else None,
    )


def _of_batch(source: Source, packed: Packed, reason: str, now_ms: int) -> Entry:
    """Some readings of a batch, in an envelope of their own."""
    topic = source.address.topic("readings")
    return Entry(
        # Without the time of sending: a batch that is sent again holds the same readings.
        id=identity(topic, source.epoch.encode(), str(source.seq).encode(), packed.body),
        topic=topic,
        payload=seal(source.epoch, source.seq, packed.body, sent_ms=now_ms),
        reason=_shortened(reason),
        received_ms=now_ms,
        readings=packed.readings,
        address=source.address,
        epoch=source.epoch,
        seq=source.seq,
    )


def _shortened(reason: str) -> str:
    return reason if len(reason) <= _LONGEST_REASON else reason[: _LONGEST_REASON - 1] + "…"


def _status(address: Address, payload: bytes, now_ms: int) -> list[Point]:
    """A status counts from its own time; a last will was written before it came true, so from now.

    A gateway whose clock is behind by more than a little is alive all the same: its status stands at the
    server's time as well, and at its own, where its readings stand.
    """
    status = decode_status(payload)
    own_ms = utc_ms(status.time)
    if not status.online or own_ms > now_ms:
        return [status_point(address, status, time_ms=now_ms)]
    behind_ms = status.clock_offset_ms or 0
    times = [own_ms] if behind_ms <= _BEHIND_MS else [own_ms, min(now_ms, own_ms + behind_ms)]
    return [status_point(address, status, time_ms=time_ms) for time_ms in times]
