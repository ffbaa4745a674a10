"""What the name of a room or device says: a class, a numbered room in a building, a named place on a floor.

Only what is written whole is a meaning: 七年级(1)班, 初一1班 and 7年1班 are one class; 7(1)班外走廊 is none.
"""

import re
import unicodedata
from collections.abc import Iterator

# What a name may say: ("class", grade, number), ("room", building, number), ("place", building, floor, name)
Meaning = tuple[str, ...]

_BLANKS = re.compile(r"\s+")
_OPEN, _CLOSE = re.compile(r"[\[{<【〔《〈「]"), re.compile(r"[\]}>】〕》〉」]")
_DASHES = re.compile(r"[_‐‑‒–—−·.]")
_NUMERALS = "一二三四五六七八九十"
# Numerals are numbers only where one counts: not in 一体机 or 第一会议室.
_COUNTED = re.compile(rf"(?<![第{_NUMERALS}])([{_NUMERALS}]{{1,3}})(?=年|班|楼|层|号|栋|幢|座|\()")
_STAGED = re.compile(r"(初|高|小)([一二三四五六])(?!年)")
_STAGES = {"小": (0, 6), "初": (6, 3), "高": (9, 3)}

_CLASS = re.compile(
    r"(?P<stage>[初高小]?)(?P<grade>[0-9]{1,2})(?:年级?-?|-|(?=\())\(?(?P<number>[0-9]{1,2})\)?班(?:级|教室)?"
)
_CLASS_CODE = re.compile(r"(?P<grade>[1-9])(?P<number>[0-9]{2})班(?:级|教室)?")
# 7-1, 7(1): a class, or a room of a building.
_PAIR = re.compile(r"(?P<grade>[0-9]{1,2})(?:-(?P<number>[0-9]{1,2})|\((?P<inside>[0-9]{1,2})\))")
_BUILDING = (
    r"(?:(?P<letter>[a-z])(?:栋|幢|座|楼|区|号楼)?|(?P<count>[0-9]{1,2})(?:栋|幢|座|号楼|号教学楼|#楼?)|"
    r"(?P<bare>[0-9]{1,2})(?=-)|(?P<named>[\u4e00-\u9fff]{1,5}楼(?![0-9]层)))"
)
_FLOOR = r"(?P<floor>[0-9]{1,2})(?:层|楼|f)"
_ROOM = re.compile(rf"(?:{_BUILDING}-?)?(?:{_FLOOR}-?)?(?P<number>[0-9]{{3,4}})(?:室|教室|房间?|号)?")
_PLACE = re.compile(rf"(?:{_BUILDING}-?)?{_FLOOR}-?(?P<name>[^0-9\-].*)")
_GRADES, _CLASSES = range(1, 13), range(1, 41)


def meanings(name: str) -> frozenset[Meaning]:
    """Everything that the name may say, for the whole of it; nothing where it says more or less."""
    text = _plain(name)
    return frozenset() if text is None else frozenset(_meanings(text))


def may_be_class_or_room(name: str) -> tuple[str, str] | None:
    """Of 7-1 its two numbers: one who has a building 7 may mean a room in it."""
    text = _plain(name)
    found = _PAIR.fullmatch(text) if text else None
    return None if found is None else (found["grade"], found["number"] or found["inside"])


def _plain(name: str) -> str | None:
    """None: a raised number is a note, and 302² is no room 3022."""
    if any(unicodedata.decomposition(sign).startswith(("<super>", "<sub>", "<fraction>")) for sign in name):
        return None
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", name)).casefold()
    text = _CLOSE.sub(")", _OPEN.sub("(", _DASHES.sub("-", text)))
    text = _STAGED.sub(lambda found: f"{found[1]}{_number(found[2])}年", text)
    return _COUNTED.sub(lambda found: _number(found[1]), text)


def _number(numerals: str) -> str:
    """十二 is 12, 二十 is 20; others stay as they are."""
    tens, ten, ones = numerals.partition("十")
    if not ten:
        return str(_NUMERALS.index(numerals) + 1) if len(numerals) == 1 else numerals
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numerals
    high = _NUMERALS.index(tens) + 1 if tens else 1
    return str(10 * high + (_NUMERALS.index(ones) + 1 if ones else 0))


def _meanings(text: str) -> Iterator[Meaning]:
    if found := _CLASS.fullmatch(text):
        yield from _class(found["stage"], found["grade"], found["number"])
    elif found := _CLASS_CODE.fullmatch(text):
        yield from _class("", found["grade"], found["number"])
    elif found := _PAIR.fullmatch(text):
        yield from _class("", found["grade"], found["number"] or found["inside"])
    if (found := _ROOM.fullmatch(text)) and _on_its_floor(found["floor"], found["number"]):
        yield "room", _building(found), str(int(found["number"]))
    elif found := _PLACE.fullmatch(text):
        yield "place", _building(found), str(int(found["floor"])), found["name"]


def _class(stage: str, grade: str, number: str) -> Iterator[Meaning]:
    before, most = _STAGES.get(stage, (0, 12))
    if 1 <= int(grade) <= most and int(grade) + before in _GRADES and int(number) in _CLASSES:
        yield "class", str(int(grade) + before), str(int(number))


def _building(found: "re.Match[str]") -> str:
    count = found["count"] or found["bare"]
    return str(int(count)) if count else found["letter"] or found["named"] or ""


def _on_its_floor(floor: str | None, number: str) -> bool:
    """Whether 201 is on the second floor, as it must be; 3楼201 is nobody's."""
    return floor is None or int(number[:-2]) == int(floor)
