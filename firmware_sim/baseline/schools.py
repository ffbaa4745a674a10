"""The schools of a baseline district before they are furnished: their kinds, their classes, their pupils."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from firmware_sim.baseline.targets import STAGES, Group, Stage, Targets, TargetsError
from firmware_sim.chance import between, chance
from runtime.language import Text

# What the stages of one school share is split 1 : 1.1 : 1.32 (初中 : 高中 of a 完全中学 1 : 1.2).
WEIGHT = {"primary": Fraction(1), "junior": Fraction(11, 10), "senior": Fraction(132, 100)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A school: who it is, and its classes by their pupils."""

    code: str
    number: int
    group: Group
    oversized: bool
    primary: tuple[int, ...] = ()
    junior: tuple[int, ...] = ()
    senior: tuple[int, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in STAGES if self.classes(stage))

    def classes(self, stage: str) -> tuple[int, ...]:
        found: tuple[int, ...] = getattr(self, stage)
        return found

    @property
    def compulsory_classes(self) -> int:
        return len(self.primary) + len(self.junior)

    def weight(self, stage: str) -> Fraction:
        """What one pupil of a stage counts; in a school of 初中 and 高中, 初中 counts 1."""
        return WEIGHT[stage] if self.primary else WEIGHT[stage] / WEIGHT["junior"]

    @property
    def weighted(self) -> Fraction:
        """Pupils as they count for what the school shares."""
        return sum((sum(self.classes(stage)) * self.weight(stage) for stage in WEIGHT), Fraction(0))


def draft_schools(targets: Targets) -> Iterator[Draft]:
    """Every school with its classes; the crowded ones are filled until the published total is reached."""
    places = [(group, number) for group in targets.group for number in range(1, group.count + 1)]
    codes = [f"{group.prefix}{serial:06d}" for serial, (group, _) in enumerate(places, 1)]
    counts = {
        code: {stage: _class_count(targets, group, number, code, stage) for stage in WEIGHT}
        for code, (group, number) in zip(codes, places, strict=True)
    }
    large = {code for code, (group, n) in zip(codes, places, strict=True) if n <= group.oversized.count}
    crowded = _crowded(targets, {code: count["primary"] for code, count in counts.items()}, large)
    for code, (group, number) in zip(codes, places, strict=True):
        sizes = {
            stage: _sizes(targets, code, stage, count, crowded[code] if stage == "primary" else 0)
            for stage, count in counts[code].items()
        }
        yield Draft(code=code, number=number, group=group, oversized=code in large, **sizes)


def _class_count(targets: Targets, group: Group, number: int, code: str, stage: str) -> int:
    fewest, most = getattr(group, f"{stage}_classes")
    if number <= group.oversized.count and stage != "senior":
        return int(getattr(group.oversized, f"{stage}_classes"))
    return between(fewest, most, targets.seed, code, stage, "classes")


def _crowded(targets: Targets, classes: dict[str, int], large: set[str]) -> dict[str, int]:
    """Crowded classes by school: most classes of the largest schools, then school after school."""
    left, found = targets.classes.crowded_total, dict[str, int]()
    order = sorted(classes, key=lambda code: (code not in large, chance(targets.seed, code, "crowded")))
    for code in order:
        share = between(60, 100, targets.seed, code, "crowded share")
        found[code] = min(left, math.ceil(classes[code] * share / 100))
        left -= found[code]
    if left:
        raise TargetsError(
            Text(
                f"crowded_total：大班额多出 {left} 个，各校班数不够",
                f"crowded_total: {left} crowded classes more than the schools have room for",
            )
        )
    return found


def _sizes(targets: Targets, code: str, stage: str, count: int, crowded: int) -> tuple[int, ...]:
    usual = getattr(targets.classes, stage)
    return tuple(
        between(*(targets.classes.crowded if number < crowded else usual), targets.seed, code, stage, number)
        for number in range(count)
    )
