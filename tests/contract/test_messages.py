"""What is encoded decodes to itself, and nothing malformed raises anything but the contract's own error."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract import (
    MAX_MESSAGE_BYTES,
    Account,
    Ack,
    CollectorState,
    ContractError,
    Envelope,
    Radio,
    Reading,
    Status,
    claim,
    decode_ack,
    decode_envelope,
    decode_status,
    encode,
    pack,
    seal,
    utc_text,
)
from tests.contract.strategies import epochs, readings, seqs, texts, times

NOW = 1_790_000_000_000
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(epochs, seqs, st.lists(readings, min_size=1, max_size=5))
def test_a_batch_decodes_to_what_was_encoded(epoch: str, seq: int, items: list[Reading]) -> None:
    envelope = Envelope.model_validate(
        {"epoch": epoch, "seq": seq, "sent": utc_text(NOW), "readings": tuple(items)}
    )
    decoded = decode_envelope(encode(envelope), now_ms=NOW)
    assert (epoch, seq, tuple(items), None) == (decoded.epoch, decoded.seq, decoded.readings, decoded.refused)


@given(epochs, st.sets(seqs, max_size=20), times)
def test_an_acknowledgement_decodes_to_what_was_encoded(epoch: str, numbers: set[int], time: int) -> None:
    ack = decode_ack(encode(Ack.of(epoch, numbers, time=utc_text(time))))
    small = [range(first, last + 1) for first, last in ack.seqs]
    assert (epoch, utc_text(time), len(numbers)) == (ack.epoch, ack.time, sum(len(part) for part in small))
    assert all(any(number in part for part in small) for number in numbers)


@given(epochs, st.integers(0, 2**62), st.booleans(), texts, times)
def test_a_status_decodes_to_what_was_encoded(
    epoch: str, number: int, online: bool, text: str, time: int
) -> None:
    status = Status(
        online=online,
        time=utc_text(time),
        version=text,
        account=Account(
            epoch=epoch, last_seq=number, produced=number, acknowledged=number, pending=0, dropped=0
        ),
        collectors=(CollectorState(id="ac1", status=text, last_run=utc_text(time)),),
        clock_offset_ms=-5,
    )
    assert status == decode_status(encode(status))


def _readable(payload: bytes) -> None:
    """Each decoder answers or raises ContractError; anything else fails the test."""
    for decoder in (lambda data: decode_envelope(data, now_ms=NOW), decode_ack, decode_status, claim):
        with contextlib.suppress(ContractError):
            decoder(payload)


@given(st.binary(max_size=300))
@example(b"\xff" * 10)
@example(b"[" * 10_000)
@example(b'{"v":1}' + b"\0")
@example(b" " * (MAX_MESSAGE_BYTES + 1))
@example(b'{"v":1e999}')
@example(b'{"v":' + b"9" * 5000 + b"}")
def test_no_bytes_raise_anything_but_the_contracts_own_error(payload: bytes) -> None:
    _readable(payload)


@given(json_values)
def test_no_json_raises_anything_but_the_contracts_own_error(value: Any) -> None:
    _readable(json.dumps(value).encode("utf-8", "surrogatepass"))


@given(readings, st.data())
def test_a_spoilt_batch_raises_nothing_but_the_contracts_own_error(
    reading: Reading, data: st.DataObject
) -> None:
    envelope = Envelope.model_validate(
        {"epoch": "0" * 16, "seq": 1, "sent": utc_text(NOW), "readings": (reading, reading)}
    )
    body = json.loads(encode(envelope))
    target = data.draw(st.sampled_from([body, body["readings"][0]]))
    target[data.draw(st.sampled_from(sorted(target)) | st.text(max_size=5))] = data.draw(json_values)
    payload = json.dumps(body).encode("utf-8", "surrogatepass")
    _readable(payload)
    cut = data.draw(st.integers(0, len(payload)))
    _readable(payload[:cut])


def test_a_batch_keeps_what_can_be_read_and_names_what_cannot() -> None:
    payload = json.dumps(
        {
            "v": 1,
            "epoch": "0" * 16,
            "seq": 4,
            "sent": "2026-09-01T00:00:00Z",
            "readings": [
                {"kind": "radio", "time": NOW, "ap": "A", "radio": "0", "channel": 6},
                {"kind": "radio", "time": NOW, "ap": "A", "radio": "1", "channel": "six"},
                {"kind": "radio", "time": NOW + 3_600_000, "ap": "A", "radio": "2"},
            ],
        }
    ).encode()
    decoded = decode_envelope(payload, now_ms=NOW)
    assert decoded.refused is not None
    assert (2, "readings.1: radio.channel: Input should be a valid integer (got 'six'); and 1 more") == (
        len(decoded.refused.items),
        decoded.refused.reason,
    )
    assert 1 == len(decoded.readings)


def test_a_reading_from_the_future_says_when_it_claims_to_be() -> None:
    (packed,) = pack([Radio(time=NOW + 3_600_000, ap="A", radio="2")], most=1)
    decoded = decode_envelope(seal("0" * 16, 4, packed.body, sent_ms=NOW), now_ms=NOW)
    assert decoded.refused is not None
    assert "readings.0: time: 2026-09-21T15:13:20.000Z lies in the future" == decoded.refused.reason


@pytest.mark.parametrize("seqs", [[[2, 1]], [[0, 1]], [[1]], [[1, 2, 3]], "1-3", None])
def test_an_acknowledgement_with_a_bad_range_is_refused(seqs: object) -> None:
    payload = json.dumps({"v": 1, "epoch": "0" * 16, "seqs": seqs}).encode()
    with pytest.raises(ContractError, match="cannot read acknowledgement"):
        decode_ack(payload)
