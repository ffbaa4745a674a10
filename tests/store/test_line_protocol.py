"""Line protocol, read back by an independent parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_protocol_parser import parse_line

from contract import Column, Measurement, Point, Value
from store.line_protocol import Unwritable, encode_line

MEASUREMENT = Measurement(
    name="a table, with=odd name",
    kept="records",
    tags=(Column(name="tag one", type="text"), Column(name="tag,two=2", type="text")),
    fields=(
        Column(name="whole number", type="integer"),
        Column(name="level,=", type="float"),
        Column(name="open", type="boolean"),
        Column(name="words", type="text"),
    ),
)
characters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85")
# A tag cannot end in a backslash; the parser used here also cannot read one before a separator.
tags = st.text(characters, max_size=12).map(lambda text: text.replace("\\", "/"))
words = st.text(characters, max_size=30)
fields = st.tuples(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
    st.booleans(),
    words,
)


@given(st.tuples(tags, tags), fields, st.integers(0, 2**52))
def test_an_independent_parser_reads_what_was_meant(
    tag_values: tuple[str, str], values: tuple[Value, ...], time: int
) -> None:
    parsed = parse_line(encode_line(Point(MEASUREMENT, tag_values, time, values)))
    expected_tags = {
        name: value for name, value in zip(MEASUREMENT.tag_names, tag_values, strict=True) if value
    }
    assert {
        "measurement": MEASUREMENT.name,
        "tags": expected_tags,
        "fields": dict(zip(MEASUREMENT.field_names, values, strict=True)),
        "time": time,
    } == parsed


@pytest.mark.parametrize(
    ("tag", "values", "reason"),
    [
        ("ends in \\", (1, None, None, None), "ends in a backslash"),
        ("two\nlines", (1, None, None, None), "line break"),
        ("t", (None, None, None, None), "no field has a value"),
        ("t", (2**63, None, None, None), "64 bits"),
        ("t", (True, None, None, None), "is an integer"),
        ("t", (None, float("nan"), None, None), "finite"),
        ("t", (None, float("inf"), None, None), "finite"),
        ("t", (None, None, 1, None), "true or false"),
        ("t", (None, None, None, 5), "is text"),
        ("t", (None, None, None, "x" * 70_000), "65536 bytes"),
    ],
)
def test_what_line_protocol_cannot_say_is_refused_with_its_reason(
    tag: str, values: tuple[Value | None, ...], reason: str
) -> None:
    with pytest.raises(Unwritable, match=reason):
        encode_line(Point(MEASUREMENT, (tag, ""), 0, values))
