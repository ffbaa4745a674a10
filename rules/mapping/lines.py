"""Differences in lines: one each, and rooms that are in no list one line a school and kind."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from registry import Registry
from rules.mapping.comparing import Difference
from rules.words import first_of, reason, worded
from runtime.language import Language

_NAMED = 12  # so many rooms are named in a line; it says how many more there are
WITHOUT = ("no_display", "no_access_point")


def difference_lines(
    registry: Registry, differences: Sequence[Difference], language: Language | None = None
) -> list[str]:
    """In the language that is asked for, else the program's."""
    without: dict[tuple[str, str], list[str]] = defaultdict(list)
    lines = []
    for one in differences:
        if one.what in WITHOUT:
            without[one.school, one.what].append(one.room)
        else:
            lines.append(f"{_school(registry, one.school)}: {worded(one.reason, language)}")
    return [*lines, *room_lines(registry, without, language)]


def room_lines(
    registry: Registry, rooms: Mapping[tuple[str, str], Sequence[str]], language: Language | None = None
) -> list[str]:
    """`rooms` by school and what is said of them."""
    return [
        f"{_school(registry, school)}: "
        + worded(reason(f"mapping.{what}", room=worded(first_of(named, _NAMED), language)), language)
        for (school, what), named in rooms.items()
    ]


def _school(registry: Registry, code: str) -> str:
    known = registry.schools.get(code)
    return code if known is None else f"{known.name} {code}"
