"""Which room the name of a device means: one room for sure, or none and the likely ones."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

from edge_agent.discovery.meanings import Meaning, may_be_class_or_room, meanings

DeviceWord = Literal["access_point", "projector", "panel", "class_pc"]
_SEPARATORS = re.compile(r"[\s()\[\]{}<>【】〔〕《》〈〉「」_.,、·‐‑‒–—−-]+")
_WORDS = (
    r"(?:ap|wap|wifi|pjlink|pj|pc|ops|接入点|投影机|投影仪|投影|交互智能平板|触控一体机|智慧屏|大屏|一体机|"
    r"电子白板|教师机|班班通|电脑|面板ap|智能插座|插座|plug)"
)
# What names say beside the room at the end …
_BEHIND = re.compile(rf"[\s_\-.·]*(?:无线)?(?<![a-z]){_WORDS}\d{{0,2}}$")
# … or at the beginning, where no bare number follows: AP101 may be the hundred-and-first access point.
_BEFORE = re.compile(rf"^(?:无线)?{_WORDS}[\s_\-.·]*(?![\d\s_\-.·]|[a-z]+$)")
_WORD = re.compile(rf"(?:无线)?{_WORDS}")
_PARTS = 2
_NUMBERED = re.compile(rf"^(?:无线)?(?P<word>{_WORDS})[\s_\-.·]*(?P<number>[0-9]{{3,4}})$")
# What the words mean, where a list of devices says nothing else of its type.
_TYPES: Mapping[DeviceWord, str] = {
    "access_point": "ap wap wifi 接入点 面板ap",
    "projector": "pj pjlink 投影 投影机 投影仪",
    "panel": "大屏 一体机 智慧屏 交互智能平板 触控一体机 电子白板 班班通",
    "class_pc": "pc ops 电脑 教师机",
}
# So many devices must be called after rooms before one believes that their numbers are rooms'.
_ENOUGH = 3
_ALIKE = 0.6
_MOST_LIKELY = 3


@dataclass(frozen=True, kw_only=True)
class ListedRoom:
    """One line of a school's list of rooms."""

    room: str
    name: str = ""

    @cached_property
    def keys(self) -> set[str]:
        return {key for key in (plain(self.room), plain(self.name)) if key}

    @cached_property
    def meanings(self) -> frozenset[Meaning]:
        return meanings(self.room) | meanings(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`room` where it is sure; else "", with the rooms that may be meant."""

    room: str = ""
    likely: tuple[str, ...] = ()


def word_in(name: str) -> DeviceWord | None:
    """The type of device that a name says at its end or beginning; None where it says none, or two."""
    found = {kind for kind, words in _TYPES.items() for word in words.split() if word in _words_of(name)}
    return found.pop() if len(found) == 1 else None


def _words_of(name: str) -> set[str]:
    text = _half(name)
    ends = [found[0] for pattern in (_BEHIND, _BEFORE) if (found := pattern.search(text))]
    return {re.sub(r"^无线|[\s_\-.·\d]", "", end) for end in ends} | (
        {text} if re.fullmatch(_WORDS, text) else set()
    )


def plain(name: str) -> str:
    """One spelling: width, capitals, brackets and blanks make no room; 1-12 and 11-2 stay two."""
    text = _half(name)

    def separator(found: "re.Match[str]") -> str:
        between = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
        return "-" if len(between) == 2 and between.isdecimal() else ""

    return _SEPARATORS.sub(separator, text)


def match_all(names: Iterable[str], rooms: Sequence[ListedRoom]) -> Mapping[str, Match]:
    """Every name's room. Those of a word and a number are sure together: where all of them are rooms'."""
    found = {name: match(name, rooms) for name in dict.fromkeys(names)}
    groups: dict[str, list[str]] = {}
    for name in found:
        if numbered := _NUMBERED.fullmatch(_half(name)):
            groups.setdefault(numbered["word"], []).append(name)
    for group in groups.values():
        found |= _numbered_as_rooms(group, rooms)
    return found


def match(name: str, rooms: Sequence[ListedRoom]) -> Match:
    """Sure is only what one room's code or name says, and no other's, but for the word for the device."""
    found = _whole(name, rooms)
    return found if found.room else _of_parts(name, rooms) or found


def _of_parts(name: str, rooms: Sequence[ListedRoom]) -> Match | None:
    """PJ-103 3号教室: where one part is a room for sure, and every other may mean that one alone."""
    parts = _half(name).split()
    found = [_whole(part, rooms) for part in parts if not _WORD.fullmatch(part)]
    sure = {each.room for each in found if each.room}
    if len(parts) < _PARTS or len(sure) != 1:
        return None
    (room,) = sure
    agree = all(each.room or each.likely == (room,) for each in found)
    return Match(room=room) if agree else None


def _whole(name: str, rooms: Sequence[ListedRoom]) -> Match:
    bare = _without_words(name)
    same = _named(name, bare, rooms)
    also = [room for room in rooms if room not in same and _same_number(plain(bare), room)]
    if len(same) == 1 and not also and not _may_be_elsewhere(bare, rooms):
        return Match(room=same[0].room)
    return Match(likely=_likely(name, bare, [*same, *also], rooms))


def _named(name: str, bare: str, rooms: Sequence[ListedRoom]) -> list[ListedRoom]:
    """Rooms of this very name; else those that mean the same: 初一1班 and 七年级(1)班."""
    keys, said = {plain(name), plain(bare)}, meanings(bare)
    return [room for room in rooms if keys & room.keys or said & room.meanings]


def _numbered_as_rooms(names: Sequence[str], rooms: Sequence[ListedRoom]) -> dict[str, Match]:
    """AP101, AP102, AP201 where all of these are rooms; not one run of numbers, which may count devices."""
    numbers = {name: _number(name) for name in names}
    found = {name: match(number, rooms).room for name, number in numbers.items()}
    counted = sorted({int(number) for number in numbers.values()})
    run = counted[-1] - counted[0] == len(counted) - 1
    if len(counted) < _ENOUGH or run or not all(found.values()):
        return {}
    return {name: Match(room=room) for name, room in found.items()}


def _number(name: str) -> str:
    numbered = _NUMBERED.fullmatch(_half(name))
    return numbered["number"] if numbered else ""


def _without_words(name: str) -> str:
    """The name without the word for the device."""
    text = _half(name)
    bare = _BEHIND.sub("", text)
    return _BEFORE.sub("", bare) if bare == text else bare


def _half(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _may_be_elsewhere(bare: str, rooms: Sequence[ListedRoom]) -> bool:
    """7-1 is no class for sure where a building 7, or a floor 7, is in the list."""
    pair = may_be_class_or_room(bare)
    if pair is None:
        return False
    building = pair[0]
    return any(
        meaning[0] in {"room", "place"} and (meaning[1] == building or _floor(meaning) == building)
        for room in rooms
        for meaning in room.meanings
    )


def _floor(meaning: Meaning) -> str:
    return meaning[2][:-2] if meaning[0] == "room" else meaning[2]


def _likely(
    name: str, bare: str, first: Sequence[ListedRoom], rooms: Sequence[ListedRoom]
) -> tuple[str, ...]:
    full = plain(name)
    inside = [room for room in rooms if any(_stands_in(key, full) for key in room.keys)]
    by_key = {key: room.room for room in rooms for key in room.keys}
    alike = get_close_matches(plain(bare), list(by_key), n=_MOST_LIKELY, cutoff=_ALIKE)
    likely = dict.fromkeys([*(room.room for room in (*first, *inside)), *(by_key[key] for key in alike)])
    return tuple(likely)[:_MOST_LIKELY]


def _same_number(bare: str, room: ListedRoom) -> bool:
    """Whether a bare number is also that of this room, as 101 is of 2号楼101."""
    number = re.fullmatch(r"(\d+)(?:室|教室|房间?|号)?", bare)
    return number is not None and any(number[1] in re.findall(r"\d+", key) for key in room.keys)


def _stands_in(key: str, name: str) -> bool:
    """As a whole: 101 does not stand in 1101."""
    before = r"(?<!\d)" if key[0].isdigit() else ""
    behind = r"(?!\d)" if key[-1].isdigit() else ""
    return re.search(f"{before}{re.escape(key)}{behind}", name) is not None
