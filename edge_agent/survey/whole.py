"""What only a whole survey shows: lines of other networks, and rooms of one name in several buildings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edge_agent.files.problems import Problem
from edge_agent.survey.survey import Survey
from tables.codes import spelling

# A sheet that is named after a part of the school holds the rooms of that part.
_PART = re.compile("[楼栋层]|校区")


@dataclass(slots=True)
class _Room:
    """One room's lines, and where they say that it is: by sheet, building and floor."""

    lines: int = 0
    places: tuple[set[str], ...] = field(default_factory=lambda: (set(), set(), set()))

    @property
    def is_several(self) -> bool:
        return any(len(said) > 1 for said in self.places)


@dataclass(slots=True)
class Whole:
    """Filled line by line; `kept` says at the end which samples count."""

    networks: set[str] = field(default_factory=set)
    rooms: dict[str, _Room] = field(default_factory=dict)

    def note(self, room: str, *, network: str | None, places: tuple[str, ...]) -> None:
        """network: its name, empty where it hides it; None where the survey has none.

        places: sheet, building, floor.
        """
        if network is not None:
            self.networks.add(network)
        known = self.rooms.setdefault(room, _Room())
        known.lines += 1
        sheet, *others = places
        for said, text in zip(known.places, (sheet if _PART.search(sheet) else "", *others), strict=True):
            if text:
                said.add(spelling(text))

    def kept(self, samples: Iterable[dict[str, Any]], survey: Survey) -> list[dict[str, Any]]:
        """The samples of which network and room are known; how many lines are not is told."""
        if len(self.networks) > 1:
            survey.problems.append(Problem(kind="networks", number=survey.rows))
            survey.rows = 0
            return []
        several = {name for name, room in self.rooms.items() if room.is_several}
        if several:
            lines = sum(self.rooms[name].lines for name in several)
            survey.problems.append(Problem(kind="buildings", number=lines))
            survey.rows -= lines
        return [sample for sample in samples if sample["room"] not in several]
