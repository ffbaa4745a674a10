"""Keeps what is about a person from leaving a school inside a field that is not about persons."""

import re
from collections.abc import Iterable

from edge_agent.ledger.line import Line
from edge_agent.personal import is_personal

# A name has two to four characters; what ends like this is a place or an office.
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_PLACE = re.compile(r"[室处部班组科校楼馆厅院所中心级房堂台区园库]$")


def scrub(lines: Iterable[Line], persons: Iterable[str]) -> list[Line]:
    """Take persons' names, telephone and identity numbers out of the lines; gives those that had some."""
    names = {name for text in persons for name in _NAME.findall(text) if not _PLACE.search(name)}
    pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True))) if names else None
    return [line for line in lines if _scrub_line(line, pattern)]


def _scrub_line(line: Line, names: re.Pattern[str] | None) -> bool:
    before = (line.name, line.model, line.room, line.serial)
    line.name = _clean(line.name, names)
    line.model = _clean(line.model or "", names) or None
    line.room = _clean(line.room or "", names) or None
    line.serial = _clean(line.serial or "", names) or None
    return before != (line.name, line.model, line.room, line.serial)


def _clean(text: str, names: re.Pattern[str] | None) -> str:
    if not text:
        return text
    if is_personal(text):
        return ""
    return names.sub("", text).strip() if names else text
