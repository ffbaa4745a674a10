"""What a baseline scenario file says: which published totals an invented district is to add up to."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firmware_sim.calendar import Calendar
from firmware_sim.scenario import Kind
from runtime import Settings, UserError
from runtime.language import Text

Indicator = Literal["L1", "L2", "L3", "L4", "L5", "L6", "L7"]
Stage = Literal["primary", "junior"]
Shared = Literal["none", "one", "both"]

INDICATORS: tuple[Indicator, ...] = ("L1", "L2", "L3", "L4", "L5", "L6", "L7")
SHARED: tuple[Indicator, ...] = ("L4", "L5", "L6", "L7")
STAGES: tuple[Stage, ...] = ("primary", "junior")

Count = Annotated[int, Field(ge=0, le=10_000)]
Thousandths = Annotated[int, Field(ge=0, le=100_000)]
Range = tuple[Thousandths, Thousandths]


class TargetsError(UserError):
    """The targets contradict one another; the text says which."""


class Oversized(Settings):
    """Schools of a group beyond the size that the plan allows; they come first in it."""

    count: Count
    primary_classes: Count = 0
    junior_classes: Count = 0


class Group(Settings):
    """Schools of one kind; `{n}` in the title is their number."""

    kind: Kind
    count: Count
    prefix: str = Field(pattern=r"^[0-9]{4}$")
    title: str
    primary_classes: tuple[Count, Count] = (0, 0)
    junior_classes: tuple[Count, Count] = (0, 0)
    senior_classes: tuple[Count, Count] = (0, 0)
    oversized: Oversized = Oversized(count=0)

    @property
    def whole(self) -> bool:
        """Both stages in one school (九年一贯制, 十二年一贯制)."""
        return self.primary_classes[1] > 0 and self.junior_classes[1] > 0


class Classes(Settings):
    """Pupils in a class, fewest and most; `crowded_total` classes of the primary stage are `crowded`."""

    primary: tuple[Count, Count]
    junior: tuple[Count, Count]
    senior: tuple[Count, Count]
    crowded: tuple[Count, Count]
    crowded_total: Count


class Passing(Settings):
    """How many sections of a stage meet each indicator, and how many pass as a whole."""

    L1: Count
    L2: Count
    L3: Count
    L4: Count
    L5: Count
    L6: Count
    L7: Count
    overall: Count

    def of(self, indicator: Indicator) -> int:
        return int(getattr(self, indicator))


class SharedRow(Settings):
    """How so many schools of two stages stand in what their stages share."""

    count: Count
    L4: Shared
    L5: Shared
    L6: Shared
    L7: Shared

    def of(self, indicator: Indicator) -> Shared:
        found: Shared = getattr(self, indicator)
        return found


class Spread(Settings):
    """How far from the threshold figures lie, in thousandths of it."""

    below: Range
    above: Range
    rich: Range
    rich_share: Thousandths


class Occupied(Settings):
    """Music and art rooms that serve as something else."""

    schools: Count
    rooms: Count


class Targets(Settings):
    """The whole file."""

    name: str
    seed: int = Field(ge=0)
    district: str
    district_name: str
    lessons_share: float
    units: tuple[str, ...] = Field(min_length=1)
    group: tuple[Group, ...]
    classes: Classes
    threshold: dict[Stage, dict[Indicator, Annotated[int, Field(gt=0)]]]
    passing: dict[Stage, Passing]
    shared: tuple[SharedRow, ...] = ()
    single: dict[Stage, dict[Indicator, Count]]
    spread: dict[Stage, dict[Indicator, Spread]]
    overstated: dict[Stage, dict[Indicator, Count]] = Field(default_factory=dict)
    occupied: Occupied
    calendar: Calendar

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        whole, rows = sum(one.count for one in self.group if one.whole), sum(row.count for row in self.shared)
        if whole != rows:
            raise ValueError(
                Text(
                    f"[[shared]] 有 {rows} 所两学段学校，各组共有 {whole} 所",
                    f"shared describes {rows} schools of two stages, the groups have {whole}",
                )
            )
        return self

    def truthful(self) -> "Targets":
        """The same district, with yearly forms that say what there is."""
        return self.model_copy(update={"overstated": {}})


def states_totals(path: Path) -> bool:
    """Whether a scenario file gives published totals (`[passing.…]`) in place of schools."""
    try:
        return "passing" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # whoever loads it says what is wrong
