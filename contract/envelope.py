"""Batches of readings from a gateway, and the acknowledgements that answer them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import (
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    Strict,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from contract.errors import ContractError
from contract.moments import UtcText, utc_text
from contract.proof import ProofText
from contract.readings import AnyReading, Reading, reading_adapter
from contract.topics import MAX_MESSAGE_BYTES

Epoch = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Seq = Annotated[int, Field(ge=1, le=2**63 - 1)]

# A message of the largest size holds fewer real readings; what holds more is no batch but a burden.
MAX_READINGS = 5000
# A gateway's clock may run ahead a little; what lies further ahead was not observed.
MAX_AHEAD_MS = 10 * 60 * 1000


class Message(BaseModel):
    """What every message has in common."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    v: Literal[1] = 1


class Header(Message):
    """A batch's own account of itself: which spool (`epoch`), which batch (`seq`), when it was sent.

    An enrolled gateway signs: `proof` is the message's last member (see contract.proof).
    """

    epoch: Epoch
    seq: Seq
    sent: UtcText
    proof: ProofText | None = None


class Envelope(Header):
    """One batch of readings."""

    readings: Annotated[tuple[AnyReading, ...], Field(min_length=1, max_length=MAX_READINGS), FailFast()]


class Ack(Message):
    """What the store now holds of one spool: closed ranges of batch numbers. `time` is the server's clock."""

    epoch: Epoch
    seqs: tuple[tuple[Seq, Seq], ...]
    time: UtcText | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Ack":
        if any(first > last for first, last in self.seqs):
            raise ValueError("a range must not end before it begins")
        return self

    @classmethod
    def of(cls, epoch: str, seqs: Iterable[int], *, time: str | None = None) -> "Ack":
        """Fold batch numbers into ranges: 1, 2, 3, 7 -> [1,3], [7,7]."""
        ranges: list[tuple[int, int]] = []
        for seq in sorted(set(seqs)):
            if ranges and ranges[-1][1] == seq - 1:
                ranges[-1] = (ranges[-1][0], seq)
            else:
                ranges.append((seq, seq))
        return cls(epoch=epoch, seqs=tuple(ranges), time=time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The readings of a batch that cannot be read, as they came, and why the first of them cannot."""

    items: tuple[bytes, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A batch: what could be read, and what could not."""

    epoch: str
    seq: int
    readings: tuple[Reading, ...]
    refused: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which batch an unreadable message says it is, and how many readings it holds as far as can be told."""

    epoch: str
    seq: int
    readings: int = 0


# A gateway reads acknowledgements alone: what it does not use is not built.
_DEFERRED = ConfigDict(defer_build=True)
_envelopes = TypeAdapter(Envelope)
_headers = TypeAdapter(Header)
_acks = TypeAdapter(Ack)
_epochs: TypeAdapter[str] = TypeAdapter(Epoch, config=_DEFERRED)
_seqs: TypeAdapter[int] = TypeAdapter(Annotated[Seq, Strict()], config=_DEFERRED)


def encode(message: Message) -> bytes:
    """JSON, UTF-8, without what is unset."""
    return message.model_dump_json(exclude_none=True).encode()


def decode_envelope(payload: bytes, *, now_ms: int) -> Decoded:
    """Read a batch. Readings that cannot be read are set aside with their reason; the rest are kept.

    Raises ContractError where the batch as a whole cannot be read.
    """
    _check_size(payload)
    latest = now_ms + MAX_AHEAD_MS
    try:
        envelope = _envelopes.validate_json(payload)
    except ValidationError:
        return _decode_piecewise(payload, latest)
    if all(reading.time <= latest for reading in envelope.readings):
        return Decoded(epoch=envelope.epoch, seq=envelope.seq, readings=envelope.readings)
    return _decode_piecewise(payload, latest)


def claim(payload: bytes) -> Claim | None:
    """Which batch an unreadable message is, so that it need not be sent for ever; None: not to be told."""
    try:
        body = _parse(payload)
        if not isinstance(body, Mapping):
            return None
        epoch, seq = _epochs.validate_python(body.get("epoch")), _seqs.validate_python(body.get("seq"))
    except ValueError:
        return None
    items = body.get("readings")
    return Claim(epoch=epoch, seq=seq, readings=len(items) if isinstance(items, list) else 0)


def decode_ack(payload: bytes) -> Ack:
    """Read an acknowledgement; raises ContractError."""
    _check_size(payload)
    try:
        return _acks.validate_json(payload)
    except ValidationError as error:
        raise ContractError(f"cannot read acknowledgement: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """The first problem in one line, with its place: `readings.3.rssi_dbm: … (got 'loud')`."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    got = repr(first["input"])
    shown = got if len(got) <= 80 else got[:77] + "..."
    more = f"; and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"{place + ': ' if place else ''}{first['msg']} (got {shown}){more}"


def _check_size(payload: bytes) -> None:
    if len(payload) > MAX_MESSAGE_BYTES:
        raise ContractError(f"message has {len(payload)} bytes, at most {MAX_MESSAGE_BYTES} are allowed")


def _decode_piecewise(payload: bytes, latest: int) -> Decoded:
    body = _parse(payload)
    if not isinstance(body, Mapping):
        raise ContractError("message is not a JSON object")
    header, items = _header(body), body.get("readings")
    if not isinstance(items, list) or not items:
        raise ContractError("cannot read batch: 'readings' must be a list of at least one reading")
    if len(items) > MAX_READINGS:
        raise ContractError(f"cannot read batch: it has {len(items)} readings, at most {MAX_READINGS} may be")
    kept: list[Reading] = []
    refused: list[bytes] = []
    reason = ""
    for index, item in enumerate(items):
        try:
            reading = reading_adapter.validate_python(item)
            if reading.time <= latest:
                kept.append(reading)
                continue
            problem = f"time: {utc_text(reading.time)} lies in the future"
        except ValidationError as error:
            problem = "" if refused else explain(error)
        if not refused:
            reason = f"readings.{index}: {problem}"
        refused.append(pydantic_core.to_json(item, inf_nan_mode="constants"))
    return Decoded(
        epoch=header.epoch, seq=header.seq, readings=tuple(kept), refused=_refused(refused, reason)
    )


def _header(body: Mapping[str, Any]) -> Header:
    for key in body:
        if key != "readings" and key not in Header.model_fields:
            raise ContractError(f"cannot read batch: no key is called {key[:80]!r}")
    try:
        return _headers.validate_python({key: body[key] for key in body if key != "readings"})
    except ValidationError as error:
        raise ContractError(f"cannot read batch: {explain(error)}") from error


def _refused(items: list[bytes], reason: str) -> Refused | None:
    if not items:
        return None
    more = f"; and {len(items) - 1} more" if len(items) > 1 else ""
    return Refused(items=tuple(items), reason=f"{reason}{more}")


def _parse(payload: bytes) -> Any:
    try:
        # NaN is no JSON, but it spoils one reading, not its whole batch.
        return pydantic_core.from_json(payload, allow_inf_nan=True)
    except ValueError as error:
        raise ContractError(f"message is not JSON: {error}") from error
