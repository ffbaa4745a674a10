"""How far a gateway's clock is off, in words."""

from rules.words.reason import Reason, reason

_STEPS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def clock_reason(offset_ms: int) -> Reason:
    """By how much, and which way; the offset is the server's time minus the gateway's."""
    seconds = abs(offset_ms) // 1000
    length, unit = next(((length, unit) for length, unit in _STEPS if seconds >= length), _STEPS[-1])
    span = reason(f"clock.{unit}", number=seconds // length)
    return reason("clock.behind" if offset_ms > 0 else "clock.ahead", span=span)
