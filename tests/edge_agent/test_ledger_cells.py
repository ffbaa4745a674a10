"""Cells of a ledger, one at a time: exact where they can be read, and never a guess."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.ledger import cells, words
from edge_agent.personal import is_personal


@given(st.integers(0, 10**14), st.sampled_from(["plain", "commas", "wan", "full width"]))
def test_every_amount_comes_back_to_the_fen_however_it_is_written(fen: int, form: str) -> None:
    yuan, rest = divmod(fen, 100)
    plain = f"{yuan}.{rest:02d}"
    written = {
        "plain": plain,
        "commas": f"¥{yuan:,}.{rest:02d}",
        "wan": f"{fen // 10**6}.{fen % 10**6:06d}万元",
        "full width": plain.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789."}),
    }[form]
    assert cells.fen(written) == fen


@pytest.mark.parametrize(
    "cell", ["1e999", "约5", "5,00", "1.234,56", "1-2", "12a", "NaN元", "一万二", "9" * 30]
)
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(cells.Odd):
        cells.fen(cell)


@given(st.text(max_size=20))
def test_no_text_makes_a_reader_of_cells_fail_otherwise_than_by_refusing(text: str) -> None:
    for read in (cells.fen, cells.quantity, cells.acquired, cells.category, cells.status):
        try:
            read(text)  # type: ignore[operator]
        except cells.Odd:
            continue


@given(st.integers(1, 99_999))
def test_a_number_in_capitals_is_the_number(number: int) -> None:
    digits, units = "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟", "万"]
    text = "".join(
        digits[int(digit)] + units[len(str(number)) - at - 1]
        for at, digit in enumerate(str(number))
        if digit != "0"
    )
    assert cells.spoken_number(text) == number


def test_a_rounded_price_may_be_off_by_half_of_its_last_digit() -> None:
    assert (cells.half_a_digit("333.33"), cells.half_a_digit("333"), cells.half_a_digit("0.5", 10_000)) == (
        Decimal("0.5"),
        Decimal(50),
        Decimal(50_000),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026年台账", (2026, 0, 0)),
        ("台账20260901", (2026, 9, 1)),
        ("台账2026.9", (2026, 9, 0)),
        ("2112000001台账", None),
        ("2015000001", None),
        ("A2026", None),
    ],
)
def test_a_name_says_its_year(name: str, expected: tuple[int, int, int] | None) -> None:
    assert words.date_in(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王13800138000", True),
        ("11010519491231002X", True),
        ("110105194912310021", False),
        ("120116202609010001", False),
    ],
)
def test_telephones_and_valid_identity_numbers_are_personal(text: str, expected: bool) -> None:
    assert is_personal(text) == expected
