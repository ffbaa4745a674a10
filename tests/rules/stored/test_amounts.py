"""What is there at least and at most, as a text that is read back exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.stored.amounts import AmountError, amount_text, read_amount, read_share

ends = st.none() | st.fractions(min_value=0, max_denominator=10**6)


@given(ends, ends)
def test_an_amount_is_read_back_as_it_was(known: Fraction | None, most: Fraction | None) -> None:
    assert (known, most) == read_amount(amount_text(known, most))


@pytest.mark.parametrize(
    ("known", "most", "text"),
    [(7, 7, "7"), (7, 8, "7..8"), (7, None, "7.."), (None, 7, "..7"), (None, None, ".."), (0, 0, "0")],
)
def test_what_is_not_known_is_left_open(known: int | None, most: int | None, text: str) -> None:
    least, highest = (None if end is None else Fraction(end) for end in (known, most))
    assert text == amount_text(least, highest)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.5", "1/0", "1..x", "x..1", "1/0..2", "1..2..3", "٣", "1" * 401]
)
def test_what_none_of_this_house_wrote_is_no_amount(text: str) -> None:
    with pytest.raises(AmountError) as raised:
        read_amount(text)
    assert f"{text[:40]!r} 不是数量" == str(raised.value)


def test_a_share_is_one_number() -> None:
    assert Fraction(3, 8) == read_share("3/8")
    for text in ("", "..", "1..2"):
        with pytest.raises(AmountError):
            read_share(text)
