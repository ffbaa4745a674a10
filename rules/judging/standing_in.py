"""What a room's devices are worth: its displays by their own word or presence, others in their place."""

from rules.facts.evidence import STANDING_IN
from rules.facts.facts import DisplayFacts, RoomFacts
from rules.judging.multimedia import displays_here
from rules.words import NOTHING, Reason, joined, reason


def stands_for(device: DisplayFacts, room: RoomFacts) -> tuple[str, ...]:
    """The displays of its room that a class PC or a plug speaks for; none of a display itself."""
    if device.type not in STANDING_IN:
        return ()
    return tuple(display.device for display in displays_here(room))


def is_needed(room: RoomFacts) -> bool:
    """Whether no display of the room has said anything, so that what stands in for them counts."""
    return not any(display.answered for display in displays_here(room))


def role_of(device: DisplayFacts, room: RoomFacts) -> Reason:
    """By which evidence a device of a room speaks, and for whom."""
    refused = (
        reason("role.unaccepted", answers=device.unaccepted, evidence=device.unaccepted_by)
        if device.unaccepted
        else NOTHING
    )
    return joined(_place(device, room), refused)


def _place(device: DisplayFacts, room: RoomFacts) -> Reason:
    by = reason("role.by", evidence=device.evidence) if device.answered else NOTHING
    if device.type not in STANDING_IN:
        return by
    displays = stands_for(device, room)
    if not displays:
        return joined(reason("role.alone"), by)
    code = "role.stands_in" if is_needed(room) else "role.reserve"
    return joined(reason(code, displays=displays), by)
