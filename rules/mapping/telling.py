"""What readings, room maps and registry do not agree on, a line each."""

from collections import defaultdict
from collections.abc import Sequence

from registry import Registry
from rules.answers.left_out import left_out, left_out_lines
from rules.judging.matching import Unmatched
from rules.mapping.comparing import Difference
from rules.mapping.lines import WITHOUT, difference_lines, room_lines
from rules.mapping.reading import read_compared
from store import Store


def disagreements(registry: Registry, store: Store, *, now_ms: int) -> list[str]:
    """A line each: readings and maps that the registry does not name, and rooms that nothing is mapped to."""
    compared = read_compared(store, registry, now_ms=now_ms)
    found = left_out(registry, store, now_ms=now_ms)
    # Where the maps are known they say more than that nothing was heard.
    others = [one for one in found if one.what not in WITHOUT or one.school not in compared.whole]
    silent = [one for one in found if one.what in WITHOUT and one.school in compared.whole]
    return [
        *left_out_lines(registry, tuple(others)),
        *difference_lines(registry, compared.differences),
        *_silent_lines(registry, silent, compared.differences),
    ]


def _silent_lines(
    registry: Registry, silent: Sequence[Unmatched], differences: Sequence[Difference]
) -> list[str]:
    """Rooms of which a list names a device, and nothing was heard of it."""
    unmapped = {(one.school, one.what, one.room) for one in differences}
    rooms: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in silent:
        if (one.school, one.what, one.room) not in unmapped:
            rooms[one.school, f"silent_{one.what.removeprefix('no_')}"].append(one.room)
    return room_lines(registry, rooms)
