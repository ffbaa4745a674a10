"""A login waits after failures, never for ever, and what others do shuts nobody out."""

from hypothesis import given
from hypothesis import strategies as st

from dashboards.access.limiting import wait_ms

NOW = 1_800_000_000_000
FAILURES = st.lists(st.integers(NOW - 900_000, NOW), max_size=200).map(sorted)


def wait(
    pair: list[int], address: list[int] | None = None, account: list[int] | None = None, known: bool = False
) -> int:
    return wait_ms(pair, pair if address is None else address, account or pair, known=known, now_ms=NOW)


def test_a_few_mistakes_cost_nothing() -> None:
    assert 0 == wait([NOW - 1] * 4)


def test_each_further_failure_of_an_account_from_an_address_doubles_the_wait() -> None:
    assert [15_000, 30_000, 60_000] == [wait([NOW] * number) for number in (5, 6, 7)]


def test_the_wait_of_one_account_is_not_that_of_another_at_the_same_school() -> None:
    assert 0 == wait([], address=[NOW] * 20)


def test_an_account_that_is_tried_from_everywhere_waits_for_half_a_minute_at_most() -> None:
    assert (30_000, 0) == (
        wait([], [], account=[NOW] * 5000),
        wait([], [], account=[NOW] * 5000, known=True),
    )


@given(pair=FAILURES, address=FAILURES, account=FAILURES, known=st.booleans())
def test_nobody_waits_for_more_than_ten_minutes(
    pair: list[int], address: list[int], account: list[int], known: bool
) -> None:
    assert 0 <= wait_ms(pair, address, account, known=known, now_ms=NOW) <= 600_000
