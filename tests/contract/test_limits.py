"""Where a message begins to be none: one more reading, one millisecond later, one key that nobody knows."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contract import (
    Ack,
    ContractError,
    Radio,
    claim,
    decode_ack,
    decode_envelope,
    decode_status,
    encode,
    pack,
)
from contract.envelope import MAX_READINGS
from contract.moments import utc_ms, utc_text
from contract.packing import MAX_PACKED_BYTES
from contract.topics import MAX_MESSAGE_BYTES

NOW = 1_790_000_000_000
TEN_MINUTES = 600_000
EPOCH = "0123456789abcdef"


def reading(time: int = NOW, **more: Any) -> dict[str, Any]:
    return {"kind": "radio", "time": time, "ap": "A", "radio": "0", **more}


def batch(*items: Any, **more: Any) -> bytes:
    """An envelope with these readings; `more` replaces or adds keys."""
    body = {"v": 1, "epoch": EPOCH, "seq": 4, "sent": "2026-09-01T00:00:00Z", "readings": list(items)}
    return json.dumps(body | more).encode()


def told(payload: bytes) -> tuple[int, int]:
    """How many readings of a batch could be read, and how many could not."""
    decoded = decode_envelope(payload, now_ms=NOW)
    return len(decoded.readings), len(decoded.refused.items) if decoded.refused else 0


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([reading(NOW + TEN_MINUTES)], (1, 0)),
        ([reading(NOW + TEN_MINUTES + 1)], (0, 1)),
        ([reading(), reading(NOW + TEN_MINUTES + 1)], (1, 1)),
        # Beside one that cannot be read each is looked at by itself.
        ([reading(NOW + TEN_MINUTES), reading(NOW + TEN_MINUTES + 1), reading(channel="six")], (1, 2)),
        ([reading(), reading(client="aa:bb")], (1, 1)),
        ([reading(), {**reading(), "time": float("nan")}], (1, 1)),
        ([1] * MAX_READINGS, (0, MAX_READINGS)),
    ],
    ids=[
        "ten minutes ahead",
        "and a millisecond",
        "beside one of now",
        "each by itself",
        "unknown field",
        "NaN",
        "as many as may be",
    ],
)
def test_what_can_be_read_of_a_batch_is_kept(items: list[Any], expected: tuple[int, int]) -> None:
    assert expected == told(batch(*items))


def test_what_cannot_be_read_is_kept_as_it_came() -> None:
    decoded = decode_envelope(batch({**reading(), "channel": float("nan")}), now_ms=NOW)
    assert decoded.refused is not None
    assert b'"channel":NaN' in decoded.refused.items[0]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (batch(*[1] * (MAX_READINGS + 1)), f"it has {MAX_READINGS + 1} readings"),
        (batch(), "at least one reading"),
        (batch(readings={}), "at least one reading"),
        (batch(readings="many"), "at least one reading"),
        (batch(reading(), who="ann"), "no key is called 'who'"),
        (batch(reading(), v=2), "v: "),
        (batch(reading(), v="1"), "v: "),
        (batch(reading(), seq="4"), "seq: "),
        (batch(reading(), seq=0), "seq: "),
        (batch(reading(), seq=2**63), "seq: "),
        (batch(reading(), epoch=EPOCH[1:]), "epoch: "),
        (batch(reading(), epoch=EPOCH.upper()), "epoch: "),
        (batch(reading(), epoch=f"{EPOCH}0"), "epoch: "),
    ],
)
def test_a_batch_that_is_none_is_refused_whole_and_says_why(payload: bytes, why: str) -> None:
    with pytest.raises(ContractError) as raised:
        decode_envelope(payload, now_ms=NOW)
    assert why in str(raised.value)


@pytest.mark.parametrize("decode", [decode_ack, decode_status])
@pytest.mark.parametrize("wrong", [{"who": "ann"}, {"v": 2}])
def test_other_messages_hold_no_key_and_no_version_that_is_not_known(
    decode: Callable[[bytes], object], wrong: dict[str, Any]
) -> None:
    bodies: dict[Callable[[bytes], object], dict[str, Any]] = {
        decode_ack: {"v": 1, "epoch": EPOCH, "seqs": [[1, 2]]},
        decode_status: {"v": 1, "online": True, "time": "2026-09-01T00:00:00Z"},
    }
    decode(json.dumps(bodies[decode]).encode())
    with pytest.raises(ContractError, match=next(iter(wrong))):
        decode(json.dumps(bodies[decode] | wrong).encode())


@pytest.mark.parametrize("decode", [decode_ack, decode_status, lambda payload: told(payload)])
def test_a_message_has_so_many_bytes_at_most(decode: Callable[[bytes], object]) -> None:
    with pytest.raises(ContractError, match=f"has {MAX_MESSAGE_BYTES + 1} bytes"):
        decode(batch(reading()).ljust(MAX_MESSAGE_BYTES + 1))
    assert (1, 0) == told(batch(reading()).ljust(MAX_MESSAGE_BYTES))


def test_what_is_unset_is_not_said() -> None:
    assert {"v": 1, "epoch": EPOCH, "seqs": [[1, 1]]} == json.loads(encode(Ack.of(EPOCH, [1])))


def test_an_acknowledgement_folds_what_follows_into_one_range() -> None:
    assert ((1, 3), (5, 5), (7, 8)) == Ack.of(EPOCH, [8, 1, 2, 7, 3, 2, 5]).seqs


def test_a_message_cannot_be_changed_once_it_is_read() -> None:
    """What was proven to be a gateway's stays that."""
    ack = decode_ack(encode(Ack.of(EPOCH, [1])))
    with pytest.raises(ValueError, match="frozen"):
        ack.epoch = "f" * 16


@pytest.mark.parametrize(
    ("items", "number"),
    [([1, 2, 3], 3), ("many", 0), ({"1": 1}, 0), (None, 0)],
    ids=["list", "text", "map", "none"],
)
def test_an_unreadable_batch_says_how_many_readings_it_holds_as_far_as_can_be_told(
    items: Any, number: int
) -> None:
    found = claim(batch(readings=items))
    assert found is not None
    assert (EPOCH, 4, number) == (found.epoch, found.seq, found.readings)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x" * 78, f"(got '{'x' * 78}')"), ("x" * 79, f"(got '{'x' * 76}...)")],
    ids=["80 characters", "81 characters"],
)
def test_a_long_value_is_shown_by_its_beginning(text: str, shown: str) -> None:
    with pytest.raises(ContractError) as raised:
        decode_ack(json.dumps({"v": 1, "epoch": text, "seqs": []}).encode())
    assert str(raised.value).endswith(shown)


def test_the_first_of_several_problems_is_said_and_how_many_more_there_are() -> None:
    with pytest.raises(ContractError, match=r"cannot read acknowledgement: epoch: .*; and 1 more$"):
        decode_ack(json.dumps({"v": 1, "epoch": "x", "seqs": "y"}).encode())


def packed_sizes(sizes: list[int], *, most: int = 100) -> list[int]:
    """How many readings each message takes, of readings with so many bytes in JSON."""
    bare = len(Radio.model_construct(time=NOW, ap="", radio="0").model_dump_json(exclude_none=True))
    readings = [Radio.model_construct(time=NOW, ap="x" * (size - bare), radio="0") for size in sizes]
    return [packed.readings for packed in pack(readings, most=most)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        # Two brackets, and a comma behind each.
        ([MAX_PACKED_BYTES - 2 - 1 - 101, 100], [2]),
        ([MAX_PACKED_BYTES - 2 - 1 - 101, 101], [1, 1]),
        ([MAX_PACKED_BYTES * 2, 100], [1, 1]),
        ([100, MAX_PACKED_BYTES * 2], [1, 1]),
    ],
)
def test_a_message_takes_what_it_has_room_for(sizes: list[int], expected: list[int]) -> None:
    assert expected == packed_sizes(sizes)


def test_a_message_takes_no_more_readings_than_asked_for() -> None:
    assert [3, 3, 1] == packed_sizes([100] * 7, most=3)


def test_a_moment_is_spelled_to_the_millisecond() -> None:
    assert ["1970-01-01T00:00:00.007Z", "2026-09-21T14:13:20.250Z"] == [
        utc_text(moment) for moment in (7, 1_790_000_000_250)
    ]
    assert [7, 1_790_000_000_250, 1_790_000_000_000] == [
        utc_ms(text)
        for text in ("1970-01-01T00:00:00.007Z", "2026-09-21T14:13:20.25Z", "2026-09-21T14:13:20Z")
    ]
