"""The codec: what it reads ends in an answer or in Damaged. Its questions real agents answer elsewhere."""

import random

import pytest

from edge_agent.snmp.ber import GETBULK, Damaged, Oid, Value, read_answer, write_question


def tlv(tag: int, content: bytes) -> bytes:
    assert len(content) < 2**16
    if len(content) < 128:
        return bytes((tag, len(content))) + content
    return bytes((tag, 0x82)) + len(content).to_bytes(2) + content


def answer(*varbinds: bytes, request: bytes = b"\x12\x34\x56\x78", error: int = 0, version: int = 1) -> bytes:
    """Put together by hand, so that no codec of ours stands between."""
    binds = tlv(0x30, b"".join(varbinds))
    pdu = tlv(0xA2, tlv(2, request) + tlv(2, bytes((error,))) + tlv(2, b"\0") + binds)
    return tlv(0x30, tlv(2, bytes((version,))) + tlv(4, b"secret") + pdu)


def bind(name: str, value: str) -> bytes:
    return tlv(0x30, tlv(6, bytes.fromhex(name)) + bytes.fromhex(value))


NAME, OID = "2b060102010105 00", (1, 3, 6, 1, 2, 1, 1, 5, 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("02 01 a1", -95),
        ("02 04 7fffffff", 2**31 - 1),
        ("42 05 00ffffffff", 2**32 - 1),
        ("42 04 ffffffff", 2**32 - 1),  # without the octet that keeps it positive, as some agents write it
        ("46 09 00ffffffffffffffff", 2**64 - 1),
        ("43 02 0064", 100),
        ("04 03 e4bda0", "你".encode()),
        ("04 00", b""),
        ("40 04 0a010001", bytes((10, 1, 0, 1))),
        ("06 08 2b06010401 8f5b02", (1, 3, 6, 1, 4, 1, 2011, 2)),
        ("06 01 00", (0, 0)),
        ("05 00", None),
        ("81 00", None),
        ("82 00", None),
    ],
)
def test_every_type_is_read(value: str, expected: Value) -> None:
    found = read_answer(answer(bind(NAME, value)))
    assert [(one.oid, one.value) for one in found.varbinds] == [(OID, expected)]


def test_number_and_error_of_an_answer_are_read() -> None:
    found = read_answer(answer(error=1))
    assert (found.request, found.error, found.varbinds) == (0x12345678, 1, ())


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        bytes.fromhex("3082"),
        bytes.fromhex("3080"),
        bytes.fromhex("3085ffffffffff"),
        answer(version=0),
        answer() + b"x",
        answer()[:-1],
        answer(bind(NAME, "02 00")),
        answer(bind(NAME, "02 0a 00000000000000000001")),
        answer(bind(NAME, "09 01 00")),
        answer(bind(NAME, "04 05 6162")),
        answer(bind("", "05 00")),
        answer(bind("2b8f", "05 00")),
        answer(bind("2b" + "ff" * 6 + "01", "05 00")),
        answer(bind("2b" + "01" * 200, "05 00")),
        answer(bind(NAME, "05 00") + b"\0"),
        answer(request=b""),
        answer(request=b"\0" * 5),
    ],
)
def test_what_is_no_answer_is_damaged(damaged: bytes) -> None:
    with pytest.raises(Damaged):
        read_answer(damaged)


def test_a_datagram_filled_up_with_zeros_is_read() -> None:
    assert read_answer(answer() + b"\0" * 9).varbinds == ()


WHOLE = answer(
    bind(NAME, "06 08 2b060104018f5b02"),
    bind(NAME, "04 04 41432d31"),
    bind(NAME, "42 02 00c8"),
    bind(NAME, "46 02 0102"),
    bind(NAME, "82 00"),
)


def test_every_changed_byte_gives_an_answer_or_damaged() -> None:
    for place in range(len(WHOLE)):
        for byte in range(256):
            _reads_or_refuses(WHOLE[:place] + bytes((byte,)) + WHOLE[place + 1 :])


def test_every_cut_and_every_random_change_gives_an_answer_or_damaged() -> None:
    chance = random.Random(1)  # noqa: S311 - the same changes in every run
    for place in range(len(WHOLE)):
        _reads_or_refuses(WHOLE[:place])
    for _ in range(20_000):
        changed = bytearray(WHOLE)
        for _ in range(chance.randrange(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        _reads_or_refuses(bytes(changed[: chance.randrange(1, len(changed) + 1)]))


def _reads_or_refuses(data: bytes) -> None:
    try:
        read_answer(data)
    except Damaged:
        return


@pytest.mark.parametrize("oid", [(1, 3, 6, 1), (1, 3, 6, 1, 4, 1, 2011, 2**32 - 1), (2, 999, 3)])
def test_what_is_asked_is_written_as_x_690_has_it(oid: Oid) -> None:
    question = write_question(GETBULK, 7, b"secret", [oid], repetitions=25)
    # Tag, number, non-repeaters 0 and repetitions 25, then one name with NULL.
    assert question[:2] == b"\x30" + bytes((len(question) - 2,))
    assert b"\x02\x01\x07\x02\x01\x00\x02\x01\x19" in question
    assert question.endswith(b"\x05\x00")
