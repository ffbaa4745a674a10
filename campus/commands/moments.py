"""The present, and moments as people read them on a terminal."""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def local_time(time_ms: int) -> str:
    """As the clock on the wall shows it."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"


def utc_time(time_ms: int) -> str:
    """For columns that say UTC in their heading."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
