"""A verdict opened down: from the school over its rooms and devices to the points and lines behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from registry.vocabulary import Verdict
from rules.words import NOTHING, Arg, Reason, to_list, worded
from runtime.language import Language

NodeLevel = Literal[
    "school",
    "section",
    "indicator",
    "figure",
    "room",
    "device",
    "access_point",
    "point",
    "item",
    "line",
    "readings",
]

# What is wrong comes first, then what is not known, then what is in order.
_ORDER = {"fail": 0, "not_working": 0, "down": 0, "fault": 0, "undetermined": 1, "unknown": 1}
_IN_ORDER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One level of an explanation. `answer` is a verdict, or what was seen of a room or a line.

    lacking: how much it lacks, in its own unit; it is said before everything else.
    The name is a name, or words that take names; a figure is decimal text, or what the answer rests on.
    """

    level: NodeLevel
    name: Arg
    answer: Verdict | str | None = None
    lacking: Reason = NOTHING
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
            "lacking": worded(self.lacking, lang) or None,
            "reason": worded(self.reason, lang),
            "reasons": to_list(self.reason),
            "completeness": self.completeness,
            "figures": {
                figure: None if value is None else worded(value, lang) for figure, value in self.figures
            },
            "parts": [part.to_dict(lang) for part in self.parts],
        }


def bad_first(nodes: Iterable[Node]) -> list[Node]:
    """Sorted by their answers; those that answer alike stay in their order."""
    return sorted(nodes, key=lambda node: _ORDER.get(node.answer or "", _IN_ORDER))
