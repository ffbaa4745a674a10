"""Whether a display was used in a lesson: proven either way, or not known. Pure.

An answer stands for the time from one poll to the next. What was not heard may have been either: a lesson
was used where the display was seen on for long enough, unused where even all of the unheard time would not
be enough; and either needs the standard's share of the lesson heard.
"""

from collections.abc import Iterable
from typing import NamedTuple

from registry.calendar import Interval
from rules.standards.standard import Utilisation


class Answers(NamedTuple):
    """What one display said in one lesson: answers with a known power state, and those of them on."""

    known: int
    lit: int


class Lessons(NamedTuple):
    """Lessons of one room: those about which it is known whether a display was used, and the used ones."""

    known: int
    used: int


NO_ANSWER = Answers(0, 0)


def display_used(answers: Answers, slot: Interval, interval_ms: int, rule: Utilisation) -> bool | None:
    """One display in one lesson; None: not known."""
    length = slot.end_ms - slot.begin_ms
    heard = min(answers.known * interval_ms, length)
    if answers.known < rule.min_slot_samples or heard < rule.min_lesson_share * length:
        return None
    lit, wanted = min(answers.lit * interval_ms, length), rule.used_minutes * 60_000
    if lit >= wanted:
        return True
    return False if lit + (length - heard) < wanted else None


def room_used(displays: Iterable[bool | None]) -> bool | None:
    """One room in one lesson: one display that was used is enough, all must be known to be unused."""
    found = list(displays)
    if True in found:
        return True
    return False if found and None not in found else None
