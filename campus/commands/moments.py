"""The present, and moments as people read them on a terminal."""

import time
from datetime import UTC, datetime, tzinfo

# No daylight saving time since 1992.
_CHINA = "+0800"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def local_time(time_ms: int, zone: tzinfo | None = None) -> str:
    """As the clock on the wall shows it; elsewhere than in China with how far that clock is from UTC.

    A server's clock often shows UTC: whoever reads a moment to a school on the telephone must see that.
    zone: by default this machine's.
    """
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
    offset = f"{moment:%z}"
    named = "" if offset == _CHINA else f" UTC{offset[:3]}:{offset[3:]}" if int(offset) else " UTC"
    return f"{moment:%Y-%m-%d %H:%M}{named}"


def utc_time(time_ms: int) -> str:
    """For columns that say UTC in their heading."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
