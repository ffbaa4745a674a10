"""Moments as people of a zone read them, as machines do, and how long ago they were."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_STEPS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))


def clock_text(ms: int | None, zone: ZoneInfo, *, now_ms: int) -> str:
    """A moment as a person of that zone reads it; the date only where it is not today."""
    if ms is None:
        return "—"
    moment = datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(zone)
    today = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone(zone).date()
    return moment.strftime("%H:%M:%S" if moment.date() == today else "%Y-%m-%d %H:%M")


def iso_text(ms: int | None) -> str | None:
    """A moment for machines: UTC, ISO 8601."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age(ms: int, *, now_ms: int) -> tuple[str, int]:
    """How long ago, in the largest whole unit: ("minutes", 3)."""
    return span((now_ms - ms) // 1000)


def span(seconds: int) -> tuple[str, int]:
    """A length of time in its largest whole unit."""
    seconds = max(0, seconds)
    for length, unit in _STEPS:
        if seconds >= length:
            return unit, seconds // length
    return "seconds", seconds
