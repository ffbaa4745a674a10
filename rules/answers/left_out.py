"""Readings beside the registry as they stand now: the judged window, and the last day whatever the hour."""

from registry import Registry
from rules.answers.inquiry import inquire
from rules.facts.heard import heard_in, heard_lately, together
from rules.judging.matching import Unmatched, What, unmatched
from rules.words import first_of, worded
from store import Store

_NAMED = 12  # so many rooms are named in a line; it says how many more there are


def left_out(registry: Registry, store: Store, *, now_ms: int) -> tuple[Unmatched, ...]:
    """What readings and registry do not agree on. Raises store.Unavailable."""
    facts = inquire(registry, None, now_ms=now_ms).facts(store)
    lately = heard_lately(store, now_ms)
    return unmatched(registry, lately if facts is None else together(heard_in(facts), lately))


def left_out_lines(registry: Registry, found: tuple[Unmatched, ...]) -> list[str]:
    """A line for what is left out each; rooms without a device are one line a school and kind."""
    without: dict[tuple[str, What], list[str]] = {}
    lines = []
    for one in found:
        if one.what in {"no_display", "no_access_point"}:
            without.setdefault((one.school, one.what), []).append(one.room)
        else:
            lines.append(f"{_school(registry, one.school)}: {worded(one.reason)}")
    for (school, what), rooms in without.items():
        told = Unmatched(what=what, school=school, room=worded(first_of(rooms, _NAMED)))
        lines.append(f"{_school(registry, school)}: {worded(told.reason)}")
    return lines


def _school(registry: Registry, code: str) -> str:
    known = registry.schools.get(code)
    return code if known is None else f"{known.name} {code}"
