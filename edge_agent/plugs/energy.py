"""Energy as what a meter has grown by: through resets, wraps and numbers that cannot be."""

from dataclasses import dataclass

from runtime.language import Text

# A meter is told at most this much late; what it grew in that time may come with the next reading.
_LATE_MS = 15 * 60_000
_HOUR_MS = 3_600_000
# Rounding of meters that tell hundredths of a kWh.
_ROUNDING_WH = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter's number at a moment; life: what tells one meter's count from the next."""

    wh: float
    at_ms: int
    life: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """used_wh None: not known. said: what is to be told about it."""

    used_wh: float | None
    said: Text | None = None


def growth(before: Meter | None, now: Meter, *, most_w: float, wraps_wh: float | None) -> Growth:
    """What was used between two readings of a meter; `most_w` is what the plug can carry."""
    if before is None:
        return Growth(used_wh=None)
    elapsed_ms = max(0, now.at_ms - before.at_ms) + _LATE_MS
    most_wh = most_w * elapsed_ms / _HOUR_MS + _ROUNDING_WH
    same = now.life == before.life or None in {now.life, before.life}
    if now.wh >= before.wh and same:
        return _possible(now.wh - before.wh, most_wh)
    if wraps_wh is not None and same and 0 <= now.wh + wraps_wh - before.wh <= most_wh:
        return Growth(used_wh=round(now.wh + wraps_wh - before.wh, 4))
    # A reset: all that the new count has is new, where that can be.
    reset = Text("电表读数归零", "the meter began anew")
    if now.wh <= most_wh:
        return Growth(used_wh=now.wh, said=reset)
    return Growth(used_wh=None, said=Text("电表读数倒退，用电量不详", "the meter ran backwards"))


def _possible(used_wh: float, most_wh: float) -> Growth:
    if used_wh <= most_wh:
        return Growth(used_wh=round(used_wh, 4))
    return Growth(used_wh=None, said=Text("电表读数跳得不可能", "the meter leapt further than it can"))
