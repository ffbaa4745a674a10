"""The quick way from a batch to points is of one opinion with the plain way, on whatever comes."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import Address, ContractError, Point, decode_envelope, to_point
from contract.quick import quick_batch
from contract.readings import EARLIEST_MS, KINDS, Reading
from contract.types import Column

NOW = 1_790_000_000_000
HOME = Address("120116", "2112000001", "gw1")
# What people, devices and attackers write where a value should be.
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.0,
    0.5,
    1e400,
    float("nan"),
    2**31,
    2**31 + 1,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    10**30,
    "",
    " ",
    "A ",
    " A",
    "A\\",
    "A\n",
    "\x00",
    "\x7f",
    "\u2028",
    "\u202e",
    "\ud800",
    "一号楼 101",
    "é" * 64,
    "x" * 64,
    "x" * 65,
    "x" * 256,
    "x" * 257,
    "up",
    "5",
    "2021-09-01",
    "1",
    [],
    {},
    ["x"],
)


def right_value(column: Column, draw: random.Random) -> Any:
    if column.choices:
        return draw.choice(column.choices)
    if column.type == "text":
        wanted = {"acquired": "2021-09-01", "epoch": "00000000000000aa"}
        return wanted.get(column.name, draw.choice(["A1", "101", "一号楼 101", "TY-7", 'a "b"', "x" * 64]))
    if column.type == "boolean":
        return draw.random() < 0.5
    low, high = column.low or 0, column.high if column.high is not None else 10**6
    if column.type == "float":
        return draw.choice([low, high, draw.uniform(float(low), float(high)), int(low)])
    return draw.choice([int(low), int(high), draw.randint(int(low), int(high))])


def right_reading(model: type[Reading], draw: random.Random) -> dict[str, Any]:
    table = model.measurement
    columns = (*table.tags[4:], *table.fields[1:])
    made: dict[str, Any] = {"kind": table.name, "time": draw.randint(EARLIEST_MS, NOW)}
    for column in columns:
        info = model.model_fields[column.name]
        if info.is_required() or draw.random() < 0.6:
            made[column.name] = right_value(column, draw)
        elif info.default is None and draw.random() < 0.2:
            made[column.name] = None
    return made


def right_batch(draw: random.Random) -> dict[str, Any]:
    readings = [right_reading(draw.choice(KINDS), draw) for _ in range(draw.randint(1, 4))]
    head = {"v": 1, "epoch": "00000000000000aa", "seq": draw.randint(1, 2**63 - 1)}
    return {**head, "sent": "2026-09-21T14:13:20.000Z", "readings": readings}


def damage(batch: dict[str, Any], draw: random.Random) -> bytes:
    """One thing wrong, or odd, or only unusual, at any level of the batch."""
    item: dict[str, Any] = draw.choice([batch, *batch["readings"] * 3])
    name = draw.choice([*item, "x"])
    kind = draw.choice(["odd", "odd", "odd", "gone", "twice", "bytes", "order"])
    if kind == "odd":
        item[name] = draw.choice(ODD)
    elif kind == "gone":
        item.pop(name, None)
    elif kind == "order":
        shuffled = draw.sample(list(item.items()), len(item))
        item.clear()
        item.update(shuffled)
    text = json.dumps(batch, ensure_ascii=draw.random() < 0.5)
    if kind == "twice":
        key = json.dumps(name)
        text = text.replace(f"{key}: ", f"{key}: {json.dumps(draw.choice(ODD))}, {key}: ", 1)
    payload = bytearray(text.encode("utf-8", "surrogatepass"))
    if kind == "bytes":
        payload[draw.randrange(len(payload))] = draw.randrange(256)
    return bytes(payload)


def plainly(payload: bytes) -> tuple[str, int, list[Point]] | None:
    """What the plain way makes of it; None where anything in it is refused."""
    try:
        decoded = decode_envelope(payload, now_ms=NOW)
    except ContractError:
        return None
    if decoded.refused:
        return None
    points = [to_point(HOME, decoded.epoch, decoded.seq, reading) for reading in decoded.readings]
    return decoded.epoch, decoded.seq, points


def quickly(payload: bytes) -> tuple[str, int, list[Point]] | None:
    found = quick_batch(HOME, payload, now_ms=NOW)
    return found and (found.epoch, found.seq, found.points)


def as_told(found: tuple[str, int, list[Point]] | None) -> str:
    """1, 1.0 and True are equal, and are not the same in a store."""
    return repr(found)


@given(st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_a_right_batch_is_taken_the_quick_way_and_says_the_same(draw: random.Random) -> None:
    payload = json.dumps(right_batch(draw)).encode()
    assert as_told(plainly(payload)) == as_told(quickly(payload)) != "None"


@given(st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None)
def test_what_the_quick_way_takes_of_a_damaged_batch_is_what_the_plain_way_takes(draw: random.Random) -> None:
    payload = damage(right_batch(draw), draw)
    found = quickly(payload)
    if found is not None:
        assert as_told(plainly(payload)) == as_told(found)


@pytest.mark.parametrize("model", KINDS)
def test_every_odd_value_in_every_column_is_judged_the_same(model: type[Reading]) -> None:
    draw = random.Random(7)  # noqa: S311
    unlike = []
    for name in ("kind", "time", *model.measurement.tag_names[4:], *model.measurement.field_names[1:]):
        for odd in ODD:
            reading = {**right_reading(model, draw), name: odd}
            batch = {**right_batch(draw), "readings": [reading]}
            payload = json.dumps(batch).encode("utf-8", "surrogatepass")
            found = quickly(payload)
            if found is not None and as_told(found) != as_told(plainly(payload)):
                unlike.append((name, odd))
    assert [] == unlike


def test_what_lies_in_the_future_goes_the_plain_way() -> None:
    batch = right_batch(random.Random(1))  # noqa: S311
    batch["readings"][0]["time"] = NOW + 601_000
    assert quickly(json.dumps(batch).encode()) is None


def test_the_same_device_has_the_same_tags_again_and_again() -> None:
    payload = json.dumps(right_batch(random.Random(2))).encode()  # noqa: S311
    first, second = quickly(payload), quickly(payload)
    assert first is not None
    assert second is not None
    assert all(one.tags is other.tags for one, other in zip(first[2], second[2], strict=True))
