"""Readings packed for the wire come back, and so do readings that went to a store."""

from hypothesis import given
from hypothesis import strategies as st

from contract import (
    MAX_MESSAGE_BYTES,
    AccessPoint,
    Address,
    Envelope,
    Reading,
    claim,
    decode_envelope,
    encode,
    from_point,
    pack,
    seal,
    to_point,
    utc_ms,
    utc_text,
)
from tests.contract.strategies import epochs, readings, seqs, times

NOW = 1_790_000_000_000
GATEWAY = Address("120116", "2112000001", "gw-1")


@given(epochs, seqs, st.lists(readings, min_size=1, max_size=5))
def test_a_sealed_batch_is_the_envelope_byte_for_byte(epoch: str, seq: int, items: list[Reading]) -> None:
    (packed,) = pack(items, most=5)
    values = {"epoch": epoch, "seq": seq, "sent": utc_text(NOW), "readings": tuple(items)}
    assert encode(Envelope.model_validate(values)) == seal(epoch, seq, packed.body, sent_ms=NOW)


def test_readings_are_packed_in_order_and_no_message_becomes_too_large() -> None:
    items = [AccessPoint(time=NOW, ap=f"A{number}", state="up", name="宽" * 256) for number in range(800)]
    packed = list(pack(items, most=5000))
    messages = [seal("0" * 16, 2**63 - 1, part.body, sent_ms=NOW) for part in packed]
    decoded = [decode_envelope(message, now_ms=NOW).readings for message in messages]
    assert (items, True) == (
        [reading for part in decoded for reading in part],
        max(len(message) for message in messages) <= MAX_MESSAGE_BYTES,
    )
    assert [len(part) for part in decoded] == [part.readings for part in packed]
    # As full as they may be: one more reading would not have fitted.
    assert len(messages[0]) + len(packed[0].body) // packed[0].readings > MAX_MESSAGE_BYTES - 1024


@given(epochs, seqs, readings)
def test_a_point_leads_back_to_its_reading(epoch: str, seq: int, reading: Reading) -> None:
    assert (GATEWAY, epoch, seq, reading) == from_point(to_point(GATEWAY, epoch, seq, reading))


@given(times)
def test_a_moment_is_spelt_and_read_alike(time: int) -> None:
    assert time == utc_ms(utc_text(time))


@given(st.binary(max_size=60))
def test_what_is_no_batch_claims_nothing_and_raises_nothing(payload: bytes) -> None:
    assert claim(payload) is None
