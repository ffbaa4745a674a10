"""Moments on a terminal: whose clock shows them is said where it is not China's."""

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from campus.commands.moments import local_time

_WINTER_MS = 1_795_823_760_000  # 2026-11-27 23:56 UTC
_SUMMER_MS = 1_782_864_000_000  # 2026-07-01 00:00 UTC


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (ZoneInfo("Asia/Shanghai"), "2026-11-28 07:56"),
        (ZoneInfo("UTC"), "2026-11-27 23:56 UTC"),
        (ZoneInfo("America/New_York"), "2026-11-27 18:56 UTC-05:00"),
        (timezone(timedelta(hours=5, minutes=45)), "2026-11-28 05:41 UTC+05:45"),
    ],
)
def test_a_moment_says_whose_clock_shows_it(zone: ZoneInfo | timezone, expected: str) -> None:
    assert local_time(_WINTER_MS, zone) == expected


def test_elsewhere_summer_moves_the_clock() -> None:
    assert local_time(_SUMMER_MS, ZoneInfo("America/New_York")) == "2026-06-30 20:00 UTC-04:00"
