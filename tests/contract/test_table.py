"""The one table says what may leave a school, and what may not."""

import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import MEASUREMENTS, READING_KINDS, Address, Column, Radio, Reading, to_point
from contract.daybook import DAY_FACTS
from contract.readings import reading_adapter
from tests.contract.strategies import readings

COLUMNS = [
    pytest.param(column, id=f"{table.name}.{column.name}")
    for table in (*MEASUREMENTS.values(), *DAY_FACTS.values())
    for column in (*table.tags, *table.fields)
]
# Words for a person or a person's device: PIPL art. 28; GB/T 35273 counts a device's MAC among them.
PERSONAL = re.compile(
    r"mac|user|person|teacher|pupil|student|client_(?!s)|station|phone|owner|dept|imei|card|face"
)


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_can_hold_a_person_or_a_clients_address(column: Column) -> None:
    assert None is PERSONAL.search(column.name)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_says_what_it_means_and_numbers_have_a_unit(column: Column) -> None:
    assert column.meaning
    assert column.unit or column.type in {"text", "boolean"}


def test_every_reading_carries_where_it_came_from_and_its_batch() -> None:
    heads = {(table.tag_names[:4], table.field_names[0]) for table in READING_KINDS.values()}
    assert {(("district", "school", "gateway", "epoch"), "seq")} == heads


def test_a_reading_becomes_a_row_in_the_tables_own_order() -> None:
    address = Address("120116", "2112000001", "gw-1")
    radio = Radio(time=1_790_000_000_000, ap="A", radio="0", room="R1", channel=6, band="2.4")
    point = to_point(address, "e" * 16, 9, radio)
    names = (*point.measurement.tag_names, *point.measurement.field_names)
    known = {name: value for name, value in zip(names, (*point.tags, *point.fields), strict=True) if value}
    assert {
        "district": "120116",
        "school": "2112000001",
        "gateway": "gw-1",
        "epoch": "e" * 16,
        "ap": "A",
        "radio": "0",
        "room": "R1",
        "seq": 9,
        "channel": 6,
        "band": "2.4",
    } == known


@given(readings, st.randoms(use_true_random=False))
def test_the_order_of_keys_in_a_message_does_not_matter(reading: Reading, order: random.Random) -> None:
    items = list(json.loads(reading.model_dump_json()).items())
    order.shuffle(items)
    shuffled = reading_adapter.validate_json(json.dumps(dict(items)))
    address = Address("120116", "2112000001", "gw-1")
    assert to_point(address, "e" * 16, 1, reading) == to_point(address, "e" * 16, 1, shuffled)
