"""A verdict opened down: from the school over its rooms and devices to the points and lines behind it."""

from dataclasses import dataclass
from typing import Any, Literal

from registry.vocabulary import Verdict
from rules.words import NOTHING, Arg, Reason, to_list, worded
from runtime.language import Language

NodeLevel = Literal[
    "school", "section", "indicator", "figure", "room", "device", "access_point", "point", "item", "line"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One level of an explanation. `answer` is a verdict, or what was seen of a room or a line.

    The name is a name, or words that take names; a figure is decimal text, or what the answer rests on.
    """

    level: NodeLevel
    name: Arg
    answer: Verdict | str | None = None
    reason: Reason = NOTHING
    completeness: str | None = None
    figures: tuple[tuple[str, Arg | None], ...] = ()
    parts: tuple["Node", ...] = ()

    def to_dict(self, lang: Language | None = None) -> dict[str, Any]:
        """For JSON; numbers are decimal text, words in the program's language unless another is asked for."""
        return {
            "level": self.level,
            "name": worded(self.name, lang),
            "answer": self.answer,
            "reason": worded(self.reason, lang),
            "reasons": to_list(self.reason),
            "completeness": self.completeness,
            "figures": {
                figure: None if value is None else worded(value, lang) for figure, value in self.figures
            },
            "parts": [part.to_dict(lang) for part in self.parts],
        }
