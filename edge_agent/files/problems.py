"""What is wrong in a file and where: the kind and the cell, never what stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from runtime.language import Text

Weight = Literal["unread", "doubt", "dropped", "noted"]
_WEIGHTS: Sequence[Weight] = ("unread", "doubt", "dropped", "noted")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. unread: something is missing in the sum. doubt: a line may or may not count.

    dropped: a detail of a line is left out. noted: it was read as a clerk would, and that is said.
    """

    weight: Weight
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A kind of problem at a place. `seen` is what stands there: for eyes in the school alone."""

    kind: str
    sheet: int = 0
    cell: str = ""
    number: int = 1
    seen: str = ""


def worded(problems: Sequence[Problem], kinds: Mapping[str, Kind], *, most: int) -> list[Text]:
    """The kinds with their first cells and how many there are, the weightiest first."""
    cells: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for problem in problems:
        cells.setdefault(problem.kind, []).extend([problem.cell] if problem.cell else [])
        counts[problem.kind] = counts.get(problem.kind, 0) + problem.number
    order = sorted(counts, key=lambda kind: _WEIGHTS.index(kinds[kind].weight))
    return [_said(kinds[kind].text, cells[kind], counts[kind]) for kind in order[:most]]


def _said(text: Text, cells: Sequence[str], count: int) -> Text:
    shown = cells[:3]
    zh, en = "、".join(shown), ", ".join(shown)
    if count > max(1, len(shown)):
        zh, en = (f"{zh}等 {count} 处", f"{en} and more, {count}") if shown else (f"{count} 处", str(count))
    return Text(f"{text.zh}（{zh}）" if zh else text.zh, f"{text.en} ({en})" if en else text.en)
