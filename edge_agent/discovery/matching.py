"""Which room the name of a device means: one room for sure, or none and the likely ones."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_SEPARATORS = re.compile(r"[\s()\[\]{}<>【】〔〕《》〈〉「」_.,、·‐‑‒–—−-]+")
# What names say beside the room: only at the end, since AP101 may be the hundred-and-first access point.
_DEVICE = re.compile(
    r"(?:无线)?(?:(?<![a-z])(?:ap|wap|wifi|pjlink|pj|pc|ops)|接入点|投影机|投影仪|投影|大屏|一体机|电脑)\d{0,2}$"
)
_ALIKE = 0.6
_MOST_LIKELY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRoom:
    """One line of a school's list of rooms."""

    room: str
    name: str = ""

    @property
    def keys(self) -> set[str]:
        return {key for key in (plain(self.room), plain(self.name)) if key}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`room` where it is sure; else "", with the rooms that may be meant."""

    room: str = ""
    likely: tuple[str, ...] = ()


def plain(name: str) -> str:
    """One spelling: width, capitals, brackets and blanks make no room; 1-12 and 11-2 stay two."""
    text = unicodedata.normalize("NFKC", name).casefold().strip()

    def separator(found: "re.Match[str]") -> str:
        between = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
        return "-" if len(between) == 2 and between.isdecimal() else ""

    return _SEPARATORS.sub(separator, text)


def match(name: str, rooms: Sequence[ListedRoom]) -> Match:
    """Sure is a room only whose code or name is the device's name, but for the word for the device."""
    full = plain(name)
    bare = _DEVICE.sub("", full)
    same = [room for room in rooms if {full, bare} & room.keys]
    also = [room for room in rooms if room not in same and _same_number(bare, room)]
    if len(same) == 1 and not also:
        return Match(room=same[0].room)
    inside = [room for room in rooms if any(_stands_in(key, full) for key in room.keys)]
    by_key = {key: room.room for room in rooms for key in room.keys}
    alike = get_close_matches(bare, list(by_key), n=_MOST_LIKELY, cutoff=_ALIKE)
    likely = dict.fromkeys(
        [*(room.room for room in (*same, *also, *inside)), *(by_key[key] for key in alike)]
    )
    return Match(likely=tuple(likely)[:_MOST_LIKELY])


def _same_number(bare: str, room: ListedRoom) -> bool:
    """Whether a bare number is also that of this room, as 101 is of 2号楼101."""
    return bare.isdecimal() and any(bare in re.findall(r"\d+", key) for key in room.keys)


def _stands_in(key: str, name: str) -> bool:
    return re.search(rf"(?<!\d){re.escape(key)}(?!\d)", name) is not None
