"""Which of several programs that share a store are at work."""

import pytest

from rules.stored.shares import Away, share_point, shares_away
from store import Row

MINUTE = 60_000
NOW = 1_790_000_000_000


def rows(*shares: tuple[str, float, int]) -> list[Row]:
    """By share: its interval in s, and how long ago it was heard in ms."""
    points = [share_point(share, every, NOW - ago) for share, every, ago in shares]
    return [Row({"share": point.tags[0]}, point.time, {"interval_s": point.fields[0]}) for point in points]


@pytest.mark.parametrize(
    ("shares", "away"),
    [
        ([], []),
        ([("1/1", 300, 10_000 * MINUTE)], []),
        ([("1/2", 300, 0), ("2/2", 300, 15 * MINUTE)], []),
        ([("1/2", 300, 0), ("2/2", 300, 15 * MINUTE + 1)], [("2/2", 15 * MINUTE + 1)]),
        # Three rounds of ten minutes are longer than what is waited for at least.
        ([("1/2", 600, 0), ("2/2", 600, 30 * MINUTE)], []),
        ([("1/2", 600, 0), ("2/2", 600, 30 * MINUTE + 1)], [("2/2", 30 * MINUTE + 1)]),
        ([("2/3", 300, 0)], [("1/3", None), ("3/3", None)]),
        # How many there are says the newest.
        ([("1/3", 300, MINUTE), ("2/3", 300, MINUTE), ("1/2", 300, 0)], [("2/2", None)]),
        ([("1/3", 300, MINUTE), ("1/1", 300, 0)], []),
    ],
)
def test_a_share_that_three_rounds_are_missing_of_is_away(
    shares: list[tuple[str, float, int]], away: list[tuple[str, int | None]]
) -> None:
    expected = [Away(share, None if ago is None else NOW - ago) for share, ago in away]
    assert expected == list(shares_away(rows(*shares), now_ms=NOW))
