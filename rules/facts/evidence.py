"""By what a room was seen at work: the display said so itself, a device is present, or power is drawn.

The weakest that a device's day rests on counts for the whole day. What is not accepted says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

from contract import DISPLAY_TYPES
from rules.daybook.entry import DeviceCounts, DeviceKey
from rules.standards.standard import Evidence

# From the strongest to the weakest.
ORDER: tuple[Evidence, ...] = ("display", "presence", "watts")
# What says something of a room without being its display, and how much it is worth.
STANDING_IN: Mapping[str, Evidence] = {"class_pc": "presence", "plug": "watts"}


def evidence_of(kind: str, counts: DeviceCounts) -> Evidence:
    """What a device's day rests on, at its weakest."""
    if counts.by_watts or kind == "plug":
        return "watts"
    return "presence" if counts.by_presence or kind == "class_pc" else "display"


def stands_in(kind: str, accepts: Sequence[Evidence]) -> bool:
    """Whether a device that is no display is accepted as a sign that its room is at work."""
    return STANDING_IN.get(kind) in accepts


def as_accepted(kind: str, counts: DeviceCounts, accepts: Sequence[Evidence]) -> DeviceCounts:
    """The day as it counts: polls whose evidence is not accepted were made, and told nothing."""
    if evidence_of(kind, counts) in accepts:
        return counts
    return DeviceCounts(counts.polls, 0, 0, 0, 0, 0, 0, counts.last_ms, (0,) * len(counts.lessons))


def weakest(kinds: Iterable[Evidence]) -> Evidence:
    return max(kinds, key=ORDER.index, default="display")


def telling(
    devices: Sequence[tuple[DeviceKey, DeviceCounts]], accepts: Sequence[Evidence]
) -> tuple[list[tuple[str, DeviceCounts]], Evidence]:
    """Of one room's devices on a day those that tell of its use, by name, and the weakest of their evidence.

    Displays; where none of them told its power, whatever stands in for them.
    """
    # Nearly every room of a district, every day: displays alone, by their own word.
    if "display" in accepts and all(
        key[2] in DISPLAY_TYPES and not counts.by_presence and not counts.by_watts for key, counts in devices
    ):
        return [(key[1], counts) for key, counts in devices], "display"
    shown = [(key, as_accepted(key[2], counts, accepts)) for key, counts in devices]
    displays = [(key, counts) for key, counts in shown if key[2] in DISPLAY_TYPES]
    others = [(key, counts) for key, counts in shown if stands_in(key[2], accepts) and counts.known]
    chosen = others if others and not any(counts.known for _, counts in displays) else displays
    return [(key[1], counts) for key, counts in chosen], weakest(
        evidence_of(key[2], counts) for key, counts in chosen if counts.lit
    )
