"""A verdict opened down: from the school over its rooms and devices to the points and lines behind it."""

from dataclasses import dataclass
from typing import Any, Literal

from registry.vocabulary import Verdict

Level = Literal[
    "school", "section", "indicator", "figure", "room", "device", "access_point", "point", "item", "line"
]
LEVEL_NAMES: dict[Level, str] = {
    "school": "学校",
    "section": "学段",
    "indicator": "指标",
    "figure": "数据",
    "room": "房间",
    "device": "设备",
    "access_point": "AP",
    "point": "测点",
    "item": "装备",
    "line": "台账行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One level of an explanation. `answer` is a verdict, or what was seen of a room or a line."""

    level: Level
    name: str
    answer: Verdict | str | None = None
    reason: str = ""
    completeness: str | None = None
    figures: tuple[tuple[str, str | None], ...] = ()
    parts: tuple["Node", ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers are decimal text."""
        return {
            "level": self.level,
            "name": self.name,
            "answer": self.answer,
            "reason": self.reason,
            "completeness": self.completeness,
            "figures": dict(self.figures),
            "parts": [part.to_dict() for part in self.parts],
        }
